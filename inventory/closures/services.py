"""Closing a place, and before that sending all it holds back to its store, where it is counted in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.dates import day_text, local_day
from core.db import db
from core.errors import AlreadyDone, RuleBroken
from core.references import next_reference
from inventory.bags import queries as bags
from inventory.closures import queries
from inventory.closures.queries import SentBack
from inventory.closures.rules import SERIES, SentBag, SentLot
from inventory.phones import queries as phones
from inventory.stock.models import Posting
from inventory.stock.queries import lots_held, outside, transit_to
from inventory.stock.rules import BagMovement, Movement, PostingKind
from inventory.stock.services import post
from organisation.places.models import Place
from organisation.places.rules import PlaceKind


def close_place(code: str, *, scope: Scope, by: Actor, at: datetime, submission_id: str) -> Place:
    """Close a place today. Its past stays as it was; nothing new can be opened at it.

    Raises:
        NotFound: there is no such place in scope.
        RuleBroken: it is closed already, or something keeps it open.
    """
    if trail.earlier(submission_id, by=by, act="place.close", body=code):
        return queries.place_to_close(code, scope=scope)
    place = queries.place_to_close(code, scope=scope, lock=True)
    today = local_day(at)
    if place.closed_on is not None:
        raise RuleBroken(f"{place.name} was closed on {day_text(place.closed_on)}")
    if place.opened_on is not None and place.opened_on > today:
        raise RuleBroken(f"{place.name} opens only on {day_text(place.opened_on)}")
    keeping = queries.kept_open_by(place, on=today)
    if keeping:
        raise RuleBroken(f"{place.name} cannot close yet: {', '.join(keeping)}. Settle these first")
    place.closed_on = today
    trail.record(act="place.close", subject=code, by=by, at=at, submission_id=submission_id, closed_on=today)
    return place


def send_back(place_code: str, *, scope: Scope, by: Actor, at: datetime, submission_id: str) -> str:
    """Send everything that stands at a place back to its store, where somebody counts it in; give its reference.

    Keeps: INV-01 (balances), INV-23 (units and bags start where they are).

    Raises:
        NotFound: the place is none of the person's.
        RuleBroken: no store supplies it, nothing stands there, or a recall covers some of it.
    """
    if done := trail.earlier(submission_id, by=by, act="place.send_back", body=[place_code]):
        return done
    place = queries.place_to_close(place_code, scope=scope)
    if place.supplied_by_id is None:
        raise RuleBroken(f"No store supplies {place.name}, so there is nowhere to send its stock")
    coming = transit_to(place.supplied_by_id)
    lots = lots_held(place.id)
    units = phones.units_standing(place.id, [each.lot_id for each in lots if each.serial])
    standing = bags.bag_views([place.id], scope=scope, on=local_day(at))
    if not lots and not standing:
        raise RuleBroken(f"Nothing stands at {place.name}")
    reference = next_reference(SERIES)
    post(
        PostingKind.DISPATCH,
        [
            Movement(
                each.lot_id, place.id, coming, each.unit_count, tuple(unit.id for unit in units.get(each.lot_id, ()))
            )
            for each in lots
        ],
        bag_movements=[BagMovement(each.bag_id, place.id, coming) for each in standing],
        by=by,
        at=at,
        happened_at=at,
        document=reference,
        submission_id=submission_id,
    )
    trail.record(
        act="place.send_back",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        place=place.code,
        lots=[[each.code, each.unit_count] for each in lots],
        bags=[each.tag for each in standing],
    )
    return reference


def count_in(
    reference: str,
    arrived: Mapping[str, int],
    tags: Collection[str],
    *,
    numbers: Collection[str] = (),
    reason: str | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Posting:
    """Count in at the store what a place sent back. What did not arrive is written off, with a reason.

    Args:
        arrived: lot code → units that arrived, of lots without numbers; one that is left out did not.
        tags: the Go Bags that arrived.
        numbers: of the handsets and SIMs that arrived.
        reason: what happened to what did not arrive.

    Raises:
        NotFound: nothing under this reference was sent to a store of the person's.
        AlreadyDone: it was counted in before.
        RuleBroken: more arrived than was sent, a number that was not, or something did not arrive and nobody says why.
    """
    body = [reference, sorted(arrived.items()), sorted(tags), sorted(numbers)]
    done = trail.earlier(submission_id, by=by, act="place.count_in", body=body)
    db.session.execute(select(Posting.id).where(Posting.document == reference).with_for_update(key_share=True)).all()
    sent = queries.sent_back_as(reference, scope=scope)
    if done:
        return sent.posting
    if sent.counted_in:
        raise AlreadyDone(f"What {sent.place.name} sent back as {reference} has been counted in already")
    lots, sent_bags = queries.lots_sent(sent.posting.id), queries.bags_sent(sent.posting.id)
    _demand_sent(lots, numbers)
    came = {each.lot_id: _came(each, arrived, numbers) for each in lots}
    movements = [move for each in lots for move in _of_lot(each, came[each.lot_id], numbers, sent)]
    lost = [each for each in sent_bags if each.tag not in tags]
    why = trail.note(reason, field="reason")
    if why is None:
        _demand_all_there(lots, came, lost)
    posting = post(
        PostingKind.RECEIPT,
        [*movements, *(move for each in lost for move in _everything_out(each, at=at))],
        bag_movements=[_of_bag(each, sent, lost=each in lost) for each in sent_bags],
        by=by,
        at=at,
        happened_at=at,
        document=reference,
        submission_id=submission_id,
        note=why,
    )
    trail.record(
        act="place.count_in",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        place=sent.place.code,
        arrived=sorted((each.lot_code, came[each.lot_id]) for each in lots),
        bags=sorted(tags),
        written_off=[each.tag for each in lost],
        reason=why,
    )
    return posting


def _demand_sent(lots: Collection[SentLot], numbers: Collection[str]) -> None:
    """Refuse a handset or SIM that was not among what was sent."""
    sent = {unit.number for each in lots for unit in each.units}
    strange = next((number for number in numbers if number not in sent), None)
    if strange is not None:
        raise RuleBroken(f"The handset or SIM whose number ends in {strange[-4:]} was not sent. Reload the page")


def _came(each: SentLot, arrived: Mapping[str, int], numbers: Collection[str]) -> int:
    """Give how many units of a lot arrived."""
    count = len(each.arrived(numbers)) if each.units else arrived.get(each.lot_code, 0)
    if not 0 <= count <= each.unit_count:
        raise RuleBroken(
            f"{each.item_name} (lot {each.lot_code}): {each.unit_count:,} were sent. Enter that or fewer",
            f"arrived_{each.lot_code}",
        )
    return count


def _demand_all_there(lots: Collection[SentLot], came: Mapping[int, int], lost: Collection[SentBag]) -> None:
    """Refuse to write anything off without a reason, and name what."""
    short = [(each.item_name, each.unit_count - came[each.lot_id]) for each in lots]
    missing = [f"Go Bag {each.tag}" for each in lost] + [f"{count:,} {name}" for name, count in short if count > 0]
    if missing:
        raise RuleBroken(f"Say what happened to what did not arrive: {', '.join(missing)}", "reason")


def _of_lot(each: SentLot, came: int, numbers: Collection[str], sent: SentBack) -> list[Movement]:
    """Move what arrived of a lot onto the store's shelf, and what did not to *written off*."""
    goals = (
        (sent.store.id, came, each.arrived(numbers)),
        (outside(PlaceKind.WRITTEN_OFF), each.unit_count - came, each.missing(numbers)),
    )
    return [
        Movement(each.lot_id, transit_to(sent.store.id), goal, count, units) for goal, count, units in goals if count
    ]


def _of_bag(each: SentBag, sent: SentBack, *, lost: bool) -> BagMovement:
    goal = outside(PlaceKind.WRITTEN_OFF) if lost else sent.store.id
    return BagMovement(each.bag_id, transit_to(sent.store.id), goal)


def _everything_out(lost: SentBag, *, at: datetime) -> list[Movement]:
    """Write off all that was in a Go Bag that did not arrive: nothing stays on hand in a bag that is gone."""
    inside, gone = bags.inside_of(lost.bag_id), outside(PlaceKind.WRITTEN_OFF)
    contents = bags.contents_of([lost.bag_id], on=local_day(at)).get(lost.bag_id, [])
    units = phones.units_standing(inside, [each.lot_id for each in contents])
    return [
        Movement(each.lot_id, inside, gone, each.unit_count, tuple(unit.id for unit in units.get(each.lot_id, ())))
        for each in contents
    ]
