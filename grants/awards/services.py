"""Recording an award, and moving its budget between lines.

An award and its lines are recorded once, from the signed agreement. A line is never edited: its budget now is
the one agreed plus every budget change, each with its date and, above the award's limit, the funder's consent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import func, select

from core import trail
from core.access import Actor
from core.dates import day_text, local_day
from core.db import db
from core.errors import OverLimit, PeriodClosed, RuleBroken
from core.money import Pence, pounds
from core.privacy import refuse_personal_details
from core.references import next_reference
from grants.awards import queries
from grants.awards.models import Award, AwardClosure, AwardCondition, BudgetChange, GrantLine
from grants.awards.rules import (
    AwardTerms,
    ClosingAct,
    Condition,
    ConditionKind,
    NewLine,
    Side,
    Spent,
    breaches,
    consent_needed,
    demand_sound_condition,
    demand_sound_terms,
    points_text,
)
from grants.evidence.rules import SPENDING_PAPERS
from grants.spending import queries as spending
from organisation.places.models import Body, Place
from organisation.places.rules import REAL_KINDS


def record_award(terms: AwardTerms, lines: Sequence[NewLine], *, by: Actor, at: datetime, submission_id: str) -> Award:
    """Record an award and its lines as the agreement gives them.

    Raises:
        RuleBroken: the terms contradict themselves, the lines add up to more than the award, or the code is taken.
    """
    body = {"terms": asdict(terms), "lines": [asdict(line) for line in lines]}
    made = trail.earlier(submission_id, by=by, act="award.record", body=body)
    if made is not None:
        return queries.award_by_code(made)
    demand_sound_terms(terms, lines)
    _guard_words(terms, lines)
    if db.session.scalar(select(Award.id).where(Award.code == terms.code)) is not None:
        raise RuleBroken(f"Award {terms.code} is already recorded. Choose another code", "code")
    award = Award(**_columns(terms), body_id=_body_id(terms.body_code))
    award.lines = [GrantLine(position=n, **asdict(line)) for n, line in enumerate(lines, start=1)]
    db.session.add(award)
    db.session.flush()
    trail.record(
        act="award.record", subject=award.code, by=by, at=at, submission_id=submission_id,
        amount_pence=award.amount_pence, starts_on=award.starts_on, ends_on=award.ends_on,
        lines={line.code: line.budget_pence for line in award.lines},
    )  # fmt: skip
    return award


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


def _columns(terms: AwardTerms) -> dict[str, object]:
    return {name: value for name, value in asdict(terms).items() if name != "body_code"}


def _guard_words(terms: AwardTerms, lines: Sequence[NewLine]) -> None:
    """Keep details of a person out of every text a reader will see."""
    refuse_personal_details(terms.title, field="title")
    refuse_personal_details(terms.funder, field="funder")
    refuse_personal_details(terms.certifier_office, field="certifier_office")
    for line in lines:
        refuse_personal_details(f"{line.heading}\n{line.purpose}")


def _body_id(code: str) -> int:
    body_id = db.session.scalar(select(Body.id).where(Body.code == code))
    if body_id is None:
        raise RuleBroken("Select the body that holds the award", "body_code")
    return body_id


def lock_awards(award_ids: Sequence[int]) -> None:
    """Make changes to the same awards' money queue, in one order so that none deadlock (PostgreSQL)."""
    asked = select(Award.id).where(Award.id.in_(award_ids)).order_by(Award.id).with_for_update()
    db.session.execute(asked).all()


def hold_open_awards(award_ids: Sequence[int]) -> None:
    """Hold awards as ``lock_awards`` does, and refuse when one of them is closed.

    Raises:
        PeriodClosed: one is closed; it says when, and how it is opened again.
    """
    newest = (
        select(func.max(AwardClosure.id)).where(AwardClosure.award_id == Award.id).correlate(Award).scalar_subquery()
    )
    asked = (
        select(Award.code, AwardClosure.act, AwardClosure.recorded_at)
        .outerjoin(AwardClosure, AwardClosure.id == newest)
        .where(Award.id.in_(award_ids))
        .order_by(Award.id)
        .with_for_update(of=Award)
    )
    for code, act, moment in db.session.execute(asked).all():
        if act is ClosingAct.CLOSED:
            raise PeriodClosed(
                f"Award {code} was closed on {day_text(local_day(moment))}, so nothing of its money changes. Whoever "
                "certifies its claims can reopen it, with a reason"
            )


