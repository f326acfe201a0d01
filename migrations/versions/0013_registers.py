"""Registers: notices of losses to the funder, and why spending is good value."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "loss_notice",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("posting_id", _WHOLE, nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=False),
        sa.Column("outside_reference", sa.String(length=60), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_loss_notice_account_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_loss_notice_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loss_notice")),
        sa.UniqueConstraint("posting_id", name=op.f("uq_loss_notice_posting_id")),
        info={"append_only": True},
    )
    op.create_table(
        "value_reason",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("invoice_id", _WHOLE, nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_value_reason_account_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["supplier_invoice.id"], name=op.f("fk_value_reason_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_reason")),
        info={"append_only": True},
    )
    op.create_index("ix_value_reason_invoice_id", "value_reason", ["invoice_id"], unique=False)
    triggers.append_only("loss_notice", [["id"], ["posting_id"]])
    triggers.append_only("value_reason", [["id"]])
