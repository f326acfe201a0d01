"""The order in which balances are locked; SQLite needs none of it, for its writers queue already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import aliased

from core.db import db
from inventory.stock.models import Balance, Lot
from inventory.stock.rules import Movement, net_effect
from inventory.stock.services.touched import Touched
from organisation.places.models import Place
from organisation.places.rules import PlaceKind

_Moved = aliased(Lot)
_STORES_OF_SAME = (
    select(Balance.place_id, Balance.lot_id)
    .join(Lot, Lot.id == Balance.lot_id)
    .join(Place, Place.id == Balance.place_id)
    .where(
        Balance.place_id.in_(bindparam("place_ids", expanding=True)),
        Place.kind == PlaceKind.STORE,
        Lot.item_id.in_(select(_Moved.item_id).where(_Moved.id.in_(bindparam("lot_ids", expanding=True)))),
    )
)
"""Built once: preparing a statement costs more than running it."""


def lock_balances(touched: Mapping[int, Touched], movements: Sequence[Movement]) -> None:
    """Lock, in one order, the balances the act touches; make empty ones where there are none to lock.

    A store keeps some of an item back whatever the lot, so of what leaves it every lot is locked, as ``lock_items``
    does: two acts on two lots of one item would each find enough left without the other.
    """
    if db.session.connection().dialect.name != "postgresql":
        return
    keys = sorted(key for key in net_effect(movements) if touched[key[0]].holds_stock)
    if not keys:
        return
    empty = [{"place_id": p, "lot_id": lot, "unit_count": 0, "explained_by_move_id": 0} for p, lot in keys]
    db.session.execute(postgresql.insert(Balance).on_conflict_do_nothing(), empty)
    leaving = {key for key, change in net_effect(movements).items() if change < 0 and touched[key[0]].holds_stock}
    asked = {"place_ids": [place_id for place_id, _ in leaving], "lot_ids": [lot_id for _, lot_id in leaving]}
    keys += [(place_id, lot_id) for place_id, lot_id in db.session.execute(_STORES_OF_SAME, asked)]
    db.session.execute(
        select(Balance.lot_id)
        .where(tuple_(Balance.place_id, Balance.lot_id).in_(keys))
        .order_by(Balance.place_id, Balance.lot_id)
        .with_for_update()
    ).all()


def lock_items(place_id: int, item_ids: Collection[int]) -> None:
    """Lock every balance of some items at a place, so that what is free there stays so until the commit.

    Whoever promises stock decides on all lots of an item together; ``post`` locks the same rows in the same
    order, so the two queue. SQLite's writers queue anyway.
    """
    if db.session.connection().dialect.name != "postgresql":
        return
    db.session.execute(
        select(Balance.lot_id)
        .join(Lot, Lot.id == Balance.lot_id)
        .where(Balance.place_id == place_id, Lot.item_id.in_(item_ids))
        .order_by(Balance.place_id, Balance.lot_id)
        .with_for_update(of=Balance)
    ).all()
