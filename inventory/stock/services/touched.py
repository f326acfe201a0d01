"""The places an act on stock touches, and what may be left at one that is closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select

from core.dates import day_text, local_day
from core.db import ask
from core.errors import RuleBroken
from inventory.stock.rules import BagMovement, Movement, net_effect
from organisation.places.models import Place
from organisation.places.rules import PlaceKind

_PLACES = (
    select(Place.id, Place.name, Place.closed_on, Place.kind, Place.holds_stock)
    .where(Place.id.in_(bindparam("place_ids", expanding=True)))
    .order_by(Place.id)
    .with_for_update(read=True, key_share=True)
)
"""Built once: preparing a statement costs more than running it."""


@dataclass(frozen=True)
class Touched:
    """One place that an act on stock touches."""

    name: str
    closed_on: date | None
    kind: PlaceKind
    holds_stock: bool


def places_touched(movements: Sequence[Movement], bag_movements: Sequence[BagMovement]) -> dict[int, Touched]:
    """Give the places that the act touches, by id. None that is open can close until the commit."""
    ids = {place for move in movements for place in (move.from_place_id, move.to_place_id)}
    ids |= {place for move in bag_movements for place in (move.from_place_id, move.to_place_id)}
    return {place_id: Touched(*facts) for place_id, *facts in ask(_PLACES, place_ids=list(ids))}


def check_open(
    touched: Mapping[int, Touched],
    movements: Sequence[Movement],
    bag_movements: Sequence[BagMovement],
    *,
    happened_at: datetime,
) -> None:
    """Refuse to bring anything to a place that was closed by then."""
    reached = {move.to_place_id for move in movements} | {move.to_place_id for move in bag_movements}
    closed = [(touched[place].name, day) for place in sorted(reached) if (day := touched[place].closed_on)]
    for name, closed_on in closed:
        if closed_on < local_day(happened_at):
            raise RuleBroken(f"{name} closed on {day_text(closed_on)}. Choose a place that is open")
    if closed:
        refuse_more_at_closed(net_effect(movements), bag_movements)


def refuse_more_at_closed(change: Mapping[tuple[int, int], int], bag_movements: Sequence[BagMovement] = ()) -> None:
    """Refuse acts that would leave more at a place that is closed by now, whenever they happened.

    What was done there while it was open may be recorded late, as long as nothing is left of it: a closed place
    holds nothing, and nobody works there to look after it. Taking things away is always allowed.

    Args:
        change: (place id, lot id) → change in units.

    Raises:
        RuleBroken: something would stay there.
    """
    bags = Counter(move.to_place_id for move in bag_movements)
    bags.subtract(move.from_place_id for move in bag_movements)
    gaining = {place_id for (place_id, _), units in change.items() if units > 0} | {*(+bags)}
    for name, closed_on in _closed(gaining):
        raise RuleBroken(
            f"{name} closed on {day_text(closed_on)}, so nothing can be left there any more. "
            "Choose a place that is open"
        )


def _closed(place_ids: Collection[int]) -> list[tuple[str, date]]:
    """List those of the places that are closed: (name, last day). None of the others can close until the commit."""
    rows = ask(_PLACES, place_ids=list(place_ids))
    return [(row.name, row.closed_on) for row in rows if row.closed_on is not None]
