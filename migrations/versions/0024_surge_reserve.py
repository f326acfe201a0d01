"""What a store keeps in its surge reserve."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reserve_level",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("place_id", _WHOLE, nullable=False),
        sa.Column("item_id", _WHOLE, nullable=True),
        sa.Column("recipe_id", _WHOLE, nullable=True),
        sa.Column("level_count", _WHOLE, nullable=False),
        sa.Column("change_count", _WHOLE, nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("note_id", _WHOLE, nullable=True),
        sa.CheckConstraint("(item_id IS NULL) <> (recipe_id IS NULL)", name=op.f("ck_reserve_level_item_or_recipe")),
        sa.CheckConstraint("level_count >= 0", name=op.f("ck_reserve_level_not_below_zero")),
        sa.CheckConstraint("NOT released OR note_id IS NOT NULL", name=op.f("ck_reserve_level_released_has_reason")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_reserve_level_account_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_reserve_level_item_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_reserve_level_note_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_reserve_level_place_id")),
        sa.ForeignKeyConstraint(["recipe_id"], ["kit_recipe.id"], name=op.f("fk_reserve_level_recipe_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reserve_level")),
        info={"append_only": True},
    )
    op.create_index("ix_reserve_level_place_id", "reserve_level", ["place_id"], unique=False)
    triggers.append_only("reserve_level", [["id"]])
