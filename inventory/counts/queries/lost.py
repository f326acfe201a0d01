"""What was counted lost at a place and not found since: it is found again before anything new is opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from sqlalchemy import case, func, or_, select

from core.db import db
from inventory.stock.models import Lot, Move
from inventory.stock.queries import outside
from inventory.stock.rules import LotSource
from organisation.places.rules import PlaceKind


def lost_here(place_id: int, item_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """Give the units lost at a place and not found again: item id → lot id → units, oldest lot first.

    The move that made a found lot is where it came from, and no finding of what was lost.
    """
    if not item_ids:
        return {}
    lost = outside(PlaceKind.LOST_AND_FOUND)
    first = select(func.min(Move.id)).where(Move.lot_id == Lot.id).correlate(Lot).scalar_subquery()
    rows = db.session.execute(
        select(Lot.item_id, Lot.id, case((Move.to_place_id == lost, Move.unit_count), else_=-Move.unit_count))
        .join(Lot, Lot.id == Move.lot_id)
        .where(
            Lot.item_id.in_(item_ids),
            or_(
                (Move.to_place_id == lost) & (Move.from_place_id == place_id),
                (Move.from_place_id == lost) & (Move.to_place_id == place_id),
            ),
            or_(Lot.source != LotSource.FOUND, Move.id != first),
        )
    )
    units: Counter[tuple[int, int]] = Counter()
    for item_id, lot_id, count in rows:
        units[item_id, lot_id] += int(count)
    found: dict[int, dict[int, int]] = {item_id: {} for item_id in item_ids}
    for (item_id, lot_id), count in sorted(units.items()):
        if count > 0:
            found[item_id][lot_id] = count
    return found
