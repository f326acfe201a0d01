"""What an opened Go Bag could be topped up with: what it lacks, what should come out, and the lots to take."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from core.db import db
from inventory.bags import rules
from inventory.bags.models import Bag
from inventory.bags.queries.contents import contents_at, contents_of, wanted_in
from inventory.bags.queries.packing import ProposedLot, fit_units, free_of, serial_lots
from inventory.bags.rules import Content, Missing, Wanted
from inventory.catalogue.models import Item
from inventory.catalogue.rules import ItemKind
from inventory.phones import queries as phones


@dataclass(frozen=True)
class TopUpLine:
    """One thing a bag lacks: the lots of it here, and those that may stand in for it."""

    missing: Missing
    lots: tuple[ProposedLot, ...]
    stand_ins: tuple[ProposedLot, ...]

    @property
    def short_count(self) -> int:
        """How many units are lacking still when what is proposed is put in."""
        return self.missing.short_count - sum(lot.proposed_count for lot in self.lots)


@dataclass(frozen=True)
class TopUp:
    """What to do with an opened bag.

    Attributes:
        spoilt: contents that have expired, lapsed or been replaced by a newer edition, to come out.
    """

    spoilt: tuple[Content, ...]
    lines: tuple[TopUpLine, ...]

    @property
    def possible(self) -> bool:
        """Say whether there is anything to take out or to put in."""
        return bool(self.spoilt) or any(line.lots or line.stand_ins for line in self.lines)


def top_up_of(bag: Bag, place_id: int, *, on: date, lapsed: bool = True) -> TopUp:
    """Propose what to put into a bag from the loose stock of its place, earliest expiry first, free stock only.

    Args:
        lapsed: whether a SIM inside may have lapsed, where that is known.
    """
    contents = contents_of([bag.id], on=on).get(bag.id, [])
    dead = lapsed_lots(bag, contents, on=on) if lapsed else set()
    spoilt = rules.to_be_replaced(contents, on=on, lapsed=dead)
    missing = rules.missing_from(wanted_in(bag.recipe_version_id), [each for each in contents if each not in spoilt])
    here = contents_at(place_id, on=on)
    lots, free = [lot for lot in here if lot.fit(on)], free_of(here, place_id, on=on)
    wanted = [replace(each.wanted, unit_count=each.short_count) for each in missing]
    lacked = [lot for lot in lots if any(line.met_by(lot) for line in wanted)]
    units = phones.units_packable(place_id, serial_lots(lacked), on=on)
    chosen = rules.picked(wanted, fit_units(lots, units), free, bag_count=1, on=on)
    numbers = {lot_id: tuple(unit.number for unit in found) for lot_id, found in units.items()}
    return TopUp(tuple(spoilt), tuple(_lines(missing, chosen, lots, numbers)))


def lapsed_lots(bag: Bag, contents: Collection[Content], *, on: date) -> set[int]:
    """Give the lots inside a bag of which every SIM has lapsed: their ids."""
    held = [each.lot_id for each in contents if each.kind is ItemKind.SIM]
    if not held:
        return set()
    gone = {sim.unit_id for sim in phones.sims_in_bags([bag.id], on=on).get(bag.id, ()) if sim.lapsed(on)}
    inside = phones.units_standing(bag.place_id, held)
    return {lot_id for lot_id, units in inside.items() if units and {unit.id for unit in units} <= gone}


def _lines(
    missing: Collection[Missing],
    chosen: list[tuple[Wanted, list[Content]]],
    lots: list[Content],
    numbers: dict[int, tuple[str, ...]],
) -> list[TopUpLine]:
    """Put lots to the things that are missing, each lot on one line."""
    listed: set[int] = set()
    lines = []
    for each, (line, taken) in zip(missing, chosen, strict=True):
        counts = {content.lot_id: content.unit_count for content in taken}
        proper = [lot for lot in lots if line.met_by(lot) and lot.lot_id not in listed]
        others = [lot for lot in lots if rules.may_stand_in(line, lot) and lot.lot_id not in listed]
        listed |= {lot.lot_id for lot in (*proper, *others)}
        lines.append(
            TopUpLine(
                each,
                tuple(_offered(lot, counts.get(lot.lot_id, 0), numbers) for lot in proper),
                tuple(_offered(lot, 0, numbers) for lot in others),
            )
        )
    return lines


def _offered(lot: Content, count: int, numbers: dict[int, tuple[str, ...]]) -> ProposedLot:
    standing = numbers.get(lot.lot_id, ())
    return ProposedLot(lot, count, lot.unit_count, standing[:count], standing)


def item_codes(item_ids: Collection[int]) -> dict[int, str]:
    """Give the codes of items: id → code."""
    asked = select(Item.id, Item.code).where(Item.id.in_(item_ids))
    return dict(db.session.execute(asked).all())
