"""Opened Go Bags: why each was opened or came back, and what stands in for what inside."""

import sqlalchemy as sa
from alembic import op

from migrations import triggers

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bag_opening",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "taken out",
                "put in",
                "came back sealed",
                "came back open",
                "retired",
                name="bagact",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "fate",
            sa.Enum(
                "back on the shelf",
                "used",
                "damaged",
                "expired",
                name="fate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["bag_id"], ["bag.id"], name=op.f("fk_bag_opening_bag_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_bag_opening_place_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_bag_opening_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bag_opening")),
        sa.UniqueConstraint("posting_id", name=op.f("uq_bag_opening_posting_id")),
        info={"append_only": True},
    )
    op.create_index("ix_bag_opening_bag_id", "bag_opening", ["bag_id"], unique=False)
    op.create_table(
        "substitution",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("for_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_substitution_posting_id")),
        sa.ForeignKeyConstraint(["bag_id"], ["bag.id"], name=op.f("fk_substitution_bag_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_substitution_lot_id")),
        sa.ForeignKeyConstraint(["for_item_id"], ["item.id"], name=op.f("fk_substitution_for_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
        sa.UniqueConstraint(
            "posting_id", "lot_id", "for_item_id", name=op.f("uq_substitution_posting_id_lot_id_for_item_id")
        ),
        info={"append_only": True},
    )
    op.create_index("ix_substitution_bag_id", "substitution", ["bag_id"], unique=False)
    triggers.append_only("bag_opening", [["id"], ["posting_id"]])
    triggers.append_only("substitution", [["id"], ["posting_id", "lot_id", "for_item_id"]])
