"""What an act uses of lots, which no open recall may cover."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from core.db import ask
from core.errors import RuleBroken
from inventory.bags.models import Bag
from inventory.recalls.queries import holds_on
from inventory.recalls.rules import refusal
from inventory.stock.models import IN_STOCK, Balance
from inventory.stock.rules import BagMovement, Movement, PostingKind
from inventory.stock.services.touched import Touched
from organisation.places.rules import PlaceKind

_INSIDE = (
    select(Balance.lot_id)
    .join(Bag, Bag.place_id == Balance.place_id)
    .where(Bag.id.in_(bindparam("bag_ids", expanding=True)), IN_STOCK)
)
"""Built once: preparing a statement costs more than running it."""


def lots_used(
    kind: PostingKind,
    touched: Mapping[int, Touched],
    movements: Sequence[Movement],
    bag_movements: Sequence[BagMovement],
) -> Collection[int]:
    """Give the lots that the act hands out, packs or sends, which no recall may cover.

    What comes in, is counted, written off or taken out of a bag is not used by that.
    """
    if kind is PostingKind.OPEN_BAG:
        into_bags = [move for move in movements if touched[move.to_place_id].kind is PlaceKind.BAG]
        return {move.lot_id for move in into_bags if touched[move.from_place_id].holds_stock}
    if kind not in (PostingKind.PACK, PostingKind.DISPATCH, PostingKind.ISSUE):
        return set()
    used = {move.lot_id for move in movements}
    if kind is PostingKind.DISPATCH and bag_movements:
        used |= {lot_id for (lot_id,) in ask(_INSIDE, bag_ids=[move.bag_id for move in bag_movements])}
    return used


def refuse_held(used: Collection[int], *, handed_over_at: datetime | None) -> None:
    """Refuse what an open recall covers. Whoever recalls holds the same numberings, so one of the two comes first.

    Args:
        handed_over_at: the moment of an issue: a slip recorded late tells of what went before the recall, and is true.

    Keeps: INV-29
    """
    for item_name, lot_code, hold in holds_on(used):
        if handed_over_at is None or hold.since <= handed_over_at:
            raise RuleBroken(refusal(item_name, lot_code, hold))
