"""Making a recall and ending it.

A recall holds the numberings of every lot it covers, as ``post`` does before it lets anything be used, so that of
a recall and a pick made at the same moment one comes first, and the other knows of it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from core import parse, trail
from core.access import Actor, Scope
from core.dates import moment_text
from core.db import db
from core.errors import AlreadyDone, NotFound, RuleBroken
from core.references import next_reference
from core.trail import Note
from inventory.catalogue import queries as catalogue
from inventory.catalogue.models import Edition, Item
from inventory.catalogue.rules import PRINTED
from inventory.numbering import services as numbering
from inventory.recalls import queries, rules
from inventory.recalls.models import Recall, RecallEnd, RecallPlace
from inventory.recalls.rules import Ending, RecallKind, Remedy
from inventory.stock.models import Lot


def recall(
    code: str,
    *,
    edition_number: int | None = None,
    kind: RecallKind,
    remedy: Remedy,
    reason: str,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Recall:
    """Hold or recall a lot, an edition, or every lot of an item such as a handset model.

    From now on none of it can be picked, sent, packed or issued, wherever it is. Every place that holds any, or
    issued any, is asked to answer. A hold on the same thing ends and the recall takes its place.

    Keeps: INV-29

    Args:
        code: of a lot (L-00002) or of an item.
        edition_number: of the item, when only that edition is meant.
        reason: why, in the person's own words; it passes the personal-data guard.

    Raises:
        RuleBroken: there is no such thing, or no reason.
        AlreadyDone: it is held or recalled already.
    """
    body = [code, edition_number, kind, remedy, reason]
    if done := trail.earlier(submission_id, by=by, act="recall.make", body=body):
        return queries.recall_by_reference(done)
    made = _subject(code, edition_number)
    lock_subject(made)
    earlier = _earlier(made, kind)
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Enter a reason", "reason")
    if earlier is not None:
        _end(earlier, Ending.REPLACED, None, by=by, at=at)
    made.reference, made.kind, made.remedy = next_reference("RC"), kind, remedy
    made.note_id, made.account_id, made.recalled_at = note.id, by.account_id, at
    db.session.add(made)
    db.session.flush()
    asked = _ask_places(made)
    trail.record(
        act="recall.make",
        subject=made.reference,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=note,
        kind=kind,
        remedy=remedy,
        thing=_thing(made),
        replaces=earlier.reference if earlier else None,
        asked=asked,
    )
    return made


def _subject(code: str, edition_number: int | None) -> Recall:
    """Begin a recall of what a code names.

    Raises:
        RuleBroken: it names nothing, or an edition that there is not.
    """
    code = parse.reference(code, noun="Code", most=20, field="code")
    lot = db.session.scalar(select(Lot).where(Lot.code == code))
    if lot is not None:
        if edition_number is not None:
            raise RuleBroken(f"{code} is one lot. Leave the edition empty, or enter the item's code", "edition")
        return Recall(lot=lot, lot_id=lot.id)
    try:
        item = catalogue.item_by_code(code)
    except NotFound:
        raise RuleBroken(f"There is no lot and no item {code}. Check the code", "code") from None
    if edition_number is None:
        return Recall(item=item, item_id=item.id)
    edition = catalogue.edition(item.id, edition_number) if item.kind in PRINTED else None
    if edition is None:
        raise RuleBroken(f"There is no edition {edition_number} of {item.name}", "edition")
    return Recall(edition=edition, edition_id=edition.id)


def lock_subject(made: Recall) -> None:
    """Wait for this act's turn on what a recall covers: the item, then the numberings of its lots."""
    item_id = made.of_item.id
    db.session.execute(select(Item.id).where(Item.id == item_id).with_for_update(key_share=True)).all()
    numbering.hold(queries.lot_ids(made))


