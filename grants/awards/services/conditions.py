"""Conditions of an award: recording, withdrawing, and holding spending to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select

from core import trail
from core.access import Actor
from core.db import db
from core.errors import AlreadyDone, RuleBroken
from core.privacy import refuse_personal_details
from grants.awards import queries
from grants.awards.models import AwardCondition, ConditionEnd, GrantLine
from grants.awards.rules import Condition, ConditionKind, Spent, breaches, demand_sound_condition
from grants.awards.services.holding import hold_open_awards
from grants.evidence.rules import SPENDING_PAPERS
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS


def record_condition(
    award_code: str, condition: Condition, *, by: Actor, at: datetime, submission_id: str
) -> AwardCondition:
    """Record a condition of an award; it is tested from now on, and what was spent before it stays.

    Raises:
        NotFound: there is no such award.
        RuleBroken: the condition could not be tested, or its line is not the award's.
    """
    body = {"award": award_code, "condition": asdict(condition)}
    made = trail.earlier(submission_id, by=by, act="award.condition", body=body)
    if made is not None:
        return db.session.get_one(AwardCondition, int(made.rpartition(" ")[2]))
    demand_sound_condition(condition)
    refuse_personal_details(condition.words, field="words")
    refuse_personal_details(condition.excluded, field="excluded")
    _demand_known(condition)
    award = queries.award_by_code(award_code)
    line = next((each for each in award.lines if each.code == condition.line_code), None)
    if condition.line_code is not None and line is None:
        raise RuleBroken("Choose a line of the award", "line")
    kept = AwardCondition(
        award_id=award.id, grant_line_id=line.id if line else None, kind=condition.kind, clause=condition.clause,
        words=condition.words, pence=condition.pence, excluded=condition.excluded, admitted=condition.admitted,
        share_points=condition.share_points, account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    db.session.add(kept)
    db.session.flush()
    trail.record(
        act="award.condition", subject=f"{award.code} condition {kept.id}", by=by, at=at,
        submission_id=submission_id, award=award.code, kind=condition.kind, clause=condition.clause,
    )  # fmt: skip
    return kept


def withdraw_condition(
    award_code: str, condition_id: int, *, reason: str, by: Actor, at: datetime, submission_id: str
) -> ConditionEnd:
    """Record that a condition no longer holds: it was copied wrong, or the funder let it go.

    Raises:
        NotFound: the award has no such condition.
        AlreadyDone: it was withdrawn before.
        RuleBroken: no reason.
        PeriodClosed: the award is closed.
    """
    body = {"award": award_code, "condition": condition_id, "reason": reason}
    condition = queries.condition_of(award_code, condition_id)
    found = select(ConditionEnd).where(ConditionEnd.condition_id == condition.id)
    if trail.earlier(submission_id, by=by, act="award.withdraw", body=body) is not None:
        return db.session.scalars(found).one()
    hold_open_awards([condition.award_id])
    if db.session.scalar(found) is not None:
        raise AlreadyDone("This condition was withdrawn before. Others still hold as the page of the award lists them")
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Say why the condition no longer holds", "reason")
    end = ConditionEnd(condition_id=condition.id, note_id=note.id, account_id=by.account_id, recorded_at=at)
    db.session.add(end)
    db.session.flush()
    trail.record(
        act="award.withdraw", subject=f"{award_code} condition {condition.id}", by=by, at=at,
        submission_id=submission_id, reason=note, award=award_code, clause=condition.clause,
    )  # fmt: skip
    return end


def _demand_known(condition: Condition) -> None:
    """Refuse a condition that names a paper or a place which does not exist.

    Raises:
        RuleBroken: it does; what may be named is said.
    """
    if condition.kind is ConditionKind.PAPERS:
        known, what = sorted(SPENDING_PAPERS), "a kind of paper kept beside spending"
    elif condition.kind is ConditionKind.PLACES:
        known, what = (
            sorted(db.session.scalars(select(Place.code).where(Place.kind.in_(REAL_KINDS)))),
            "the code of a place",
        )
    else:
        return
    for named in condition.admits:
        if named not in known:
            raise RuleBroken(f"{named} is not {what}. Choose from: {', '.join(known)}", "admitted")


def demand_conditions(spent: Sequence[tuple[GrantLine, Spent]], *, field: str | None = None) -> None:
    """Refuse what a condition of its award does not allow, quoting the clause.

    Args:
        spent: what would be ordered or apportioned, each with its grant line.

    Raises:
        RuleBroken: a condition is broken; the first one is quoted.
    """
    known = queries.conditions_of({line.award_id for line, _ in spent})
    for line, each in spent:
        for breach in breaches(each, known[line.award_id]):
            raise RuleBroken(breach.message, field)
