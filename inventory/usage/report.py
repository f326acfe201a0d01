"""The usage report by station, frozen: screen, PDF, CSV and XLSX all paint this one object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.access import Scope
from core.dates import day_bounds, local_day, moment_text
from core.figures import Checkpoint, Figures, summed
from core.languages import language
from core.periods import Period
from core.sheets import Cell, Column, Kind
from core.trail.queries import head
from inventory.usage import queries
from inventory.usage.rules import (
    Account,
    Bucket,
    Change,
    Flow,
    IssueFact,
    account_of,
    bucket_of,
    buckets,
    crossed,
    standing,
)

TITLE = "Usage by station"
NO_BOOKLET = "None recorded"
_NO_ISSUE = "No Go Bag was issued in this period."
BAG_FLOWS = (Flow.PACKED, Flow.RECEIVED, Flow.ISSUED, Flow.SENT, Flow.LOST)
ITEM_FLOWS = (Flow.DELIVERED, Flow.RECEIVED, Flow.UNPACKED, Flow.SENT, Flow.LOST)
"""Columns an account always has; others appear where there is something in them."""


@dataclass(frozen=True)
class UsageReport:
    """Usage by station for a period, as known at its checkpoint.

    Attributes:
        issued: Go Bags issued, undone issues left out: place name → (by officers, by partners).
        recorded_count: issues recorded, undone ones too.
        busiest: the place that issued the most and how many, or None where no place stands out.
    """

    organisation: str
    period: Period
    checkpoint: Checkpoint
    issued: tuple[tuple[str, int, int], ...]
    recorded_count: int
    busiest: tuple[str, int] | None
    by_time: Figures
    by_route: Figures
    by_recipe: Figures
    by_language: Figures
    bags: Figures
    loose: Figures
    items: Figures
    undone: Figures
    undone_late: Figures
    title: str = field(default=TITLE, init=False)

    @property
    def reference(self) -> str:
        """The report's reference: the same period always has the same."""
        return f"USE-{self.period.first:%Y%m%d}-{self.period.last:%Y%m%d}"

    @property
    def version(self) -> str:
        """Which state of the records it shows: it rises with every change recorded."""
        return f"{self.checkpoint.sequence:,}"

    @property
    def issued_count(self) -> int:
        """Go Bags issued, undone issues left out."""
        return sum(officers + partners for _, officers, partners in self.issued)

    @property
    def cut_off_words(self) -> str:
        """When the newest change was recorded that the report knows of."""
        return moment_text(self.checkpoint.cut_off)

    @property
    def sentence(self) -> str:
        """What the chart says, in one sentence."""
        if not self.issued_count:
            return _NO_ISSUE
        officers = sum(count for _, count, _ in self.issued)
        partners = self.issued_count - officers
        bags = "Go Bag was" if self.issued_count == 1 else "Go Bags were"
        said = f"{self.issued_count:,} {bags} issued: {officers:,} by officers and {partners:,} by partners."
        return f"{said} {self.busiest[0]} issued the most, {self.busiest[1]:,}." if self.busiest else said

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return self.checkpoint.on_front

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Period", self.period.words),)

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.organisation),
            ("Period", self.period.words),
            ("Data cut-off", self.cut_off_words),
            *self.checkpoint.printed,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """How the figures are made, and what a reader must know before relying on them."""
        said = [
            "A Go Bag counts as issued on the day it was handed over, by the clock in London.",
            "An issue that was undone did not happen: it is left out of the day it was recorded for, and listed apart.",
            "A language is that of the booklet in the bag. No language, or anything else, of a person is recorded.",
            "Items are counted in units of their kind; the contents of Go Bags are not in the account of loose items.",
            "Counts below 5 are shown, so this report is for those who run the scheme and not for publication.",
        ]
        if local_day(self.checkpoint.cut_off) < self.period.last:
            said.append("The period had not ended at the data cut-off; the figures will change.")
        return tuple(said)

    @property
    def tables(self) -> tuple[Figures, ...]:
        """Every table, in the order they are printed."""
        return (
            self.by_time,
            self.by_route,
            self.by_recipe,
            self.by_language,
            self.bags,
            self.loose,
            self.items,
            self.undone,
            self.undone_late,
        )


def freeze_usage(period: Period, *, scope: Scope, at: datetime) -> UsageReport:
    """Make the usage report of a period for the places in scope, as known at a moment."""
    since, before = day_bounds(period.first, period.last)
    made, undone_late = queries.issues(scope=scope, since=since, before=before, at=at)
    bags, loose = queries.changes(scope=scope, since=since, before=before, at=at)
    places = _places(queries.place_names(scope=scope, period=period), made, [*bags, *loose])
    kept = standing(made)
    log = head()
    issued = tuple((place, *_routes(kept, place)) for place in places)
    return UsageReport(
        queries.force_name(),
        period,
        Checkpoint(log.sequence, log.chain_hash, at),
        issued,
        len(made),
        _busiest([(place, officers + partners) for place, officers, partners in issued]),
        _by_time(kept, places, buckets(period)),
        _by_route(made, places),
        _by("recipe", "kit recipe", kept, places, lambda issue: issue.recipe),
        _by("booklet language", "language of the booklet inside", kept, places, _language),
        _account_table("Go Bags on hand", "Go Bags: from the start of the period to its end", bags, places, BAG_FLOWS),
        _account_table(
            "Loose items on hand", "Loose items: from the start of the period to its end", loose, places, ITEM_FLOWS
        ),
        _items(queries.items_at_end(scope=scope, before=before, at=at)),
        _undone("Undone issues", "Issues of this period that were undone", made),
        _undone(
            "Undone earlier issues",
            "Issues of earlier periods undone in this one: earlier reports change",
            undone_late,
        ),
    )


