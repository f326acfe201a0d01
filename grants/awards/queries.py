"""Awards, their lines and what each line's budget is after every change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ScalarSelect, Select, bindparam, exists, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from core.dates import local_day
from core.db import ask, db
from core.errors import NotFound, RuleBroken
from core.money import Pence, pounds
from core.trail import AuditLeaf
from grants.awards.models import (
    Amendment,
    Award,
    AwardClosure,
    AwardCondition,
    BudgetChange,
    ConditionEnd,
    GrantLine,
    LineCorrection,
)
from grants.awards.rules import AwardTerms, ClosingAct, Condition, Settled
from grants.claims.models import Claim
from grants.claims.rules.course import SIGNED
from grants.reconciliation.models import Reconciliation, SignedReconciliation
from grants.spending.models import Apportionment, OrderLine, OrderLineEnd

_LINE = (
    select(GrantLine)
    .join(Award)
    .where(Award.code == bindparam("award_code"), GrantLine.code == bindparam("line_code"))
    .options(joinedload(GrantLine.award))
)
_CONDITIONS = (
    select(
        AwardCondition.award_id,
        AwardCondition.kind, AwardCondition.clause, AwardCondition.words, GrantLine.code, AwardCondition.pence,
        AwardCondition.excluded, Award.agreement_reference, AwardCondition.admitted, AwardCondition.share_points,
        AwardCondition.id,
    )
    .join(Award, Award.id == AwardCondition.award_id)
    .outerjoin(GrantLine, GrantLine.id == AwardCondition.grant_line_id)
    .where(
        AwardCondition.award_id.in_(bindparam("award_ids", expanding=True)),
        ~exists().where(ConditionEnd.condition_id == AwardCondition.id),
    )
    .order_by(AwardCondition.id)
)  # fmt: skip
_OF_LINES: BindParameter[Any] = bindparam("line_ids", expanding=True)
_CHANGES = select(BudgetChange.from_line_id, BudgetChange.to_line_id, BudgetChange.pence).where(
    BudgetChange.from_line_id.in_(_OF_LINES) | BudgetChange.to_line_id.in_(_OF_LINES)
)
_CHANGES_WITHOUT_CONSENT = _CHANGES.where(BudgetChange.consent_reference.is_(None))
_BUDGETS = select(GrantLine.id, GrantLine.budget_pence).where(GrantLine.id.in_(_OF_LINES))
"""Built once: preparing them costs more than running them."""


def awards() -> list[Award]:
    """List every award with its lines, the one that ends last first."""
    asked = select(Award).options(joinedload(Award.lines), joinedload(Award.body))
    return list(db.session.scalars(asked.order_by(Award.ends_on.desc(), Award.code)).unique())


def open_awards() -> list[Award]:
    """List the awards that are not closed, with their lines, the one that ends last first."""
    newest = select(func.max(AwardClosure.id)).group_by(AwardClosure.award_id)
    closed = select(AwardClosure.award_id).where(AwardClosure.id.in_(newest), AwardClosure.act == ClosingAct.CLOSED)
    gone = set(db.session.scalars(closed))
    return [award for award in awards() if award.id not in gone]


def award_by_code(code: str) -> Award:
    """Find an award with its lines.

    Raises:
        NotFound: there is none.
    """
    asked = select(Award).where(Award.code == code).options(joinedload(Award.lines), joinedload(Award.body))
    award = db.session.scalars(asked).unique().one_or_none()
    if award is None:
        raise NotFound
    return award


def recorded_on(award: Award) -> date:
    """Give the day an award was recorded in the service, which its leaf in the log knows."""
    asked = select(AuditLeaf.recorded_at).where(AuditLeaf.subject == award.code, AuditLeaf.act == "award.record")
    return local_day(db.session.scalars(asked).one())


def line_by_name(name: str, *, field: str | None = None) -> GrantLine:
    """Find a grant line by its full code, such as "GB2022/A".

    Raises:
        RuleBroken: there is none; a form's list never offers one that is not there.
    """
    award_code, _, line_code = name.partition("/")
    line = db.session.scalar(_LINE, {"award_code": award_code, "line_code": line_code})
    if line is None:
        raise RuleBroken("Select a grant line you can use", field)
    return line


def line_of_award(award_code: str, line_code: str) -> GrantLine:
    """Find the grant line a page is about.

    Raises:
        NotFound: there is none.
    """
    try:
        return line_by_name(f"{award_code}/{line_code}")
    except RuleBroken:
        raise NotFound from None


def budget_changes(line_ids: Collection[int]) -> dict[int, Pence]:
    """Add up the budget changes of lines: grant line id → pence moved onto it less pence moved off it."""
    return _on_balance(line_ids, _CHANGES)


def _on_balance(line_ids: Collection[int], asked: Select[int, int, int]) -> dict[int, Pence]:
    """Add up some budget changes: grant line id → pence moved onto it less pence moved off it."""
    change: dict[int, int] = dict.fromkeys(line_ids, 0)
    for from_id, to_id, pence in db.session.execute(asked, {"line_ids": list(line_ids)}):
        for line_id, by in ((from_id, -pence), (to_id, pence)):
            if line_id in change:
                change[line_id] += by
    return {line_id: Pence(pence) for line_id, pence in change.items()}


def revised_budgets(line_ids: Collection[int]) -> dict[int, Pence]:
    """Give each line's budget after every change: grant line id → pence."""
    change = budget_changes(line_ids)
    budgets = ask(_BUDGETS, line_ids=list(line_ids))
    return {line_id: Pence(budget + change[line_id]) for line_id, budget in budgets}


