"""Kept subtrees of the Merkle trees, signed checkpoints, and the keys that sign them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = core.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "kept_hash",
        sa.Column("tree", sa.String(length=60), nullable=False),
        sa.Column("height", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("number", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tree", "height", "number", name=op.f("pk_kept_hash")),
        info={"append_only": True},
    )
    op.create_table(
        "checkpoint_key",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("checking_key", sa.String(length=300), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint_key")),
        sa.UniqueConstraint("checking_key", name=op.f("uq_checkpoint_key_checking_key")),
        info={"append_only": True},
    )
    op.create_table(
        "checkpoint",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("occasion", sa.String(length=60), nullable=False),
        sa.Column("size", _NUMBER, nullable=False),
        sa.Column("access_size", _NUMBER, nullable=False),
        sa.Column("tables_json", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        info={"append_only": True},
    )
    triggers.append_only("kept_hash", [["tree", "height", "number"]])
    triggers.append_only("checkpoint_key", [["id"], ["checking_key"]])
    triggers.append_only("checkpoint", [["id"]])
