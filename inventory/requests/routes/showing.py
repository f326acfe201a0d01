"""Finding requests, and the one page that is a request's whole life."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request as sent
from flask.typing import ResponseReturnValue

from core.access import Actor, Permission, Scope
from core.dates import local_day
from core.db import now
from core.errors import NotFound
from core.figures.lists import listed
from core.paging import Paged, page_number, page_size, paged
from core.parse import one_of, search_text
from core.privacy import refuse_personal_details
from core.web import page, requires, signed_in, whole_actor
from inventory.closures.queries import SentBack, sent_back
from inventory.counts import queries as counts
from inventory.counts.models import Handover, StockCount
from inventory.counts.rules import CountState
from inventory.requests import queries
from inventory.requests.models import Dispatch, RestockRequest
from inventory.requests.routes.blueprint import bp, may
from inventory.requests.rules import (
    OPEN,
    STATE_WORDS,
    Course,
    RequestState,
    differences,
    next_step,
    steps,
)
from organisation.places.queries import chosen_place, places

PAGE_SIZE = 25
FILTERS: dict[str, tuple[str, tuple[RequestState, ...]]] = {
    "": ("All requests", ()),
    "open": ("Open", OPEN),
    "to-approve": ("Waiting for approval", (RequestState.ASKED,)),
    "to-send": ("To pick and send", (RequestState.APPROVED,)),
    "sent": ("Sent, not all received", (RequestState.SENT,)),
    "short": ("With a shortage to settle", ()),
    "ended": ("Closed, refused or cancelled", (RequestState.CLOSED, RequestState.REFUSED, RequestState.CANCELLED)),
}
"""Name of the filter → (its words, the states it keeps; none where it keeps to no state).

