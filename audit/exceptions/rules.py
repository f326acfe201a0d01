"""What looks wrong, decided on plain facts. Nothing here says that it is wrong: an auditor looks and judges.

Duplicates and one person in every step are found by the self-audit of claims (``grants.claims.rules.findings``); here
they are asked of every row, claimed or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from core.dates import LONDON, day_text, local_day, moment_text
from core.money import pounds

THRESHOLDS = (500_00, 1_000_00, 5_000_00, 10_000_00, 25_000_00)
"""Totals in pence from which more is asked of an invoice: published from £500, and usual limits of authority."""

NEARLY_PERCENT, ROUND_PENCE = 95, 5_00
"""A total of so many per cent of a threshold or more, in whole steps of so many pence, is a round sum just under it."""

LATE = timedelta(hours=24)
"""An issue recorded later than this after it happened is late."""

ALWAYS = 5
"""So many decisions by the same two people, and none by others, are looked at."""

NIGHT_UNTIL, NIGHT_FROM = 6, 22
"""Hours in London between which decisions are made by day."""


class ExceptionKind(StrEnum):
    """What looks wrong."""

    ONE_PERSON = "One person ordered, received and reconciled"
    DUPLICATE = "Looks like the same invoice twice"
    PRICE = "Invoiced at another price than ordered"
    OTHER_LINE = "Charged to another grant line than ordered for"
    AFTER_END = "Goods after the end of the award"
    BEFORE_ORDER = "Invoice before its order"
    UNDER_THRESHOLD = "Round sum just under a threshold"
    REVERSED = "Apportionment reversed"
    WAIVER = "Finding of a claim let pass"
    SAME_PAIR = "Asked and approved by the same two people, always"
    ODD_HOURS = "Decided at night or at a weekend"
    LATE_ISSUE = "Issue recorded late"


class Leads(StrEnum):
    """Which page an exception leads to."""

    ROW = "row"
    INVOICE = "invoice"
    CLAIM = "claim"
    REQUEST = "request"
    RECONCILIATION = "reconciliation"
    ISSUE = "issue"
    PLACE = "place"


@dataclass(frozen=True)
class Oddity:
    """One thing that looks wrong.

    Attributes:
        leads, record: the page of its record and what names it there.
        words: what is odd, with the figures.
        pence: how much it concerns; 0 where no money hangs on it.
    """

    kind: ExceptionKind
    leads: Leads
    record: str
    words: str
    on: date
    pence: int = 0


@dataclass(frozen=True)
class Share:
    """What was apportioned of a row to one grant line, and when that award ends; ``reversed_`` tells a reversal."""

    line_id: int
    line: str
    ends_on: date
    pence: int
    reversed_: bool
    recorded_at: datetime


@dataclass(frozen=True)
class Row:
    """A spending row with its order, what was apportioned of it and the days its goods came.

    Attributes:
        net_pence, unit_count: as invoiced; None units where it is no goods.
        order, ordered_on: nothing where no order stands behind it.
        order_line_id, order_line: the grant line it was ordered for.
        ordered_pence, ordered_count: net price and units of its order line.
    """

    reference: str
    name: str
    on: date
    net_pence: int
    unit_count: int | None
    order: str
    ordered_on: date | None
    order_line_id: int | None
    order_line: str
    ordered_pence: int
    ordered_count: int
    shares: tuple[Share, ...]
    received_on: tuple[date, ...]


def of_row(row: Row) -> Iterator[Oddity]:
    """Say what looks wrong with a row."""
    if row.ordered_on is not None:
        yield from _against_its_order(row, row.ordered_on)
    kept: dict[int, int] = {}
    for share in row.shares:
        kept[share.line_id] = kept.get(share.line_id, 0) + share.pence
        if share.reversed_:
            yield Oddity(
                ExceptionKind.REVERSED, Leads.ROW, row.reference,
                f"{pounds(-share.pence)} of {row.name} was taken back from line {share.line}",
                local_day(share.recorded_at), abs(share.pence),
            )  # fmt: skip
    standing = {share.line_id: share for share in row.shares if kept[share.line_id]}
    for line_id, share in standing.items():
        if row.order_line_id not in (None, line_id):
            yield Oddity(
                ExceptionKind.OTHER_LINE, Leads.ROW, row.reference,
                f"{pounds(kept[line_id])} of {row.name} is charged to line {share.line}; order {row.order} was placed "
                f"for line {row.order_line}", row.on, abs(kept[line_id]),
            )  # fmt: skip
        late = max((day for day in row.received_on if day > share.ends_on), default=None)
        if late is not None:
            yield Oddity(
                ExceptionKind.AFTER_END, Leads.ROW, row.reference,
                f"{row.name} came on {day_text(late)}; the award of line {share.line} ended on "
                f"{day_text(share.ends_on)}, and {pounds(kept[line_id])} of it is charged there", late,
                abs(kept[line_id]),
            )  # fmt: skip


def _against_its_order(row: Row, ordered_on: date) -> Iterator[Oddity]:
    """Compare a row with the order line it was bought by."""
    if row.on < ordered_on:
        days = (ordered_on - row.on).days
        yield Oddity(
            ExceptionKind.BEFORE_ORDER, Leads.ROW, row.reference,
            f"{row.name} was invoiced on {day_text(row.on)}, {days:,} {'day' if days == 1 else 'days'} before order "
            f"{row.order} was placed", row.on, row.net_pence,
        )  # fmt: skip
    # As whole numbers, so that a price of a third of a penny is no exception.
    units = row.unit_count or row.ordered_count
    due = row.ordered_pence * units
    if abs(row.net_pence * row.ordered_count - due) >= row.ordered_count:
        expected = due // row.ordered_count
        yield Oddity(
            ExceptionKind.PRICE, Leads.ROW, row.reference,
            f"{row.name} is in the books at {pounds(row.net_pence)} net; order {row.order} makes it "
            f"{pounds(expected)}, {pounds(abs(row.net_pence - expected))} "
            f"{'less' if expected < row.net_pence else 'more'}", row.on, abs(row.net_pence - expected),
        )  # fmt: skip


def under_threshold(reference: str, name: str, on: date, gross_pence: int) -> Iterator[Oddity]:
    """Find an invoice over a round sum just under a threshold."""
    for threshold in THRESHOLDS:
        if threshold * NEARLY_PERCENT <= gross_pence * 100 < threshold * 100 and gross_pence % ROUND_PENCE == 0:
            yield Oddity(
                ExceptionKind.UNDER_THRESHOLD, Leads.INVOICE, reference,
                f"{name} is over {pounds(gross_pence)}, {pounds(threshold - gross_pence)} under {pounds(threshold)}",
                on, gross_pence,
            )  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """One decision somebody made: of what, who, and when; ``waived`` is the finding that was let pass."""

    leads: Leads
    record: str
    words: str
    who: str
    at: datetime
    waived: str = ""


def waivers(decisions: Sequence[Decision]) -> Iterator[Oddity]:
    """Find the findings of claims that somebody let pass."""
    for each in decisions:
        if each.waived:
            found = f"{each.waived[:1].lower()}{each.waived[1:]}"
            yield Oddity(
                ExceptionKind.WAIVER, each.leads, each.record, f"{each.who} let pass in {each.record}: {found}",
                local_day(each.at),
            )  # fmt: skip


def odd_hours(decisions: Sequence[Decision]) -> Iterator[Oddity]:
    """Find decisions made at night or at a weekend."""
    for each in decisions:
        local = each.at.astimezone(LONDON)
        weekend = local.weekday() > 4
        if not each.waived and (weekend or not NIGHT_UNTIL <= local.hour < NIGHT_FROM):
            yield Oddity(
                ExceptionKind.ODD_HOURS, each.leads, each.record,
                f"{each.who} {each.words} on {'a weekend, ' if weekend else ''}{moment_text(each.at)}",
                local_day(each.at),
            )  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """How often a request of a place was asked for by one person and approved by another."""

    place: str
    place_code: str
    asked_by: str
    approved_by: str
    count: int
    newest: datetime


def same_pairs(pairs: Sequence[Pair]) -> Iterator[Oddity]:
    """Find places where the same two people ask and approve, and never anybody else."""
    by_place: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_place.setdefault(pair.place_code, []).append(pair)
    for found in by_place.values():
        if len(found) == 1 and found[0].count >= ALWAYS:
            pair = found[0]
            yield Oddity(
                ExceptionKind.SAME_PAIR, Leads.PLACE, pair.place_code,
                f"All {pair.count:,} requests of {pair.place} were asked for by {pair.asked_by} and approved by "
                f"{pair.approved_by}", local_day(pair.newest),
            )  # fmt: skip


def late_issue(slip: str, tag: str, place: str, happened_at: datetime, recorded_at: datetime) -> Iterator[Oddity]:
    """Find an issue that was recorded late."""
    if recorded_at - happened_at > LATE:
        hours = int((recorded_at - happened_at).total_seconds()) // 3600
        yield Oddity(
            ExceptionKind.LATE_ISSUE, Leads.ISSUE, slip,
            f"Go Bag {tag} was handed over at {place} on {moment_text(happened_at)} and recorded "
            f"{f'{hours // 24:,} days' if hours >= 48 else f'{hours} hours'} later", local_day(happened_at),
        )  # fmt: skip
