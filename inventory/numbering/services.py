"""Keeping numberings: carried on in the transaction that writes the moves.

On PostgreSQL two acts on one lot at two places could otherwise fold each other's moves out of order, so whoever moves a
lot holds its numbering from before the first move is written until the commit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql

from core.db import db
from inventory.numbering.models import IssuedRuns, LotNumbering
from inventory.numbering.queries import Folded, folded, kept_wrongly
from inventory.numbering.rules import written, written_units
from inventory.stock.models import Lot
from inventory.stock.queries import numbering_of

_BEGIN = insert(LotNumbering)
_CARRY_ON = (
    update(LotNumbering)
    .where(LotNumbering.lot_id == bindparam("of_lot"))
    .values(folded_to_move_id=bindparam("move_id"), standing=bindparam("stands"))
)
_ISSUED = insert(IssuedRuns)
"""Built once: preparing them costs more than running them."""

_CHUNK = 500


def hold(lot_ids: Iterable[int]) -> None:
    """Hold the numberings of lots until the commit, in one order; SQLite's writers queue anyway."""
    if db.session.connection().dialect.name != "postgresql":
        return
    wanted = sorted(set(lot_ids))
    if not wanted:
        return
    empty = [{"lot_id": lot_id, "folded_to_move_id": 0, "standing": "{}"} for lot_id in wanted]
    db.session.execute(postgresql.insert(LotNumbering).on_conflict_do_nothing(), empty)
    held = select(LotNumbering.lot_id).where(LotNumbering.lot_id.in_(wanted)).order_by(LotNumbering.lot_id)
    db.session.execute(held.with_for_update()).all()


def keep(lot_ids: Collection[int]) -> int:
    """Carry the kept numberings of lots on to their last moves; give how many were behind."""
    behind = [each for each in folded(set(lot_ids)) if each.last_move_id != (each.kept_to or 0)]
    connection = db.session.connection()
    for statement, rows in (
        (_BEGIN, [_begun(each) for each in behind if each.kept_to is None]),
        (_CARRY_ON, [_carried_on(each) for each in behind if each.kept_to is not None]),
        (_ISSUED, [row for each in behind for row in _issued(each)]),
    ):
        if rows:
            connection.execute(statement, rows)
    return len(behind)


def keep_all() -> int:
    """Carry the kept numbering of every lot on to its last move; give how many were behind."""
    lots = list(db.session.scalars(select(Lot.id).order_by(Lot.id)))
    return sum(keep(lots[start : start + _CHUNK]) for start in range(0, len(lots), _CHUNK))


def renumber() -> list[int]:
    """Fold the lots of which something else is kept afresh, and keep that; give their ids."""
    wrong = list(kept_wrongly())
    for start in range(0, len(wrong), _CHUNK):
        lots = wrong[start : start + _CHUNK]
        keep(lots)
        afresh = numbering_of(lots)
        rows = [_carried_on(replace(each, standing=afresh[each.lot_id].standing)) for each in folded(lots)]
        db.session.connection().execute(_CARRY_ON, rows)
    return wrong


def _begun(found: Folded) -> Mapping[str, Any]:
    return {
        "lot_id": found.lot_id,
        "folded_to_move_id": found.last_move_id,
        "standing": written(found.standing),
    }


def _carried_on(found: Folded) -> Mapping[str, Any]:
    return {"of_lot": found.lot_id, "move_id": found.last_move_id, "stands": written(found.standing)}


def _issued(found: Folded) -> list[Mapping[str, Any]]:
    return [
        {"move_id": each.move_id, "lot_id": each.lot_id, "posting_id": each.posting_id,
         "runs": written_units(each.units)}
        for each in found.issued
    ]  # fmt: skip
