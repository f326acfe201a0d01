"""Cupboard sheets, their lines, what was keyed in of each, and how a sheet ended."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "cupboard_sheet",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("place_id", _WHOLE, nullable=False),
        sa.Column("printed_by_id", _WHOLE, nullable=False),
        sa.Column("printed_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_cupboard_sheet_place_id")),
        sa.ForeignKeyConstraint(["printed_by_id"], ["account.id"], name=op.f("fk_cupboard_sheet_printed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cupboard_sheet")),
        sa.UniqueConstraint("reference", name=op.f("uq_cupboard_sheet_reference")),
        info={"append_only": True},
    )
    op.create_index("ix_cupboard_sheet_place_id", "cupboard_sheet", ["place_id"], unique=False)
    op.create_table(
        "cupboard_line",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("sheet_id", _WHOLE, nullable=False),
        sa.Column("position", _WHOLE, nullable=False),
        sa.Column("bag_id", _WHOLE, nullable=False),
        sa.Column("kit", sa.String(length=120), nullable=False),
        sa.Column("seal_number", sa.String(length=20), nullable=True),
        sa.Column("languages", sa.String(length=200), nullable=False),
        sa.CheckConstraint("position BETWEEN 1 AND 26", name=op.f("ck_cupboard_line_has_a_letter")),
        sa.ForeignKeyConstraint(["bag_id"], ["bag.id"], name=op.f("fk_cupboard_line_bag_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["cupboard_sheet.id"], name=op.f("fk_cupboard_line_sheet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cupboard_line")),
        sa.UniqueConstraint("sheet_id", "bag_id", name=op.f("uq_cupboard_line_sheet_id_bag_id")),
        sa.UniqueConstraint("sheet_id", "position", name=op.f("uq_cupboard_line_sheet_id_position")),
        info={"append_only": True},
    )
    op.create_table(
        "cupboard_entry",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("line_id", _WHOLE, nullable=False),
        sa.Column("issue_id", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_cupboard_entry_issue_id")),
        sa.ForeignKeyConstraint(["line_id"], ["cupboard_line.id"], name=op.f("fk_cupboard_entry_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cupboard_entry")),
        sa.UniqueConstraint("issue_id", name=op.f("uq_cupboard_entry_issue_id")),
        sa.UniqueConstraint("line_id", name=op.f("uq_cupboard_entry_line_id")),
        info={"append_only": True},
    )
    op.create_table(
        "cupboard_sheet_end",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("sheet_id", _WHOLE, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("keyed in", "written off", name="sheetend", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("note_id", _WHOLE, nullable=True),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("ended_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind <> 'written off' OR note_id IS NOT NULL", name=op.f("ck_cupboard_sheet_end_written_off_has_reason")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_cupboard_sheet_end_account_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_cupboard_sheet_end_note_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["cupboard_sheet.id"], name=op.f("fk_cupboard_sheet_end_sheet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cupboard_sheet_end")),
        sa.UniqueConstraint("sheet_id", name=op.f("uq_cupboard_sheet_end_sheet_id")),
        info={"append_only": True},
    )
    triggers.append_only("cupboard_sheet", [["id"], ["reference"]])
    triggers.append_only("cupboard_line", [["id"], ["sheet_id", "position"], ["sheet_id", "bag_id"]])
    triggers.append_only("cupboard_entry", [["id"], ["line_id"], ["issue_id"]])
    triggers.append_only("cupboard_sheet_end", [["id"], ["sheet_id"]])
