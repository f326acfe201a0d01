"""Go Bags that come back, and Go Bags that are taken apart.

What comes back takes its issue back move by move, so that each unit keeps its number and with it its pence. A bag
that comes back sealed stands where it stood. One that was opened is counted: what is fit goes on the shelf, what
is not is written off, and what was kept stays issued. The bag itself is then no more, as when it is retired.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core import trail
from core.access import Actor, Scope
from core.dates import local_day, moment_text
from core.db import db
from core.errors import NotFound, RuleBroken, StaleEdit
from core.trail import Note
from inventory.bags import queries, rules
from inventory.bags.models import Bag, BagOpening, Issue, Seal
from inventory.bags.rules import BagAct, Content, Counted
from inventory.bags.services.keeping import refuse_taking
from inventory.bags.services.locking import locked_position, queue_for_bags
from inventory.bags.services.opening import standing_bag
from inventory.phones import queries as phones
from inventory.stock.models import Posting
from inventory.stock.queries import outside
from inventory.stock.rules import BagMovement, Movement, PostingKind
from inventory.stock.services import post
from organisation.places.models import Place
from organisation.places.rules import PlaceKind


def hand_back(
    tag: str,
    counted: Sequence[Counted] | None = None,
    *,
    reason: str,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Bag:
    """Take an issued Go Bag back at the place that issued it. The issue stays on record.

    Keeps: INV-01 (balances), INV-15 (a bag has one place), INV-23 (serial units).

    Args:
        counted: what is inside of a bag that was opened; None when its seal is whole.
        reason: why it came back, in the person's own words; it passes the personal-data guard.

    Raises:
        NotFound: there is no such bag for this person.
        StaleEdit: it is not issued, or not any more.
        RuleBroken: hygiene items or expired ones were to go on the shelf, or more was counted than went out.
    """
    asked = [tag, None if counted is None else [each.plain for each in counted], reason]
    if done := trail.earlier(submission_id, by=by, act="bag.hand_back", body=asked):
        return queries.bag_by_tag(done, scope=scope)
    bag, issue = _issued_bag(tag, scope=scope)
    gone = outside(PlaceKind.ISSUED)
    moves = queries.moves_of_posting(issue.posting_id)
    back = [Movement(move.lot_id, gone, bag.place_id, move.unit_count, units) for move, units in moves]
    further: list[Movement] = []
    steps = [BagMovement(bag.id, gone, issue.place_id)]
    if counted is not None:
        units = {move.lot_id: carried for move, carried in moves}
        contents = queries.contents_issued(issue.posting_id, on=local_day(at))
        further = _emptied(bag, issue.place, contents, counted, units, at=at, opened=True)
        steps.append(BagMovement(bag.id, issue.place_id, outside(PlaceKind.UNMADE)))
    note = _reason(reason)
    posting = post(
        PostingKind.OPEN_BAG,
        [*back, *further],
        by=by,
        at=at,
        happened_at=at,
        document=bag.tag,
        bag_movements=steps,
        submission_id=submission_id,
        note=note,
        corrected_moves=[*(move.id for move, _ in moves), *(None for _ in further)],
    )
    act = BagAct.CAME_BACK_SEALED if counted is None else BagAct.CAME_BACK_OPEN
    _came(bag, issue.place, posting, act)
    trail.record(
        act="bag.hand_back",
        subject=bag.tag,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=note,
        place=issue.place.code,
        slip=issue.slip,
        how=act,
        counted=[each.plain for each in counted or ()],
    )
    return bag


def retire(
    tag: str,
    counted: Sequence[Counted],
    *,
    reason: str,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Bag:
    """Unpack a Go Bag whole where it stands: every lot goes back on the shelf or is written off.

    Keeps: INV-01 (balances), INV-15 (a bag has one place), INV-16 (promises), INV-23 (serial units).

    Args:
        counted: for each lot inside, how many go on the shelf and how many are written off: all of it.

    Raises:
        NotFound: there is no such bag for this person.
        StaleEdit: the bag was moved meanwhile.
        NotEnoughStock: the last bags here are promised.
        RuleBroken: something is left in the bag, or expired things were to go on the shelf.
    """
    asked = [tag, [each.plain for each in counted], reason]
    if done := trail.earlier(submission_id, by=by, act="bag.retire", body=asked):
        return queries.bag_by_tag(done, scope=scope)
    bag, place = standing_bag(tag, scope=scope)
    refuse_taking(bag, place, on=local_day(at))
    contents = queries.contents_of([bag.id], on=local_day(at)).get(bag.id, [])
    found = phones.units_standing(bag.place_id, [content.lot_id for content in contents])
    units = {lot_id: tuple(unit.id for unit in here) for lot_id, here in found.items()}
    movements = _emptied(bag, place, contents, counted, units, at=at, opened=False)
    note = _reason(reason)
    posting = post(
        PostingKind.OPEN_BAG,
        movements,
        by=by,
        at=at,
        happened_at=at,
        document=bag.tag,
        bag_movements=[BagMovement(bag.id, place.id, outside(PlaceKind.UNMADE))],
        submission_id=submission_id,
        note=note,
    )
    _came(bag, place, posting, BagAct.RETIRED)
    trail.record(
        act="bag.retire",
        subject=bag.tag,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=note,
        place=place.code,
        counted=[each.plain for each in counted],
    )
    return bag


def _issued_bag(tag: str, *, scope: Scope) -> tuple[Bag, Issue]:
    """Lock an issued bag and give it with its issue, to whoever answers for the place that issued it.

    Raises:
        NotFound: it is none of this person's.
        StaleEdit: it is not issued.
    """
    bag, _ = queries.bag_and_place(tag, scope=scope)
    issue = queries.last_issue(bag.id)
    if issue is None or not scope.covers(issue.place_id):
        raise NotFound
    queue_for_bags(issue.place_id)
    if locked_position(bag.id) != outside(PlaceKind.ISSUED):
        raise StaleEdit(
            f"Go Bag {tag} is not issued now: it was issued on {moment_text(issue.issued_at)} and is back already"
        )
    return bag, issue


def _emptied(
    bag: Bag,
    place: Place,
    contents: Sequence[Content],
    counted: Sequence[Counted],
    units: dict[int, tuple[int, ...]],
    *,
    at: datetime,
    opened: bool,
) -> list[Movement]:
    """Move everything out of a bag: to the shelf, written off, and back to *issued* what was kept.

    Args:
        units: lot id → ids of its handsets or SIMs inside.
        opened: it came back open: hygiene items are not used again, and what is not counted was kept.
    """
    sorted_out = rules.sorted_out(contents, counted, on=local_day(at), opened=opened)
    goals = (place.id, outside(PlaceKind.WRITTEN_OFF), outside(PlaceKind.ISSUED))
    return [
        Movement(content.lot_id, bag.place_id, goal, count, units.get(content.lot_id, ()))
        for content, counts in sorted_out
        for goal, count in zip(goals, counts, strict=True)
        if count
    ]


def _reason(words: str) -> Note:
    note = trail.note(words, field="reason")
    if note is None:
        raise RuleBroken("Enter a reason", "reason")
    return note


def _came(bag: Bag, place: Place, posting: Posting, act: BagAct) -> None:
    """Record how a bag came back or ended, and that its seal is broken when it was opened."""
    db.session.add(BagOpening(bag_id=bag.id, place_id=place.id, posting_id=posting.id, act=act))
    seal = queries.seal_of(bag.id)
    if act is not BagAct.CAME_BACK_SEALED and seal is not None and not seal.broken:
        db.session.add(Seal(bag_id=bag.id, number=seal.number, broken=True, posting_id=posting.id))
    db.session.flush()
