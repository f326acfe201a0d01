"""Recording which numbers the cards of a lot bear, with a delivery or later, and taking a wrong range back.

Whoever records ranges draws their references first: that row is held until the commit, so that two people who enter
overlapping numbers at once do so one after the other, on lots of any item.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.db import db
from core.errors import AlreadyDone, RuleBroken
from core.references import next_references
from inventory.cards import queries
from inventory.cards.models import CardRange, CardRangeTakenBack
from inventory.cards.rules import CardNumbers, already_known, check_numbers, numbers_in
from inventory.catalogue.rules import ItemKind
from inventory.stock.models import Lot
from inventory.timelines.queries import lot_by_code


def number_lot(
    lot: Lot, numbers: Sequence[CardNumbers], *, by: Actor, at: datetime, field: str | None = None
) -> list[CardRange]:
    """Write down which numbers the cards of a lot bear; whoever calls writes the leaf.

    Raises:
        RuleBroken: a number is known already, or the lot has no room for so many.
    """
    references = next_references("CR", len(numbers))
    known = queries.ranges_of([lot.id]).get(lot.id, [])
    check_numbers(numbers, known=known, unit_count=lot.unit_count, field=field)
    for each in numbers:
        if other := queries.known_already([each]):
            raise already_known(each.shared(other.numbers) or each, other.lot.code, field=field)
    made = [
        CardRange(
            reference=reference,
            lot_id=lot.id,
            prefix=each.prefix,
            first_number=each.first,
            last_number=each.last,
            digit_count=each.digits,
            account_id=by.account_id,
            recorded_at=at,
        )
        for reference, each in zip(references, numbers, strict=True)
    ]
    db.session.add_all(made)
    db.session.flush()
    return made


def record_numbers(
    lot_code: str, written: Sequence[str], *, scope: Scope, by: Actor, at: datetime, submission_id: str
) -> list[CardRange]:
    """Record the numbers of a lot of cards that was received before.

    Keeps: INV-37 (a card number is in one lot).

    Args:
        written: a range each, as printed: "SC-004001 to SC-004250".

    Raises:
        NotFound: the lot is none of the person's.
        RuleBroken: it holds no security cards, a range cannot be read or is known, or they are too many.
    """
    body = [lot_code, list(written)]
    done = trail.earlier(submission_id, by=by, act="cards.record", body=body)
    lot = lot_by_code(lot_code, scope=scope)
    if done:
        return [each for each in queries.recorded(lot.id) if each.taken_back is None]
    if lot.item.kind is not ItemKind.SECURITY_CARD:
        raise RuleBroken(f"{lot.item.name} is no security card, and has no card numbers", "ranges")
    if not written:
        raise RuleBroken("Enter the numbers as printed, like SC-004001 to SC-004250", "ranges")
    made = number_lot(lot, [numbers_in(each, field="ranges") for each in written], by=by, at=at, field="ranges")
    trail.record(
        act="cards.record",
        subject=lot.code,
        by=by,
        at=at,
        submission_id=submission_id,
        ranges=[[each.reference, str(each.numbers)] for each in made],
    )
    return made


def take_back(reference: str, *, reason: str, scope: Scope, by: Actor, at: datetime, submission_id: str) -> CardRange:
    """Take back a range that was recorded by mistake. It stays on record, and its numbers are free again.

    Raises:
        NotFound: there is no such range of a lot of the person's.
        AlreadyDone: it was taken back before.
        RuleBroken: no reason is given.
    """
    done = trail.earlier(submission_id, by=by, act="cards.take_back", body=[reference, reason])
    held = select(CardRange.id).where(CardRange.reference == reference)
    db.session.execute(held.with_for_update(key_share=True)).all()
    found = queries.range_by_reference(reference)
    lot = lot_by_code(found.lot.code, scope=scope)
    if done:
        return found
    if found.taken_back is not None:
        raise AlreadyDone(f"{found.numbers} of lot {lot.code} were taken back already")
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Enter a reason", "reason")
    db.session.add(CardRangeTakenBack(range_id=found.id, note_id=note.id, account_id=by.account_id, taken_back_at=at))
    db.session.flush()
    trail.record(
        act="cards.take_back",
        subject=lot.code,
        by=by,
        at=at,
        submission_id=submission_id,
        range=found.reference,
        numbers=str(found.numbers),
        reason=note,
    )
    return found
