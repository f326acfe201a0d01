"""Recording briefings and the partnership's actions, and issuing the pack of a quarter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.dates import day_text, local_day
from core.db import db
from core.errors import AlreadyDone, RuleBroken, StaleEdit
from core.figures.storing import text_of
from core.periods import Period
from core.references import next_reference
from grants.partnership import queries
from grants.partnership.models import Briefing, PartnershipAction, PartnershipActionDone, PartnershipPack
from grants.partnership.report import propose_pack
from grants.partnership.rules import check_briefing, check_due
from organisation.places.models import Body
from organisation.places.queries import chosen_place


def record_briefing(
    place_code: str,
    *,
    briefed_on: date,
    attendee_count: int,
    about: str = "",
    corrects: int | None = None,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Briefing:
    """Record that a briefing was held and how many attended; names of those who came are never recorded.

    Args:
        about: what it was about, in a few words; it passes the personal-data guard.
        corrects: id of the entry that this one stands in the stead of; with none attending, it did not take place.

    Raises:
        RuleBroken: there is no such place, or the day or the number is out of range.
        AlreadyDone: the entry was corrected before.
    """
    asked = [place_code, briefed_on, attendee_count, about, corrects]
    if done := trail.earlier(submission_id, by=by, act="briefing.record", body=asked):
        return queries.briefing(int(done.rpartition(" ")[2]))
    place = chosen_place(place_code, scope=Scope.everywhere(), field="place")
    check_briefing(briefed_on, attendee_count, today=local_day(at), corrects=corrects is not None)
    if corrects is not None:
        queries.briefing(corrects)
        db.session.execute(select(Briefing.id).where(Briefing.id == corrects).with_for_update(key_share=True)).all()
        if corrects in queries.corrected_ids():
            raise AlreadyDone("This entry has been corrected already. Correct the newer one")
    note = trail.note(about, field="about") if about else None
    made = Briefing(
        place_id=place.id,
        briefed_on=briefed_on,
        attendee_count=attendee_count,
        note_id=note.id if note else None,
        corrects_id=corrects,
        account_id=by.account_id,
        recorded_at=at,
    )
    db.session.add(made)
    db.session.flush()
    trail.record(
        act="briefing.record",
        subject=f"briefing {made.id}",
        by=by,
        at=at,
        submission_id=submission_id,
        place=place.code,
        briefed_on=briefed_on,
        attended=attendee_count,
        corrects=corrects,
        reason=note,
    )
    return made


def agree_action(
    words: str, *, owner_code: str, due_on: date, by: Actor, at: datetime, submission_id: str
) -> PartnershipAction:
    """Record what a body of the partnership has agreed to do.

    Raises:
        RuleBroken: nothing is said, there is no such body, or the day is out of range.
    """
    asked = [words, owner_code, due_on]
    if done := trail.earlier(submission_id, by=by, act="partnership.agree", body=asked):
        return queries.action(int(done.rpartition(" ")[2]))
    owner = db.session.scalar(select(Body).where(Body.code == owner_code))
    if owner is None:
        raise RuleBroken("Select who does it", "owner")
    check_due(due_on, today=local_day(at))
    note = trail.note(words, field="words")
    if note is None:
        raise RuleBroken("Enter what is to be done", "words")
    made = PartnershipAction(note_id=note.id, body_id=owner.id, due_on=due_on, account_id=by.account_id, recorded_at=at)
    db.session.add(made)
    db.session.flush()
    trail.record(
        act="partnership.agree",
        subject=f"action {made.id}",
        by=by,
        at=at,
        submission_id=submission_id,
        owner=owner.code,
        due_on=due_on,
        reason=note,
    )
    return made


def finish_action(action_id: int, *, by: Actor, at: datetime, submission_id: str) -> None:
    """Record that an action is done.

    Raises:
        NotFound: there is no such action.
        AlreadyDone: it was done before.
    """
    if trail.earlier(submission_id, by=by, act="partnership.finish", body=[action_id]):
        return
    queries.action(action_id)
    lock = select(PartnershipAction.id).where(PartnershipAction.id == action_id).with_for_update(key_share=True)
    db.session.execute(lock).all()
    if queries.is_done(action_id):
        raise AlreadyDone("This action is done already")
    db.session.add(PartnershipActionDone(action_id=action_id, account_id=by.account_id, done_at=at))
    db.session.flush()
    trail.record(act="partnership.finish", subject=f"action {action_id}", by=by, at=at, submission_id=submission_id)


def issue_pack(
    period: Period, seen_digest: str, *, known_at: datetime, by: Actor, at: datetime, submission_id: str
) -> str:
    """Issue the pack of a quarter, exactly as it was seen; give its reference. A quarter has one pack.

    Keeps: INV-32

    Args:
        seen_digest: fingerprint of what the person read.
        known_at: data cut-off.

    Raises:
        RuleBroken: the quarter is not over, or its usage is not published.
        AlreadyDone: its pack was issued before.
        StaleEdit: the pack is no longer what the person read.
    """
    asked = [period.first, period.last, seen_digest]
    if (made := trail.earlier(submission_id, by=by, act="partnership.issue", body=asked)) is not None:
        return made
    reference = next_reference("PTN")  # its series is locked until the commit, so that a quarter is issued once
    if earlier := queries.pack_of(period):
        raise AlreadyDone(
            f"The pack of {period.name} was issued as {earlier}. Another of the same quarter could be subtracted "
            "from it, so there is one"
        )
    proposal = propose_pack(period, today=local_day(at), at=known_at)
    if proposal.digest != seen_digest:
        raise StaleEdit("The pack changed while you were reading. Read it again before you issue it")
    kept = PartnershipPack(
        reference=reference,
        first_on=period.first,
        last_on=period.last,
        account_id=by.account_id,
        issued_at=at,
        frozen_json=text_of(replace(proposal, reference=reference)),
    )
    db.session.add(kept)
    db.session.flush()
    trail.record(
        act="partnership.issue",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        period=period.words,
        until=day_text(period.last),
    )
    return reference
