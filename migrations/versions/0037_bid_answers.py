"""The grant lines that came of a bid."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bid_answer",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("report_id", _WHOLE, nullable=False),
        sa.Column("grant_line_id", _WHOLE, nullable=False),
        sa.Column("asked_code", sa.String(length=10), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_bid_answer_account_id")),
        sa.ForeignKeyConstraint(["grant_line_id"], ["grant_line.id"], name=op.f("fk_bid_answer_grant_line_id")),
        sa.ForeignKeyConstraint(["report_id"], ["issued_report.id"], name=op.f("fk_bid_answer_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_answer")),
        sa.UniqueConstraint("grant_line_id", name=op.f("uq_bid_answer_grant_line_id")),
        info={"append_only": True},
    )
    op.create_index("ix_bid_answer_report_id", "bid_answer", ["report_id"], unique=False)
    triggers.append_only("bid_answer", [["id"], ["grant_line_id"]])
