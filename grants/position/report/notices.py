"""What wants attention on an award's position: deadlines, and money that may be lost with the award's end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.dates import day_text, period_text
from core.money import Pence, pounds
from grants.awards.models import Award
from grants.awards.rules import claim_periods
from grants.evidence import queries as evidence
from grants.position.queries import AwardFacts, LinePosition

NEAR_DAYS = 60
"""Days before the end of an award from which unused stock and open orders are said to be urgent."""


@dataclass(frozen=True)
class Notice:
    """Something that wants attention: what it is, and where its rows are."""

    words: str
    urgent: bool = False
    endpoint: str | None = None
    award_code: str | None = None
    """Of the page's address, where it is about one award."""


def notices_of(award: Award, total: LinePosition, facts: AwardFacts, today: date) -> list[Notice]:
    """Say what wants attention, the nearest deadline first."""
    return [*_deadlines(award, today), *_exposures(award, total, facts, today)]


def _deadlines(award: Award, today: date) -> list[Notice]:
    periods = claim_periods(award.starts_on, award.ends_on, award.cadence, award.claim_due_days)
    due = next((period for period in periods if period.due_on >= today), None)
    found = []
    if due is not None:
        left = (due.due_on - today).days
        found.append(
            Notice(
                f"The claim for {period_text(due.first, due.last)} is due by {day_text(due.due_on)}"
                + (f", in {left} days" if left > 1 else ""),
                urgent=left <= 14,
            )
        )
    return found


def _exposures(award: Award, total: LinePosition, facts: AwardFacts, today: date) -> list[Notice]:
    ends = _end_words(award, today)
    near = (award.ends_on - today).days <= NEAR_DAYS
    found = []
    if facts.unapportioned_pence:
        rows = "1 row" if facts.unapportioned_count == 1 else f"{facts.unapportioned_count} rows"
        words = f"{pounds(facts.unapportioned_pence)} of spending in {rows} is not apportioned to any grant line"
        found.append(Notice(words, endpoint="spending.open_rows"))
    if total.unused_pence:
        found.append(
            Notice(
                f"{pounds(total.unused_pence)} of goods received is unused: on shelves, in Go Bags or on its way. "
                f"{ends}",
                near,
                "exposure.show",
                award.code,
            )
        )
    if total.to_come_pence:
        found.append(
            Notice(
                f"{pounds(total.to_come_pence)} of goods is apportioned and not yet received",
                near,
                "spending.to_receive",
            )
        )
    if total.committed_pence:
        found.append(
            Notice(f"{pounds(total.committed_pence)} is ordered and not yet invoiced", near, "spending.orders")
        )
    if papers := evidence.lacking():
        rests = Pence(sum(each.cost_pence for each in papers))
        many = "1 record lacks its paper" if len(papers) == 1 else f"{len(papers)} records lack their paper"
        found.append(Notice(f"{many}; {pounds(rests)} rests on them", endpoint="evidence.missing"))
    for pence, side in ((facts.early_pence, "before"), (facts.late_pence, "after")):
        if pence:
            words = (
                f"{pounds(pence)} is apportioned of goods that came {side} the funding period, and cannot be claimed"
            )
            found.append(Notice(words, urgent=True))
    return found


def _end_words(award: Award, today: date) -> str:
    left = (award.ends_on - today).days
    if left < 0:
        return f"The award ended on {day_text(award.ends_on)}"
    return f"The award ends in {left} days" if left != 1 else "The award ends tomorrow"
