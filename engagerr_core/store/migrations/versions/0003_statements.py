"""A statement may supersede another, content records are kept once, and what was read is found again unread."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("files", sa.Column("table_hash", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE files SET table_hash = file")
    with op.batch_alter_table("files") as files:
        files.alter_column("table_hash", server_default=None)
        files.add_column(sa.Column("exported_at", sa.DateTime))
        files.add_column(sa.Column("said", sa.JSON))  # null: an older version did not write it down
        files.add_column(sa.Column("superseded_by", sa.Text))
        files.add_column(sa.Column("superseded_at", sa.DateTime))
    op.create_index("ix_files_table_hash", "files", ["table_hash"])
    op.add_column("contents", sa.Column("digest", sa.Text))  # null: as above; such a record is never said again
    op.create_table(
        "confirmations",
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("observed_at", sa.DateTime),
        sa.Column("known_at", sa.DateTime, nullable=False),
        sa.Column("records", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("file", name="pk_confirmations"),
    )
    op.create_table(
        "readings",
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("rows_read", sa.Integer, nullable=False),
        sa.Column("warnings", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("folder", "position", name="pk_readings"),
    )