def moved_without_consent(line_ids: Collection[int]) -> dict[int, Pence]:
    """Add up what has moved on balance without the funder's consent: grant line id → pence."""
    return _on_balance(line_ids, _CHANGES_WITHOUT_CONSENT)


def changes_of(award_id: int) -> list[BudgetChange]:
    """List an award's budget changes, newest first, with their lines."""
    asked = (
        select(BudgetChange)
        .join(GrantLine, GrantLine.id == BudgetChange.from_line_id)
        .where(GrantLine.award_id == award_id)
        .options(joinedload(BudgetChange.from_line), joinedload(BudgetChange.to_line))
        .options(joinedload(BudgetChange.note))
        .order_by(BudgetChange.id.desc())
    )
    return list(db.session.scalars(asked))


def conditions_of(award_ids: Collection[int]) -> dict[int, list[Condition]]:
    """Give the conditions of awards that hold, in the order they were recorded: award id → conditions."""
    found: dict[int, list[Condition]] = {award_id: [] for award_id in award_ids}
    for award_id, *condition in ask(_CONDITIONS, award_ids=list(found)):
        found[award_id].append(Condition(*condition))
    return found


def corrections_of(award_id: int) -> list[LineCorrection]:
    """List the corrections of an award's lines, the newest first."""
    asked = select(LineCorrection).join(GrantLine).where(GrantLine.award_id == award_id)
    loaded = asked.options(
        contains_eager(LineCorrection.line), joinedload(LineCorrection.account), joinedload(LineCorrection.note)
    )
    return list(db.session.scalars(loaded.order_by(LineCorrection.id.desc())))


def hanging(award_id: int) -> dict[int, str]:
    """Say what hangs on an award's lines, so that they are no longer corrected: grant line id → words.

    An order that is billed hangs on its line still; one that was ended does not. Lines that are free are left out.
    """
    first = select(func.min(Claim.id)).where(Claim.award_id == award_id, Claim.state.in_(SIGNED)).scalar_subquery()
    asked = (
        select(GrantLine.id, _apportioned(), Claim.reference, _ordered(), BudgetChange.reference)
        .select_from(GrantLine)
        .outerjoin(Claim, Claim.id == first)
        .outerjoin(BudgetChange, BudgetChange.id == _first_change())
        .where(GrantLine.award_id == award_id)
    )
    told = {
        line_id: _what_hangs(apportioned, claim, ordered, change)
        for line_id, apportioned, claim, ordered, change in db.session.execute(asked)
    }
    return {line_id: words for line_id, words in told.items() if words}


