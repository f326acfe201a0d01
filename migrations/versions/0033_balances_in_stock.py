"""Finds what places hold without passing what they ever held."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_IN_STOCK = sa.text("unit_count > 0")


def upgrade() -> None:
    op.create_index(
        "ix_balance_in_stock", "balance", ["place_id", "lot_id"], unique=False,
        sqlite_where=_IN_STOCK, postgresql_where=_IN_STOCK,
    )  # fmt: skip
