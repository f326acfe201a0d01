"""Whether enough is there: of each lot, and of each item besides what is promised and kept in reserve."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Date, bindparam, func, select

from core.db import ask, db
from core.errors import NotEnoughStock
from inventory.catalogue.models import Item
from inventory.recalls.queries import not_held
from inventory.stock.models import Balance, Lot
from inventory.stock.queries import KEPT, Kept
from inventory.stock.rules import Movement, PostingKind, net_effect
from inventory.stock.services.touched import Touched
from organisation.places.models import Place

_THERE = select(Balance.place_id, Balance.lot_id, Balance.unit_count).where(
    Balance.place_id.in_(bindparam("place_ids", expanding=True)),
    Balance.lot_id.in_(bindparam("lot_ids", expanding=True)),
)
_KEPT = (
    select(KEPT.c.place_id, KEPT.c.item_id, func.sum(KEPT.c.promised_count), func.sum(KEPT.c.reserved_count))
    .where(KEPT.c.place_id.in_(bindparam("place_ids", expanding=True)), KEPT.c.item_id.is_not(None))
    .group_by(KEPT.c.place_id, KEPT.c.item_id)
)
_HELD = (
    select(Balance.place_id, Lot.item_id, func.sum(Balance.unit_count))
    .join(Lot, Lot.id == Balance.lot_id)
    .where(
        Balance.place_id.in_(bindparam("place_ids", expanding=True)),
        Lot.item_id.in_(bindparam("item_ids", expanding=True)),
    )
    .group_by(Balance.place_id, Lot.item_id)
)
_USABLE = _HELD.where(Lot.expires_on.is_(None) | (Lot.expires_on >= bindparam("day", type_=Date)), not_held())
_ITEMS = select(Lot.id, Lot.item_id).where(Lot.id.in_(bindparam("lot_ids", expanding=True)))
"""Built once: preparing a statement costs more than running it."""


def check_enough(touched: Mapping[int, Touched], movements: Sequence[Movement]) -> None:
    """Refuse an act that takes more of a lot from a place than is there, all its lines together."""
    effect = net_effect(movements)
    taken = {key: -change for key, change in effect.items() if change < 0 and touched[key[0]].holds_stock}
    if not taken:
        return
    places, lots = ({key[side] for key in taken} for side in (0, 1))
    rows = ask(_THERE, place_ids=list(places), lot_ids=list(lots))
    there = {(place_id, lot_id): count for place_id, lot_id, count in rows}
    for (place_id, lot_id), wanted in sorted(taken.items()):
        if there.get((place_id, lot_id), 0) < wanted:
            raise NotEnoughStock(_shortage(place_id, lot_id, there.get((place_id, lot_id), 0), wanted))


def _shortage(place_id: int, lot_id: int, there: int, wanted: int) -> str:
    lot = db.session.get_one(Lot, lot_id)
    place = db.session.get_one(Place, place_id)
    return (
        f"Only {there} left. Nothing has been recorded: {wanted} of {lot.item.name} (lot {lot.code}) "
        f"asked for at {place.name}"
    )


def refuse_broken_promises(leaving: Collection[int]) -> None:
    """Refuse acts that leave a place with less loose stock of an item than it has promised and keeps in its reserve.

    Keeps: INV-16 (promised never exceeds on hand).

    Args:
        leaving: ids of the places that stock was taken from.

    Raises:
        NotEnoughStock: with what would be left and what is promised.
    """
    refuse_breaking(kept_at(leaving))


def refuse_breaking(kept: Mapping[tuple[int, int], Kept]) -> None:
    """Refuse what ``refuse_broken_promises`` does, of what is kept back at the places: (place id, item id) → it."""
    if not kept:
        return
    rows = ask(_HELD, place_ids=list({place for place, _ in kept}), item_ids=list({item for _, item in kept}))
    held = {(place_id, item_id): int(count) for place_id, item_id, count in rows}
    for key, back in kept.items():
        _refuse_less(held.get(key, 0), back, key[1])


def kept_at(place_ids: Collection[int]) -> dict[tuple[int, int], Kept]:
    """Give what of loose items is not free at places: (place id, item id) → promised and in the reserve."""
    rows = ask(_KEPT, place_ids=list(place_ids))
    return {(place_id, item_id): Kept(int(had), int(back)) for place_id, item_id, had, back in rows}


def _refuse_less(left_count: int, kept: Kept, item_id: int, how: str = "") -> None:
    if left_count < kept.count:
        item = db.session.get_one(Item, item_id)
        raise NotEnoughStock(
            f"Only {max(0, left_count)} of {item.name} {how}would be left and {kept.words}. Nothing has been recorded. "
            f"{kept.way_out}"
        )


def refuse_leaving_spoilt(
    kind: PostingKind, movements: Sequence[Movement], kept: Mapping[tuple[int, int], Kept], *, on: date
) -> None:
    """Refuse to use what is fit of an item while what is kept of it would have to be met by what is not.

    A dispatch meets a promise itself, so it has only the surge reserve to leave; of several promises that not enough
    is fit for any more, whichever is sent first is met.

    Raises:
        NotEnoughStock: with what would be left in date and on no hold, and what is kept.
    """
    if not kept:
        return
    items = {lot.id: lot.item_id for lot in ask(_ITEMS, lot_ids=[move.lot_id for move in movements])}
    used = {(move.from_place_id, items[move.lot_id]) for move in movements} & kept.keys()
    rows = ask(_USABLE, place_ids=[place for place, _ in used], item_ids=[item for _, item in used], day=on)
    usable = {(place_id, item_id): int(count) for place_id, item_id, count in rows}
    for key in sorted(used):
        back = replace(kept[key], promised_count=0) if kind is PostingKind.DISPATCH else kept[key]
        _refuse_less(usable.get(key, 0), back, key[1], "in date and on no hold ")