def _busiest(counted: Sequence[tuple[str, int]]) -> tuple[str, int] | None:
    """Name the place that issued the most, where one alone did."""
    first, *others = sorted(counted, key=lambda each: -each[1]) or [("", 0)]
    return first if others and first[1] > others[0][1] else None


def _places(open_places: Sequence[str], issues: Sequence[IssueFact], changes: Sequence[Change]) -> list[str]:
    """List every place that was open in the period or has a figure in it."""
    return sorted({*open_places, *(issue.place for issue in issues), *(change.place for change in changes)})


def _routes(issues: Sequence[IssueFact], place: str) -> tuple[int, int]:
    routes = Counter(issue.route for issue in issues if issue.place == place)
    return routes["officer"], routes["partner"]


def _language(issue: IssueFact) -> str:
    return language(issue.language).english if issue.language else NO_BOOKLET


def _counted(name: str, caption: str, headings: Sequence[str], rows: Sequence[tuple[Cell, ...]], note: str) -> Figures:
    """Make a table of counts by place, its last column the sum of the others."""
    columns = (Column("Place"), *(Column(heading, Kind.COUNT) for heading in headings), Column("Total", Kind.COUNT))
    return Figures(name, caption, columns, tuple(rows), summed("Total", columns, rows), note, _NO_ISSUE)


def _by_time(issues: Sequence[IssueFact], places: Sequence[str], cut: Sequence[Bucket]) -> Figures:
    labels = [bucket.label for bucket in cut]
    rows = crossed(issues, places, labels, column_of=lambda issue: bucket_of(issue, cut))
    return _counted("Issued by month", "Go Bags issued, by place and time", labels, rows, "Undone issues are left out.")


def _by(
    name: str, noun: str, issues: Sequence[IssueFact], places: Sequence[str], of: Callable[[IssueFact], str]
) -> Figures:
    found = sorted({of(issue) for issue in issues}, key=lambda each: (each == NO_BOOKLET, each))
    rows = crossed(issues, places, found, column_of=of) if found else []
    note = "Undone issues are left out."
    return _counted(f"Issued by {name}", f"Go Bags issued, by place and {noun}", found, rows, note)


def _by_route(issues: Sequence[IssueFact], places: Sequence[str]) -> Figures:
    columns = (
        Column("Place"),
        Column("By officers", Kind.COUNT),
        Column("By partners", Kind.COUNT),
        Column("Issued", Kind.COUNT),
        Column("Undone", Kind.COUNT),
        Column("Recorded", Kind.COUNT),
    )
    rows: list[tuple[Cell, ...]] = []
    for place in places:
        here = [issue for issue in issues if issue.place == place]
        officers, partners = _routes(standing(here), place)
        rows.append((place, officers, partners, officers + partners, len(here) - officers - partners, len(here)))
    note = "Recorded is issued and undone together: what the slips say before corrections."
    total = summed("Total", columns, rows)
    return Figures("Issued by route", "Go Bags issued, by place and route", columns, tuple(rows), total, note)


def _account_table(
    name: str, caption: str, changes: Sequence[Change], places: Sequence[str], usual: Sequence[Flow]
) -> Figures:
    """Make an account that adds up across: start, what came and went, end."""
    accounts = [account_of(place, [change for change in changes if change.place == place]) for place in places]
    shown = [flow for flow in Flow if flow in usual or any(account.flows.get(flow) for account in accounts)]
    columns = (
        Column("Place"),
        Column("At start", Kind.COUNT),
        *(Column(flow.value, Kind.COUNT) for flow in shown),
        Column("At end", Kind.COUNT),
    )
    rows = [_account_row(account, shown) for account in accounts]
    note = (
        "At end is at start, plus delivered, packed and received, less everything else. "
        "What is in transit at the end stands at no place."
    )
    return Figures(name, caption, columns, tuple(rows), summed("Total", columns, rows), note)


def _account_row(account: Account, shown: Sequence[Flow]) -> tuple[Cell, ...]:
    flows = (account.flows.get(flow, 0) for flow in shown)
    return (account.place, account.opening_count, *flows, account.closing_count)


def _items(found: Sequence[queries.ItemAtEnd]) -> Figures:
    columns = (
        Column("Item", width=40),
        Column("Loose", Kind.COUNT),
        Column("In Go Bags", Kind.COUNT),
        Column("In transit", Kind.COUNT),
        Column("Total", Kind.COUNT),
    )
    rows = tuple(
        (each.name, each.loose_count, each.in_bags_count, each.in_transit_count, each.total_count) for each in found
    )
    caption = "Items on hand at the end of the period"
    total = summed("Total", columns, rows)
    return Figures("Items at the end", caption, columns, rows, total, empty="No item was on hand.")


def _undone(name: str, caption: str, issues: Sequence[IssueFact]) -> Figures:
    columns = (
        Column("Slip"),
        Column("Place"),
        Column("Issued for", Kind.DATE),
        Column("Undone", Kind.MOMENT),
    )
    rows = tuple(
        (issue.slip, issue.place, local_day(issue.issued_at), issue.undone_at) for issue in issues if issue.undone_at
    )
    return Figures(name, caption, columns, rows, empty=f"{caption}: none.")
