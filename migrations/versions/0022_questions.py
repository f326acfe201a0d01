"""Questions an auditor pins to a record, and what followed each. A closed one takes no further step."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CLOSED = "EXISTS (SELECT 1 FROM question_step WHERE question_id = NEW.question_id AND act = 'closed')"


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    kinds = ("invoice", "spending", "order", "claim", "request", "Go Bag", "issue", "lot", "delivery", "count")
    op.create_table(
        "question",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("record_kind", _words("recordkind", *kinds), nullable=False),
        sa.Column("record", sa.String(length=40), nullable=False),
        sa.Column("place_id", _WHOLE, nullable=True),
        sa.Column("note_id", _WHOLE, nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("asked_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_question_account_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_question_note_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_question_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("reference", name=op.f("uq_question_reference")),
        info={"append_only": True},
    )
    op.create_index("ix_question_record", "question", ["record_kind", "record"], unique=False)
    op.create_index("ix_question_place_id", "question", ["place_id"], unique=False)
    op.create_table(
        "question_step",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("question_id", _WHOLE, nullable=False),
        sa.Column("act", _words("questionact", "answered", "asked again", "closed"), nullable=False),
        sa.Column("note_id", _WHOLE, nullable=True),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("act = 'closed' OR note_id IS NOT NULL", name=op.f("ck_question_step_says_something")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_question_step_account_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_question_step_note_id")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_question_step_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_step")),
        info={"append_only": True},
    )
    op.create_index("ix_question_step_question_id", "question_step", ["question_id"], unique=False)
    triggers.append_only("question", [["id"], ["reference"]])
    triggers.append_only("question_step", [["id"]])
    triggers.guard("question_step", "INSERT", [(_CLOSED, "a closed question takes no further step")])