def change_budget(
    *,
    from_line: str,
    to_line: str,
    pence: Pence,
    agreed_on: date,
    consent_reference: str | None,
    reason: str | None,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> BudgetChange:
    """Move budget from one line of an award to another (a virement).

    Both lines are tested: the change, with what moved before without consent, as a share of each line's agreed
    budget; above the award's limit the funder's consent must be named.

    Args:
        from_line: full code of the line that gives, such as "GB2022/C".
        consent_reference: the letter or email by which the funder agreed.

    Raises:
        RuleBroken: another award's line, the same line, a date outside the award, or no consent where needed.
        OverLimit: the line has less left than is to move.
        PeriodClosed: the award is closed.
    """
    facts = {"from": from_line, "to": to_line, "pence": pence, "agreed_on": agreed_on}
    body = {**facts, "consent": consent_reference, "reason": reason}
    made = trail.earlier(submission_id, by=by, act="budget.change", body=body)
    if made is not None:
        return db.session.scalars(select(BudgetChange).where(BudgetChange.reference == made)).one()
    giving = queries.line_by_name(from_line, field="from_line")
    taking = queries.line_by_name(to_line, field="to_line")
    hold_open_awards(sorted({giving.award_id, taking.award_id}))
    _demand_one_award(giving, taking, pence, agreed_on, local_day(at))
    _demand_enough_left(giving, pence)
    _demand_consent(giving, taking, pence, consent_reference)
    _demand_below_ceiling(taking, pence)
    note = trail.note(reason, field="reason")
    change = BudgetChange(
        reference=next_reference("V"), from_line_id=giving.id, to_line_id=taking.id, pence=pence,
        agreed_on=agreed_on, consent_reference=consent_reference, note_id=note.id if note else None,
        account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    db.session.add(change)
    db.session.flush()
    trail.record(
        act="budget.change", subject=change.reference, by=by, at=at, submission_id=submission_id, reason=note,
        consent=consent_reference, **facts,
    )  # fmt: skip
    return change


def _demand_one_award(giving: GrantLine, taking: GrantLine, pence: Pence, agreed_on: date, today: date) -> None:
    """Refuse a change between awards, within one line, of nothing, or agreed at no real time."""
    if giving.award_id != taking.award_id:
        raise RuleBroken(
            f"{giving.full_code} and {taking.full_code} are lines of different awards. Money cannot move "
            "between grants",
            "to_line",
        )
    if giving.id == taking.id:
        raise RuleBroken("Choose two different lines", "to_line")
    if pence <= 0:
        raise RuleBroken("Enter an amount of more than £0", "pence")
    if agreed_on > today:
        raise RuleBroken("Enter a real date in the past", "agreed_on")
    if agreed_on < giving.award.offered_on:
        raise RuleBroken(
            f"The award was offered on {day_text(giving.award.offered_on)}; a change cannot be agreed before it",
            "agreed_on",
        )


def _demand_enough_left(giving: GrantLine, pence: Pence) -> None:
    """Refuse to move budget that is already spent.

    Raises:
        OverLimit: less of the line is left than is to move.
    """
    revised = queries.revised_budgets([giving.id])[giving.id]
    spent = spending.apportioned_by_line([giving.id]).get(giving.id, 0)
    if pence > revised - spent:
        raise OverLimit(
            f"Line {giving.code} has {pounds(revised - spent)} left: {pounds(revised)} budget less "
            f"{pounds(spent)} already apportioned. Move {pounds(max(0, revised - spent))} or less",
            "pence",
        )


def _demand_below_ceiling(taking: GrantLine, pence: Pence) -> None:
    """Refuse to move budget onto a line beyond the ceiling its agreement sets, quoting the clause."""
    revised = queries.revised_budgets([taking.id])[taking.id] + pence
    demand_conditions([(taking, Spent(taking.code, "", 0, line_pence=revised))], field="to_line")


def _demand_consent(giving: GrantLine, taking: GrantLine, pence: Pence, consent: str | None) -> None:
    """Refuse a change beyond the award's limit that names no consent; quote the figures and the clause."""
    if consent:
        return
    moved = queries.moved_without_consent([giving.id, taking.id])
    sides = [
        Side(f"line {giving.code}", Pence(giving.budget_pence), Pence(moved[giving.id] - pence)),
        Side(f"line {taking.code}", Pence(taking.budget_pence), Pence(moved[taking.id] + pence)),
    ]
    award = giving.award
    beyond = consent_needed(sides, award.virement_limit_points)
    if beyond is None:
        return
    others = [f"{side.percent} of {side.name}" for side in sides if side is not beyond]
    raise RuleBroken(
        f"{pounds(abs(beyond.moved_pence))} is {beyond.percent} of {beyond.name} ({pounds(beyond.approved_pence)}), "
        f"and {others[0]}. Agreement {award.agreement_reference} lets {points_text(award.virement_limit_points)} "
        "of a line move without the funder's consent. Enter the reference of the funder's consent",
        "consent_reference",
    )
