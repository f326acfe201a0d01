"""What expires, wherever it stands: one statement, earliest first."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from core.access import Scope
from core.dates import day_text
from core.db import db
from core.errors import NotFound
from inventory.bags.models import Bag, BagPosition
from inventory.catalogue.models import Item
from inventory.catalogue.queries import current_editions
from inventory.expiry.rules import Expiring
from inventory.recalls.queries import not_held
from inventory.stock.models import IN_STOCK, Balance, Lot
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS, PlaceKind

_Stands, _Real = aliased(Place, name="stands"), aliased(Place, name="real_place")


def expiring(*, scope: Scope, until: date, place_id: int | None = None) -> Select[*tuple[Any, ...]]:
    """Select what expires up to a day at places in scope, or already has, for a page of it (``as_expiring``).

    Earliest first; Go Bags are looked into, and so is what is on its way.
    """
    asked = (
        select(
            _Real.id, _Real.code, _Real.name, _Stands.kind == PlaceKind.IN_TRANSIT, Bag.tag, Lot.code, Item.name,
            Balance.unit_count, Lot.expires_on, not_held(),
        )
        .select_from(Balance)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .outerjoin(Bag, Bag.place_id == Balance.place_id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .join(_Stands, _Stands.id == func.coalesce(BagPosition.place_id, Balance.place_id))
        .join(_Real, _Real.id == func.coalesce(_Stands.destination_id, _Stands.id))
        .where(IN_STOCK, Lot.expires_on <= until, _Real.kind.in_(REAL_KINDS))
        .order_by(Lot.expires_on, _Real.name, Bag.tag.is_not(None), Bag.tag, Lot.id, _Stands.id)
    )  # fmt: skip
    if scope.place_ids is not None:
        asked = asked.where(_Real.id.in_(scope.place_ids))
    return asked if place_id is None else asked.where(_Real.id == place_id)


def as_expiring(*row: Any) -> Expiring:
    """Turn one selected row into what a page shows."""
    return Expiring(*row)


def loose(place_id: int, lot_code: str) -> tuple[Lot, int]:
    """Find a lot on the shelf of a place, with its units there now.

    Raises:
        NotFound: none of it ever was.
    """
    asked = select(Lot, Balance.unit_count).join(Balance, Balance.lot_id == Lot.id)
    row = db.session.execute(asked.where(Balance.place_id == place_id, Lot.code == lot_code)).first()
    if row is None:
        raise NotFound
    return row.Lot, int(row.unit_count)


def why_unfit(lot: Lot, *, on: date) -> str | None:
    """Say why a lot can no longer be used on a day; None when it can."""
    if lot.expires_on is not None and lot.expires_on < on:
        return f"expired on {day_text(lot.expires_on)}"
    current = current_editions([lot.item_id], on=on).get(lot.item_id)
    if lot.edition is not None and current is not None and lot.edition.number < current.number:
        return f"edition {lot.edition.number}, replaced by edition {current.number}"
    return None
