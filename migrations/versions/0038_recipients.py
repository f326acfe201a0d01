"""Who was paid by spending that has no invoice, and why it is good value."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "recipient",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("row_id", _WHOLE, nullable=False),
        sa.Column("payee", sa.String(length=120), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recipient_account_id")),
        sa.ForeignKeyConstraint(["row_id"], ["spending_row.id"], name=op.f("fk_recipient_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
        info={"append_only": True},
    )
    op.create_index("ix_recipient_row_id", "recipient", ["row_id"], unique=False)
    triggers.append_only("recipient", [["id"]])
