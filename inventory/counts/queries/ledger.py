"""What the ledger says stood at a place at a moment, as it is known now.

Reckoned backwards from what is there now by the moves that happened later, so the cost is that of the time since the
moment and not of all history. A slip recorded late lies at its true moment, and is thereby netted by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, or_, select

from core.db import db
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.catalogue.models import Item
from inventory.phones.models import SerialUnit, UnitMove, UnitPosition
from inventory.stock.models import IN_STOCK, Balance, Lot, Move, Posting


@dataclass(frozen=True)
class LotAt:
    """A lot at a place.

    Attributes:
        unit_count: loose units there now.
        seen_count: loose units the ledger has there at the moment asked about.
    """

    lot_id: int
    code: str
    item_id: int
    expires_on: date | None
    unit_count: int
    seen_count: int


def lots_at(place_id: int, seen: Mapping[int, datetime], *, own: str = "") -> dict[int, list[LotAt]]:
    """Give the loose lots of items at a place, now and at each item's moment: item id → lots.

    Args:
        seen: item id → the moment it was seen.
        own: reference of the count: what it set right itself counts as later, whenever it happened.
    """
    now = dict(
        db.session.execute(
            select(Balance.lot_id, Balance.unit_count)
            .join(Lot, Lot.id == Balance.lot_id)
            .where(Balance.place_id == place_id, Lot.item_id.in_(seen), IN_STOCK)
        ).all()
    )
    later = _moved_later(place_id, seen, own)
    lots = db.session.scalars(select(Lot).where(Lot.id.in_({*now, *later})).order_by(Lot.id))
    found: dict[int, list[LotAt]] = defaultdict(list)
    for lot in lots:
        here = now.get(lot.id, 0)
        found[lot.item_id].append(
            LotAt(lot.id, lot.code, lot.item_id, lot.expires_on, here, here - later.get(lot.id, 0))
        )
    return dict(found)


def _moved_later(place_id: int, seen: Mapping[int, datetime], own: str) -> Counter[int]:
    """Add up what came, less what went, after each item's moment: lot id → units."""
    later: Counter[int] = Counter()
    if not seen:
        return later
    rows = db.session.execute(
        select(
            Move.lot_id,
            Lot.item_id,
            Posting.happened_at,
            Posting.document,
            case((Move.to_place_id == place_id, Move.unit_count), else_=-Move.unit_count),
        )
        .join(Posting, Posting.id == Move.posting_id)
        .join(Lot, Lot.id == Move.lot_id)
        .where(
            or_(Posting.happened_at > min(seen.values()), Posting.document == own),
            or_(Move.to_place_id == place_id, Move.from_place_id == place_id),
            Lot.item_id.in_(seen),
        )
    )
    for lot_id, item_id, happened_at, document, units in rows:
        if happened_at > seen[item_id] or document == own:
            later[lot_id] += int(units)
    return later


@dataclass(frozen=True)
class Known:
    """Things told one by one at a place: number or tag → id.

    Attributes:
        then: those the ledger has there at the moment asked about.
        now: those there now.
    """

    then: Mapping[str, int]
    now: Mapping[str, int]


def units_at(place_id: int, seen: Mapping[int, datetime], *, own: str = "") -> dict[int, Known]:
    """Give the numbered units that are loose at a place now and were at each item's moment: item id → units."""
    here: dict[int, dict[str, int]] = {item_id: {} for item_id in seen}
    for item_id, number, unit_id in db.session.execute(
        select(Lot.item_id, SerialUnit.number, SerialUnit.id)
        .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
        .join(Lot, Lot.id == SerialUnit.lot_id)
        .where(UnitPosition.place_id == place_id, Lot.item_id.in_(seen))
    ):
        here[item_id][number] = unit_id
    later = _units_moved_later(place_id, seen, own)
    return {item_id: _known(here[item_id], later[item_id]) for item_id in seen}


def _units_moved_later(place_id: int, seen: Mapping[int, datetime], own: str) -> dict[int, Counter[tuple[str, int]]]:
    """Add up comings less goings after each item's moment: item id → (number, unit id) → times."""
    later: dict[int, Counter[tuple[str, int]]] = {item_id: Counter() for item_id in seen}
    rows = db.session.execute(
        select(
            Lot.item_id,
            SerialUnit.number,
            SerialUnit.id,
            Posting.happened_at,
            Posting.document,
            case((Move.to_place_id == place_id, 1), else_=-1),
        )
        .select_from(Posting)
        .join(Move, Move.posting_id == Posting.id)
        .join(UnitMove, UnitMove.move_id == Move.id)
        .join(SerialUnit, SerialUnit.id == UnitMove.unit_id)
        .join(Lot, Lot.id == SerialUnit.lot_id)
        .where(
            or_(Posting.happened_at > min(seen.values()), Posting.document == own),
            or_(Move.to_place_id == place_id, Move.from_place_id == place_id),
            Lot.item_id.in_(seen),
        )
    )
    for item_id, number, unit_id, happened_at, document, came in rows:
        if happened_at > seen[item_id] or document == own:
            later[item_id][number, unit_id] += int(came)
    return later


def bags_at(place_id: int, seen_at: datetime, *, own: str = "") -> Known:
    """Give the Go Bags that stand at a place now, and those that did at a moment."""
    here: dict[str, int] = dict(
        db.session.execute(
            select(Bag.tag, Bag.id)
            .join(BagPosition, BagPosition.bag_id == Bag.id)
            .where(BagPosition.place_id == place_id)
        ).all()
    )
    later: Counter[tuple[str, int]] = Counter()
    for tag, bag_id, came in db.session.execute(
        select(Bag.tag, Bag.id, case((BagMove.to_place_id == place_id, 1), else_=-1))
        .select_from(Posting)
        .join(BagMove, BagMove.posting_id == Posting.id)
        .join(Bag, Bag.id == BagMove.bag_id)
        .where(
            or_(Posting.happened_at > seen_at, Posting.document == own),
            or_(BagMove.to_place_id == place_id, BagMove.from_place_id == place_id),
        )
    ):
        later[tag, bag_id] += int(came)
    return _known(here, later)


def _known(here: Mapping[str, int], later: Counter[tuple[str, int]]) -> Known:
    """Reckon back: what is here, less what came later, with what left later."""
    things = {*here.items(), *later}
    then = {name: each for name, each in things if (here.get(name) == each) - later[name, each] > 0}
    return Known(then, here)


def items_there(place_id: int, *, item_ids: Collection[int] | None = None) -> list[Item]:
    """List what a count of a place asks after: items with loose units there now, by kind and name."""
    asked = (
        select(Item)
        .join(Lot, Lot.item_id == Item.id)
        .join(Balance, Balance.lot_id == Lot.id)
        .where(Balance.place_id == place_id, IN_STOCK)
        .distinct()
        .order_by(Item.name)
    )
    if item_ids is not None:
        asked = asked.where(Item.id.in_(item_ids))
    return list(db.session.scalars(asked))
