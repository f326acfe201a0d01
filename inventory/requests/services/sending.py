"""Dispatching what was approved: from the store to *in transit*, promise by promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.dates import day_text, local_day
from core.db import db
from core.errors import NotEnoughStock, RuleBroken
from core.references import next_reference
from core.trail import Note
from inventory.bags import queries as bags
from inventory.bags.rules import Readiness
from inventory.bags.services import queue_for_bags
from inventory.phones.models import SerialUnit, UnitPosition
from inventory.requests import queries
from inventory.requests.models import Dispatch, DispatchLine, RequestLine, RestockRequest
from inventory.requests.rules import RequestAct, course
from inventory.requests.services.asking import release
from inventory.requests.services.recording import counted_things, demanded_note, lock, tell
from inventory.stock.models import Lot, Posting
from inventory.stock.queries import bags_standing, promised_bags, transit_to
from inventory.stock.rules import BagMovement, Movement, PostingKind
from inventory.stock.services import post


@dataclass(frozen=True)
class PickedLot:
    """Units of one lot picked for a request line.

    Attributes:
        position: of the request line.
        serial_numbers: the very units, for things that carry numbers.
    """

    position: int
    lot_code: str
    unit_count: int
    serial_numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class PickedBag:
    """One Go Bag picked for a request line."""

    position: int
    tag: str


Picked = PickedLot | PickedBag


@dataclass(frozen=True)
class _Chosen:
    """A pick with the rows it stands for."""

    line: RequestLine
    unit_count: int
    lot: Lot | None = None
    bag_id: int | None = None
    unit_ids: tuple[int, ...] = ()


def dispatch(
    reference: str,
    picks: Sequence[Picked],
    *,
    expected_on: date | None = None,
    note: str | None = None,
    version: int | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Dispatch:
    """Send picked lots and Go Bags of an approved request on their way.

    The promises shrink by what is sent, in the same transaction and before the stock moves, so nothing is
    promised that is not there at any moment.

    Raises:
        NotFound: the request is not supplied by a store in scope.
        StaleEdit: it has not been approved, nothing is left to send, or it changed since the form was opened.
        RuleBroken: a pick does not fit its line, is past its date, or is more than is still to be sent.
        NotEnoughStock: it is no longer at the store.
    """
    picks = _merged(picks)
    body = [reference, [str(pick) for pick in picks], expected_on, note]
    if done := trail.earlier(submission_id, by=by, act="request.dispatch", body=body):
        return queries.dispatch_by_reference(done, scope=scope)
    request = queries.request_by_reference(reference, scope=scope)
    scope.demand(request.supplied_by_id)
    lock(request, version)
    sent: Counter[int] = Counter()
    for pick in picks:
        sent[pick.position] += pick.unit_count if isinstance(pick, PickedLot) else 1
    after = course.dispatch(queries.course_of(request), sent)
    if expected_on is not None and expected_on < local_day(at):
        raise RuleBroken("Enter the day it should arrive: today or later", "expected_on")
    chosen = _chosen(request, picks, at=at, scope=scope)
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


def _merged(picks: Sequence[Picked]) -> list[Picked]:
    """Add up picks of one lot for one line, drop those of nothing, and put them in the order of the lines.

    Raises:
        RuleBroken: a count is below zero, or a Go Bag is picked twice.
    """
    lots: dict[tuple[int, str], PickedLot] = {}
    tags: dict[str, PickedBag] = {}
    for pick in picks:
        if isinstance(pick, PickedBag):
            if pick.tag in tags:
                raise RuleBroken(f"Go Bag {pick.tag} is picked twice", f"line-{pick.position}")
            tags[pick.tag] = pick
            continue
        if pick.unit_count < 0:
            raise RuleBroken("Quantity must be 0 or more", f"line-{pick.position}")
        before = lots.get((pick.position, pick.lot_code))
        lots[pick.position, pick.lot_code] = (
            replace(
                before,
                unit_count=before.unit_count + pick.unit_count,
                serial_numbers=before.serial_numbers + pick.serial_numbers,
            )
            if before
            else pick
        )
    kept: list[Picked] = [pick for pick in lots.values() if pick.unit_count]
    return sorted([*kept, *tags.values()], key=lambda pick: pick.position)


def _chosen(request: RestockRequest, picks: Sequence[Picked], *, at: datetime, scope: Scope) -> list[_Chosen]:
    """Find the rows each pick stands for."""
    lines = {line.position: line for line in request.lines}
    codes = [pick.lot_code for pick in picks if isinstance(pick, PickedLot)]
    lots = {lot.code: lot for lot in db.session.scalars(select(Lot).where(Lot.code.in_(codes)))}
    ready = _ready_bags(request, picks, at=at, scope=scope)
    chosen = []
    for pick in picks:
        line = lines[pick.position]
        if isinstance(pick, PickedBag):
            if line.recipe is None or ready.get(pick.tag, (0, ""))[1] != line.recipe.code:
                raise RuleBroken(
                    f"Go Bag {pick.tag} is not one of {line.name} standing ready at "
                    f"{request.supplied_by.name}. Pick another",
                    f"line-{pick.position}",
                )
            chosen.append(_Chosen(line, 1, bag_id=ready[pick.tag][0]))
            continue
        lot = lots.get(pick.lot_code)
        if lot is None or lot.item_id != line.item_id:
            raise RuleBroken(f"Lot {pick.lot_code} is not {line.name}. Pick another", f"line-{pick.position}")
        if lot.expires_on is not None and lot.expires_on < local_day(at):
            raise RuleBroken(
                f"Lot {lot.code} of {line.name} expired on {day_text(lot.expires_on)}. Pick another lot",
                f"line-{pick.position}",
            )
        unit_ids = _units(request.supplied_by_id, lot, pick) if lot.item.serial else ()
        chosen.append(_Chosen(line, pick.unit_count, lot=lot, unit_ids=unit_ids))
    return chosen


def _ready_bags(
    request: RestockRequest, picks: Sequence[Picked], *, at: datetime, scope: Scope
) -> dict[str, tuple[int, str]]:
    """Give the Go Bags ready at the store, when any is picked: tag → (bag id, recipe code)."""
    if not any(isinstance(pick, PickedBag) for pick in picks):
        return {}
    queue_for_bags(request.supplied_by_id)
    views = bags.bag_views([request.supplied_by_id], scope=scope, on=local_day(at))
    return {view.tag: (view.bag_id, view.recipe_code) for view in views if view.verdict.readiness is Readiness.READY}


def _units(store_id: int, lot: Lot, pick: PickedLot) -> tuple[int, ...]:
    """Find the numbered units picked.

    Raises:
        RuleBroken: not as many numbers as units, or one of them does not stand at the store.
    """
    if len(set(pick.serial_numbers)) != pick.unit_count:
        raise RuleBroken(
            f"Choose {pick.unit_count:,} of the numbers of {lot.item.name}, one for each unit",
            f"line-{pick.position}",
        )
    return tuple(units_at(store_id, lot, pick.serial_numbers, field=f"line-{pick.position}"))


def units_at(place_id: int, lot: Lot, numbers: Collection[str], *, field: str | None = None) -> list[int]:
    """Find units of a lot by number where they should be.

    Raises:
        RuleBroken: one of them is not there.
    """
    rows = db.session.execute(
        select(SerialUnit.number, SerialUnit.id)
        .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
        .where(SerialUnit.lot_id == lot.id, SerialUnit.number.in_(numbers), UnitPosition.place_id == place_id)
    )
    found: dict[str, int] = {number: unit_id for number, unit_id in rows}  # noqa: C416
    for number in numbers:
        if number not in found:
            raise RuleBroken(
                f"The {lot.item.name} whose number ends in {number[-4:]} is not there. Choose another", field
            )
    return sorted(found.values())


def _reduce_promises(request: RestockRequest, sent: Counter[int]) -> None:
    """Turn promised units into sent ones."""
    promises = queries.promised_by_line(request)
    for line in request.lines:
        if sent[line.position]:
            promises[line.id].unit_count -= sent[line.position]
    db.session.flush()


def _send(
    request: RestockRequest,
    chosen: Sequence[_Chosen],
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
    _check_promised_bags(store, {pick.line.recipe_id for pick in chosen if pick.line.recipe_id is not None})
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


def _check_promised_bags(store_id: int, recipe_ids: Collection[int]) -> None:
    """Refuse to send a Go Bag that is promised to another request.

    Raises:
        NotEnoughStock: fewer would be left than are promised.
    """
    left, promised = bags_standing(store_id), promised_bags(store_id)
    for recipe_id in recipe_ids:
        if left.get(recipe_id, 0) < promised.get(recipe_id, 0):
            raise NotEnoughStock(
                f"Only {left.get(recipe_id, 0):,} such Go Bags would be left and {promised[recipe_id]:,} are "
                "promised to other approved requests. Nothing has been recorded"
            )


def _by_line(chosen: Sequence[_Chosen]) -> list[_Chosen]:
    """Add up what is sent for each line."""
    lines: dict[int, _Chosen] = {}
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
