"""The first catalogue: creators, accounts, runs, files, contents, rejected, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_owners()
    _create_ingestion()
    _create_contents()
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )


def _create_owners() -> None:
    op.create_table(
        "creators",
        sa.Column("creator", sa.Text, nullable=False),
        sa.Column("added_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("creator", name="pk_creators"),
    )
    op.create_table(
        "accounts",
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("creator", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("added_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("platform", "account", name="pk_accounts"),
        sa.ForeignKeyConstraint(["creator"], ["creators.creator"], name="fk_accounts_creator_creators"),
    )
    op.create_index("ix_accounts_creator", "accounts", ["creator"])


def _create_ingestion() -> None:
    op.create_table(
        "runs",
        sa.Column("run", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("known_at", sa.DateTime, nullable=False),
        sa.Column("rows_stored", sa.Integer, nullable=False),
        sa.Column("lake_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_runs"),
    )
    op.create_table(
        "files",
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("creator", sa.Text),
        sa.Column("account", sa.Text),
        sa.Column("rows_read", sa.Integer),
        sa.Column("rows_stored", sa.Integer, nullable=False),
        sa.Column("rows_rejected", sa.Integer),
        sa.Column("warnings", sa.JSON, nullable=False),
        sa.Column("period_start", sa.Date),
        sa.Column("period_end", sa.Date),
        sa.Column("period_from", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("ingested_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("file", name="pk_files"),
        sa.ForeignKeyConstraint(["run"], ["runs.run"], name="fk_files_run_runs"),
    )
    op.create_index("ix_files_run", "files", ["run"])
    op.create_table(
        "rejected",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("row", sa.Integer),
        sa.Column("column", sa.Text),
        sa.Column("value", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("advice", sa.Text),
        sa.Column("rejected_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rejected"),
    )
    op.create_index("ix_rejected_file", "rejected", ["file"])


def _create_contents() -> None:
    op.create_table(
        "contents",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("creator", sa.Text, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("url", sa.Text),
        sa.Column("format", sa.Text),
        sa.Column("format_origin", sa.Text),
        sa.Column("published_at", sa.DateTime),
        sa.Column("published_on", sa.Date),
        sa.Column("duration", sa.Double),
        sa.Column("observed_at", sa.DateTime),
        sa.Column("known_at", sa.DateTime, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contents"),
        sa.ForeignKeyConstraint(["creator"], ["creators.creator"], name="fk_contents_creator_creators"),
    )
    op.create_index("ix_contents_platform_account_content", "contents", ["platform", "account", "content"])
    op.create_index("ix_contents_creator", "contents", ["creator"])
    op.create_index("ix_contents_file", "contents", ["file"])


def downgrade() -> None:
    for table in ("audit", "contents", "rejected", "files", "runs", "accounts", "creators"):
        op.drop_table(table)
