"""What the home pages show. Each question is one statement, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Date, Select, and_, bindparam, cast, exists, false, func, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from core.db import ask, db
from inventory.bags.models import Bag, BagPosition
from inventory.catalogue.models import Edition, Item
from inventory.closures.queries import on_its_way_back
from inventory.cupboard.models import CupboardSheet
from inventory.cupboard.queries import still_out
from inventory.desk.rules import EXPIRING_WITHIN
from inventory.requests.models import (
    Dispatch,
    DispatchLine,
    ReceiptLine,
    RequestLine,
    RestockRequest,
    ShortageSettled,
)
from inventory.requests.rules import OPEN, RequestState
from inventory.stock.models import IN_STOCK, Balance, Lot, Posting, Promise
from organisation.places.models import Place

_Newer = aliased(Edition, name="newer")


@dataclass(frozen=True)
class Parcel:
    """A dispatch that nobody has counted in yet.

    Attributes:
        place_name: where it goes.
        coming: whether it comes to the place asked about, or was sent by it.
    """

    reference: str
    request_reference: str
    place_name: str
    coming: bool
    sent_at: datetime
    expected_on: date | None
    unit_count: int


@dataclass(frozen=True)
class OpenRequest:
    """A request that has not ended, with what the store still keeps for it."""

    reference: str
    place_name: str
    state: RequestState
    requested_at: datetime
    promised_count: int
    line_count: int
    emergency: bool


@dataclass(frozen=True)
class OpenShortage:
    """Units that did not arrive, and nobody has said yet how that ended."""

    request_reference: str
    dispatch_reference: str
    place_name: str
    short_count: int
    received_at: datetime


@dataclass(frozen=True)
class Expiring:
    """Loose units of a lot that expire soon, or already have."""

    lot_code: str
    item_name: str
    unit_count: int
    expires_on: date


@dataclass(frozen=True)
class Back:
    """What a place that closes sent back to its store, under its reference."""

    reference: str
    place_name: str
    sent_at: datetime


def about_store(store_id: int) -> tuple[list[Parcel], list[Back]]:
    """Give in one statement what is on its way to a store or from it, and what places that close sent back to it."""
    back = on_its_way_back(store_id).subquery()
    sent_back = select(
        back.c[0], literal(""), back.c[1], literal(value=True), back.c[2], cast(null(), Date), literal(0)
    )
    rows: Sequence[Any] = db.session.execute(union_all(_parcels_asked(store_id), sent_back)).all()
    returned = sorted((reference, place, at) for reference, request, place, _, at, _, _ in rows if not request)
    return _parcels([row for row in rows if row[1]]), [Back(*each) for each in returned]


def awaited_at(place_id: int, *, printed_before: datetime) -> tuple[list[Parcel], list[tuple[str, datetime]]]:
    """Give in one statement what a place waits for: parcels on their way, and cupboard sheets that are still out.

    Args:
        printed_before: sheets printed later are not missed yet.

    Returns:
        The parcels that come to the place, and the reference of each sheet with when it was printed.
    """
    sheets = still_out(place_id, before=printed_before).with_only_columns(
        CupboardSheet.reference, literal(""), literal(""), literal(value=False), CupboardSheet.printed_at,
        cast(null(), Date), literal(0),
    )  # fmt: skip
    rows: Sequence[Any] = db.session.execute(union_all(_parcels_asked(place_id), sheets)).all()
    out = sorted((reference, printed_at) for reference, request, _, _, printed_at, _, _ in rows if not request)
    return [each for each in _parcels([row for row in rows if row[1]]) if each.coming], out


def _parcels_asked(place_id: int) -> Select[str, str, str, bool, datetime, date | None, int]:
    uncounted = ~exists().where(ReceiptLine.dispatch_line_id == DispatchLine.id)
    return (
        select(
            Dispatch.reference,
            RestockRequest.reference,
            Place.name,
            RestockRequest.place_id == place_id,
            Posting.happened_at,
            Dispatch.expected_on,
            func.sum(DispatchLine.unit_count),
        )
        .join(RestockRequest, RestockRequest.id == Dispatch.request_id)
        .join(Place, Place.id == RestockRequest.place_id)
        .join(Posting, Posting.id == Dispatch.posting_id)
        .join(DispatchLine, DispatchLine.dispatch_id == Dispatch.id)
        .where((RestockRequest.place_id == place_id) | (RestockRequest.supplied_by_id == place_id), uncounted)
        .group_by(Dispatch.id, RestockRequest.id, Place.name, Posting.happened_at)
    )


def _parcels(rows: Iterable[Any]) -> list[Parcel]:
    """Read rows as parcels, those expected first first and those nobody knows a day of last."""
    found = [
        Parcel(reference, request, place, bool(coming), sent_at, expected_on, int(count))
        for reference, request, place, coming, sent_at, expected_on, count in rows
    ]
    return sorted(found, key=lambda each: (each.expected_on is None, each.expected_on or date.max, each.reference))


def open_requests_for(store_id: int) -> list[OpenRequest]:
    """List the requests a store supplies that have not ended: emergencies, then the others, each oldest first."""
    asked: Select[str, str, RequestState, datetime, int, int, bool] = (
        select(
            RestockRequest.reference,
            Place.name,
            RestockRequest.state,
            RestockRequest.requested_at,
            func.coalesce(func.sum(Promise.unit_count), 0),
            func.count(RequestLine.id),
            RestockRequest.emergency,
        )
        .join(Place, Place.id == RestockRequest.place_id)
        .join(RequestLine, RequestLine.request_id == RestockRequest.id)
        .outerjoin(Promise, Promise.request_line_id == RequestLine.id)
        .where(RestockRequest.supplied_by_id == store_id, RestockRequest.state.in_(OPEN))
        .group_by(RestockRequest.id, Place.name)
        .order_by(RestockRequest.emergency.desc(), RestockRequest.id)
    )
    return [
        OpenRequest(reference, place, state, requested_at, int(promised), int(lines), emergency)
        for reference, place, state, requested_at, promised, lines, emergency in db.session.execute(asked)
    ]


def open_shortages(store_id: int) -> list[OpenShortage]:
    """List the shortages of a store's dispatches that are not settled, oldest first."""
    rows = db.session.execute(
        select(
            RestockRequest.reference,
            Dispatch.reference,
            Place.name,
            ReceiptLine.short_count,
            ReceiptLine.received_at,
        )
        .join(DispatchLine, DispatchLine.id == ReceiptLine.dispatch_line_id)
        .join(Dispatch, Dispatch.id == DispatchLine.dispatch_id)
        .join(RestockRequest, RestockRequest.id == Dispatch.request_id)
        .join(Place, Place.id == RestockRequest.place_id)
        .where(
            RestockRequest.supplied_by_id == store_id,
            ReceiptLine.short_count > 0,
            ~exists().where(ShortageSettled.receipt_line_id == ReceiptLine.id),
        )
        .order_by(ReceiptLine.id)
    )
    return [OpenShortage(*row) for row in rows]


