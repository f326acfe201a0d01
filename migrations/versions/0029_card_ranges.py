"""Ranges of numbers printed on security cards, and those taken back."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_STANDING = "NOT EXISTS (SELECT 1 FROM card_range_taken_back back WHERE back.range_id = other.id)"
_LIMITS = [
    (
        "NOT EXISTS (SELECT 1 FROM lot JOIN item ON item.id = lot.item_id"
        " WHERE lot.id = NEW.lot_id AND item.kind = 'security card')",
        "only security cards have numbers in ranges",
    ),
    (
        "EXISTS (SELECT 1 FROM card_range other WHERE other.prefix = NEW.prefix"
        f" AND other.first_number <= NEW.last_number AND other.last_number >= NEW.first_number AND {_STANDING})",
        "a card number belongs to one range",
    ),
    (
        "NEW.last_number - NEW.first_number + 1"
        " + (SELECT coalesce(sum(other.last_number - other.first_number + 1), 0) FROM card_range other"
        f" WHERE other.lot_id = NEW.lot_id AND {_STANDING})"
        " > (SELECT lot.unit_count FROM lot WHERE lot.id = NEW.lot_id)",
        "a lot has no more numbers than cards",
    ),
]


def upgrade() -> None:
    op.create_table(
        "card_range",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("lot_id", _WHOLE, nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("first_number", sa.BigInteger(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("digit_count", sa.BigInteger(), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "0 <= first_number AND first_number <= last_number", name=op.f("ck_card_range_first_before_last")
        ),
        sa.CheckConstraint("digit_count BETWEEN 1 AND 12", name=op.f("ck_card_range_as_printed")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_card_range_account_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_card_range_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_range")),
        sa.UniqueConstraint("reference", name=op.f("uq_card_range_reference")),
        info={"append_only": True},
    )
    op.create_index("ix_card_range_lot_id", "card_range", ["lot_id"], unique=False)
    op.create_index("ix_card_range_prefix_first", "card_range", ["prefix", "first_number"], unique=False)
    op.create_table(
        "card_range_taken_back",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("range_id", _WHOLE, nullable=False),
        sa.Column("note_id", _WHOLE, nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("taken_back_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_card_range_taken_back_account_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_card_range_taken_back_note_id")),
        sa.ForeignKeyConstraint(["range_id"], ["card_range.id"], name=op.f("fk_card_range_taken_back_range_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_range_taken_back")),
        sa.UniqueConstraint("range_id", name=op.f("uq_card_range_taken_back_range_id")),
        info={"append_only": True},
    )
    triggers.guard("card_range", "INSERT", _LIMITS)
    triggers.append_only("card_range", [["id"], ["reference"]])
    triggers.append_only("card_range_taken_back", [["id"], ["range_id"]])
