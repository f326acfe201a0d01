"""Approving or refusing a request, which is never done by the person who asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert

from core import trail
from core.access import Actor, Permission, Scope
from core.dates import local_day
from core.db import db
from core.errors import NotEnoughStock
from inventory.bags.services import queue_for_bags
from inventory.requests import queries
from inventory.requests.models import RequestLine, RestockRequest
from inventory.requests.queries import StockFree
from inventory.requests.rules import RequestAct, course
from inventory.requests.services.recording import counted_things, demanded_note, lock, tell
from inventory.stock.models import Promise
from inventory.stock.rules import Policies
from inventory.stock.services import lock_items

_INSERT_PROMISE = insert(Promise)


def approve(
    reference: str,
    approved: Mapping[int, int],
    *,
    note: str | None = None,
    version: int | None = None,
    policies: Policies | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> RestockRequest:
    """Approve a request whole or in part; what is approved is promised at the store.

    Keeps: INV-16 (promised never exceeds on hand), INV-19 (requester is never approver).

    Args:
        approved: position → units, every line named; zero for none of it.
        policies: what others know of the lots at the store, for each place that asks it: which may not go there.

    Raises:
        NotFound: the request is outside the scope.
        NotPermitted: the person asked for it, or stands in for whoever did.
        StaleEdit: it has been decided, or changed since the form was opened.
        NotEnoughStock: less is free at the store, or may go to the place, than would be promised.
    """
    body = [reference, sorted(approved.items()), note]
    if done := trail.earlier(submission_id, by=by, act="request.approve", body=body):
        return queries.request_by_reference(done, scope=scope)
    request = queries.request_by_reference(reference, scope=scope)
    lock(request, version)
    after = course.approve(
        queries.course_of(request),
        approved,
        by=by.account_id,
        acting_for_requester=_acts_for_requester(request, by),
    )
    words = trail.note(note, field="note")
    _promise(request, approved, policies or {}, at=at)
    whole = all(approved[line.position] == line.asked_count for line in request.lines)
    tell(
        request,
        after,
        RequestAct.APPROVED if whole else RequestAct.APPROVED_IN_PART,
        "approved all of it" if whole else f"approved {_in_part(request)}",
        by=by,
        at=at,
        note=words,
    )
    trail.record(
        act="request.approve",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=words,
        approved=[[position, count] for position, count in sorted(approved.items())],
        approved_count=sum(approved.values()),
        asked_count=sum(line.asked_count for line in request.lines),
    )
    return request


def demand_another_person(request: RestockRequest, *, by: Actor) -> None:
    """Refuse whoever asked, or stands in for whoever did, before a form is even shown.

    Raises:
        NotPermitted: it is their own request.
    """
    course.refuse_own(queries.course_of(request), by.account_id, acting_for_requester=_acts_for_requester(request, by))


def _acts_for_requester(request: RestockRequest, by: Actor) -> bool:
    """Say whether the person may approve here only as deputy of whoever asked."""
    counting = [
        held
        for held in by.appointments
        if held.grants(Permission.APPROVE_REQUEST)
        and (held.place_id is None or held.place_id in (request.place_id, request.supplied_by_id))
    ]
    return bool(counting) and all(held.deputising_for == request.requested_by.name for held in counting)


def _promise(request: RestockRequest, approved: Mapping[int, int], policies: Policies, *, at: datetime) -> None:
    """Keep stock at the store for what is approved.

    Raises:
        NotEnoughStock: less is free there.
    """
    wanted = [line for line in request.lines if approved[line.position]]
    item_ids = sorted(line.item_id for line in wanted if line.item_id is not None)
    recipe_ids = sorted(line.recipe_id for line in wanted if line.recipe_id is not None)
    if recipe_ids:
        queue_for_bags(request.supplied_by_id)
    lock_items(request.supplied_by_id, item_ids)
    items, recipes = queries.free_at(
        request.supplied_by_id,
        item_ids=item_ids,
        recipe_ids=recipe_ids,
        on=local_day(at),
        scope=Scope.of([request.supplied_by_id]),
        to_id=request.place_id,
        policies=policies,
    )
    for line in request.lines:
        line.approved_count = approved[line.position]
    for line in wanted:
        free = items[line.item_id] if line.item_id is not None else recipes[line.recipe_id or 0]
        _demand_free(request, line, approved[line.position], free)
    promised = [
        {
            "place_id": request.supplied_by_id,
            "item_id": line.item_id,
            "recipe_id": line.recipe_id,
            "request_line_id": line.id,
            "unit_count": approved[line.position],
        }
        for line in wanted
    ]
    db.session.flush()
    if promised:
        db.session.connection().execute(_INSERT_PROMISE, promised)


def _demand_free(request: RestockRequest, line: RequestLine, wanted: int, free: StockFree) -> None:
    """Refuse to promise more than is free.

    Raises:
        NotEnoughStock: in the figures of the store.
    """
    if wanted <= free.free_count:
        return
    store = request.supplied_by.name
    there = "ready there" if line.recipe_id is not None else "in date there"
    if free.promised_count:
        there += f" and {free.promised_count:,} promised to others"
    if free.reserved_count:
        there += f", {free.reserved_count:,} in the surge reserve"
    why = "".join(f". {words}" for words in free.left_out)
    instead = f"{free.free_count:,} or fewer" if free.free_count else "0"
    raise NotEnoughStock(
        f"Only {free.free_count:,} of {line.name} free at {store} ({free.there_count:,} {there}){why}. "
        f"Approve {instead}. Nothing has been recorded",
        f"approved-{line.position}",
    )


def _in_part(request: RestockRequest) -> str:
    """Write what was approved beside what was asked."""
    named = counted_things((line.approved_count or 0, line.name) for line in request.lines)
    less = [line for line in request.lines if (line.approved_count or 0) < line.asked_count]
    asked = counted_things((line.asked_count, line.name) for line in less)
    return f"{named}; asked for {asked}"


def refuse(
    reference: str,
    *,
    reason: str,
    version: int | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> RestockRequest:
    """Refuse a whole request, saying why.

    Raises:
        NotFound: the request is outside the scope.
        NotPermitted: the person asked for it, or stands in for whoever did.
        StaleEdit: it has been decided, or changed since the form was opened.
        RuleBroken: no reason is given.
    """
    if done := trail.earlier(submission_id, by=by, act="request.refuse", body=[reference, reason]):
        return queries.request_by_reference(done, scope=scope)
    request = queries.request_by_reference(reference, scope=scope)
    lock(request, version)
    after = course.refuse(
        queries.course_of(request),
        by=by.account_id,
        acting_for_requester=_acts_for_requester(request, by),
    )
    words = demanded_note(reason)
    tell(request, after, RequestAct.REFUSED, "refused the request", by=by, at=at, note=words)
    trail.record(act="request.refuse", subject=reference, by=by, at=at, submission_id=submission_id, reason=words)
    return request
