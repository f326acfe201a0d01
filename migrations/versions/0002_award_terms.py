"""Terms of an award that claims and registers go by; awards already recorded get the common ones.

Columns are added and none is altered, so no trigger of any table is lost on SQLite.
"""

import sqlalchemy as sa
from alembic import op

from migrations import triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("award", sa.Column("payment_days", _WHOLE, nullable=False, server_default="21"))
    op.add_column(
        "award", sa.Column("asset_threshold_pence", sa.BigInteger(), nullable=False, server_default="1000000")
    )
    op.add_column(
        "award",
        sa.Column("certifier_office", sa.String(length=120), nullable=False, server_default="Chief Finance Officer"),
    )
    # Said in full: Alembic adds no named check to a table of SQLite's.
    words = "TEXT" if triggers.is_sqlite() else "VARCHAR(40)"
    op.execute(
        f"ALTER TABLE award ADD COLUMN vat_treatment {words} NOT NULL DEFAULT 'irrecoverable VAT counts' "
        "CONSTRAINT ck_award_vattreatment CHECK (vat_treatment IN ('irrecoverable VAT counts', 'no VAT counts'))"
    )
