"""Of each stored table the columns that nobody knows: quality names them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("files", sa.Column("columns_aside", sa.JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("files") as files:
        files.alter_column("columns_aside", server_default=None)
