"""Big reports that a process beside the service makes."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UNDER_WAY = sa.text("state IN ('asked', 'running')")


def upgrade() -> None:
    op.create_table(
        "making",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("sort", sa.String(length=40), nullable=False),
        sa.Column("frozen_json", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked", "running", "ready", "failed", "cancelled",
                name="state", native_enum=False, create_constraint=True, length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("done_count", _WHOLE, nullable=False),
        sa.Column("total_count", _WHOLE, nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("byte_count", _WHOLE, nullable=True),
        sa.Column("kept_until", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("done_count >= 0", name=op.f("ck_making_not_before_its_begin")),
        sa.CheckConstraint("state <> 'ready' OR kept_until IS NOT NULL", name=op.f("ck_making_ready_is_kept")),
        sa.CheckConstraint("(state = 'ready') = (sha256 IS NOT NULL)", name=op.f("ck_making_ready_has_digest")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_making_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_making")),
        sa.UniqueConstraint("reference", name=op.f("uq_making_reference")),
    )  # fmt: skip
    op.create_index(
        "uq_making_one_under_way", "making", ["account_id"], unique=True,
        sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY,
    )  # fmt: skip
