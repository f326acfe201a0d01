"""An award's position, frozen: one row per grant line, what wants attention, and bars of one length.

The screen and the CSV paint the same object, so no figure can differ between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from core.dates import day_text, moment_text, period_text
from core.money import Pence, pounds
from core.sheets import Column, Kind, csv_bytes
from grants.awards.models import Award
from grants.awards.rules import claim_periods
from grants.evidence import queries as evidence
from grants.position import queries
from grants.position.queries import AwardFacts, LinePosition

BAR_LENGTH = 400
NEAR_DAYS = 60
"""Days before the end of an award from which unused stock and open orders are said to be urgent."""


@dataclass(frozen=True)
class BarPart:
    """One part of a bar.

    Attributes:
        kind: "ledger", "apportioned", "committed", "remaining" or "over".
        start, length: of ``BAR_LENGTH``.
    """

    kind: str
    words: str
    pence: Pence
    start: int
    length: int


@dataclass(frozen=True)
class Bar:
    """A line's budget as parts of one length, and the same in words."""

    parts: tuple[BarPart, ...]

    @property
    def words(self) -> str:
        """The parts in a sentence."""
        return ", ".join(f"{pounds(part.pence)} {part.words}" for part in self.parts) or "No budget and no spending"


@dataclass(frozen=True)
class Notice:
    """Something that wants attention: what it is, and where its rows are."""

    words: str
    urgent: bool = False
    endpoint: str | None = None
    award_code: str | None = None
    """Of the page's address, where it is about one award."""


@dataclass(frozen=True)
class Position:
    """Where an award stands on a day."""

    code: str
    title: str
    funder: str
    agreement_reference: str
    period: str
    amount_pence: Pence
    as_at: datetime
    lines: tuple[LinePosition, ...]
    bars: tuple[Bar, ...]
    total: LinePosition
    total_bar: Bar
    notices: tuple[Notice, ...]


def freeze_position(award: Award, *, at: datetime, today: date) -> Position:
    """Read an award's position and freeze it."""
    lines, facts = queries.award_standing(award)
    total = _total(lines)
    return Position(
        code=award.code,
        title=award.title,
        funder=award.funder,
        agreement_reference=award.agreement_reference,
        period=period_text(award.starts_on, award.ends_on),
        amount_pence=Pence(award.amount_pence),
        as_at=at,
        lines=tuple(lines),
        bars=tuple(bar_of(line) for line in lines),
        total=total,
        total_bar=bar_of(total),
        notices=tuple(notices_of(award, total, facts, today)),
    )


def _total(lines: Sequence[LinePosition]) -> LinePosition:
    """Add every line up."""
    sums = {
        field.name: Pence(sum(getattr(line, field.name) for line in lines))
        for field in fields(LinePosition)
        if field.name.endswith("_pence") and field.name != "forecast_pence"
    }
    said = [line.forecast_pence for line in lines if line.forecast_pence is not None]
    forecast = Pence(sum(said)) if said else None
    return LinePosition(line_id=0, code="", heading="Total", forecast_pence=forecast, **sums)


def bar_of(line: LinePosition) -> Bar:
    """Lay a line's budget out as parts of one length; what is beyond the budget is a part of its own."""
    spent = line.apportioned_pence
    confirmed = min(line.ledger_pence, spent)
    parts = [
        ("ledger", "in the ledger", confirmed),
        ("apportioned", "apportioned and not yet in the ledger", spent - confirmed),
        ("committed", "ordered and not yet invoiced", line.committed_pence),
        ("remaining", "remaining", line.remaining_pence),
    ]
    if line.remaining_pence < 0:
        parts[3] = ("over", "more than the budget", -line.remaining_pence)
    shown = [(kind, words, Pence(pence)) for kind, words, pence in parts if pence > 0]
    # What is over the budget lies within the parts before it, so they make the whole length.
    whole = sum(pence for kind, _, pence in shown if kind != "over")
    return Bar(tuple(_laid_out(shown, max(whole, 1))))


def _laid_out(shown: Sequence[tuple[str, str, Pence]], whole: int) -> list[BarPart]:
    """Give each part its place; ends are rounded, so that lengths add up to the whole bar."""
    laid, before = [], 0
    for kind, words, pence in shown:
        if kind == "over":
            length = BAR_LENGTH * pence // whole
            laid.append(BarPart(kind, words, pence, BAR_LENGTH - length, length))
            continue
        start, end = BAR_LENGTH * before // whole, BAR_LENGTH * (before + pence) // whole
        laid.append(BarPart(kind, words, pence, start, end - start))
        before += pence
    return laid


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


COLUMNS = (
    Column("Line"),
    Column("Heading"),
    *(
        Column(heading, Kind.MONEY)
        for heading in (
            "Approved budget", "Revised budget", "Committed", "Goods received", "Apportioned", "In the ledger",
            "Claimed", "Remaining", "Forecast outturn", "Unused", "Still to come",
        )
    ),
)  # fmt: skip


def position_csv(position: Position) -> bytes:
    """Write the position as CSV, the total in the last row."""
    preface = [
        ("Award", f"{position.code}, {position.title}"),
        ("Funding period", position.period),
        ("As at", moment_text(position.as_at)),
    ]
    return csv_bytes(COLUMNS, [_row(line) for line in (*position.lines, position.total)], preface=preface)


def _row(line: LinePosition) -> tuple[str | int | None, ...]:
    return (
        line.code, line.heading, line.approved_pence, line.revised_pence, line.committed_pence,
        line.received_pence, line.apportioned_pence, line.ledger_pence, line.claimed_pence,
        line.remaining_pence, line.forecast_pence, line.unused_pence, line.to_come_pence,
    )  # fmt: skip
