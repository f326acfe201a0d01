"""Approving a count: one posting sets the ledger right by every difference, each with its reason and its lots.

The differences are reckoned anew here, as at the moment each thing was seen; if a slip recorded meanwhile changed
one, the approver is shown it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core import trail
from core.access import Actor, Scope
from core.db import db
from core.errors import NotPermitted, RuleBroken, StaleEdit
from core.trail import Note
from inventory.bags.services.locking import queue_for_bags
from inventory.counts import queries
from inventory.counts.models import CountResult, StockCount
from inventory.counts.queries import Review
from inventory.counts.rules import CountReason, CountState, Decision, demand_state, reasons_for
from inventory.counts.services.finishing import demand_version
from inventory.counts.services.moving import Moves, demand_bags_for_promises, moves_of
from inventory.stock.models import Posting
from inventory.stock.rules import PostingKind
from inventory.stock.services import post

__all__ = ["Decision", "approve"]


def approve(
    reference: str,
    decisions: Sequence[Decision],
    *,
    note: str | None = None,
    version: int | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> StockCount:
    """Approve a count and set the ledger right, in one posting.

    Keeps: INV-01 (balances), INV-02 (nothing below zero), INV-16 (promises), INV-27 (counts).

    Args:
        decisions: one for each line that differs.
        note: what everybody should know; it passes the personal-data guard.

    Raises:
        NotFound: there is no such count for this person.
        NotPermitted: the person, or whoever they stand in for, counted some of it.
        AlreadyDone: it is not waiting for approval.
        StaleEdit: a difference is no longer what the person saw.
        RuleBroken: a difference has no reason, or lots that do not make it up.
        NotEnoughStock: what should be lost is promised to an approved request.
    """
    body = [reference, [str(each) for each in decisions], note]
    if done := trail.earlier(submission_id, by=by, act="count.approve", body=body):
        return queries.count_by_reference(done, scope=scope)
    count = queries.count_by_reference(reference, scope=scope, lock=True)
    demand_state(count.state, CountState.COUNTED, reference)
    demand_version(count, version)
    if queries.counted_by(count, by):
        raise NotPermitted("You, or whoever you stand in for, counted some of this. Somebody else approves it")
    queue_for_bags(count.place_id)
    reviews = queries.review(count, scope=scope)
    chosen = _matched(reviews, decisions)
    words = trail.note(note, field="note")
    moves = moves_of(count, reviews, chosen, at=at)
    posting = _post(count, reviews, moves, words, by=by, at=at, submission_id=submission_id)
    _freeze(count, reviews, chosen, moves)
    count.state, count.approved_by_id, count.ended_at = CountState.APPROVED, by.account_id, at
    count.posting_id = posting.id if posting else None
    count.note_id = words.id if words else None
    count.version += 1
    db.session.flush()
    demand_bags_for_promises(moves.left_place_ids)
    trail.record(
        act="count.approve",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=words,
        place=count.place.code,
        differences=[
            [position, each.difference.short_count, each.difference.over_count, chosen[position].reason]
            for position, each in sorted(reviews.items())
            if each.difference.any
        ],
        lots=moves.facts,
    )
    return count


def _matched(reviews: dict[int, Review], decisions: Sequence[Decision]) -> dict[int, Decision]:
    """Put each decision beside its line.

    Raises:
        StaleEdit: a difference changed since, or came up.
        RuleBroken: a reason is missing or cannot explain it.
    """
    by_position = {each.position: each for each in decisions}
    for position, each in reviews.items():
        seen = by_position.get(position)
        if seen is None and not each.difference.any:
            continue
        before = (seen.short_count, seen.over_count) if seen else (0, 0)
        if before != (each.difference.short_count, each.difference.over_count):
            raise StaleEdit(
                f"{each.line.name} is now {each.difference.words}: something was recorded while you were working. "
                "Look at it and approve again"
            )
        if seen is not None and each.difference.any:
            _check_reason(each, seen.reason)
    return by_position


def _check_reason(each: Review, reason: CountReason | None) -> None:
    field = f"reason-{each.line.position}"
    if reason is None:
        raise RuleBroken(f"{each.line.name}: say why it is {each.difference.words}", field)
    allowed = reasons_for(short_count=each.difference.short_count, over_count=each.difference.over_count)
    if reason not in allowed:
        raise RuleBroken(f"{each.line.name} is {each.difference.words}. “{reason.value}” cannot be why", field)


def _post(
    count: StockCount,
    reviews: dict[int, Review],
    moves: Moves,
    note: Note | None,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Posting | None:
    """Record the differences in one posting, at the moment the last thing was seen; nothing when all agrees."""
    if not moves.movements and not moves.bag_movements:
        return None
    return post(
        PostingKind.COUNT,
        moves.movements,
        bag_movements=moves.bag_movements,
        by=by,
        at=at,
        happened_at=max(each.entry.seen_at for each in reviews.values()),
        document=count.reference,
        submission_id=submission_id,
        note=note,
    )


def _freeze(count: StockCount, reviews: dict[int, Review], chosen: dict[int, Decision], moves: Moves) -> None:
    """Keep the figures of this moment, line by line."""
    results = [
        CountResult(
            line_id=each.line.id,
            entry_id=each.entry.id,
            expected_count=each.difference.expected_count,
            short_count=each.difference.short_count,
            over_count=each.difference.over_count,
            reason=chosen[position].reason if each.difference.any else None,
            unmoved="; ".join(moves.unmoved.get(position, ()))[:600],
        )
        for position, each in sorted(reviews.items())
    ]
    db.session.add_all(results)
    db.session.flush()
    for line in count.lines:
        db.session.expire(line, ["result"])