def _earlier(made: Recall, kind: RecallKind) -> Recall | None:
    """Give the hold that a recall takes the place of.

    Raises:
        AlreadyDone: it is held or recalled already.
    """
    earlier = queries.open_recall_of(lot_id=made.lot_id, edition_id=made.edition_id, item_id=made.item_id)
    if earlier is None or (earlier.kind is RecallKind.HOLD and kind is RecallKind.RECALL):
        return earlier
    state = rules.KIND_WORDS[earlier.kind].lower()
    raise AlreadyDone(
        f"{earlier.subject} is {state} already: {earlier.reference}, since {moment_text(earlier.recalled_at)}. "
        "Nothing has been recorded"
    )


def _thing(made: Recall) -> str:
    """Name what is recalled by its codes, for the audit leaf."""
    if made.lot is not None:
        return made.lot.code
    item: Item = made.of_item
    edition: Edition | None = made.edition
    return f"{item.code} edition {edition.number}" if edition is not None else item.code


def _ask_places(made: Recall) -> list[list[object]]:
    """Record which places are asked: (place code, units there or on the way, slips issued from it)."""
    found = queries.spots(made, scope=Scope.everywhere())
    standings = queries.standings(made, found, slips := queries.slips(made))
    held = {each.place_id: each.left_count for each in standings}
    wanted = {place_id: (held.get(place_id, 0), slips.get(place_id, 0)) for place_id in {*held, *slips}}
    codes = queries.codes_of(wanted)
    for place_id, (units, slip_count) in sorted(wanted.items()):
        db.session.add(RecallPlace(recall_id=made.id, place_id=place_id, unit_count=units, slip_count=slip_count))
    db.session.flush()
    return [[codes[place_id], *counts] for place_id, counts in sorted(wanted.items())]


def release(reference: str, *, reason: str, by: Actor, at: datetime, submission_id: str) -> Recall:
    """Let what is held or recalled be used again, everywhere, from now on.

    Raises:
        NotFound: there is no such recall.
        AlreadyDone: it has ended.
        RuleBroken: no reason is given.
    """
    if trail.earlier(submission_id, by=by, act="recall.release", body=[reference, reason]):
        return queries.recall_by_reference(reference)
    found = open_recall(reference)
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Enter a reason", "reason")
    _end(found, Ending.RELEASED, note, by=by, at=at)
    trail.record(act="recall.release", subject=reference, by=by, at=at, submission_id=submission_id, reason=note)
    return found


def close(reference: str, *, by: Actor, at: datetime, submission_id: str) -> Recall:
    """Close a recall: everybody asked has answered, and nothing is left but what was checked and kept.

    Raises:
        NotFound: there is no such recall.
        AlreadyDone: it has ended.
        RuleBroken: what keeps it open, place by place.
    """
    if trail.earlier(submission_id, by=by, act="recall.close", body=[reference]):
        return queries.recall_by_reference(reference)
    found = open_recall(reference)
    spots = queries.spots(found, scope=Scope.everywhere())
    keeping = rules.keeping_open(queries.standings(found, spots, {}), found.remedy)
    if keeping:
        raise RuleBroken(f"{reference} cannot close yet: {'; '.join(keeping)}")
    _end(found, Ending.CLOSED, None, by=by, at=at)
    trail.record(act="recall.close", subject=reference, by=by, at=at, submission_id=submission_id)
    return found


def open_recall(reference: str) -> Recall:
    """Find a recall, locked until the commit, that has not ended.

    Raises:
        NotFound: there is none.
        AlreadyDone: it has ended.
    """
    found = queries.recall_by_reference(reference)
    lock_subject(found)
    end = queries.end_of(found.id)
    if end is not None:
        raise AlreadyDone(f"{reference} ended on {moment_text(end.ended_at)}. Nothing has been recorded")
    return found


def _end(found: Recall, way: Ending, note: Note | None, *, by: Actor, at: datetime) -> None:
    db.session.add(
        RecallEnd(recall_id=found.id, way=way, note_id=note.id if note else None, account_id=by.account_id, ended_at=at)
    )
    db.session.flush()
