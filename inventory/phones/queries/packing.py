"""What decides whether handsets and SIMs may be packed, in one statement however many there are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import aliased

from core.dates import local_day
from core.db import db
from inventory.bags.models import Issue
from inventory.phones.models import FactoryReset, SerialUnit, UnitMove, UnitPosition
from inventory.phones.queries.lapsing import STATES, state_of
from inventory.phones.rules import NumberKind, UnitFacts, not_packable
from inventory.stock.models import Lot, Move, Posting

_Undo = aliased(Posting)


_HANDED_OUT = (
    select(func.max(Issue.issued_at))
    .join(Move, Move.posting_id == Issue.posting_id)
    .join(UnitMove, UnitMove.move_id == Move.id)
    .where(UnitMove.unit_id == SerialUnit.id, ~exists().where(_Undo.corrects_id == Issue.posting_id))
    .correlate(SerialUnit)
    .scalar_subquery()
)
_RESET = (
    select(func.max(FactoryReset.reset_on))
    .where(FactoryReset.handset_id == SerialUnit.id)
    .correlate(SerialUnit)
    .scalar_subquery()
)
_FACTS = STATES.add_columns(SerialUnit, Lot.source, _HANDED_OUT, _RESET).join(Lot, Lot.id == SerialUnit.lot_id)
_BY_ID = _FACTS.where(SerialUnit.id.in_(bindparam("unit_ids", expanding=True)))
_STANDING = _FACTS.join(UnitPosition, UnitPosition.unit_id == SerialUnit.id).where(
    UnitPosition.place_id == bindparam("place_id"), SerialUnit.lot_id.in_(bindparam("lot_ids", expanding=True))
)


def _read(row: Any) -> tuple[SerialUnit, UnitFacts]:
    """Turn a selected row into a unit and its facts."""
    unit, source, out, reset_on = row[10:14]
    sim = state_of(row) if unit.number_kind is NumberKind.ICCID else None
    out_on = local_day(out) if out else None
    return unit, UnitFacts(unit.id, unit.number_kind, unit.number, source, out_on, reset_on, sim)


def unit_facts(unit_ids: Collection[int], *, on: date) -> dict[int, UnitFacts]:
    """Tell what decides whether units may be packed on a day: unit id → facts."""
    if not unit_ids:
        return {}
    rows = db.session.execute(_BY_ID, {"unit_ids": list(unit_ids), "day": on})
    return {unit.id: facts for unit, facts in map(_read, rows)}


def units_packable(place_id: int, lot_ids: Collection[int], *, on: date) -> dict[int, list[SerialUnit]]:
    """List the units of lots standing at a place that may be packed on a day, oldest first: lot id → units."""
    if not lot_ids:
        return {}
    found: dict[int, list[SerialUnit]] = {}
    for row in db.session.execute(_STANDING, {"place_id": place_id, "lot_ids": list(lot_ids), "day": on}):
        unit, facts = _read(row)
        if not_packable(facts, on=on) is None:
            found.setdefault(unit.lot_id, []).append(unit)
    return found
