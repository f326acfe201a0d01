"""What of a place's loose stock is used first: what expires first, lapses first, or is paid for until a day first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from inventory.bags.rules import Content
from inventory.catalogue.rules import ItemKind
from inventory.phones import queries as phones
from inventory.phones.models import SerialUnit
from inventory.stock.rules import PickPolicy, UseBy

Standing = Mapping[int, Sequence[SerialUnit]]
"""Lot id → its handsets or SIMs that may be packed."""


@dataclass(frozen=True)
class InOrder:
    """Lots and their units in the order they should be used.

    Attributes:
        units: lot id → units, those that lapse first first.
        use_by: lot id → the day it should be used by, where that is not its own expiry.
    """

    lots: list[Content]
    units: dict[int, list[SerialUnit]]
    use_by: dict[int, UseBy]


def in_order(
    lots: Sequence[Content], standing: Standing, handset_of: Mapping[int, int], policy: PickPolicy, *, on: date
) -> InOrder:
    """Put lots in the order they should be used; within a day the order given stays.

    Args:
        handset_of: SIM id → id of the handset it is in, which is used when its SIM is.
    """
    lapses = _lapses(lots, standing, handset_of, on=on)
    units = {
        lot_id: sorted(found, key=lambda unit: lapses.get(unit.id, date.max)) for lot_id, found in standing.items()
    }
    firsts = {lot_id: lapses.get(found[0].id) for lot_id, found in units.items() if found}
    days = {lot.lot_id: _use_by(lot, firsts.get(lot.lot_id), policy) for lot in lots}
    return InOrder(
        sorted(lots, key=lambda lot: _day(days[lot.lot_id])),
        units,
        {lot.lot_id: day for lot in lots if (day := days[lot.lot_id]) is not None and day.day != lot.expires_on},
    )


def _day(use_by: UseBy | None) -> date:
    return use_by.day if use_by is not None else date.max


def _use_by(lot: Content, lapses_on: date | None, policy: PickPolicy) -> UseBy | None:
    own = UseBy(lot.expires_on) if lot.expires_on is not None else None
    return policy.use_by([lot.lot_id], own, UseBy(lapses_on, "a SIM lapses") if lapses_on is not None else None)


def _lapses(lots: Sequence[Content], standing: Standing, handset_of: Mapping[int, int], *, on: date) -> dict[int, date]:
    """Tell when SIMs lapse, and with them the handsets they are in: unit id → the first day it no longer rings."""
    sims = [unit.id for lot in lots if lot.kind is ItemKind.SIM for unit in standing.get(lot.lot_id, ())]
    facts = phones.unit_facts(sims, on=on)
    days = {sim: each.sim.lapses_on for sim, each in facts.items() if each.sim is not None and each.sim.lapses_on}
    return days | {handset_of[sim]: day for sim, day in days.items() if sim in handset_of}
