"""Taking a match back: the opposite of each of its rows, naming what it undoes."""

from __future__ import annotations

from datetime import datetime

from core import trail
from core.access import Actor
from core.errors import AlreadyDone, RuleBroken
from core.money import Pence
from core.references import next_reference
from grants.ledgers import queries
from grants.ledgers.models import MatchedBy
from grants.ledgers.rules.matching import MatchedPair
from grants.ledgers.services.room import SERIES, Making, Room, write_matches, write_opposite


def undo_match(reference: str, *, by: Actor, at: datetime, submission_id: str) -> str:
    """Take back all that was matched in one act; give the reference of the rows that do.

    Raises:
        NotFound: there is no such act.
        AlreadyDone: it has been undone before.
    """
    made = trail.earlier(submission_id, by=by, act="ledger.undo", body={"undo": reference})
    if made is not None:
        return made
    act = queries.act_by_reference(reference)
    lines = {match.line_id for match in act.matches}
    for cancelled in act.cancellations:
        lines |= {cancelled.line_id, cancelled.taken_back_by_id}
    room = Room(lines, {match.row_id for match in act.matches})
    if queries.act_by_reference(reference).undone:
        raise AlreadyDone(f"{reference} has already been undone")
    undo = next_reference(SERIES)
    making = Making(by, at, MatchedBy.PERSON, f"Undoes {reference}")
    _write_opposites(act, room, undo, making)
    trail.record(act="ledger.undo", subject=undo, by=by, at=at, submission_id=submission_id, undone=reference)
    return undo


def _write_opposites(act: queries.Act, room: Room, undo: str, making: Making) -> None:
    """Insert the opposite of each row of an act.

    Raises:
        RuleBroken: later matches stand on it.
    """
    opposites = [(MatchedPair(each.line_id, each.row_id, Pence(-each.pence)), each.id) for each in act.matches]
    pairs = room.in_order([pair for pair, _ in opposites])
    if pairs is None:
        raise RuleBroken(f"Later matches of the same spending stand on {act.reference}. Undo those first")
    undone = []
    for pair in pairs:
        found = next(each for each in opposites if each[0] is pair)
        undone.append(found[1])
    if pairs:
        write_matches(undo, pairs, making, undone)
    for made in act.cancellations:
        write_opposite(undo, made, making)
