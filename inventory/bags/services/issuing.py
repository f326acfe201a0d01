"""Issuing a Go Bag, and undoing an issue that never was.

An issue moves everything in the bag to *issued*, and the bag too, in one posting. Undoing it is an opposite
posting that names the first: the bag is back where it stood, sealed as it was, and both stay on record.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, select

from core import trail
from core.access import Actor, Permission, Scope
from core.dates import local_day, moment_text
from core.db import ask, db
from core.errors import NotEnoughStock, NotFound, NotPermitted, RuleBroken, StaleEdit
from core.references import opaque_reference
from inventory.bags import queries, rules
from inventory.bags.models import Bag, BagMove, Issue, IssueRoute
from inventory.bags.rules import Content
from inventory.bags.services.keeping import refuse_taking
from inventory.bags.services.locking import locked_position, queue_for_bags
from inventory.phones import queries as phones
from inventory.stock.models import Posting
from inventory.stock.queries import outside
from inventory.stock.rules import BagMovement, Movement, PostingKind
from inventory.stock.services import post
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS, PlaceKind

_CAME = (
    select(Posting.happened_at)
    .join(BagMove, BagMove.posting_id == Posting.id)
    .where(
        BagMove.bag_id == bindparam("bag_id"),
        BagMove.to_place_id == bindparam("place_id"),
        Posting.kind != PostingKind.CORRECTION,
    )
    .order_by(BagMove.id.desc())
    .limit(1)
)
"""When a bag came to a place last; built once, for preparing a statement costs more than running it."""


def issue_bag(
    tag: str,
    *,
    route: IssueRoute,
    issued_at: datetime,
    booklet_language: str | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Issue:
    """Hand a Go Bag over, with everything in it, in one posting. Nothing about a person is recorded.

    Keeps: INV-01 (balances), INV-16 (promises), INV-15 (a bag is issued at most once between two packings).

    Args:
        route: by whose hand it reached the person it is for.
        booklet_language: which booklet was handed over, when several are inside.

    Raises:
        NotFound: there is no such bag for this person.
        NotEnoughStock: it has been issued already, or the last ones here are promised.
        RuleBroken: it is on its way, not fit to be issued, or the moment lies outside its time here.
    """
    asked = (tag, route, booklet_language, issued_at)
    if done := trail.earlier(submission_id, by=by, act="bag.issue", body=asked):
        return queries.issue_by_slip(done, scope=scope)
    bag, place = _standing_bag(tag, scope=scope)
    day = local_day(issued_at)
    issued_at = _moment_here(bag, place, issued_at)
    contents = queries.contents_of([bag.id], on=day).get(bag.id, [])
    _refuse_unfit(bag, contents, issued_at)
    language = rules.chosen_language(contents, booklet_language)
    refuse_taking(bag, place, on=day)
    slip, issued = opaque_reference(), outside(PlaceKind.ISSUED)
    posting = post(
        PostingKind.ISSUE,
        _everything_out(bag, contents, issued),
        by=by,
        at=at,
        happened_at=issued_at,
        document=slip,
        bag_movements=[BagMovement(bag.id, place.id, issued)],
        submission_id=submission_id,
    )
    issue = Issue(
        slip=slip,
        bag_id=bag.id,
        place_id=place.id,
        route=route,
        booklet_language=language,
        issued_at=issued_at,
        posting_id=posting.id,
    )
    db.session.add(issue)
    db.session.flush()
    trail.record(
        act="bag.issue",
        subject=slip,
        by=by,
        at=at,
        submission_id=submission_id,
        bag=bag.tag,
        place=place.code,
        route=route,
        booklet_language=language,
        issued_at=issued_at,
        lots=[[content.lot_code, content.unit_count] for content in contents],
    )
    return issue


def _standing_bag(tag: str, *, scope: Scope) -> tuple[Bag, Place]:
    """Lock a bag and give it with the real place it stands at.

    Raises:
        NotFound: it is none of this person's.
        NotEnoughStock: it has been issued.
        RuleBroken: it is on its way.
    """
    bag, expected = queries.bag_and_place(tag, scope=scope)
    if expected.kind in REAL_KINDS:
        queue_for_bags(expected.id)
    here = db.session.get_one(Place, locked_position(bag.id))
    if here.kind is PlaceKind.ISSUED:
        raise _issued_already(bag, scope=scope)
    if here.kind is PlaceKind.IN_TRANSIT and here.destination_id and scope.covers(here.destination_id):
        destination = db.session.get_one(Place, here.destination_id)
        raise RuleBroken(f"Go Bag {tag} is on its way to {destination.name}. Receive it before you issue it", "tag")
    if here.kind not in REAL_KINDS:
        raise NotFound
    scope.demand(here.id)
    if here.id != expected.id:
        raise StaleEdit
    return bag, here


def _issued_already(bag: Bag, *, scope: Scope) -> NotEnoughStock | NotFound:
    """Say when a bag was issued, to whoever answers for the place it was issued from."""
    last = queries.last_issue(bag.id)
    if last is None or not scope.covers(last.place_id):
        return NotFound()
    return NotEnoughStock(
        f"Only 0 left. Nothing has been issued: Go Bag {bag.tag} was issued on {moment_text(last.issued_at)}", "tag"
    )


def _moment_here(bag: Bag, place: Place, issued_at: datetime) -> datetime:
    """Give the moment of the issue, refusing one before the bag stood here.

    People enter minutes; within the minute it arrived, the issue came after.
    """
    came = ask(_CAME, bag_id=bag.id, place_id=place.id)
    if not came:
        return issued_at
    arrived: datetime = came[0][0]
    if issued_at < arrived.replace(second=0, microsecond=0):
        raise RuleBroken(
            f"Go Bag {bag.tag} has been at {place.name} since {moment_text(arrived)}. Enter a later time",
            "issued_on",
        )
    return max(issued_at, arrived)


def _refuse_unfit(bag: Bag, contents: list[Content], issued_at: datetime) -> None:
    """Refuse a bag that could not be handed over then, in the words of its readiness.

    A recall made afterwards does not undo what was handed over, so a late slip is recorded and its units are issued.
    """
    then = [replace(each, hold=None) if each.hold and each.hold.since > issued_at else each for each in contents]
    verdict = queries.verdict_of(bag, then, on=local_day(issued_at))
    if not verdict.issuable:
        raise RuleBroken(
            f"Go Bag {bag.tag} cannot be issued: " + "; ".join(verdict.reasons) + ". Choose another bag", "tag"
        )


def _everything_out(bag: Bag, contents: list[Content], issued: int) -> list[Movement]:
    """Move all that is in a bag to *issued*, with its handsets and SIMs."""
    units = phones.units_standing(bag.place_id, [content.lot_id for content in contents])
    return [
        Movement(
            content.lot_id,
            bag.place_id,
            issued,
            content.unit_count,
            tuple(unit.id for unit in units.get(content.lot_id, [])),
        )
        for content in contents
    ]


def undo_issue(
    slip: str,
    *,
    reason: str,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Posting:
    """Undo an issue that was recorded by mistake: the bag is back where it stood, its seal as it was.

    Whoever may issue at the place can do so for 24 hours after it was recorded; later it takes somebody who may
    correct stock there. The opposite posting happened when the issue is said to have happened, so that no day
    in between counts it.

    Keeps: INV-08 (a reversal negates its original line by line).

    Args:
        reason: what went wrong, in the person's own words; it passes the personal-data guard.

    Raises:
        NotFound: there is no such issue for this person.
        NotPermitted: it is too late for this person.
        StaleEdit: it has been undone already.
        RuleBroken: there is no reason.
    """
    asked = (slip, reason)
    if trail.earlier(submission_id, by=by, act="issue.undo", body=asked):
        return queries.correction_posting(queries.issue_by_slip(slip, scope=scope))
    issue = queries.issue_by_slip(slip, scope=scope)
    locked_position(issue.bag_id)
    earlier = queries.correction_of(issue)
    if earlier is not None:
        raise StaleEdit(f"Already reversed: this issue was undone on {moment_text(earlier.recorded_at)}")
    _refuse_moved_on(issue)
    if not may_undo(issue, by=by, at=at):
        raise NotPermitted(queries.too_late_to_undo(issue, on=local_day(at)))
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Enter a reason", "reason")
    moves = queries.moves_of_posting(issue.posting_id)
    posting = post(
        PostingKind.CORRECTION,
        [Movement(m.lot_id, m.to_place_id, m.from_place_id, m.unit_count, u) for m, u in moves],
        by=by,
        at=at,
        happened_at=issue.issued_at,
        document=issue.slip,
        bag_movements=[BagMovement(issue.bag_id, outside(PlaceKind.ISSUED), issue.place_id)],
        submission_id=submission_id,
        note=note,
        corrects=issue.posting,
        corrected_moves=[move.id for move, _ in moves],
    )
    trail.record(
        act="issue.undo",
        subject=issue.slip,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=note,
        bag=issue.bag.tag,
        place=issue.place.code,
    )
    return posting


def _refuse_moved_on(issue: Issue) -> None:
    """Refuse to undo the issue of a bag that was handed back since, or issued again."""
    last = queries.last_issue(issue.bag_id)
    if queries.place_of(issue.bag_id).kind is not PlaceKind.ISSUED or (last is not None and last.id != issue.id):
        raise StaleEdit(f"Go Bag {issue.bag.tag} was handed back after this issue. There is nothing left to undo")


def may_undo(issue: Issue, *, by: Actor, at: datetime) -> bool:
    """Say whether a person may still undo an issue at its place."""
    here = [held for held in by.appointments if held.place_id in (None, issue.place_id)]
    corrects = any(held.grants(Permission.CORRECT_STOCK) for held in here)
    issues = any(held.grants(Permission.ISSUE_BAG) for held in here)
    return (issues or corrects) and rules.may_undo(issue.posting.recorded_at, at, may_correct_stock=corrects)
