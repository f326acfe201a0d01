"""Releases of published usage."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = core.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "usage_release",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("threshold", _WHOLE, nullable=False),
        sa.Column("figure_count", _WHOLE, nullable=False),
        sa.Column("hidden_count", _WHOLE, nullable=False),
        sa.Column("cut_off", _MOMENT, nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("released_at", _MOMENT, nullable=False),
        sa.Column("frozen_json", sa.String(), nullable=False),
        sa.Column("figures_json", sa.String(), nullable=False),
        sa.Column("witnesses_json", sa.String(), nullable=False),
        sa.CheckConstraint("last_on > first_on", name=op.f("ck_usage_release_ends_after_start")),
        sa.CheckConstraint("threshold > 0", name=op.f("ck_usage_release_threshold_above_zero")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_usage_release_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_release")),
        sa.UniqueConstraint("reference", name=op.f("uq_usage_release_reference")),
        info={"append_only": True},
    )
    triggers.append_only("usage_release", [["id"], ["reference"]])
