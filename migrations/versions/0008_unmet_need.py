"""What was asked for and not given, and how suggested par levels were answered."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "par_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recipe_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("suggested_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chosen_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("protect_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decided_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("(item_id IS NULL) <> (recipe_id IS NULL)", name=op.f("ck_par_decision_item_or_recipe")),
        sa.CheckConstraint("protect_days > 0", name=op.f("ck_par_decision_one_day_at_least")),
        sa.CheckConstraint(
            "suggested_count = chosen_count OR note_id IS NOT NULL",
            name=op.f("ck_par_decision_another_level_has_reason"),
        ),
        sa.CheckConstraint("suggested_count >= 0 AND chosen_count >= 0", name=op.f("ck_par_decision_not_below_zero")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_par_decision_account_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_par_decision_item_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_par_decision_note_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_par_decision_place_id")),
        sa.ForeignKeyConstraint(["recipe_id"], ["kit_recipe.id"], name=op.f("fk_par_decision_recipe_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_par_decision")),
        info={"append_only": True},
    )
    op.create_index("ix_par_decision_place_id", "par_decision", ["place_id"], unique=False)
    op.create_table(
        "unmet_need",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recipe_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "none left",
                "wrong language",
                "wrong size",
                "closed",
                name="unmetreason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wanted_on", sa.Date(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "item_id IS NOT NULL OR recipe_id IS NOT NULL OR language IS NOT NULL",
            name=op.f("ck_unmet_need_says_what_was_asked_for"),
        ),
        sa.CheckConstraint("item_id IS NULL OR recipe_id IS NULL", name=op.f("ck_unmet_need_item_or_recipe")),
        sa.CheckConstraint("unit_count > 0", name=op.f("ck_unmet_need_at_least_one")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_unmet_need_account_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_unmet_need_item_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_unmet_need_place_id")),
        sa.ForeignKeyConstraint(["recipe_id"], ["kit_recipe.id"], name=op.f("fk_unmet_need_recipe_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmet_need")),
        info={"append_only": True},
    )
    op.create_index("ix_unmet_need_place_wanted", "unmet_need", ["place_id", "wanted_on"], unique=False)
    op.create_table(
        "unmet_need_taken_back",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unmet_need_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("taken_back_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_unmet_need_taken_back_account_id")),
        sa.ForeignKeyConstraint(
            ["unmet_need_id"], ["unmet_need.id"], name=op.f("fk_unmet_need_taken_back_unmet_need_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmet_need_taken_back")),
        sa.UniqueConstraint("unmet_need_id", name=op.f("uq_unmet_need_taken_back_unmet_need_id")),
        info={"append_only": True},
    )
    triggers.append_only("par_decision", [["id"]])
    triggers.append_only("unmet_need", [["id"]])
    triggers.append_only("unmet_need_taken_back", [["id"], ["unmet_need_id"]])
