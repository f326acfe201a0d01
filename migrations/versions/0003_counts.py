"""Counts, handovers of a cupboard, and lots that were found on a count.

A lot may now be found. SQLite cannot alter a check, and making the table anew would lose its triggers, so the words of
the check are changed where SQLite keeps them, as its own documentation of ALTER TABLE advises for checks.
"""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _lots_may_be_found()
    op.create_table(
        "count_setting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recount_above_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("every_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("set_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("every_days BETWEEN 1 AND 400", name=op.f("ck_count_setting_within_a_year")),
        sa.CheckConstraint("recount_above_count >= 0", name=op.f("ck_count_setting_not_below_zero")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_count_setting_account_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_count_setting_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_setting")),
        info={"append_only": True},
    )
    op.create_index("ix_count_setting_place_id", "count_setting", ["place_id"], unique=False)
    op.create_table(
        "stock_count",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "extent",
            sa.Enum(
                "whole place",
                "part",
                "sample",
                name="countextent",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("covers", sa.String(length=300), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "counting",
                "counted",
                "approved",
                "abandoned",
                name="countstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(state = 'approved') = (approved_by_id IS NOT NULL)", name=op.f("ck_stock_count_approved_by_somebody")
        ),
        sa.CheckConstraint(
            "state IN ('counting', 'abandoned') OR finished_at IS NOT NULL", name=op.f("ck_stock_count_finished_first")
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["account.id"], name=op.f("fk_stock_count_approved_by_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_stock_count_note_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_stock_count_place_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_stock_count_posting_id")),
        sa.ForeignKeyConstraint(["started_by_id"], ["account.id"], name=op.f("fk_stock_count_started_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
        sa.UniqueConstraint("reference", name=op.f("uq_stock_count_reference")),
    )
    op.create_index("ix_stock_count_place_id", "stock_count", ["place_id"], unique=False)
    op.create_table(
        "count_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("count_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.Column("round_wanted", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("item_id IS NULL OR note_id IS NULL", name=op.f("ck_count_line_known_or_described")),
        sa.CheckConstraint("round_wanted > 0", name=op.f("ck_count_line_one_round_at_least")),
        sa.ForeignKeyConstraint(["count_id"], ["stock_count.id"], name=op.f("fk_count_line_count_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_count_line_item_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_count_line_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_line")),
        sa.UniqueConstraint("count_id", "item_id", name=op.f("uq_count_line_count_id_item_id")),
        sa.UniqueConstraint("count_id", "position", name=op.f("uq_count_line_count_id_position")),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("count_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outgoing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("incoming_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seed", sa.String(length=20), nullable=False),
        sa.Column("thing_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("begun_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outgoing_id <> incoming_id", name=op.f("ck_handover_two_people")),
        sa.ForeignKeyConstraint(["count_id"], ["stock_count.id"], name=op.f("fk_handover_count_id")),
        sa.ForeignKeyConstraint(["incoming_id"], ["account.id"], name=op.f("fk_handover_incoming_id")),
        sa.ForeignKeyConstraint(["outgoing_id"], ["account.id"], name=op.f("fk_handover_outgoing_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_handover_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("count_id", name=op.f("uq_handover_count_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_handover_reference")),
        info={"append_only": True},
    )
    op.create_index("ix_handover_place_id", "handover", ["place_id"], unique=False)
    op.create_table(
        "count_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("counted_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.CheckConstraint("counted_count >= 0", name=op.f("ck_count_entry_not_below_zero")),
        sa.CheckConstraint("seen_at <= recorded_at", name=op.f("ck_count_entry_seen_before_recorded")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_count_entry_account_id")),
        sa.ForeignKeyConstraint(["line_id"], ["count_line.id"], name=op.f("fk_count_entry_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_entry")),
        info={"append_only": True},
    )
    op.create_index("ix_count_entry_line_id", "count_entry", ["line_id"], unique=False)
    op.create_table(
        "handover_signature",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handover_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("signed_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_handover_signature_account_id")),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_signature_handover_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_signature")),
        sa.UniqueConstraint("handover_id", "account_id", name=op.f("uq_handover_signature_handover_id_account_id")),
        info={"append_only": True},
    )
    op.create_table(
        "count_result",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expected_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("short_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("over_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "used and not recorded",
                "damaged or out of date, thrown away",
                "missing, nobody knows why",
                "theft suspected",
                "arrived and not recorded",
                "found again",
                "counted or recorded wrongly before",
                name="countreason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("unmoved", sa.String(length=600), nullable=False),
        sa.CheckConstraint(
            "(short_count + over_count > 0) = (reason IS NOT NULL)", name=op.f("ck_count_result_difference_has_reason")
        ),
        sa.CheckConstraint("short_count >= 0 AND over_count >= 0", name=op.f("ck_count_result_not_below_zero")),
        sa.ForeignKeyConstraint(["entry_id"], ["count_entry.id"], name=op.f("fk_count_result_entry_id")),
        sa.ForeignKeyConstraint(["line_id"], ["count_line.id"], name=op.f("fk_count_result_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_result")),
        sa.UniqueConstraint("line_id", name=op.f("uq_count_result_line_id")),
        info={"append_only": True},
    )
    op.create_table(
        "count_number",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=22), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("bag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("unit_id IS NULL OR bag_id IS NULL", name=op.f("ck_count_number_unit_or_bag")),
        sa.ForeignKeyConstraint(["bag_id"], ["bag.id"], name=op.f("fk_count_number_bag_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["count_entry.id"], name=op.f("fk_count_number_entry_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["serial_unit.id"], name=op.f("fk_count_number_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_number")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_count_number_entry_id_number")),
        info={"append_only": True},
    )
    op.create_table(
        "count_taken_back",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("result_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("taken_back_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_count_taken_back_account_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_count_taken_back_note_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_count_taken_back_posting_id")),
        sa.ForeignKeyConstraint(["result_id"], ["count_result.id"], name=op.f("fk_count_taken_back_result_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_taken_back")),
        sa.UniqueConstraint("result_id", name=op.f("uq_count_taken_back_result_id")),
        info={"append_only": True},
    )
    triggers.append_only("count_setting", [["id"]])
    triggers.append_only("handover", [["id"], ["count_id"], ["reference"]])
    triggers.append_only("count_entry", [["id"]])
    triggers.append_only("handover_signature", [["id"], ["handover_id", "account_id"]])
    triggers.append_only("count_result", [["id"], ["line_id"]])
    triggers.append_only("count_number", [["id"], ["entry_id", "number"]])
    triggers.append_only("count_taken_back", [["id"], ["result_id"]])


_SOURCES = "'delivery', 'donation', 'opening stock'"
_FOUND = "'found on a count'"
_WITHOUT_DELIVERY = "(source IN ('opening stock', 'found on a count')) = (delivery_line_id IS NULL)"


def _lots_may_be_found() -> None:
    if triggers.is_sqlite():
        _in_sqlite("source = 'opening stock'", "source IN ('opening stock', 'found on a count')")
        _in_sqlite(f"IN ({_SOURCES})", f"IN ({_SOURCES}, {_FOUND})")
        return
    op.execute("ALTER TABLE lot DROP CONSTRAINT ck_lot_lotsource, DROP CONSTRAINT ck_lot_came_from_somewhere")
    op.execute(f"ALTER TABLE lot ADD CONSTRAINT ck_lot_lotsource CHECK (source IN ({_SOURCES}, {_FOUND}))")
    op.execute(f"ALTER TABLE lot ADD CONSTRAINT ck_lot_came_from_somewhere CHECK ({_WITHOUT_DELIVERY})")


def _in_sqlite(words: str, new_words: str) -> None:
    """Change words of the table's checks; the schema is read anew by every connection."""
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'lot'", (words, new_words)
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
