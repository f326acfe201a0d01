"""Kept numberings of lots' units. They begin empty: each lot is folded when it moves next, or by the command."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import triggers

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lot_numbering",
        sa.Column("lot_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("folded_to_move_id", _NUMBER, nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_numbering_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_lot_numbering")),
    )
    op.create_table(
        "issued_runs",
        sa.Column("move_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("lot_id", _NUMBER, nullable=False),
        sa.Column("posting_id", _NUMBER, nullable=False),
        sa.Column("runs", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["move_id"], ["move.id"], name=op.f("fk_issued_runs_move_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_issued_runs_lot_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_issued_runs_posting_id")),
        sa.PrimaryKeyConstraint("move_id", name=op.f("pk_issued_runs")),
        info={"append_only": True},
    )
    op.create_index("ix_issued_runs_lot_id", "issued_runs", ["lot_id"], unique=False)
    op.create_index("ix_issued_runs_posting_id", "issued_runs", ["posting_id"], unique=False)
    op.create_index("ix_move_lot_id", "move", ["lot_id", "id"], unique=False)
    triggers.append_only("issued_runs", (("move_id",),))
    triggers.never_goes_back("lot_numbering", "folded_to_move_id")