@dataclass(frozen=True)
class Superseded:
    """Units of a superseded edition at a place: in a Go Bag, or loose where ``bag_tag`` is None."""

    item_code: str
    item_name: str
    unit_count: int
    bag_tag: str | None


def expiring(place_id: int, *, today: date) -> list[Expiring]:
    """List loose lots at a place that expire soon or already have, soonest first."""
    return to_replace(place_id, today=today)[0]


def to_replace(place_id: int, *, today: date) -> tuple[list[Expiring], list[Superseded]]:
    """List what to replace at a place, in one statement: what expires on its shelf, and superseded editions.

    Editions are looked for in Go Bags too; what expires inside one shows in the bag's readiness.
    """
    rows = ask(_to_replace(), place_id=place_id, today=today, soon=today + EXPIRING_WITHIN)
    old = [Superseded(item, name, int(count), tag) for _, item, name, count, _, tag, is_old in rows if is_old]
    soon = [
        Expiring(code, name, int(count), day)
        for code, _, name, count, day, tag, is_old in rows
        if day is not None and tag is None and not is_old
    ]
    return soon, old


@cache
def _to_replace() -> Select[*tuple[Any, ...]]:
    """Select what is to be replaced; built once, for preparing it costs more than running it."""
    newest = (
        select(_Newer.number)
        .where(_Newer.item_id == Lot.item_id, _Newer.published_on <= bindparam("today", type_=Date))
        .order_by(_Newer.published_on.desc(), _Newer.number.desc())
        .limit(1)
        .correlate(Lot)
        .scalar_subquery()
    )
    replaced = func.coalesce(Edition.number < newest, false())
    expires = and_(Bag.id.is_(None), Lot.expires_on <= bindparam("soon", type_=Date))
    place_id = bindparam("place_id", type_=BagPosition.place_id.type)
    spots = select(Bag.place_id).join(BagPosition, BagPosition.bag_id == Bag.id)
    here = spots.where(BagPosition.place_id == place_id).union_all(select(place_id))
    return (
        select(Lot.code, Item.code, Item.name, Balance.unit_count, Lot.expires_on, Bag.tag, replaced)
        .select_from(Balance)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .outerjoin(Edition, Edition.id == Lot.edition_id)
        .outerjoin(Bag, Bag.place_id == Balance.place_id)
        .where(Balance.place_id.in_(here), IN_STOCK, or_(replaced, expires))
        .order_by(Lot.expires_on, Lot.id, Bag.tag)
    )


def older_loose(old: Iterable[Superseded]) -> dict[str, int]:
    """Add up what lies loose of superseded editions: item code → units. It can be given out, and is to be swapped."""
    found: dict[str, int] = {}
    for each in old:
        if each.bag_tag is None:
            found[each.item_code] = found.get(each.item_code, 0) + each.unit_count
    return found