A shortage is open from the first count that finds one, also while the rest of its request is still on its way.
"""


@dataclass(frozen=True)
class Group:
    """Requests that wait for one act.

    Attributes:
        show: name of the filter that lists all of them.
        empty: what to say when there are none.
    """

    title: str
    found: queries.Found
    show: str
    empty: str


@bp.route("/requests/")
@requires(Permission.SEE_REQUESTS)
@listed
def index() -> ResponseReturnValue:
    """List requests: one's own places', or those one's stores supply."""
    scope = signed_in().scope
    search = search_text(sent.args.get("q"))
    refuse_personal_details(search)
    chosen, code = one_of(sent.args.get("show"), FILTERS, noun="state"), sent.args.get("place", "")
    number, size = page_number(sent.args.get("page")), page_size(PAGE_SIZE)
    place = chosen_place(code, scope=scope, field="place") if code else None
    found = queries.requests(
        scope=scope,
        states=FILTERS[chosen][1],
        short=chosen == "short",
        place_id=place.id if place else None,
        search=search,
        most=size,
        skipped=(number - 1) * size,
    )
    pages = max(1, -(-found.count // size))
    if number > pages:
        raise NotFound
    return page(
        "inventory/requests/index.html",
        found=found,
        words=STATE_WORDS,
        filters={name: words for name, (words, _) in FILTERS.items()},
        own=places(scope=scope),
        q=search,
        show=chosen,
        place=code,
        number=number,
        pages=pages,
        may_ask=_may_ask(),
    )


def _may_ask() -> bool:
    me = whole_actor()
    return me is not None and me.may(Permission.REQUEST_RESTOCK)


@bp.route("/requests/inbox")
@requires(Permission.SEE_REQUESTS)
def inbox() -> ResponseReturnValue:
    """Show what waits for the person: to approve, to send, to receive, to settle, and one's own."""
    me = whole_actor()
    assert me is not None
    groups: list[Group] = []
    for title, permission, show, empty in _GROUPS:
        if me.may(permission):
            groups.append(_group(title, me.acting_under(permission).scope, show, empty))
    groups += _short_of(me)
    if me.may(Permission.REQUEST_RESTOCK):
        own = queries.requests(
            scope=me.acting_under(Permission.REQUEST_RESTOCK).scope,
            states=OPEN,
            requested_by=me.account_id,
            most=PAGE_SIZE,
        )
        groups.append(Group("Asked by you", own, "open", "You have no open request."))
    return page(
        "inventory/requests/inbox.html",
        groups=groups,
        words=STATE_WORDS,
        counted=_counts_to_approve(me),
        again=_to_count_again(me),
        back=_sent_back(me),
        to_sign=_to_sign(me),
        may_ask=_may_ask(),
        may_set_pars=me.may(Permission.SET_PAR),
    )


def _group(title: str, scope: Scope, show: str, empty: str) -> Group:
    found = queries.requests(
        scope=scope, states=FILTERS[show][1], short=show == "short", emergencies_first=True, most=PAGE_SIZE
    )
    return Group(title, found, show, empty)


def _short_of(me: Actor) -> list[Group]:
    """Tell whoever approves for a place, or receives there, what came short and the store has not settled, if any.

    Whoever settles it has a group of their own.
    """
    if me.may(Permission.DISPATCH):
        return []
    concerned = [each for each in (Permission.APPROVE_REQUEST, Permission.RECEIVE_DISPATCH) if me.may(each)]
    if not concerned:
        return []
    found = _group("Came short, for the store to settle", me.acting_under(concerned[0]).scope, "short", "")
    return [found] if found.found.count else []


def _counts_to_approve(me: Actor) -> Paged[StockCount] | None:
    """Give the newest counts that wait for this person's approval; None where they may approve nowhere.

    A count of which one counted anything is somebody else's to approve.
    """
    if not me.may(Permission.APPROVE_COUNT):
        return None
    scope = me.acting_under(Permission.APPROVE_COUNT).scope
    asked = counts.counts(scope=scope, state=CountState.COUNTED, not_counted_by=me.account_id)
    return paged(asked, number=1)


def _sent_back(me: Actor) -> list[SentBack]:
    """List what places that close have sent back to the person's stores, and nobody has counted in."""
    if not me.may(Permission.RECEIVE_DELIVERY):
        return []
    return sent_back(scope=me.acting_under(Permission.RECEIVE_DELIVERY).scope)


def _to_sign(me: Actor) -> list[Handover]:
    """List the handovers of cupboards that wait for the person's signature."""
    if not me.may(Permission.HAND_OVER):
        return []
    return counts.handovers_to_sign(me.account_id, scope=me.acting_under(Permission.HAND_OVER).scope)


def _to_count_again(me: Actor) -> list[tuple[StockCount, int]]:
    """List the counts in which things wait for somebody who has not counted them, as this person has not."""
    if not me.may(Permission.COUNT_STOCK):
        return []
    return counts.counted_again(scope=me.acting_under(Permission.COUNT_STOCK).scope, account_id=me.account_id)


_GROUPS = (
    ("To approve", Permission.APPROVE_REQUEST, "to-approve", "Nothing waits for approval."),
    ("To pick and send", Permission.DISPATCH, "to-send", "Nothing waits to be sent."),
    ("Partly sent or on the way", Permission.DISPATCH, "sent", "Nothing is on its way."),
    ("Shortages to settle", Permission.DISPATCH, "short", "No shortage is open."),
    ("On the way to you", Permission.RECEIVE_DISPATCH, "sent", "Nothing is on its way to you."),
)
"""Title, the permission whose holder it concerns, the filter it keeps to, and what to say when there is none."""


@bp.route("/requests/<reference>")
@requires(Permission.SEE_REQUESTS)
def show(reference: str) -> ResponseReturnValue:
    """Show a request's whole life: where it is, what differs and why, what happened, what happens next."""
    request = queries.request_in_full(reference, scope=signed_in().scope)
    course = queries.course_of(request)
    return page(
        "inventory/requests/show.html",
        request_=request,
        course=course,
        steps=steps(course),
        next_step=_next(request, course),
        differences=_differences(request, course),
        words=STATE_WORDS,
        serials=queries.serials_of(request.dispatches),
        may=_may(request, course),
        waiting=_waiting(request),
    )


def _waiting(request: RestockRequest) -> list[Dispatch]:
    """List the dispatches the person can count in."""
    if not may(Permission.RECEIVE_DISPATCH, request.place_id):
        return []
    return [sending for sending in request.dispatches if any(line.receipt is None for line in sending.lines)]


def _next(request: RestockRequest, course: Course) -> str:
    """Say who has the request now."""
    today = local_day(now())
    wanted = (request.place_id, request.supplied_by_id)
    undecided = course.state is RequestState.ASKED
    return next_step(
        course,
        place=request.place.name,
        store=request.supplied_by.name,
        approvers=queries.holders(Permission.APPROVE_REQUEST, wanted, on=today, but_not=request.requested_by_id)
        if undecided
        else (),
        keepers=() if undecided else queries.holders(Permission.DISPATCH, [request.supplied_by_id], on=today),
    )


def _differences(request: RestockRequest, course: Course) -> list[str]:
    """Name every difference of every line."""
    ended = course.state in (RequestState.REFUSED, RequestState.CANCELLED)
    return [
        words for line in request.lines for words in differences(line.name, course.lines[line.position], ended=ended)
    ]


def _may(request: RestockRequest, course: Course) -> dict[str, bool]:
    """Tell which acts the person can do now, so that the page offers those and no other."""
    me = whole_actor()
    own = me is not None and me.account_id == request.requested_by_id
    decides = may(Permission.APPROVE_REQUEST, request.place_id, request.supplied_by_id) and not own
    sends = may(Permission.DISPATCH, request.supplied_by_id)
    return {
        "approve": decides and course.state is RequestState.ASKED,
        "cancel": own
        and may(Permission.REQUEST_RESTOCK, request.place_id)
        and course.state in (RequestState.ASKED, RequestState.APPROVED),
        "send": sends and course.promised_count > 0,
        "settle": sends,
    }
