"""Moving budget between the lines of an award: both sides tested, the funder's consent named above the limit."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from core import trail
from core.access import Actor
from core.dates import day_text, local_day
from core.db import db
from core.errors import OverLimit, RuleBroken
from core.money import Pence, pounds
from core.references import next_reference
from grants.awards import queries
from grants.awards.models import BudgetChange, GrantLine
from grants.awards.rules import Side, Spent, consent_needed, points_text
from grants.awards.services.conditions import demand_conditions
from grants.awards.services.holding import hold_open_awards, read_again
from grants.spending import queries as spending


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
    read_again()
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
