"""Saying which spending rows explain which ledger lines.

Never more than the line or the row holds: what both still hold is read again and locked (``room``), the service
says it in words, and triggers in the database say it once more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import trail
from core.access import Actor
from core.errors import OverLimit, RuleBroken, StaleEdit
from core.money import Pence, pounds
from core.references import next_reference
from grants.ledgers import queries
from grants.ledgers.models import MatchedBy
from grants.ledgers.rules.matching import MatchedPair, MatchKind, Proposal
from grants.ledgers.services.room import SERIES, Making, Room, within, write_cancellation, write_matches
from grants.spending.queries import row_by_reference

_NOTHING = "nothing"
_RUN = re.compile(r"M-(\d+)(?: to M-(\d+))?")


@dataclass(frozen=True)
class MatchRun:
    """What matching by itself recorded: references of its matches, in their order."""

    references: tuple[str, ...]


def match(
    line_name: str,
    row_reference: str,
    pence: Pence | None = None,
    *,
    reason: str | None = None,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> str:
    """Explain pence of a ledger line by a spending row; give the reference of the match.

    Args:
        pence: signed as the line; None for as much as both have left.

    Raises:
        NotFound: there is no such line or row.
        RuleBroken: nothing to match, or a line that books money and a row that gives it back.
        OverLimit: more than the line or the row has left.
    """
    body = {"line": line_name, "row": row_reference, "pence": pence, "reason": reason}
    made = trail.earlier(submission_id, by=by, act="ledger.match", body=body)
    if made is not None:
        return made
    line, row = queries.line_by_name(line_name), row_by_reference(row_reference)
    room = Room([line.id], [row.id])
    if pence is None:
        pence = _most(room.lines[line.id], room.rows[row.id])
    _demand_room(room.lines[line.id], room.rows[row.id], pence)
    making = Making(by, at, MatchedBy.PERSON, note=trail.note(reason, field="reason"))
    reference = next_reference(SERIES)
    write_matches(reference, [MatchedPair(line.id, row.id, pence)], making)
    trail.record(
        act="ledger.match", subject=reference, by=by, at=at, submission_id=submission_id, reason=making.note,
        pairs=[[line_name, row_reference, pence]],
    )  # fmt: skip
    return reference


def _most(line: queries.LineState, row: queries.RowState) -> Pence:
    """Give the pence that a line and a row both have left, signed as the line; of the row, first its net amount."""
    held = abs(row.left_pence or row.room_pence)
    most = min(abs(line.left_pence), held)
    return Pence(-most if line.line.net_pence < 0 else most)


def _demand_room(line: queries.LineState, row: queries.RowState, pence: Pence) -> None:
    """Refuse to match what either side does not hold.

    Raises:
        RuleBroken: nothing, or opposite signs.
        OverLimit: with the figures of the side that has too little left.
    """
    if line.line.net_pence * row.gross_pence <= 0:
        raise RuleBroken(
            f"{line.line.name} books {pounds(line.line.net_pence)} and {row.row.reference} is "
            f"{pounds(row.gross_pence)}. Choose a row of the same sign",
            "row",
        )
    if not line.left_pence or not row.room_pence:
        name = row.row.reference if line.left_pence else line.line.name
        raise OverLimit(f"Nothing of {name} is left to match. Choose another, or undo a match first", "row")
    if pence == 0:
        raise RuleBroken("Enter an amount other than £0", "pence")
    if not within(line.explained_pence + pence, line.line.net_pence):
        raise OverLimit(
            f"{line.line.name} has {pounds(line.left_pence)} unexplained. "
            f"Match {pounds(line.left_pence)} or less, not {pounds(pence)}",
            "pence",
        )
    if not within(row.booked_pence + pence, row.gross_pence):
        raise OverLimit(
            f"{row.row.reference} is {pounds(row.gross_pence)} with VAT and the ledger books "
            f"{pounds(row.booked_pence)} of it. Match {pounds(row.room_pence)} or less, not {pounds(pence)}",
            "pence",
        )


def accept_proposal(line_name: str, proposal_key: str, *, by: Actor, at: datetime, submission_id: str) -> str:
    """Make the match that is proposed for a line, as it was shown; give its reference.

    Raises:
        NotFound: there is no such line.
        StaleEdit: what is proposed now is not what was shown.
        RuleBroken: the proposal only warns of a line booked twice, and matches nothing.
    """
    body = {"line": line_name, "proposal": proposal_key}
    made = trail.earlier(submission_id, by=by, act="ledger.accept", body=body)
    if made is not None:
        return made
    line = queries.line_by_name(line_name)
    proposal = queries.proposal_for(line.id, line.ledger.code)
    if proposal is None or queries.proposal_key(proposal) != proposal_key:
        raise StaleEdit
    if proposal.kind is MatchKind.REPEATED:
        raise RuleBroken("This line seems to be booked twice, so nothing explains it. Ask for it to be taken back")
    making = Making(by, at, MatchedBy.PERSON, worded(proposal.reasons))
    reference = _record_proposal(proposal, Room(proposal.line_ids, _rows_of(proposal)), making)
    if reference is None:
        raise StaleEdit
    trail.record(act="ledger.accept", subject=reference, by=by, at=at, submission_id=submission_id, **_facts(proposal))
    return reference


def match_automatically(ledger_code: str | None, *, by: Actor, at: datetime, submission_id: str) -> MatchRun:
    """Make the matches that are certain, and leave the others to a person.

    Args:
        ledger_code: lines of one ledger, or of every one when None.

    Raises:
        NotFound: there is no such ledger.
    """
    made = trail.earlier(submission_id, by=by, act="ledger.match automatically", body={"ledger": ledger_code})
    if made is not None:
        return MatchRun(_references_in(made))
    if ledger_code is not None:
        queries.ledger_by_code(ledger_code)
    certain = [each for each in queries.proposals(ledger_code) if each.certain]
    certain.sort(key=lambda proposal: proposal.kind is MatchKind.REVERSED)
    room = Room(
        {line_id for proposal in certain for line_id in proposal.line_ids},
        {row_id for proposal in certain for row_id in _rows_of(proposal)},
    )
    run: dict[str, Proposal] = {}
    for proposal in certain:
        making = Making(by, at, MatchedBy.MACHINE, worded(proposal.reasons))
        reference = _record_proposal(proposal, room, making)
        if reference is not None:
            run[reference] = proposal
    trail.record(
        act="ledger.match automatically", subject=_subject(tuple(run)), by=by, at=at, submission_id=submission_id,
        ledger=ledger_code, matches={reference: _facts(proposal) for reference, proposal in run.items()},
    )  # fmt: skip
    return MatchRun(tuple(run))


def _rows_of(proposal: Proposal) -> set[int]:
    return {pair.row_id for pair in proposal.pairs}


def _record_proposal(proposal: Proposal, room: Room, making: Making) -> str | None:
    """Record the pairs of a proposal, or two lines that cancel; give None when they do not fit any more."""
    if not proposal.pairs:
        return _record_cancellation(proposal, room, making)
    pairs = room.in_order(proposal.pairs)
    if pairs is None:
        return None
    reference = next_reference(SERIES)
    write_matches(reference, pairs, making)
    return reference


def _record_cancellation(proposal: Proposal, room: Room, making: Making) -> str | None:
    """Record that one line takes another back."""
    if proposal.kind is not MatchKind.REVERSED or len(proposal.line_ids) != 2 or not room.cancels(*proposal.line_ids):
        return None
    reference = next_reference(SERIES)
    booked, taken_back = (room.lines[line_id].line for line_id in proposal.line_ids)
    write_cancellation(reference, booked, taken_back, making)
    return reference


def worded(reasons: Sequence[str]) -> str:
    """Write reasons as one sentence without its full stop."""
    text = "; ".join(reasons)
    return text[:1].upper() + text[1:]


def _facts(proposal: Proposal) -> dict[str, Any]:
    """Give what a proposal matches as the trail keeps it."""
    pairs = [[f"L-{pair.line_id}", pair.row_id, pair.pence] for pair in proposal.pairs]
    return {"kind": proposal.kind.value, "lines": [f"L-{line_id}" for line_id in proposal.line_ids], "pairs": pairs}


def _subject(references: Sequence[str]) -> str:
    """Name a run by its references, which follow each other: the series is held until the run commits."""
    if not references:
        return _NOTHING
    return references[0] if len(references) == 1 else f"{references[0]} to {references[-1]}"


def _references_in(subject: str) -> tuple[str, ...]:
    """Give the references a run's subject names."""
    found = _RUN.fullmatch(subject)
    if found is None:
        return ()
    first, last = int(found[1]), int(found[2] or found[1])
    return tuple(f"{SERIES}-{number:05d}" for number in range(first, last + 1))
