"""Corrections of grant lines that were copied wrong: the words as they should be, and by how much the budget was out.

A line's row stays as it was recorded; its budget is that row's and what corrections add. A line that was apportioned to
or claimed is never corrected, and a claim does not exceed the corrected line.
"""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LINE = "grant_line_id = NEW.grant_line_id"
_BEFORE = f"coalesce((SELECT sum(eligible_pence) FROM signed_line WHERE {_LINE}), 0)"
_BUDGET = (
    "((SELECT budget_pence FROM grant_line WHERE id = NEW.grant_line_id)"
    f" + coalesce((SELECT sum(pence) FROM line_correction WHERE {_LINE}), 0)"
    " + coalesce((SELECT sum(pence) FROM budget_change WHERE to_line_id = NEW.grant_line_id), 0)"
    " - coalesce((SELECT sum(pence) FROM budget_change WHERE from_line_id = NEW.grant_line_id), 0))"
)
_SIGNED = (
    (f"NEW.earlier_pence <> {_BEFORE}", "a line of a claim follows from those before it"),
    (
        f"NEW.eligible_pence > 0 AND NEW.earlier_pence + NEW.eligible_pence > {_BUDGET}",
        "a claim does not exceed its line",
    ),
)
_CORRECTED = (
    (
        f"coalesce((SELECT sum(pence) FROM apportionment WHERE {_LINE}), 0) <> 0",
        "a line that was spent on stays as agreed",
    ),
    (f"EXISTS (SELECT 1 FROM signed_line WHERE {_LINE})", "a line that was claimed stays as agreed"),
    (f"NEW.pence + {_BUDGET} < 0", "the budget of a line is not below nothing"),
)


def upgrade() -> None:
    op.create_table(
        "line_correction",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("grant_line_id", _WHOLE, nullable=False),
        sa.Column("heading", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("shown_by", sa.String(length=60), nullable=False),
        sa.Column("note_id", _WHOLE, nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_line_correction_account_id")),
        sa.ForeignKeyConstraint(["grant_line_id"], ["grant_line.id"], name=op.f("fk_line_correction_grant_line_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_line_correction_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_correction")),
        info={"append_only": True},
    )
    op.create_index("ix_line_correction_grant_line_id", "line_correction", ["grant_line_id"], unique=False)
    triggers.append_only("line_correction", [["id"]])
    triggers.guard("line_correction", "INSERT", _CORRECTED)
    for number in range(1, len(_SIGNED) + 1) if triggers.is_sqlite() else ():
        op.execute(f"DROP TRIGGER signed_line_sound_{number}")
    if not triggers.is_sqlite():
        op.execute("DROP TRIGGER signed_line_sound ON signed_line")
        op.execute("DROP FUNCTION signed_line_sound()")
    triggers.guard("signed_line", "INSERT", _SIGNED)
