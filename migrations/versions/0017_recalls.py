"""Holds and recalls: what may not be used, whom each asked, what they answered, and how it ended."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recall",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("hold", "recall", name="recallkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "remedy",
            sa.Enum(
                "destroy", "send back", "check", name="remedy", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("edition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recalled_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(lot_id IS NULL OR (edition_id IS NULL AND item_id IS NULL))"
            " AND (edition_id IS NULL OR item_id IS NULL)"
            " AND (lot_id IS NOT NULL OR edition_id IS NOT NULL OR item_id IS NOT NULL)",
            name=op.f("ck_recall_of_one_thing"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recall_account_id")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_recall_edition_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_recall_item_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_recall_lot_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_recall_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
        sa.UniqueConstraint("reference", name=op.f("uq_recall_reference")),
        info={"append_only": True},
    )
    op.create_table(
        "recall_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recall_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("told_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("answered_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "sent_to_id IS NULL OR posting_id IS NOT NULL", name=op.f("ck_recall_answer_sent_by_a_posting")
        ),
        sa.CheckConstraint("told_count IS NULL OR told_count >= 0", name=op.f("ck_recall_answer_told_not_below_zero")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recall_answer_account_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_recall_answer_place_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_recall_answer_posting_id")),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_answer_recall_id")),
        sa.ForeignKeyConstraint(["sent_to_id"], ["place.id"], name=op.f("fk_recall_answer_sent_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_answer")),
        sa.UniqueConstraint("posting_id", name=op.f("uq_recall_answer_posting_id")),
        info={"append_only": True},
    )
    op.create_index("ix_recall_answer_recall_place", "recall_answer", ["recall_id", "place_id"], unique=False)
    op.create_table(
        "recall_end",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recall_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "released", "closed", "replaced", name="ending", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ended_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recall_end_account_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_recall_end_note_id")),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_end_recall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_end")),
        sa.UniqueConstraint("recall_id", name=op.f("uq_recall_end_recall_id")),
        info={"append_only": True},
    )
    op.create_table(
        "recall_place",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recall_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slip_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_recall_place_place_id")),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_place_recall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_place")),
        sa.UniqueConstraint("recall_id", "place_id", name=op.f("uq_recall_place_recall_id_place_id")),
        info={"append_only": True},
    )
    op.create_table(
        "recall_arrival",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("answer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("missing_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("arrived_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recall_arrival_account_id")),
        sa.ForeignKeyConstraint(["answer_id"], ["recall_answer.id"], name=op.f("fk_recall_arrival_answer_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_recall_arrival_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_arrival")),
        sa.UniqueConstraint("answer_id", name=op.f("uq_recall_arrival_answer_id")),
        sa.UniqueConstraint("posting_id", name=op.f("uq_recall_arrival_posting_id")),
        info={"append_only": True},
    )
    op.create_table(
        "recall_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("answer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expected_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("found_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("removed_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("found_count <= expected_count", name=op.f("ck_recall_line_found_was_recorded")),
        sa.CheckConstraint("removed_count BETWEEN 0 AND found_count", name=op.f("ck_recall_line_removed_was_found")),
        sa.ForeignKeyConstraint(["answer_id"], ["recall_answer.id"], name=op.f("fk_recall_line_answer_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_recall_line_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_line")),
        sa.UniqueConstraint("answer_id", "lot_id", name=op.f("uq_recall_line_answer_id_lot_id")),
        info={"append_only": True},
    )
    triggers.append_only("recall", [["id"], ["reference"]])
    triggers.append_only("recall_place", [["id"], ["recall_id", "place_id"]])
    triggers.append_only("recall_answer", [["id"], ["posting_id"]])
    triggers.append_only("recall_line", [["id"], ["answer_id", "lot_id"]])
    triggers.append_only("recall_arrival", [["id"], ["answer_id"], ["posting_id"]])
    triggers.append_only("recall_end", [["id"], ["recall_id"]])
