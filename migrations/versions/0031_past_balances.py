"""What places held of lots at every moment, and the acts at each place: kept by the database from the moves.

An existing database is filled from its moves; no row of it is changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import triggers

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "past_balance",
        sa.Column("place_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("lot_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("happened_at", _MOMENT, nullable=False),
        sa.Column("unit_count", _NUMBER, nullable=False),
        sa.Column("explained_by_move_id", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("place_id", "lot_id", "happened_at", name=op.f("pk_past_balance")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "place_act",
        sa.Column("place_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("happened_at", _MOMENT, nullable=False),
        sa.Column("posting_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("place_id", "happened_at", "posting_id", "recorded_at", name=op.f("pk_place_act")),
        info={"append_only": True},
        sqlite_with_rowid=False,
    )
    op.create_index("ix_bag_move_to_place_id", "bag_move", ["to_place_id", "bag_id"], unique=False)
    op.create_index("ix_bag_move_from_place_id", "bag_move", ["from_place_id", "bag_id"], unique=False)
    for statement in (_PAST_BALANCES, _ACTS):
        op.execute(statement)
    triggers.past_balances()


_PAST_BALANCES = """
    INSERT INTO past_balance (place_id, lot_id, happened_at, unit_count, explained_by_move_id)
    SELECT place_id, lot_id, happened_at,
           sum(sum(units)) OVER (PARTITION BY place_id, lot_id ORDER BY happened_at),
           max(max(move_id)) OVER (PARTITION BY place_id, lot_id ORDER BY happened_at)
    FROM (
        SELECT m.to_place_id AS place_id, m.lot_id, p.happened_at, m.unit_count AS units, m.id AS move_id
        FROM move m JOIN posting p ON p.id = m.posting_id
        UNION ALL
        SELECT m.from_place_id, m.lot_id, p.happened_at, -m.unit_count, m.id
        FROM move m JOIN posting p ON p.id = m.posting_id) ends
    WHERE place_id IN (SELECT id FROM place WHERE holds_stock)
    GROUP BY place_id, lot_id, happened_at"""
_ACTS = """
    INSERT INTO place_act (place_id, happened_at, posting_id, recorded_at)
    SELECT place_id, happened_at, id, recorded_at
    FROM posting p JOIN (
        SELECT to_place_id AS place_id, posting_id FROM move UNION SELECT from_place_id, posting_id FROM move
        UNION SELECT to_place_id, posting_id FROM bag_move UNION SELECT from_place_id, posting_id FROM bag_move) ends
    ON ends.posting_id = p.id
    WHERE place_id IN (SELECT id FROM place WHERE holds_stock)"""
