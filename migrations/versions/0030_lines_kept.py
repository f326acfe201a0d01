"""Kept sums of grant lines. They begin empty: readers fold everything until they are kept up first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WHEREABOUTS = ("on hand", "in Go Bags", "in transit", "issued", "written off", "missing", "sent back")


def upgrade() -> None:
    op.create_table(
        "lot_on_line",
        sa.Column("grant_line_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("lot_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column(
            "whereabouts",
            sa.Enum(*_WHEREABOUTS, name="whereabouts", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["grant_line_id"], ["grant_line.id"], name=op.f("fk_lot_on_line_grant_line_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_on_line_lot_id")),
        sa.PrimaryKeyConstraint("grant_line_id", "lot_id", "whereabouts", name=op.f("pk_lot_on_line")),
    )
    op.create_index("ix_lot_on_line_lot_id", "lot_on_line", ["lot_id"], unique=False)
    op.create_table(
        "row_on_line",
        sa.Column("grant_line_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("row_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("behind_id", _NUMBER, nullable=False),
        sa.Column("apportioned_pence", sa.BigInteger(), nullable=False),
        sa.Column("other_pence", sa.BigInteger(), nullable=False),
        sa.Column("ledger_pence", sa.BigInteger(), nullable=False),
        sa.Column("first_received_on", sa.Date(), nullable=True),
        sa.Column("last_received_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["grant_line_id"], ["grant_line.id"], name=op.f("fk_row_on_line_grant_line_id")),
        sa.ForeignKeyConstraint(["row_id"], ["spending_row.id"], name=op.f("fk_row_on_line_row_id")),
        sa.ForeignKeyConstraint(["behind_id"], ["spending_row.id"], name=op.f("fk_row_on_line_behind_id")),
        sa.PrimaryKeyConstraint("grant_line_id", "row_id", name=op.f("pk_row_on_line")),
    )
    op.create_index("ix_row_on_line_behind_id", "row_on_line", ["behind_id"], unique=False)
    op.create_table(
        "lines_kept",
        sa.Column("id", _NUMBER, autoincrement=False, nullable=False),
        *(
            sa.Column(f"{name}_id", _NUMBER, nullable=False)
            for name in ("move", "bag_move", "apportionment", "billed_delivery", "ledger_match")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lines_kept")),
    )
    op.create_index("ix_spending_row_credits_row_id", "spending_row", ["credits_row_id"], unique=False)
