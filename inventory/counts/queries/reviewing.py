"""What a count came to: each line against the ledger as at the moment it was seen, known as of now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.access import Scope
from core.db import db
from inventory.bags.models import Bag, BagPosition
from inventory.counts.models import CountEntry, CountLine, StockCount
from inventory.counts.queries.ledger import Known, LotAt, bags_at, lots_at, units_at
from inventory.counts.rules import Difference, LotThere, of_units, proposed_loss
from inventory.phones.models import SerialUnit, UnitPosition
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS, PlaceKind


@dataclass(frozen=True)
class Extra:
    """A tag or number that was seen where the ledger does not have it.

    Attributes:
        where: where the ledger has it, in words.
        came_from_id: the place it is moved from, or None when it stays where the ledger has it.
    """

    number: str
    where: str
    came_from_id: int | None
    unit_id: int | None = None
    lot_id: int | None = None
    bag_id: int | None = None
    new: bool = False


@dataclass(frozen=True)
class Review:
    """One line as it is judged.

    Attributes:
        lots: the lots of the item, now and at the moment it was seen.
        missing: number or tag → id of the unit or bag that should have been seen.
        extras: what was seen and should not have been.
    """

    line: CountLine
    entry: CountEntry
    difference: Difference
    lots: tuple[LotAt, ...] = ()
    missing: tuple[tuple[str, int], ...] = ()
    extras: tuple[Extra, ...] = ()

    @property
    def there(self) -> list[LotThere]:
        """The lots of which a loss can be made up."""
        return [
            LotThere(lot.code, lot.unit_count, lot.seen_count, lot.expires_on) for lot in self.lots if lot.unit_count
        ]

    @property
    def proposed(self) -> dict[str, int]:
        """Which lots lost what is short: lot code → units."""
        return proposed_loss(self.there, self.difference.short_count)


def review(count: StockCount, *, scope: Scope) -> dict[int, Review]:
    """Judge every line that was counted: position → review. Things no catalogue knows have no review.

    Args:
        scope: of whoever looks; what was found is moved only from places in it.
    """
    done = [(line, line.newest) for line in count.lines if line.newest is not None and line.note_id is None]
    items = {line.item_id: entry.seen_at for line, entry in done if line.item_id is not None}
    lots = lots_at(count.place_id, items, own=count.reference)
    serial = {line.item.id: entry.seen_at for line, entry in done if line.item is not None and line.item.serial}
    numbered = units_at(count.place_id, serial, own=count.reference) if serial else {}
    found: dict[int, Review] = {}
    for line, entry in done:
        seen = {each.number for each in entry.numbers}
        if line.is_bags:
            bags = bags_at(count.place_id, entry.seen_at, own=count.reference)
            found[line.position] = _by_number(
                line, entry, bags, _extra_bags(seen - {*bags.then, *bags.now}, scope=scope)
            )
        elif line.by_number:
            units = numbered[line.item_id or 0]
            extras = _extra_units(seen - {*units.then, *units.now}, scope=scope)
            found[line.position] = _by_number(line, entry, units, extras, lots.get(line.item_id or 0, []))
        else:
            of_item = lots.get(line.item_id or 0, [])
            difference = of_units(entry.counted_count, sum(lot.seen_count for lot in of_item))
            found[line.position] = Review(line, entry, difference, tuple(of_item))
    return found


def _by_number(
    line: CountLine, entry: CountEntry, known: Known, extras: list[Extra], lots: Collection[LotAt] = ()
) -> Review:
    """Judge a line whose things are told one by one.

    One that came, or left, by an act recorded meanwhile was there or was not, as that act says: only what should have
    been seen and still stands there is missing, and only what was never there is too much.
    """
    seen = {each.number for each in entry.numbers}
    missing = tuple(sorted((each, id_) for each, id_ in known.then.items() if each in known.now and each not in seen))
    difference = Difference(len(seen), len(known.then), len(missing), len(extras))
    return Review(line, entry, difference, tuple(lots), missing, tuple(extras))


def _movable(place: Place, scope: Scope) -> bool:
    """Say whether what stands at a place may be moved by somebody who saw it elsewhere."""
    if place.kind in (PlaceKind.LOST_AND_FOUND, PlaceKind.WRITTEN_OFF):
        return True
    real_id = place.id if place.kind in REAL_KINDS else place.destination_id
    return real_id is not None and scope.covers(real_id)


def _words(place: Place, scope: Scope) -> str:
    """Say where the ledger has a thing; places the person does not answer for are not named."""
    if place.kind is PlaceKind.ISSUED:
        return "recorded as issued: undo the issue if it never was"
    if _movable(place, scope):
        return f"recorded at {place.name}" if place.kind in REAL_KINDS else f"recorded as {place.name.lower()}"
    return "recorded at another place: ask the store"


def _extra_bags(tags: Collection[str], *, scope: Scope) -> list[Extra]:
    """Say where the ledger has Go Bags that were seen where they should not be."""
    if not tags:
        return []
    rows = db.session.execute(
        select(Bag, Place)
        .join(BagPosition, BagPosition.bag_id == Bag.id)
        .join(Place, Place.id == BagPosition.place_id)
        .where(Bag.tag.in_(tags))
        .order_by(Bag.tag)
    )
    known = {bag.tag: (bag, place) for bag, place in rows}
    found = []
    for tag in sorted(tags):
        if tag not in known:
            found.append(Extra(tag, "no Go Bag has this tag", None))
            continue
        bag, place = known[tag]
        came_from = place.id if _movable(place, scope) else None
        found.append(Extra(tag, _words(place, scope), came_from, bag_id=bag.id))
    return found


def _extra_units(numbers: Collection[str], *, scope: Scope) -> list[Extra]:
    """Say where the ledger has numbered units that were seen where they should not be."""
    if not numbers:
        return []
    rows = db.session.execute(
        select(SerialUnit, Place)
        .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
        .join(Place, Place.id == UnitPosition.place_id)
        .where(SerialUnit.number.in_(numbers))
        .options(joinedload(SerialUnit.lot))
    )
    known = {unit.number: (unit, place) for unit, place in rows}
    found = []
    for number in sorted(numbers):
        if number not in known:
            found.append(Extra(number, "a number nobody has recorded", None, new=True))
            continue
        unit, place = known[number]
        if place.kind is PlaceKind.BAG:
            found.append(Extra(number, f"recorded inside {place.name}: open that bag first", None, unit_id=unit.id))
            continue
        came_from = place.id if _movable(place, scope) else None
        found.append(Extra(number, _words(place, scope), came_from, unit_id=unit.id, lot_id=unit.lot_id))
    return found
