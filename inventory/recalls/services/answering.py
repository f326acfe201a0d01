"""Answering a recall for a place, and counting in at the store what was sent back.

What lies on the shelf is written off or sent back here, in one posting. What is in a sealed Go Bag is taken out
by the service that opens bags, and is then on the shelf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core import trail
from core.access import Actor, Scope
from core.db import db
from core.errors import AlreadyDone, RuleBroken
from inventory.phones import queries as phones
from inventory.phones.models import SerialUnit
from inventory.recalls import queries, rules
from inventory.recalls.models import Recall, RecallAnswer, RecallArrival, RecallLine
from inventory.recalls.queries import Spot
from inventory.recalls.rules import FoundLot, Remedy
from inventory.recalls.services.making import lock_subject, open_recall
from inventory.stock.models import Posting
from inventory.stock.queries import outside, transit_to
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post
from organisation.places.models import Place
from organisation.places.queries import place_by_code
from organisation.places.rules import PlaceKind


@dataclass(frozen=True)
class _Checked:
    """One line of an answer with the lot it is about."""

    spot: Spot
    line: FoundLot
    unit_ids: tuple[int, ...]


def answer(
    reference: str,
    place_code: str,
    found: Sequence[FoundLot],
    *,
    told_count: int | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> RecallAnswer:
    """Answer a recall for a place: what was found on its shelf, and what of that was removed.

    What is removed is sent back to the place's store, where the recall asks for that and there is one, and is
    written off otherwise. A place may answer again, when more turns up or bags have been opened.

    Keeps: INV-01 (balances), INV-16 (promises), INV-23 (serial units), INV-29.

    Args:
        found: for each lot on the shelf; one that is left out was not found.
        told_count: how many of the slips issued from here the place could tell of it so far; None leaves what it said.

    Raises:
        NotFound: there is no such recall, or the place is not one of this person's.
        AlreadyDone: the recall has ended.
        RuleBroken: more was found than is recorded, or more removed than found.
        NotEnoughStock: what was removed is promised to a request.
    """
    body = [reference, place_code, [each.plain for each in found], told_count]
    if done := trail.earlier(submission_id, by=by, act="recall.answer", body=body):
        return _answer_made(int(done.rpartition(" ")[2]), reference)
    place = place_by_code(place_code, scope=scope)
    recall = open_recall(reference)
    checked = _checked(recall, place, found)
    _check_told(told_count, queries.slips(recall).get(place.id, 0))
    store_id = place.supplied_by_id if recall.remedy is Remedy.SEND_BACK else None
    posting = _remove(recall, place, checked, store_id, by=by, at=at, submission_id=submission_id)
    made = RecallAnswer(
        recall_id=recall.id,
        place_id=place.id,
        told_count=told_count,
        posting_id=posting.id if posting else None,
        sent_to_id=store_id if posting else None,
        account_id=by.account_id,
        answered_at=at,
        lines=[_line(each) for each in checked],
    )
    db.session.add(made)
    db.session.flush()
    trail.record(
        act="recall.answer",
        subject=f"{reference} answer {made.id}",
        by=by,
        at=at,
        submission_id=submission_id,
        recall=reference,
        place=place.code,
        lots=[[x.spot.lot_code, x.spot.unit_count, x.line.found_count, x.line.removed_count] for x in checked],
        told=told_count,
        sent_back=bool(posting and store_id),
    )
    return made


def _answer_made(answer_id: int, reference: str) -> RecallAnswer:
    recall = queries.recall_by_reference(reference)
    return next(each for each in queries.answers(recall.id) if each.id == answer_id)


def _checked(recall: Recall, place: Place, found: Sequence[FoundLot]) -> list[_Checked]:
    """Put what was said beside what the records have on the shelf, every lot of it.

    Raises:
        RuleBroken: a lot is not on the shelf, is named twice, or its figures do not fit.
    """
    here = {
        each.lot_code: each
        for each in queries.spots(recall, scope=Scope.of([place.id]), place_id=place.id)
        if each.on_shelf
    }
    said = {line.lot_code: line for line in found if line.found_count or line.removed_count or line.lot_code in here}
    if len({line.lot_code for line in found}) != len(found):
        raise RuleBroken("Name each lot once")
    for code, line in said.items():
        if code not in here:
            raise RuleBroken(
                f"None of lot {code} is on the shelf at {place.name} by the records, or {recall.reference} does not "
                f"cover it. Enter 0 for it",
                f"found_{code}",
            )
        rules.check_found(line, item_name=here[code].item_name, here_count=here[code].unit_count, place_name=place.name)
    units = phones.units_standing(place.id, [each.lot_id for each in here.values() if each.serial])
    lines = [(spot, said.get(code, FoundLot(code, 0, 0))) for code, spot in here.items()]
    return [_Checked(spot, line, _units(spot, line, units.get(spot.lot_id, []))) for spot, line in lines]


def _units(spot: Spot, line: FoundLot, standing: Sequence[SerialUnit]) -> tuple[int, ...]:
    """Find the handsets or SIMs that are removed: all of the lot, or those named.

    Raises:
        RuleBroken: it is not said which, or one is named that is not here.
    """
    if not spot.serial or not line.removed_count:
        return ()
    if not line.serial_numbers and line.removed_count == len(standing):
        return tuple(unit.id for unit in standing)
    known = {unit.number: unit.id for unit in standing}
    chosen = [known[number] for number in line.serial_numbers if number in known]
    if len(set(chosen)) != line.removed_count or len(line.serial_numbers) != line.removed_count:
        raise RuleBroken(
            f"{spot.item_name} (lot {spot.lot_code}): enter the {line.removed_count:,} "
            f"{'number' if line.removed_count == 1 else 'numbers'} of those removed, each as it stands here",
            f"numbers_{spot.lot_code}",
        )
    return tuple(chosen)


def _check_told(told_count: int | None, slip_count: int) -> None:
    if told_count is not None and not 0 <= told_count <= slip_count:
        raise RuleBroken(
            f"{slip_count:,} {'slip' if slip_count == 1 else 'slips'} issued from here. Enter that or fewer",
            "told_count",
        )


def _remove(
    recall: Recall,
    place: Place,
    checked: Sequence[_Checked],
    store_id: int | None,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Posting | None:
    """Write off what was removed, or send it back; None when nothing was.

    Both are kept as a write-off: the goods leave use, and no place wanted them elsewhere.
    """
    goal = transit_to(store_id) if store_id is not None else outside(PlaceKind.WRITTEN_OFF)
    movements = [
        Movement(each.spot.lot_id, place.id, goal, each.line.removed_count, each.unit_ids)
        for each in checked
        if each.line.removed_count
    ]
    if not movements:
        return None
    return post(
        PostingKind.WRITE_OFF,
        movements,
        by=by,
        at=at,
        happened_at=at,
        document=recall.reference,
        submission_id=submission_id,
    )


def _line(checked: _Checked) -> RecallLine:
    return RecallLine(
        lot_id=checked.spot.lot_id,
        expected_count=checked.spot.unit_count,
        found_count=checked.line.found_count,
        removed_count=checked.line.removed_count,
    )


def take_in(
    answer_id: int, arrived: Mapping[str, int], *, scope: Scope, by: Actor, at: datetime, submission_id: str
) -> RecallArrival:
    """Count in at the store what an answer sent back. What did not arrive is written off; the rest stays held.

    Args:
        arrived: lot code → units that arrived.

    Raises:
        NotFound: nothing of this was sent to a store of this person's.
        AlreadyDone: it was counted in before.
        RuleBroken: more arrived than was sent, or single numbered things did not and it is not said which.
    """
    body = [answer_id, sorted(arrived.items())]
    done = trail.earlier(submission_id, by=by, act="recall.take_in", body=body)
    sent = queries.answer_sent(answer_id, scope=scope)
    if done:
        arrival = queries.arrival_of(answer_id)
        assert arrival is not None, "the first sending made it"
        return arrival
    lock_subject(sent.recall)
    if queries.arrival_of(answer_id) is not None:
        raise AlreadyDone(f"What {sent.place.name} sent back has been counted in already")
    assert sent.sent_to_id is not None, "only what was sent back is found"
    movements = _arriving(sent, arrived)
    posting = post(
        PostingKind.RECEIPT,
        movements,
        by=by,
        at=at,
        happened_at=at,
        document=sent.recall.reference,
        submission_id=submission_id,
    )
    missing = sum(move.unit_count for move in movements if move.to_place_id != sent.sent_to_id)
    made = RecallArrival(
        answer_id=answer_id, posting_id=posting.id, missing_count=missing, account_id=by.account_id, arrived_at=at
    )
    db.session.add(made)
    db.session.flush()
    trail.record(
        act="recall.take_in",
        subject=f"{sent.recall.reference} answer {answer_id}",
        by=by,
        at=at,
        submission_id=submission_id,
        recall=sent.recall.reference,
        place=sent.place.code,
        arrived=sorted(arrived.items()),
        missing=missing,
    )
    return made


def _arriving(sent: RecallAnswer, arrived: Mapping[str, int]) -> list[Movement]:
    """Move what arrived onto the store's shelf, and what did not to *written off*."""
    store_id = sent.sent_to_id or 0
    transit, gone = transit_to(store_id), outside(PlaceKind.WRITTEN_OFF)
    movements = []
    for line in sent.lines:
        if not line.removed_count:
            continue
        came = arrived.get(line.lot.code, 0)
        if not 0 <= came <= line.removed_count:
            raise RuleBroken(
                f"{line.lot.item.name} (lot {line.lot.code}): {line.removed_count:,} were sent. Enter that or fewer",
                f"arrived_{line.lot.code}",
            )
        if line.lot.item.serial and came not in (0, line.removed_count):
            raise RuleBroken(
                f"{line.lot.item.name} is counted by number: enter 0 or {line.removed_count:,}",
                f"arrived_{line.lot.code}",
            )
        units = queries.units_of_answer(sent, line.lot_id)
        for goal, count in ((store_id, came), (gone, line.removed_count - came)):
            if count:
                movements.append(Movement(line.lot_id, transit, goal, count, units))
    return movements
