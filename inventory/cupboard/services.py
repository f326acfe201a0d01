"""Printing a cupboard sheet, keying it in and writing it off.

What is keyed in is an ordinary issue at the written time: everything that refuses an issue refuses a line, and the
sheet's other lines with it, so that a sheet is never half in the books without anybody being told.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.dates import local_day, moment_text
from core.db import db
from core.errors import AlreadyDone, NotFound, Refusal, RuleBroken
from core.references import next_reference
from inventory.bags import queries as bags
from inventory.bags.services import issue_bag
from inventory.cupboard import queries
from inventory.cupboard.models import CupboardEntry, CupboardLine, CupboardSheet, CupboardSheetEnd
from inventory.cupboard.rules import MOST_LINES, SheetEnd, WrittenLine, letter_of
from organisation.places.queries import place_by_code


def print_sheet(place_code: str, *, scope: Scope, by: Actor, at: datetime, submission_id: str) -> CupboardSheet:
    """Number a sheet for a place, with a line for each Go Bag that may be issued there now.

    Raises:
        NotFound: the place is none of the person's.
        RuleBroken: no Go Bag stands there that could be issued.
    """
    if done := trail.earlier(submission_id, by=by, act="cupboard.print", body=[place_code]):
        return queries.sheet_by_reference(done, scope=scope)
    place = place_by_code(place_code, scope=scope)
    views = bags.bag_views([place.id], scope=scope, on=local_day(at))
    standing = bags.earliest_first(view for view in views if view.can_be_issued)[:MOST_LINES]
    if not standing:
        raise RuleBroken(f"No Go Bag at {place.name} can be issued, so there is nothing to print")
    sheet = CupboardSheet(
        reference=next_reference("CS"), place_id=place.id, printed_by_id=by.account_id, printed_at=at,
        lines=[
            CupboardLine(
                position=position, bag_id=view.bag_id, kit=view.recipe_name, seal_number=view.seal_number,
                languages=",".join(view.languages),
            )
            for position, view in enumerate(standing, start=1)
        ],
    )  # fmt: skip
    db.session.add(sheet)
    db.session.flush()
    trail.record(
        act="cupboard.print", subject=sheet.reference, by=by, at=at, submission_id=submission_id, place=place.code,
        lines=[[letter_of(number), view.tag] for number, view in enumerate(standing, start=1)],
    )  # fmt: skip
    return sheet


def key_in(
    reference: str,
    written: Sequence[WrittenLine],
    *,
    finished: bool,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> list[str]:
    """Record what is written on lines of a sheet, each at its written time; all of them or none.

    Args:
        written: lines that say a Go Bag was handed over, each of them not keyed in before.
        finished: that nothing else stands on the sheet, and nothing more will be written on it.

    Returns:
        The slips of the issues, in the order of the lines.

    Raises:
        NotFound: there is no such sheet or line for this person.
        AlreadyDone: the sheet or a line was keyed in or written off before.
        Refusal: what refuses the issue of a line, with the letter of the line.
    """
    body = [reference, [line.plain for line in written], finished]
    done = trail.earlier(submission_id, by=by, act="cupboard.key", body=body)
    sheet = _held(reference, scope=scope)
    if done is not None:
        slips = queries.slips_of(sheet.lines)
        return [slips[line.position] for line in written]
    _refuse_ended(sheet)
    if not written and not finished:
        raise RuleBroken("Enter the date and time of each line that is written on, or say that nothing is")
    slips_made = [_issue(sheet, line, scope=scope, by=by, at=at, submission_id=submission_id) for line in written]
    if finished:
        _end(sheet, SheetEnd.KEYED, None, by=by, at=at)
    trail.record(
        act="cupboard.key", subject=sheet.reference, by=by, at=at, submission_id=submission_id, place=sheet.place.code,
        finished=finished,
        lines=[[letter_of(line.position), slip] for line, slip in zip(written, slips_made, strict=True)],
    )  # fmt: skip
    return slips_made


def _held(reference: str, *, scope: Scope) -> CupboardSheet:
    """Find a sheet and hold it, so that two people who key it in at once do so one after the other."""
    held = select(CupboardSheet.id).where(CupboardSheet.reference == reference)
    db.session.execute(held.with_for_update(key_share=True)).all()
    return queries.sheet_by_reference(reference, scope=scope)


def _refuse_ended(sheet: CupboardSheet) -> None:
    if sheet.end is not None:
        raise AlreadyDone(
            f"{sheet.reference} was {sheet.end.kind} on {moment_text(sheet.end.ended_at)} by {sheet.end.account.name}. "
            "Nothing has been recorded"
        )


def _issue(
    sheet: CupboardSheet, written: WrittenLine, *, scope: Scope, by: Actor, at: datetime, submission_id: str
) -> str:
    """Issue the Go Bag of a line; give its slip."""
    line = next((each for each in sheet.lines if each.position == written.position), None)
    if line is None:
        raise NotFound
    field = f"on_{written.position}"
    letter = letter_of(written.position)
    if line.entry is not None:
        # On no field: the page shows the slip where the line was.
        raise AlreadyDone(f"Line {letter} was keyed in before: slip {line.entry.issue.slip}. Nothing has been recorded")
    if written.issued_at < sheet.printed_at.replace(second=0, microsecond=0):
        raise RuleBroken(
            f"Line {letter}: {sheet.reference} was printed on {moment_text(sheet.printed_at)}. Enter a later time",
            field,
        )
    try:
        issue = issue_bag(
            line.bag.tag, route=written.route, issued_at=written.issued_at, booklet_language=written.booklet_language,
            scope=scope, by=by, at=at, submission_id=str(uuid.uuid5(uuid.UUID(submission_id), letter)),
        )  # fmt: skip
    except NotFound:
        raise RuleBroken(f"Line {letter}: Go Bag {line.bag.tag} is at none of your places any more", field) from None
    except Refusal as refusal:
        raise type(refusal)(f"Line {letter}: {refusal.message}", field) from None
    if issue.place_id != sheet.place_id:
        raise RuleBroken(
            f"Line {letter}: Go Bag {line.bag.tag} is at {issue.place.name} now. Nothing has been recorded", field
        )
    line.entry = CupboardEntry(issue_id=issue.id)
    db.session.flush()
    return issue.slip


def write_off(
    reference: str, *, reason: str, scope: Scope, by: Actor, at: datetime, submission_id: str
) -> CupboardSheet:
    """Say that a sheet will not be keyed in, and why. What was keyed in of it stays.

    Raises:
        NotFound: there is no such sheet for this person.
        AlreadyDone: it was keyed in or written off before.
    """
    done = trail.earlier(submission_id, by=by, act="cupboard.write_off", body=[reference, reason])
    sheet = _held(reference, scope=scope)
    if done is not None:
        return sheet
    _refuse_ended(sheet)
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Enter a reason", "reason")
    _end(sheet, SheetEnd.WRITTEN_OFF, note.id, by=by, at=at)
    trail.record(
        act="cupboard.write_off", subject=sheet.reference, by=by, at=at, submission_id=submission_id, reason=note,
        place=sheet.place.code,
    )  # fmt: skip
    return sheet


def _end(sheet: CupboardSheet, kind: SheetEnd, note_id: int | None, *, by: Actor, at: datetime) -> None:
    db.session.add(
        CupboardSheetEnd(sheet_id=sheet.id, kind=kind, note_id=note_id, account_id=by.account_id, ended_at=at)
    )
    db.session.flush()
