"""Where each handset and SIM is, and the register of attractive items."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, bindparam, false, select
from sqlalchemy.orm import aliased

from core.access import Scope
from core.db import db
from core.errors import NotFound
from inventory.bags.models import Bag, BagPosition
from inventory.catalogue.models import Item
from inventory.phones.models import SerialUnit, UnitPosition
from inventory.phones.rules import NumberKind
from inventory.stock.models import Lot
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS, PlaceKind

_Here = aliased(Place, name="here")
_BagHere = aliased(Place, name="bag_here")
_STANDING = (
    select(SerialUnit)
    .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
    .where(UnitPosition.place_id == bindparam("place_id"), SerialUnit.lot_id.in_(bindparam("lot_ids", expanding=True)))
    .order_by(SerialUnit.id)
)


@dataclass(frozen=True)
class UnitHeld:
    """One handset or SIM and where it is.

    Attributes:
        place_id: the real place it is at, loose or in a bag; None when it is on its way or gone.
        place_name: that place, or where else it is, such as "In transit to Salisbury" or "Issued".
        bag_tag: the Go Bag it is in, or None when it is loose.
    """

    unit_id: int
    number_kind: NumberKind
    number: str
    item_code: str
    item_name: str
    lot_code: str
    place_id: int | None
    place_name: str
    bag_tag: str | None


def units_standing(place_id: int, lot_ids: Collection[int]) -> dict[int, list[SerialUnit]]:
    """List the units of lots that stand at one place, oldest first: lot id → units."""
    found: dict[int, list[SerialUnit]] = {}
    for unit in db.session.scalars(_STANDING, {"place_id": place_id, "lot_ids": list(lot_ids)}):
        found.setdefault(unit.lot_id, []).append(unit)
    return found


def units_in(place_ids: Collection[int]) -> dict[tuple[int, int], list[SerialUnit]]:
    """List the units standing at places, bags included: (place id, lot id) → units, oldest first."""
    asked = (
        select(UnitPosition.place_id, SerialUnit)
        .join(SerialUnit, SerialUnit.id == UnitPosition.unit_id)
        .where(UnitPosition.place_id.in_(place_ids))
        .order_by(SerialUnit.id)
    )
    found: dict[tuple[int, int], list[SerialUnit]] = {}
    for place_id, unit in db.session.execute(asked):
        found.setdefault((place_id, unit.lot_id), []).append(unit)
    return found


def units(
    *,
    scope: Scope,
    place_id: int | None = None,
    number_kind: NumberKind | None = None,
    search: str = "",
    gone: bool = False,
) -> Select[SerialUnit, Item, Lot, Place, Bag, Place]:
    """Select units at places in scope, loose, in a bag there or on their way, for a page of them.

    Args:
        place_id: only at this place.
        search: the last digits of a number, four or more, or part of a lot's code; taken literally.
        gone: units that have left (issued, written off, lost) instead; only for those who see everywhere.
    """
    asked: Select[SerialUnit, Item, Lot, Place, Bag, Place] = (
        select(SerialUnit, Item, Lot, _Here, Bag, _BagHere)
        .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
        .join(Lot, Lot.id == SerialUnit.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .join(_Here, _Here.id == UnitPosition.place_id)
        .outerjoin(Bag, Bag.place_id == _Here.id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .outerjoin(_BagHere, _BagHere.id == BagPosition.place_id)
    )
    asked = _within(asked, scope=scope, place_id=place_id, gone=gone)
    if number_kind is not None:
        asked = asked.where(SerialUnit.number_kind == number_kind)
    if search:
        asked = asked.where(
            SerialUnit.number.endswith(search, autoescape=True) | Lot.code.icontains(search, autoescape=True)
        )
    return asked.order_by(Item.name, SerialUnit.id)


def _within(
    asked: Select[SerialUnit, Item, Lot, Place, Bag, Place], *, scope: Scope, place_id: int | None, gone: bool
) -> Select[SerialUnit, Item, Lot, Place, Bag, Place]:
    """Keep units whose place, or whose bag's place, is real and in scope."""
    held = (*REAL_KINDS, PlaceKind.IN_TRANSIT)
    if gone:
        return (
            asked.where(_Here.kind.not_in((*held, PlaceKind.BAG))) if scope.place_ids is None else asked.where(false())
        )
    asked = asked.where(_Here.kind.in_(held) | _BagHere.kind.in_(held))
    if scope.place_ids is not None:
        asked = asked.where(_at(scope.place_ids))
    if place_id is not None:
        asked = asked.where(_at([place_id]))
    return asked


def _at(place_ids: Collection[int]) -> ColumnElement[bool]:
    """Say that a unit is at one of the places or on its way to one, loose or in a bag."""
    return (
        _Here.id.in_(place_ids)
        | _Here.destination_id.in_(place_ids)
        | _BagHere.id.in_(place_ids)
        | _BagHere.destination_id.in_(place_ids)
    )


def as_held(unit: SerialUnit, item: Item, lot: Lot, here: Place, bag: Bag | None, bag_here: Place | None) -> UnitHeld:
    """Turn one selected row into what a page shows."""
    stands = bag_here if bag_here is not None else here
    return UnitHeld(
        unit.id,
        unit.number_kind,
        unit.number,
        item.code,
        item.name,
        lot.code,
        stands.id if stands.kind in REAL_KINDS else stands.destination_id,
        stands.name,
        bag.tag if bag is not None else None,
    )


def attractive_items(*, scope: Scope) -> list[UnitHeld]:
    """Give the register of attractive items: every handset and SIM held in scope, with where it is."""
    return [as_held(*row) for row in db.session.execute(units(scope=scope))]


def unit_held(unit_id: int, *, scope: Scope) -> UnitHeld:
    """Find a handset or SIM with where it is; one that has left is found only by those who see everywhere.

    Raises:
        NotFound: there is none for this person.
    """
    for gone in (False, True):
        row = db.session.execute(units(scope=scope, gone=gone).where(SerialUnit.id == unit_id)).one_or_none()
        if row is not None:
            return as_held(*row)
    raise NotFound
