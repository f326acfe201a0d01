"""Conditions of awards, quoted from their agreements."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "award_condition",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("award_id", _WHOLE, nullable=False),
        sa.Column("grant_line_id", _WHOLE, nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "price of one unit",
                "ceiling of a line",
                "kind of spending not paid",
                "things not paid",
                name="conditionkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("clause", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=True),
        sa.Column("excluded", sa.String(length=200), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_award_condition_account_id")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_award_condition_award_id")),
        sa.ForeignKeyConstraint(["grant_line_id"], ["grant_line.id"], name=op.f("fk_award_condition_grant_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_condition")),
        info={"append_only": True},
    )
    op.create_index("ix_award_condition_award_id", "award_condition", ["award_id"], unique=False)
    triggers.append_only("award_condition", [["id"]])
