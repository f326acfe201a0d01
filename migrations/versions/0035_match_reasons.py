"""Reasons for which order, delivery and invoice of a row may differ."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "match_reason",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("row_id", _WHOLE, nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("note_id", _WHOLE, nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_match_reason_account_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_match_reason_note_id")),
        sa.ForeignKeyConstraint(["row_id"], ["spending_row.id"], name=op.f("fk_match_reason_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_reason")),
        info={"append_only": True},
    )
    op.create_index("ix_match_reason_row_id", "match_reason", ["row_id"], unique=False)
    triggers.append_only("match_reason", [["id"]])
