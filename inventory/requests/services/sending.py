"""Dispatching what was approved: from the store to *in transit*, promise by promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime

from core import trail
from core.access import Actor, Scope
from core.dates import day_text, local_day
from core.db import db
from core.errors import NotEnoughStock, RuleBroken
from core.references import next_reference
from core.trail import Note
from inventory.bags import queries as bags
from inventory.requests import queries
from inventory.requests.models import Dispatch, DispatchLine, RestockRequest
from inventory.requests.rules import RequestAct, course
from inventory.requests.services.asking import release
from inventory.requests.services.picking import Chosen, Picked, PickedBag, PickedLot, chosen_rows, merged
from inventory.requests.services.recording import counted_things, demanded_note, lock, tell
from inventory.stock.models import Posting
from inventory.stock.queries import Kept, bags_standing, kept_bags, transit_to
from inventory.stock.rules import ANY_LOT, BagMovement, Movement, PickPolicy, PostingKind
from inventory.stock.services import post


def dispatch(
    reference: str,
    picks: Sequence[Picked],
    *,
    expected_on: date | None = None,
    note: str | None = None,
    version: int | None = None,
    policy: PickPolicy = ANY_LOT,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Dispatch:
    """Send picked lots and Go Bags of an approved request on their way.

    The promises shrink by what is sent, in the same transaction and before the stock moves, so nothing is
    promised that is not there at any moment.

    Args:
        policy: what others know of the lots: which may not go to the place.

    Raises:
        NotFound: the request is not supplied by a store in scope.
        StaleEdit: it has not been approved, nothing is left to send, or it changed since the form was opened.
        RuleBroken: a pick does not fit its line, is past its date, may not go to the place, or is more than is still
            to be sent.
        NotEnoughStock: it is no longer at the store.
    """
    picks = merged(picks)
    body = [reference, [str(pick) for pick in picks], expected_on, note]
    if done := trail.earlier(submission_id, by=by, act="request.dispatch", body=body):
        return queries.dispatch_by_reference(done, scope=scope)
    request = queries.supplied_request(reference, scope=scope)
    lock(request, version)
    sent: Counter[int] = Counter()
    for pick in picks:
        sent[pick.position] += pick.unit_count if isinstance(pick, PickedLot) else 1
    after = course.dispatch(queries.course_of(request), sent)
    if expected_on is not None and expected_on < local_day(at):
        raise RuleBroken("Enter the day it should arrive: today or later", "expected_on")
    chosen = chosen_rows(request, picks, at=at, scope=scope, policy=policy)
    words = trail.note(note, field="note")
    _reduce_promises(request, sent)
    sending = _send(request, chosen, expected_on, words, by=by, at=at, scope=scope, submission_id=submission_id)
    summary = f"sent {counted_things((pick.unit_count, pick.line.name) for pick in _by_line(chosen))}"
    if expected_on is not None:
        summary += f", expected on {day_text(expected_on)}"
    tell(request, after, RequestAct.DISPATCHED, summary, by=by, at=at, note=words)
    trail.record(
        act="request.dispatch",
        subject=sending.reference,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=words,
        request=reference,
        expected_on=expected_on,
        lots=[[p.position, p.lot_code, p.unit_count] for p in picks if isinstance(p, PickedLot)],
        bags=[[p.position, p.tag] for p in picks if isinstance(p, PickedBag)],
    )
    return sending


def _reduce_promises(request: RestockRequest, sent: Counter[int]) -> None:
    """Turn promised units into sent ones."""
    promises = queries.promised_by_line(request)
    for line in request.lines:
        if sent[line.position]:
            promises[line.id].unit_count -= sent[line.position]
    db.session.flush()


def _send(
    request: RestockRequest,
    chosen: Sequence[Chosen],
    expected_on: date | None,
    note: Note | None,
    *,
    by: Actor,
    at: datetime,
    scope: Scope,
    submission_id: str,
) -> Dispatch:
    """Move what was picked into transit and record the dispatch."""
    scope.demand(request.supplied_by_id)
    reference, store, transit = next_reference("D"), request.supplied_by_id, transit_to(request.place_id)
    posting: Posting = post(
        PostingKind.DISPATCH,
        [
            Movement(pick.lot.id, store, transit, pick.unit_count, pick.unit_ids)
            for pick in chosen
            if pick.lot is not None
        ],
        bag_movements=[BagMovement(pick.bag_id, store, transit) for pick in chosen if pick.bag_id is not None],
        by=by,
        at=at,
        happened_at=at,
        document=reference,
        submission_id=submission_id,
        note=note,
    )
    recipes = {pick.line.recipe_id for pick in chosen if pick.line.recipe_id is not None}
    _check_kept_bags(store, recipes, on=local_day(at))
    sending = Dispatch(
        reference=reference,
        request_id=request.id,
        posting_id=posting.id,
        expected_on=expected_on,
        lines=[
            DispatchLine(
                request_line_id=pick.line.id,
                lot_id=pick.lot.id if pick.lot else None,
                bag_id=pick.bag_id,
                unit_count=pick.unit_count,
            )
            for pick in chosen
        ],
    )
    db.session.add(sending)
    db.session.flush()
    return sending


def _check_kept_bags(store_id: int, recipe_ids: Collection[int], *, on: date) -> None:
    """Refuse to send a Go Bag that is promised to another request, or that the surge reserve needs.

    Raises:
        NotEnoughStock: fewer would be left than are promised and in the reserve, or fewer ready than in the reserve.
    """
    left, kept = bags_standing(store_id), kept_bags(store_id)
    backs = {recipe_id: kept[recipe_id] for recipe_id in recipe_ids if recipe_id in kept}
    ready = bags.ready_at(store_id, on=on) if any(back.reserved_count for back in backs.values()) else {}
    for recipe_id, back in backs.items():
        _demand_left(left.get(recipe_id, 0), back)
        _demand_left(ready.get(recipe_id, 0), replace(back, promised_count=0), "ready ")


def _demand_left(left_count: int, back: Kept, how: str = "") -> None:
    if left_count < back.count:
        raise NotEnoughStock(
            f"Only {left_count:,} such Go Bags {how}would be left and {back.words}. Nothing has been recorded. "
            f"{back.way_out}"
        )


def _by_line(chosen: Sequence[Chosen]) -> list[Chosen]:
    """Add up what is sent for each line."""
    lines: dict[int, Chosen] = {}
    for pick in chosen:
        before = lines.get(pick.line.position)
        lines[pick.line.position] = replace(pick, unit_count=before.unit_count + pick.unit_count) if before else pick
    return list(lines.values())


def drop_rest(
    reference: str,
    *,
    reason: str,
    version: int | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> RestockRequest:
    """Say that what is approved and not yet sent will not be; its promise is free again.

    Raises:
        NotFound: the request is not supplied by a store in scope.
        StaleEdit: nothing is left to send, or the request changed since the form was opened.
        RuleBroken: no reason is given.
    """
    done = trail.earlier(submission_id, by=by, act="request.drop_rest", body=[reference, reason])
    request = queries.request_by_reference(reference, scope=scope)
    scope.demand(request.supplied_by_id)
    if done:
        return request
    lock(request, version)
    before = queries.course_of(request)
    after = course.drop_rest(before)
    words = demanded_note(reason)
    dropped = counted_things((before.lines[line.position].promised_count, line.name) for line in request.lines)
    released = release(request)
    tell(request, after, RequestAct.REST_DROPPED, f"will not send {dropped}", by=by, at=at, note=words)
    trail.record(
        act="request.drop_rest",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=words,
        released=released,
    )
    return request
