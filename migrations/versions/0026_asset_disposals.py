"""How fixed assets left, and for how much."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "asset_disposal",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("row_id", _WHOLE, nullable=False),
        sa.Column("disposed_on", sa.Date(), nullable=False),
        sa.Column("proceeds_pence", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("proceeds_pence >= 0", name=op.f("ck_asset_disposal_proceeds_not_below_zero")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_asset_disposal_account_id")),
        sa.ForeignKeyConstraint(["row_id"], ["spending_row.id"], name=op.f("fk_asset_disposal_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_disposal")),
        info={"append_only": True},
    )
    op.create_index("ix_asset_disposal_row_id", "asset_disposal", ["row_id"], unique=False)
    triggers.append_only("asset_disposal", [["id"]])