def _what_hangs(apportioned: int | None, claim: str | None, ordered: int | None, change: str | None) -> str:
    """Say what hangs on a grant line; nothing where nothing does."""
    if apportioned:
        return f"{pounds(Pence(int(apportioned)))} is apportioned to it"
    if claim:
        return f"{claim} was certified with it"
    if ordered is not None:
        return f"{pounds(Pence(int(ordered)))} is ordered for it"
    return f"{change} moved budget off or onto it" if change else ""


def _apportioned() -> ScalarSelect[int]:
    """Add up what is apportioned to a grant line."""
    asked = select(func.sum(Apportionment.pence)).where(Apportionment.grant_line_id == GrantLine.id)
    return asked.correlate(GrantLine).scalar_subquery()


def _ordered() -> ScalarSelect[int]:
    """Add up what is ordered for a grant line and was not ended; nothing where no order stands."""
    ended = exists().where(OrderLineEnd.order_line_id == OrderLine.id)
    asked = select(func.sum(OrderLine.net_pence)).where(OrderLine.grant_line_id == GrantLine.id, ~ended)
    return asked.correlate(GrantLine).scalar_subquery()


def _first_change() -> ScalarSelect[int]:
    """Find the first budget change off or onto a grant line."""
    change = aliased(BudgetChange)
    touches = (change.from_line_id == GrantLine.id) | (change.to_line_id == GrantLine.id)
    return select(func.min(change.id)).where(touches).correlate(GrantLine).scalar_subquery()


def ended_conditions(award_id: int) -> list[ConditionEnd]:
    """List the conditions of an award that hold no more, the newest end first."""
    asked = select(ConditionEnd).join(AwardCondition).where(AwardCondition.award_id == award_id)
    loaded = asked.options(contains_eager(ConditionEnd.condition), joinedload(ConditionEnd.note))
    return list(db.session.scalars(loaded.order_by(ConditionEnd.id.desc())))


def condition_of(award_code: str, condition_id: int) -> AwardCondition:
    """Find a condition of an award.

    Raises:
        NotFound: the award has none of this id.
    """
    asked = select(AwardCondition).join(Award).where(Award.code == award_code, AwardCondition.id == condition_id)
    found = db.session.scalar(asked.options(contains_eager(AwardCondition.award)))
    if found is None:
        raise NotFound
    return found


def amendments_of(award_id: int) -> list[Amendment]:
    """List the terms of an award that were amended, the newest first."""
    asked = select(Amendment).where(Amendment.award_id == award_id).order_by(Amendment.id.desc())
    return list(db.session.scalars(asked.options(joinedload(Amendment.account), joinedload(Amendment.note))))


def terms_of(award: Award) -> AwardTerms:
    """Give the terms of an award as they are now."""
    named = {each.name: getattr(award, each.name) for each in fields(AwardTerms) if each.name != "body_code"}
    return AwardTerms(**named, body_code=award.body.code)


def settled_periods(award_id: int) -> list[Settled]:
    """List the periods of an award that were claimed or signed off."""
    claims = db.session.scalars(select(Claim).where(Claim.award_id == award_id).order_by(Claim.id))
    asked = select(Reconciliation).join(SignedReconciliation).where(Reconciliation.award_id == award_id)
    found = [
        Settled(each.reference, each.first_on, each.last_on, each.is_final, each.state in SIGNED) for each in claims
    ]
    return [*found, *(Settled(each.reference, each.first_on, each.last_on) for each in db.session.scalars(asked))]


def moved(changes: Collection[BudgetChange]) -> dict[int, Pence]:
    """Add changes already read up: grant line id → pence on balance, lines that no change touches left out."""
    total: dict[int, int] = {}
    for change in changes:
        total[change.from_line_id] = total.get(change.from_line_id, 0) - change.pence
        total[change.to_line_id] = total.get(change.to_line_id, 0) + change.pence
    return {line_id: Pence(pence) for line_id, pence in total.items()}


def budget_words(line: GrantLine, budget: Pence) -> str:
    """Describe a line for a list to choose from."""
    return f"{line.code} {line.heading} ({pounds(budget)})"
