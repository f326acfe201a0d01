"""What decides whether handsets and SIMs may be packed, in two statements however many there are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import aliased

from core.dates import local_day
from core.db import db
from inventory.bags.models import Issue
from inventory.phones.models import FactoryReset, SerialUnit, UnitMove
from inventory.phones.queries.lapsing import sim_states
from inventory.phones.queries.units import units_standing
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
_FACTS = (
    select(SerialUnit.id, SerialUnit.number_kind, SerialUnit.number, Lot.source, _HANDED_OUT, _RESET)
    .join(Lot, Lot.id == SerialUnit.lot_id)
    .where(SerialUnit.id.in_(bindparam("unit_ids", expanding=True)))
    .order_by(SerialUnit.id)
)
"""Built once: preparing a statement costs more than running it."""


def unit_facts(unit_ids: Collection[int], *, on: date) -> dict[int, UnitFacts]:
    """Tell what decides whether units may be packed on a day: unit id → facts."""
    if not unit_ids:
        return {}
    rows = db.session.execute(_FACTS, {"unit_ids": list(unit_ids)}).all()
    sim_ids = [row[0] for row in rows if row[1] is NumberKind.ICCID]
    sims = sim_states(sim_ids, on=on) if sim_ids else {}
    return {
        unit_id: UnitFacts(unit_id, kind, number, source, local_day(out) if out else None, reset_on, sims.get(unit_id))
        for unit_id, kind, number, source, out, reset_on in rows
    }


def units_packable(place_id: int, lot_ids: Collection[int], *, on: date) -> dict[int, list[SerialUnit]]:
    """List the units of lots standing at a place that may be packed on a day, oldest first: lot id → units."""
    standing = units_standing(place_id, lot_ids)
    facts = unit_facts([unit.id for units in standing.values() for unit in units], on=on)
    return {
        lot_id: [unit for unit in units if not_packable(facts[unit.id], on=on) is None]
        for lot_id, units in standing.items()
    }
