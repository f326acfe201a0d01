"""Reading the numbers of cards: a lot's ranges, who else has a number, and where a lot's cards are.

Where they are is what the ledger says of units (``inventory.numbering``). The caller has made sure that the lot is the
person's; a spot at no place of theirs is counted and not named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased, joinedload

from core.access import Scope
from core.db import db
from core.errors import NotFound
from inventory.bags.models import Bag, BagPosition
from inventory.cards.models import CardRange, CardRangeTakenBack
from inventory.cards.rules import CardNumbers, Spot, in_order
from inventory.numbering.queries import folded
from inventory.stock.rules import Units, joined
from organisation.places.models import Place
from organisation.places.rules import OUTSIDE_KINDS, PlaceKind

_BagHere = aliased(Place, name="bag_here")


def standing() -> ColumnElement[bool]:
    """Say, in SQL, that a range was not taken back."""
    return ~exists().where(CardRangeTakenBack.range_id == CardRange.id)


def ranges_of(lot_ids: Collection[int]) -> dict[int, list[CardNumbers]]:
    """Give the numbers of lots, in order: lot id → ranges; lots without any are left out."""
    found: dict[int, list[CardNumbers]] = defaultdict(list)
    for each in db.session.scalars(select(CardRange).where(CardRange.lot_id.in_(lot_ids), standing())):
        found[each.lot_id].append(each.numbers)
    return {lot_id: in_order(ranges) for lot_id, ranges in found.items()}


def recorded(lot_id: int) -> list[CardRange]:
    """List the ranges ever recorded of a lot, by number; those taken back among them."""
    return list(
        db.session.scalars(
            select(CardRange)
            .where(CardRange.lot_id == lot_id)
            .options(
                joinedload(CardRange.account),
                joinedload(CardRange.taken_back).joinedload(CardRangeTakenBack.note),
                joinedload(CardRange.taken_back).joinedload(CardRangeTakenBack.account),
            )
            .order_by(CardRange.prefix, CardRange.first_number, CardRange.id)
        )
    )


def range_by_reference(reference: str) -> CardRange:
    """Find a range. The caller makes sure that its lot is the person's.

    Raises:
        NotFound: there is none.
    """
    found = db.session.scalar(
        select(CardRange).where(CardRange.reference == reference).options(joinedload(CardRange.lot))
    )
    if found is None:
        raise NotFound
    return found


def known_already(asked: Iterable[CardNumbers]) -> CardRange | None:
    """Find a range that has any of these numbers."""
    for each in asked:
        found = db.session.scalar(
            select(CardRange)
            .where(
                CardRange.prefix == each.prefix,
                CardRange.first_number <= each.last,
                CardRange.last_number >= each.first,
                standing(),
            )
            .options(joinedload(CardRange.lot))
            .order_by(CardRange.first_number)
            .limit(1)
        )
        if found is not None:
            return found
    return None


def spots(lot_id: int, *, scope: Scope) -> list[Spot]:
    """Say where the cards of a lot are: shelves first, then Go Bags place by place, on their way, and gone."""
    (lot,) = folded([lot_id])
    units: dict[tuple[int, str, bool], Units] = {}
    bags: dict[tuple[int, str, bool], int] = defaultdict(int)
    for place, at in _places([place_id for place_id, here in lot.standing.items() if here]):
        kept = at or place
        key = (_rank(place, at), kept.name, _seen(kept, scope))
        units[key] = joined(units.get(key, ()), lot.standing[place.id])
        bags[key] += at is not None
    return [
        Spot(_words(name, bags[rank, name, seen]), units[rank, name, seen], seen) for rank, name, seen in sorted(units)
    ]


def _places(place_ids: Collection[int]) -> list[tuple[Place, Place | None]]:
    """Give places with, for a Go Bag, the place it stands at."""
    rows = db.session.execute(
        select(Place, _BagHere)
        .outerjoin(Bag, Bag.place_id == Place.id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .outerjoin(_BagHere, _BagHere.id == BagPosition.place_id)
        .where(Place.id.in_(place_ids))
    )
    return [(place, at) for place, at in rows]


def _rank(place: Place, at: Place | None) -> int:
    """Order shelves, Go Bags, what is on its way, and what is gone."""
    if place.kind in OUTSIDE_KINDS:
        return 3
    if (at or place).kind is PlaceKind.IN_TRANSIT:
        return 2
    return 0 if at is None else 1


def _seen(place: Place, scope: Scope) -> bool:
    return scope.place_ids is None or place.id in scope.place_ids or place.destination_id in scope.place_ids


def _words(name: str, bag_count: int) -> str:
    if not bag_count:
        return name
    bags = "1 Go Bag" if bag_count == 1 else f"{bag_count:,} Go Bags"
    return f"{bags} {name[0].lower() + name[1:] if name.startswith('In transit') else 'at ' + name}"
