"""Where help is: towns, the briefings log, the partnership's actions, and its packs as they were issued."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "town",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("east_km", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("north_km", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("east_km BETWEEN 0 AND 700", name=op.f("ck_town_east_on_the_grid")),
        sa.CheckConstraint("north_km BETWEEN 0 AND 1300", name=op.f("ck_town_north_on_the_grid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_town")),
        sa.UniqueConstraint("name", name=op.f("uq_town_name")),
        info={"append_only": True},
    )
    op.create_table(
        "place_town",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("town_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("located_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_place_town_place_id")),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_place_town_town_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_town")),
        info={"append_only": True},
    )
    op.create_index("ix_place_town_place_id", "place_town", ["place_id"], unique=False)
    op.create_table(
        "briefing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("briefed_on", sa.Date(), nullable=False),
        sa.Column("attendee_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "attendee_count > 0 OR (attendee_count = 0 AND corrects_id IS NOT NULL)",
            name=op.f("ck_briefing_somebody_came"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_briefing_account_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["briefing.id"], name=op.f("fk_briefing_corrects_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_briefing_note_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_briefing_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefing")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_briefing_corrects_id")),
        info={"append_only": True},
    )
    op.create_index("ix_briefing_briefed_on", "briefing", ["briefed_on"], unique=False)
    op.create_table(
        "partnership_action",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_partnership_action_account_id")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_partnership_action_body_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_partnership_action_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_action")),
        info={"append_only": True},
    )
    op.create_table(
        "partnership_action_done",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("done_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_partnership_action_done_account_id")),
        sa.ForeignKeyConstraint(
            ["action_id"], ["partnership_action.id"], name=op.f("fk_partnership_action_done_action_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_action_done")),
        sa.UniqueConstraint("action_id", name=op.f("uq_partnership_action_done_action_id")),
        info={"append_only": True},
    )
    op.create_table(
        "partnership_pack",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issued_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("frozen_json", sa.String(), nullable=False),
        sa.CheckConstraint("last_on > first_on", name=op.f("ck_partnership_pack_ends_after_start")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_partnership_pack_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_pack")),
        sa.UniqueConstraint("first_on", name=op.f("uq_partnership_pack_first_on")),
        sa.UniqueConstraint("reference", name=op.f("uq_partnership_pack_reference")),
        info={"append_only": True},
    )
    triggers.append_only("town", [["id"], ["name"]])
    triggers.append_only("place_town", [["id"]])
    triggers.append_only("briefing", [["id"], ["corrects_id"]])
    triggers.append_only("partnership_action", [["id"]])
    triggers.append_only("partnership_action_done", [["id"], ["action_id"]])
    triggers.append_only("partnership_pack", [["id"], ["reference"], ["first_on"]])
