"""Apportioning spending to grant lines, to the penny, and taking an apportionment back.

Whoever apportions holds, in one order, the awards concerned and then the spending row, so two people cannot
spend the same budget or the same row. The database holds the row's bound once more by a trigger.

Over a line's revised budget is always refused, with no way to insist: the answer to too little budget is a
virement, which is recorded first and can be seen; an overspend is carried by the force outside the award.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core import trail
from core.access import Actor
from core.dates import moment_text
from core.db import db
from core.errors import AlreadyDone, NotFound, OverLimit, RuleBroken
from core.money import Pence, pounds
from grants.awards.models import GrantLine
from grants.awards.queries import line_by_name, revised_budgets
from grants.awards.rules import Spent
from grants.awards.services import demand_conditions, hold_open_awards
from grants.spending import queries
from grants.spending.models import Apportionment, SpendingRow
from grants.spending.rules import (
    Share,
    demand_in_period,
    demand_within_cost,
    shares_by_percentage,
    shares_by_units,
)


def apportion(
    row_reference: str, shares: Sequence[Share], *, by: Actor, at: datetime, submission_id: str
) -> SpendingRow:
    """Charge so many pence of a spending row to grant lines; what remains stays to apportion.

    Args:
        shares: pence for each grant line, in the sign of the row (negative for a credit).

    Raises:
        RuleBroken: nothing to apportion, a line twice, or cost from outside the award's funding period.
        OverLimit: more than the row costs, more than a line's revised budget, or more of a credit than the line
            paid of what is credited.
        PeriodClosed: an award concerned is closed.
    """
    body = {"row": row_reference, "shares": [[share.line, share.pence] for share in shares]}
    made = trail.earlier(submission_id, by=by, act="spending.apportion", body=body)
    if made is not None:
        return queries.row_by_reference(made)
    lines = _lines_of([share.line for share in shares])
    row = _locked(row_reference, lines)
    _apportion(row, {line.id: share.pence for line, share in zip(lines, shares, strict=True)}, lines, by, at)
    _leave(row, "spending.apportion", shares, by=by, at=at, submission_id=submission_id)
    return row


def apportion_by_percentage(
    row_reference: str, points: Sequence[tuple[str, int]], *, by: Actor, at: datetime, submission_id: str
) -> SpendingRow:
    """Charge percentages of a spending row's whole cost to grant lines, split by largest remainder.

    Args:
        points: (grant line's full code, basis points); what they leave of 100% stays to apportion.

    Raises:
        RuleBroken: as ``apportion``, or percentages of more than 100% together.
        OverLimit: as ``apportion``.
    """
    return _apportion_parts(
        row_reference, "points", points, lambda row, parts: shares_by_percentage(row.cost_pence, parts),
        by=by, at=at, submission_id=submission_id,
    )  # fmt: skip


def apportion_by_units(
    row_reference: str, units: Sequence[tuple[str, int]], *, by: Actor, at: datetime, submission_id: str
) -> SpendingRow:
    """Charge the cost of so many of a spending row's units to grant lines, split by largest remainder.

    Args:
        units: (grant line's full code, units of those the row bills); what the other units cost stays to apportion.

    Raises:
        RuleBroken: as ``apportion``, a row that is not counted, or more units than it bills.
        OverLimit: as ``apportion``.
    """
    return _apportion_parts(
        row_reference, "units", units,
        lambda row, parts: shares_by_units(row.cost_pence, row.unit_count, parts, row.reference),
        by=by, at=at, submission_id=submission_id,
    )  # fmt: skip


def _apportion_parts(
    row_reference: str,
    measure: str,
    parts: Sequence[tuple[str, int]],
    pence_of: Callable[[SpendingRow, Sequence[int]], Sequence[Pence]],
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> SpendingRow:
    """Charge parts of a row's whole cost to grant lines, in whatever they are measured."""
    body = {"row": row_reference, measure: [list(part) for part in parts]}
    made = trail.earlier(submission_id, by=by, act="spending.apportion", body=body)
    if made is not None:
        return queries.row_by_reference(made)
    lines = _lines_of([name for name, _ in parts])
    row = _locked(row_reference, lines)
    pence = pence_of(row, [part for _, part in parts])
    shares = [Share(name, each) for (name, _), each in zip(parts, pence, strict=True)]
    _apportion(row, {line.id: each for line, each in zip(lines, pence, strict=True)}, lines, by, at)
    _leave(row, "spending.apportion", shares, by=by, at=at, submission_id=submission_id)
    return row


def _lines_of(names: Sequence[str]) -> list[GrantLine]:
    """Find the grant lines named, each once."""
    if not names:
        raise RuleBroken("Enter an amount for at least one grant line")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise RuleBroken(f"Line {twice} is there twice. Add its amounts up")
    return [line_by_name(name) for name in names]


def _locked(row_reference: str, lines: Sequence[GrantLine]) -> SpendingRow:
    """Hold the awards, then the row, until the change is made."""
    hold_open_awards(sorted({line.award_id for line in lines}))
    row = queries.row_by_reference(row_reference)
    held = row.credits_row_id or row.id
    queries.lock_row(held)
    return row


def _apportion(
    row: SpendingRow, shares: Mapping[int, Pence], lines: Sequence[GrantLine], by: Actor, at: datetime
) -> None:
    """Check the shares against the row, the period, the budgets and what is credited, and record them."""
    before = queries.apportioned_of_rows([row.id]).get(row.id, Pence(0))
    demand_within_cost(row.cost_pence, before, list(shares.values()), row.reference)
    for line in lines:
        days = queries.days_of_cost(row, line.award.basis)
        award = line.award
        demand_in_period(days, award.starts_on, award.ends_on, award.code, award.agreement_reference)
    spent = queries.apportioned_by_line(list(shares))
    _demand_budget(lines, shares, spent)
    _demand_conditions(row, lines, shares, spent)
    if row.credits_row_id is not None:
        _demand_paid(row.credits_row_id, lines, shares)
    for line_id, pence in shares.items():
        db.session.add(
            Apportionment(row_id=row.id, grant_line_id=line_id, pence=pence, account_id=by.account_id, recorded_at=at)
        )
    db.session.flush()


def _demand_budget(lines: Sequence[GrantLine], shares: Mapping[int, Pence], spent: Mapping[int, Pence]) -> None:
    """Refuse what takes a line over its revised budget."""
    budgets = revised_budgets([line.id for line in lines])
    for line in lines:
        over = spent.get(line.id, 0) + shares[line.id] - budgets[line.id]
        if over > 0 and shares[line.id] > 0:
            raise OverLimit(
                f"This is {pounds(over)} over the line. Record a virement first. Line {line.code} has a budget "
                f"of {pounds(budgets[line.id])} (agreement {line.award.agreement_reference}), of which "
                f"{pounds(spent.get(line.id, 0))} is apportioned"
            )


def _demand_conditions(
    row: SpendingRow, lines: Sequence[GrantLine], shares: Mapping[int, Pence], spent: Mapping[int, Pence]
) -> None:
    """Refuse to charge a line with what a condition of its award does not allow, quoting the clause."""
    if row.cost_pence < 0:
        return
    credited = queries.credited_of([row.id])[row.id]
    paid = _left_paid(row.id, credited)
    demand_conditions(
        [
            (
                line,
                Spent(
                    line.code, f"{row.reference} {row.description}", row.cost_pence, row.unit_count, row.kind,
                    spent.get(line.id, 0) + shares[line.id],
                    share_pence=sum(paid.get(each.id, 0) + shares.get(each.id, 0) for each in line.award.lines),
                    credited_pence=credited.cost_pence,
                ),
            )
            for line in lines
        ]
    )  # fmt: skip


def _demand_paid(credited_id: int, lines: Sequence[GrantLine], shares: Mapping[int, Pence]) -> None:
    """Refuse to give a credit to a line beyond what that line paid of the row it credits."""
    paid = paid_by_line(credited_id)
    for line in lines:
        left = paid.get(line.id, 0) + shares[line.id]
        if left < 0:
            raise OverLimit(
                f"Line {line.full_code} paid {pounds(paid.get(line.id, 0))} of what this credits. Give it back to "
                "the lines that paid"
            )


def paid_by_line(row_id: int) -> dict[int, Pence]:
    """Give what lines pay of a row after all its credits: grant line id → pence."""
    return _left_paid(row_id, queries.credited_of([row_id])[row_id])


def _left_paid(row_id: int, credited: queries.Credited) -> dict[int, Pence]:
    """Give what lines pay of a row after what its credits take off: grant line id → pence."""
    paid, off = queries.shares_of_rows([row_id])[row_id], credited.shares
    return {line_id: Pence(paid.get(line_id, 0) + off.get(line_id, 0)) for line_id in [*paid, *off]}


def _leave(row: SpendingRow, act: str, shares: Sequence[Share], *, by: Actor, at: datetime, submission_id: str) -> None:
    trail.record(
        act=act, subject=row.reference, by=by, at=at, submission_id=submission_id,
        shares={share.line: share.pence for share in shares},
    )  # fmt: skip


def reverse_apportionment(apportionment_id: int, *, by: Actor, at: datetime, submission_id: str) -> Apportionment:
    """Take an apportionment back by the opposite row, which names it.

    Raises:
        NotFound: there is no such apportionment.
        AlreadyDone: it was reversed before, or is itself a reversal.
        OverLimit: the line would be over its budget (a credit taken back), or hold more of a credit than it paid.
        PeriodClosed: the award is closed.
    """
    made = trail.earlier(submission_id, by=by, act="spending.reverse", body={"id": apportionment_id})
    if made is not None:
        asked = select(Apportionment).where(Apportionment.reverses_id == apportionment_id)
        return db.session.scalars(asked).one()
    original = _original(apportionment_id)
    line = original.grant_line
    row = _locked(original.row.reference, [line])
    _demand_not_reversed(original)
    back = Pence(-original.pence)
    _demand_budget([line], {line.id: back}, queries.apportioned_by_line([line.id]))
    if row.credits_row_id is None and paid_by_line(row.id).get(line.id, 0) + back < 0:
        raise OverLimit(
            f"A credit of {row.reference} has been given back to line {line.full_code}. Reverse the credit's "
            "apportionment first"
        )
    reversal = Apportionment(
        row_id=row.id, grant_line_id=line.id, pence=back, reverses_id=original.id, account_id=by.account_id,
        recorded_at=at,
    )  # fmt: skip
    db.session.add(reversal)
    db.session.flush()
    trail.record(
        act="spending.reverse", subject=row.reference, by=by, at=at, submission_id=submission_id,
        line=line.full_code, pence=back,
    )  # fmt: skip
    return reversal


def _original(apportionment_id: int) -> Apportionment:
    asked = select(Apportionment).where(Apportionment.id == apportionment_id)
    original = db.session.scalar(
        asked.options(joinedload(Apportionment.row), joinedload(Apportionment.grant_line).joinedload(GrantLine.award))
    )
    if original is None:
        raise NotFound
    return original


def _demand_not_reversed(original: Apportionment) -> None:
    """Refuse to take back what was taken back, or what takes back."""
    said = f"{pounds(original.pence)} on line {original.grant_line.full_code}"
    if original.reverses_id is not None:
        raise AlreadyDone(
            f"Already reversed: {said} is the reversal itself. To charge the line again, apportion the row anew"
        )
    reversed_at = db.session.scalar(select(Apportionment.recorded_at).where(Apportionment.reverses_id == original.id))
    if reversed_at is not None:
        raise AlreadyDone(f"Already reversed: {said} was taken back on {moment_text(reversed_at)}")
