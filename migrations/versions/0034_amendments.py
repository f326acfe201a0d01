"""Terms of an award that were amended, and conditions that no longer hold."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "amendment",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("award_id", _WHOLE, nullable=False),
        sa.Column("term", sa.String(length=40), nullable=False),
        sa.Column("was", sa.String(length=120), nullable=False),
        sa.Column("becomes", sa.String(length=120), nullable=False),
        sa.Column("shown_by", sa.String(length=60), nullable=False),
        sa.Column("note_id", _WHOLE, nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_amendment_account_id")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_amendment_award_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_amendment_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
        info={"append_only": True},
    )
    op.create_index("ix_amendment_award_id", "amendment", ["award_id"], unique=False)
    triggers.append_only("amendment", [["id"]])
    op.create_table(
        "condition_end",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("condition_id", _WHOLE, nullable=False),
        sa.Column("note_id", _WHOLE, nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_condition_end_account_id")),
        sa.ForeignKeyConstraint(["condition_id"], ["award_condition.id"], name=op.f("fk_condition_end_condition_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_condition_end_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition_end")),
        sa.UniqueConstraint("condition_id", name=op.f("uq_condition_end_condition_id")),
        info={"append_only": True},
    )
    triggers.append_only("condition_end", [["id"], ["condition_id"]])
