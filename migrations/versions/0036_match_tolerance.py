"""By how much a price may differ from its order's, as each award has it; awards already recorded keep 1%, or £1.

Columns are added and none is altered, so no trigger of any table is lost on SQLite.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("award", sa.Column("price_tolerance_points", _WHOLE, nullable=False, server_default="100"))
    op.add_column("award", sa.Column("price_tolerance_pence", sa.BigInteger(), nullable=False, server_default="100"))
