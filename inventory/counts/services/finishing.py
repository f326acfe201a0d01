"""Ending the counting: what differs much is counted again by somebody else, the rest goes to be approved."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from core import trail
from core.access import Actor, Scope
from core.errors import RuleBroken, StaleEdit
from inventory.counts import queries
from inventory.counts.models import CountLine, StockCount
from inventory.counts.rules import CountState, demand_state

MOST_NAMED = 5


def finish(
    reference: str, *, version: int | None = None, scope: Scope, by: Actor, at: datetime, submission_id: str
) -> StockCount:
    """Say that everything has been counted. Lines that differ above the place's limit want a second person first.

    Whoever counts learns which things those are, and not by how much.

    Raises:
        NotFound: there is no such count for this person.
        AlreadyDone: counting is finished.
        StaleEdit: the count changed since the person looked.
        RuleBroken: things are left to count.
    """
    if done := trail.earlier(submission_id, by=by, act="count.finish", body=[reference]):
        return queries.count_by_reference(done, scope=scope)
    count = queries.count_by_reference(reference, scope=scope, lock=True)
    demand_state(count.state, CountState.COUNTING, reference)
    demand_version(count, version)
    _demand_all_counted(count)
    again = _to_count_again(count, scope=scope)
    for line in again:
        line.round_wanted = 2
    if not again:
        count.state, count.finished_at = CountState.COUNTED, at
    count.version += 1
    trail.record(
        act="count.finish",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        place=count.place.code,
        counted_again=[line.position for line in again],
    )
    return count


def demand_version(count: StockCount, version: int | None) -> None:
    """Refuse a form about an earlier version of a count."""
    if version is not None and version != count.version:
        raise StaleEdit


def _demand_all_counted(count: StockCount) -> None:
    left = [line for line in count.lines if not line.done]
    if left:
        names = ", ".join(line.name for line in left[:MOST_NAMED])
        more = f" and {len(left) - MOST_NAMED:,} more" if len(left) > MOST_NAMED else ""
        raise RuleBroken(f"Not counted yet: {names}{more}. Enter 0 for what is not there")
    if not count.lines:
        raise RuleBroken("Nothing has been counted. Add what is there, or abandon the count")


def _to_count_again(count: StockCount, *, scope: Scope) -> list[CountLine]:
    """List the lines counted once that differ by more than the place allows."""
    limit = queries.settings_of([count.place_id])[count.place_id].recount_above_count
    reviews = queries.review(count, scope=scope)
    return [
        line
        for line in count.lines
        if line.round_wanted == 1
        and line.position in reviews
        and reviews[line.position].difference.wants_second(limit=limit, by_number=line.by_number)
    ]


def ask_again(
    reference: str,
    positions: Collection[int],
    *,
    version: int | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> StockCount:
    """Have some lines of a finished count counted once more, by somebody who has not counted them yet.

    Raises:
        NotFound: there is no such count for this person.
        AlreadyDone: it is not waiting for approval.
        RuleBroken: no line is named, or one it does not have.
    """
    if done := trail.earlier(submission_id, by=by, act="count.ask_again", body=[reference, sorted(positions)]):
        return queries.count_by_reference(done, scope=scope)
    count = queries.count_by_reference(reference, scope=scope, lock=True)
    demand_state(count.state, CountState.COUNTED, reference)
    demand_version(count, version)
    lines = [line for line in count.lines if line.position in positions]
    if not lines or len(lines) != len(set(positions)):
        raise RuleBroken("Select what to count again")
    for line in lines:
        line.round_wanted += 1
    count.state, count.finished_at = CountState.COUNTING, None
    count.version += 1
    trail.record(
        act="count.ask_again",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        place=count.place.code,
        lines=sorted(positions),
    )
    return count
