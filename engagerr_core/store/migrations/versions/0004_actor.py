"""Of each audited action the user of the operating system who did it; null where an older version did not write it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("audit", sa.Column("actor", sa.Text))
