"""Where every unit is that a recall covers: on shelves, in Go Bags, on the way, and issued, by slip alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased

from core.access import Scope
from core.db import db
from inventory.bags.models import Bag, BagPosition, Issue
from inventory.catalogue.models import Item
from inventory.recalls.models import Recall
from inventory.stock.models import IN_STOCK, Balance, Lot, Move
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS, PlaceKind

_Holder, _Stands, _Real = (aliased(Place, name=name) for name in ("holder", "stands", "real_place"))
_Later, _Given = aliased(Move, name="later"), aliased(Issue, name="given")


@dataclass(frozen=True)
class Spot:
    """Units of one lot at one spot.

    Attributes:
        place_id: the real place they stand at, or are on their way to.
        coming: whether they are on their way.
        bag_tag: the Go Bag they are in, or None when they are loose.
    """

    place_id: int
    place_code: str
    place_name: str
    coming: bool
    bag_tag: str | None
    lot_id: int
    lot_code: str
    item_name: str
    serial: bool
    unit_count: int

    @property
    def on_shelf(self) -> bool:
        """Say whether they lie loose at the place."""
        return self.bag_tag is None and not self.coming


@dataclass(frozen=True)
class IssuedUnits:
    """Units of one lot that were issued and did not come back, by the slip; nothing tells to whom.

    Attributes:
        slip: reference of the issue; None for what earlier records brought in.
    """

    slip: str | None
    bag_tag: str | None
    place_id: int
    place_name: str
    issued_at: datetime | None
    lot_code: str
    item_name: str
    unit_count: int


def covered(recall: Recall) -> ColumnElement[bool]:
    """Say, in SQL, which lots a recall covers."""
    if recall.lot_id is not None:
        return Lot.id == recall.lot_id
    if recall.edition_id is not None:
        return Lot.edition_id == recall.edition_id
    return Lot.item_id == recall.item_id


def lot_ids(recall: Recall) -> list[int]:
    """List the lots a recall covers."""
    return list(db.session.scalars(select(Lot.id).where(covered(recall)).order_by(Lot.id)))


_SPOTS: Select[*tuple[Any, ...]] = (
    select(
        _Real.id, _Real.code, _Real.name, _Stands.kind == PlaceKind.IN_TRANSIT, Bag.tag, Lot.id, Lot.code, Item.name,
        Item.serial, Balance.unit_count,
    )
    .select_from(Balance)
    .join(Lot, Lot.id == Balance.lot_id)
    .join(Item, Item.id == Lot.item_id)
    .outerjoin(Bag, Bag.place_id == Balance.place_id)
    .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
    .join(_Stands, _Stands.id == func.coalesce(BagPosition.place_id, Balance.place_id))
    .join(_Real, _Real.id == func.coalesce(_Stands.destination_id, _Stands.id))
    .where(IN_STOCK, _Real.kind.in_(REAL_KINDS))
    .order_by(_Real.name, Lot.id, _Stands.kind == PlaceKind.IN_TRANSIT, Bag.tag.is_not(None), Bag.tag)
)  # fmt: skip


def spots(recall: Recall, *, scope: Scope, place_id: int | None = None) -> list[Spot]:
    """List where units stand or travel now, by place; only those in scope."""
    asked = _SPOTS.where(covered(recall))
    if scope.place_ids is not None:
        asked = asked.where(_Real.id.in_(scope.place_ids))
    if place_id is not None:
        asked = asked.where(_Real.id == place_id)
    return [Spot(*row) for row in db.session.execute(asked)]


def _issued(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Select moves to *issued* that nothing took back, with the slip they belong to.

    A bag that came back opened leaves what was kept with its last issue.
    """
    back = exists().where(
        _Later.corrects_id == Move.id, _Later.lot_id == Move.lot_id, _Later.from_place_id == Move.to_place_id
    )
    last = (
        select(func.max(_Given.id))
        .where(_Given.bag_id == Bag.id, _Given.posting_id <= Move.posting_id)
        .correlate(Bag, Move)
        .scalar_subquery()
    )
    return (
        select(*columns)
        .select_from(Move)
        .join(_Holder, _Holder.id == Move.to_place_id)
        .join(Lot, Lot.id == Move.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .outerjoin(Bag, Bag.place_id == Move.from_place_id)
        .outerjoin(Issue, Issue.id == last)
        .join(Place, Place.id == func.coalesce(Issue.place_id, Move.from_place_id))
        .where(_Holder.kind == PlaceKind.ISSUED, ~back)
    )


def issued(recall: Recall, *, scope: Scope, until: datetime | None = None) -> Select[*tuple[Any, ...]]:
    """Select the units issued and not back, newest first, for a page of them (``as_issued`` reads a row).

    Args:
        until: only what was issued by this moment: what is issued when a recall has ended is none of its concern.
    """
    asked = _issued(
        Issue.slip, Bag.tag, Place.id, Place.name, Issue.issued_at, Lot.code, Item.name, Move.unit_count
    ).where(covered(recall))
    if scope.place_ids is not None:
        asked = asked.where(Place.id.in_(scope.place_ids))
    if until is not None:
        asked = asked.where(Issue.id.is_(None) | (Issue.issued_at <= until))
    return asked.order_by(Move.id.desc())


def as_issued(*row: Any) -> IssuedUnits:
    """Turn one selected row into what a page shows."""
    return IssuedUnits(*row)


def slips(recall: Recall, *, until: datetime | None = None) -> dict[int, int]:
    """Count the slips that hold units of a recall: id of the issuing place → slips, those up to a moment if given."""
    asked = _issued(Issue.place_id, func.count(Issue.id.distinct())).where(covered(recall), Issue.id.is_not(None))
    if until is not None:
        asked = asked.where(Issue.issued_at <= until)
    rows = db.session.execute(asked.group_by(Issue.place_id))
    return {place_id: int(count) for place_id, count in rows}
