"""Where fixed assets are, with serial number, title deeds and depreciation."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "asset_detail",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("row_id", _WHOLE, nullable=False),
        sa.Column("location", sa.String(length=120), nullable=False),
        sa.Column("serial_number", sa.String(length=60), nullable=False),
        sa.Column("deeds", sa.String(length=120), nullable=False),
        sa.Column("depreciation", sa.String(length=120), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_asset_detail_account_id")),
        sa.ForeignKeyConstraint(["row_id"], ["spending_row.id"], name=op.f("fk_asset_detail_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_detail")),
        info={"append_only": True},
    )
    op.create_index("ix_asset_detail_row_id", "asset_detail", ["row_id"], unique=False)
    triggers.append_only("asset_detail", [["id"]])
