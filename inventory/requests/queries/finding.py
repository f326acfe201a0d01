"""Finding requests and dispatches. A request belongs to the place that asks and to the store that supplies it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from core.access import ROLE_PERMISSIONS, Permission, Scope
from core.db import db
from core.errors import NotFound
from inventory.catalogue.models import Item, KitRecipe
from inventory.phones.models import SerialUnit, UnitMove
from inventory.requests.models import (
    Dispatch,
    DispatchLine,
    ReceiptLine,
    RequestEvent,
    RequestLine,
    RestockRequest,
    ShortageSettled,
)
from inventory.requests.rules import RequestState
from inventory.stock.models import Lot, Move, Posting
from organisation.accounts.models import Account, RoleHeld

_WITH_PEOPLE = (
    joinedload(RestockRequest.place),
    joinedload(RestockRequest.supplied_by),
    joinedload(RestockRequest.requested_by),
)
"""Who asks whom."""


@dataclass(frozen=True)
class Found:
    """One page of requests.

    Attributes:
        count: how many there are on all pages.
    """

    requests: list[RestockRequest]
    count: int


def _in_scope(scope: Scope) -> ColumnElement[bool]:
    """Keep requests of the places in scope, and those that stores in scope supply."""
    if scope.place_ids is None:
        return true()
    return or_(RestockRequest.place_id.in_(scope.place_ids), RestockRequest.supplied_by_id.in_(scope.place_ids))


def request_by_reference(reference: str, *, scope: Scope) -> RestockRequest:
    """Find a request by its reference.

    Raises:
        NotFound: there is none, or neither its place nor its store is in the scope.
    """
    found = db.session.scalars(_by_reference(), {"reference": reference}).unique().one_or_none()
    if found is None or not _covers(scope, found):
        raise NotFound
    return found


def request_in_full(reference: str, *, scope: Scope) -> RestockRequest:
    """Find a request with its lines, history, dispatches, receipts and settlements, in a dozen statements or fewer.

    Raises:
        NotFound: there is none, or it is outside the scope.
    """
    found = db.session.scalar(
        select(RestockRequest)
        .where(RestockRequest.reference == reference, _in_scope(scope))
        .options(
            joinedload(RestockRequest.place),
            joinedload(RestockRequest.supplied_by),
            joinedload(RestockRequest.requested_by),
            joinedload(RestockRequest.note),
            selectinload(RestockRequest.lines).options(joinedload(RequestLine.item), joinedload(RequestLine.recipe)),
            selectinload(RestockRequest.events).options(
                joinedload(RequestEvent.account), joinedload(RequestEvent.note)
            ),
            selectinload(RestockRequest.dispatches).joinedload(Dispatch.posting).joinedload(Posting.note),
            selectinload(RestockRequest.dispatches)
            .selectinload(Dispatch.lines)
            .options(
                joinedload(DispatchLine.lot),
                joinedload(DispatchLine.bag),
                joinedload(DispatchLine.receipt).options(
                    joinedload(ReceiptLine.note),
                    joinedload(ReceiptLine.settlement).joinedload(ShortageSettled.note),
                ),
            ),
        )
    )
    if found is None:
        raise NotFound
    return found


def supplied_request(reference: str, *, scope: Scope) -> RestockRequest:
    """Find a request that a store in scope supplies.

    Raises:
        NotFound: there is no such request for this person.
    """
    request = request_by_reference(reference, scope=scope)
    scope.demand(request.supplied_by_id)
    return request


def own_request(reference: str, *, account_id: int) -> RestockRequest:
    """Find a request among those the person made.

    Raises:
        NotFound: there is none, or somebody else made it.
    """
    found = db.session.scalar(
        select(RestockRequest).where(
            RestockRequest.reference == reference, RestockRequest.requested_by_id == account_id
        )
    )
    if found is None:
        raise NotFound
    return found


def dispatch_by_reference(reference: str, *, scope: Scope) -> Dispatch:
    """Find a dispatch by its reference.

    Raises:
        NotFound: there is none, or neither its place nor its store is in the scope.
    """
    found = db.session.scalars(_dispatch_by_reference(), {"reference": reference}).unique().one_or_none()
    if found is None or not _covers(scope, found.request):
        raise NotFound
    return found


@cache
def _dispatch_by_reference() -> Select[Dispatch]:
    return (
        select(Dispatch)
        .where(Dispatch.reference == bindparam("reference"))
        .options(
            joinedload(Dispatch.posting).joinedload(Posting.note),
            joinedload(Dispatch.request).options(
                joinedload(RestockRequest.place), joinedload(RestockRequest.supplied_by)
            ),
            joinedload(Dispatch.lines).options(
                joinedload(DispatchLine.lot).joinedload(Lot.item),
                joinedload(DispatchLine.bag),
                joinedload(DispatchLine.receipt),
                joinedload(DispatchLine.request_line).options(
                    joinedload(RequestLine.item), joinedload(RequestLine.recipe)
                ),
            ),
        )
    )


def requests(
    *,
    scope: Scope,
    states: Collection[RequestState] = (),
    short: bool = False,
    place_id: int | None = None,
    requested_by: int | None = None,
    search: str = "",
    emergencies_first: bool = False,
    most: int = 25,
    skipped: int = 0,
) -> Found:
    """List requests, newest first, one page of them.

    Args:
        states: only these, or any when empty.
        short: only those with a shortage that nobody has settled.
        requested_by: account id of who asked.
        search: part of a reference, or of the name of something asked for; taken literally.
    """
    asked = select(RestockRequest).where(_in_scope(scope))
    if states:
        asked = asked.where(RestockRequest.state.in_(states))
    if short:
        asked = asked.where(RestockRequest.id.in_(_unsettled()))
    if place_id is not None:
        asked = asked.where(RestockRequest.place_id == place_id)
    if requested_by is not None:
        asked = asked.where(RestockRequest.requested_by_id == requested_by)
    if search:
        asked = asked.where(_holds(search))
    count = db.session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    first = [RestockRequest.emergency.desc()] if emergencies_first else []
    asked = _with_lines(asked).order_by(*first, RestockRequest.id.desc())
    rows = db.session.scalars(asked.limit(most).offset(skipped))
    return Found(list(rows), count)


def _unsettled() -> Select[int]:
    """Select the ids of requests of which something came short and how that ended is not said."""
    return (
        select(Dispatch.request_id)
        .join(DispatchLine, DispatchLine.dispatch_id == Dispatch.id)
        .join(ReceiptLine, ReceiptLine.dispatch_line_id == DispatchLine.id)
        .where(ReceiptLine.short_count > 0, ~exists().where(ShortageSettled.receipt_line_id == ReceiptLine.id))
    )


def _holds(search: str) -> ColumnElement[bool]:
    """Match a reference, or the name of a thing asked for."""
    named = (
        select(RequestLine.request_id)
        .outerjoin(Item, Item.id == RequestLine.item_id)
        .outerjoin(KitRecipe, KitRecipe.id == RequestLine.recipe_id)
        .where(
            or_(
                Item.name.icontains(search, autoescape=True),
                KitRecipe.name.icontains(search, autoescape=True),
            )
        )
    )
    return or_(RestockRequest.reference.icontains(search, autoescape=True), RestockRequest.id.in_(named))


@cache
def _by_reference() -> Select[RestockRequest]:
    """Find one request; built once, as preparing the statement costs more than running it.

    Its few lines come in the same rows: a statement of their own would cost as much again.
    """
    lines = joinedload(RestockRequest.lines).options(joinedload(RequestLine.item), joinedload(RequestLine.recipe))
    return (
        select(RestockRequest).where(RestockRequest.reference == bindparam("reference")).options(*_WITH_PEOPLE, lines)
    )


def _covers(scope: Scope, request: RestockRequest) -> bool:
    """Say whether the place that asks or the store that supplies is in scope."""
    return scope.covers(request.place_id) or scope.covers(request.supplied_by_id)


def _with_lines(asked: Select[RestockRequest]) -> Select[RestockRequest]:
    return asked.options(
        *_WITH_PEOPLE,
        selectinload(RestockRequest.lines).options(joinedload(RequestLine.item), joinedload(RequestLine.recipe)),
    )


def serials_of(dispatches: Iterable[Dispatch]) -> dict[int, list[str]]:
    """Give the serial numbers each dispatch line carries: dispatch line id → numbers."""
    rows = db.session.execute(
        select(DispatchLine.id, SerialUnit.number)
        .join(Dispatch, Dispatch.id == DispatchLine.dispatch_id)
        .join(Move, (Move.posting_id == Dispatch.posting_id) & (Move.lot_id == DispatchLine.lot_id))
        .join(UnitMove, UnitMove.move_id == Move.id)
        .join(SerialUnit, SerialUnit.id == UnitMove.unit_id)
        .where(Dispatch.id.in_([dispatch.id for dispatch in dispatches]))
        .order_by(SerialUnit.number)
    )
    numbers: dict[int, list[str]] = {}
    for line_id, number in rows:
        numbers.setdefault(line_id, []).append(number)
    return numbers


def holders(permission: Permission, place_ids: Collection[int], *, on: date, but_not: int | None = None) -> list[str]:
    """Name the people whose role at one of the places, or everywhere, carries a permission on a day.

    Args:
        but_not: account id to leave out: who asked does not approve.
    """
    roles = [role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions]
    asked = (
        select(Account.name)
        .join(RoleHeld, RoleHeld.account_id == Account.id)
        .where(
            RoleHeld.role.in_(roles),
            RoleHeld.place_id.is_(None) | RoleHeld.place_id.in_(place_ids),
            RoleHeld.since <= on,
            RoleHeld.until.is_(None) | (RoleHeld.until >= on),
            Account.disabled_at.is_(None),
        )
        .distinct()
        .order_by(Account.name)
    )
    if but_not is not None:
        asked = asked.where(Account.id != but_not)
    return list(db.session.scalars(asked))
