"""Closing awards: closures with their outturn, grant given back, holds on records.

Triggers refuse, in both databases, an apportionment and a claim of an award that is closed.
"""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NEWEST = "(SELECT act FROM award_closure WHERE award_id = {award} ORDER BY id DESC LIMIT 1) = 'closed'"
_OF_LINE = "(SELECT award_id FROM grant_line WHERE id = NEW.grant_line_id)"


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "award_closure",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("award_id", _WHOLE, nullable=False),
        sa.Column("act", _words("closingact", "closed", "reopened"), nullable=False),
        sa.Column("outturn_json", sa.String(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("note_id", _WHOLE, nullable=True),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(act = 'closed') = (outturn_json IS NOT NULL)", name=op.f("ck_award_closure_closed_with_its_outturn")
        ),
        sa.CheckConstraint(
            "(outturn_json IS NULL) = (digest IS NULL)", name=op.f("ck_award_closure_outturn_has_its_digest")
        ),
        sa.CheckConstraint(
            "act = 'closed' OR note_id IS NOT NULL", name=op.f("ck_award_closure_reopened_for_a_reason")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_award_closure_account_id")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_award_closure_award_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_award_closure_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_closure")),
        info={"append_only": True},
    )
    op.create_index("ix_award_closure_award_id", "award_closure", ["award_id"], unique=False)
    op.create_table(
        "repayment",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("award_id", _WHOLE, nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("repaid_on", sa.Date(), nullable=False),
        sa.Column("outside_reference", sa.String(length=60), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("pence > 0", name=op.f("ck_repayment_gives_something_back")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_repayment_account_id")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_repayment_award_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repayment")),
        sa.UniqueConstraint("reference", name=op.f("uq_repayment_reference")),
        info={"append_only": True},
    )
    op.create_index("ix_repayment_award_id", "repayment", ["award_id"], unique=False)
    op.create_table(
        "audit_hold",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("award_id", _WHOLE, nullable=False),
        sa.Column("act", _words("holdact", "placed", "lifted"), nullable=False),
        sa.Column("note_id", _WHOLE, nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_audit_hold_account_id")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_audit_hold_award_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_audit_hold_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_hold")),
        info={"append_only": True},
    )
    op.create_index("ix_audit_hold_award_id", "audit_hold", ["award_id"], unique=False)
    triggers.append_only("award_closure", [["id"]])
    triggers.append_only("repayment", [["id"], ["reference"]])
    triggers.append_only("audit_hold", [["id"]])
    triggers.guard(
        "apportionment",
        "INSERT",
        [(_NEWEST.format(award=_OF_LINE), "nothing is apportioned to a closed award")],
        name="open_award",
    )
    triggers.guard(
        "claim", "INSERT", [(_NEWEST.format(award="NEW.award_id"), "a closed award is not claimed")], name="open_award"
    )
