"""The tables of a usage report that count one period: issues across places, accounts of stock, corrections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from core.dates import local_day
from core.figures import Figures, summed
from core.languages import language
from core.sheets import Cell, Column, Kind
from inventory.usage.queries import ItemAtEnd
from inventory.usage.rules import (
    Account,
    Bucket,
    Change,
    Flow,
    IssueFact,
    account_of,
    bucket_of,
    crossed,
    net,
    standing,
)

NO_BOOKLET = "None recorded"
BAG_FLOWS = (Flow.PACKED, Flow.RECEIVED, Flow.ISSUED, Flow.SENT, Flow.LOST)
ITEM_FLOWS = (Flow.DELIVERED, Flow.RECEIVED, Flow.UNPACKED, Flow.SENT, Flow.LOST)
"""Columns an account always has; others appear where there is something in them."""

_NO_NET = "No Go Bag that was issued in this period is still out."
_LEFT_OUT = "Net: undone issues and Go Bags handed back are left out."


def by_hand(issues: Sequence[IssueFact], place: str) -> tuple[int, int]:
    """Count the issues of a place by officers and by partners."""
    routes = Counter(issue.route for issue in issues if issue.place == place)
    return routes["officer"], routes["partner"]


def spoken(issue: IssueFact) -> str:
    """Name the language of the booklet inside."""
    return language(issue.language).english if issue.language else NO_BOOKLET


def _counted(name: str, caption: str, headings: Sequence[str], rows: Sequence[tuple[Cell, ...]], note: str) -> Figures:
    """Make a table of counts by place, its last column the sum of the others."""
    columns = (Column("Place"), *(Column(heading, Kind.COUNT) for heading in headings), Column("Total", Kind.COUNT))
    return Figures(name, caption, columns, tuple(rows), summed("Total", columns, rows), note, _NO_NET)


def by_time(issues: Sequence[IssueFact], places: Sequence[str], cut: Sequence[Bucket]) -> Figures:
    """Cross net issues by place and month, or quarter."""
    labels = [bucket.label for bucket in cut]
    rows = crossed(issues, places, labels, column_of=lambda issue: bucket_of(issue, cut))
    return _counted("Issued by month", "Go Bags, net, by place and time", labels, rows, _LEFT_OUT)


def by(
    name: str, noun: str, issues: Sequence[IssueFact], places: Sequence[str], of: Callable[[IssueFact], str]
) -> Figures:
    """Cross net issues by place and one other thing."""
    found = sorted({of(issue) for issue in issues}, key=lambda each: (each == NO_BOOKLET, each))
    rows = crossed(issues, places, found, column_of=of) if found else []
    return _counted(f"Issued by {name}", f"Go Bags, net, by place and {noun}", found, rows, _LEFT_OUT)


_ROUTES = {
    "By officers": "Handed over by police officers and staff.",
    "By partners": "Handed over by partner charities.",
    "Issued": "By officers and by partners together; undone issues left out.",
    "Handed back": "Of those issued, what came back, whenever that was.",
    "Net": "Issued less handed back.",
    "Undone": "Issues that did not happen.",
    "Recorded": "Issued and undone together.",
}


def by_route(issues: Sequence[IssueFact], places: Sequence[str]) -> Figures:
    """Count issues by place and hand, and what became of them."""
    columns = (Column("Place"), *(Column(heading, Kind.COUNT, note) for heading, note in _ROUTES.items()))
    rows: list[tuple[Cell, ...]] = []
    for place in places:
        here = [issue for issue in issues if issue.place == place]
        officers, partners = by_hand(standing(here), place)
        issued, kept = officers + partners, len(net(here))
        rows.append((place, officers, partners, issued, issued - kept, kept, len(here) - issued, len(here)))
    note = (
        "Net is issued less handed back. Recorded is issued and undone together: what the slips say before corrections."
    )
    total = summed("Total", columns, rows)
    return Figures("Issued by route", "Go Bags issued, by place and route", columns, tuple(rows), total, note)


NO_TABLE = Figures("", "", (Column(""),), ())
"""Stands where a report has no such table: it is passed over, whoever paints it."""


def bag_account(changes: Sequence[Change], places: Sequence[str]) -> Figures:
    """Make the account of Go Bags."""
    caption = "Go Bags: from the start of the period to its end"
    return _account_table("Go Bags on hand", caption, changes, places, BAG_FLOWS)


def loose_account(changes: Sequence[Change], places: Sequence[str]) -> Figures:
    """Make the account of loose items."""
    caption = "Loose items: from the start of the period to its end"
    return _account_table("Loose items on hand", caption, changes, places, ITEM_FLOWS)


def _account_table(
    name: str, caption: str, changes: Sequence[Change], places: Sequence[str], usual: Sequence[Flow]
) -> Figures:
    """Make an account that adds up across: start, what came and went, end."""
    accounts = [account_of(place, [change for change in changes if change.place == place]) for place in places]
    shown = [flow for flow in Flow if flow in usual or any(account.flows.get(flow) for account in accounts)]
    columns = (
        Column("Place"),
        Column("At start", Kind.COUNT, "On hand when the period began."),
        *(Column(flow.value, Kind.COUNT) for flow in shown),
        Column("At end", Kind.COUNT, "At start, with what came, less what went."),
    )
    rows = [_account_row(account, shown) for account in accounts]
    note = (
        "At end is at start, plus delivered, packed, received and handed back, less everything else. "
        "What is in transit at the end stands at no place."
    )
    return Figures(name, caption, columns, tuple(rows), summed("Total", columns, rows), note)


def _account_row(account: Account, shown: Sequence[Flow]) -> tuple[Cell, ...]:
    flows = (account.flows.get(flow, 0) for flow in shown)
    return (account.place, account.opening_count, *flows, account.closing_count)


def items(found: Sequence[ItemAtEnd]) -> Figures:
    """List what there is of each item at the end."""
    columns = (
        Column("Item", width=40),
        Column("Loose", Kind.COUNT, "On shelves, in no Go Bag."),
        Column("In Go Bags", Kind.COUNT, "In Go Bags that were not issued."),
        Column("In transit", Kind.COUNT, "Dispatched, and not received."),
        Column("Total", Kind.COUNT),
    )
    rows = tuple(
        (each.name, each.loose_count, each.in_bags_count, each.in_transit_count, each.total_count) for each in found
    )
    caption = "Items on hand at the end of the period"
    total = summed("Total", columns, rows)
    return Figures("Items at the end", caption, columns, rows, total, empty="No item was on hand.")


def undone(name: str, caption: str, issues: Sequence[IssueFact]) -> Figures:
    """List issues that were taken back as mistakes."""
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


def returned(issues: Sequence[IssueFact]) -> Figures:
    """List issues whose Go Bag was handed back."""
    columns = (
        Column("Slip"),
        Column("Place"),
        Column("Issued for", Kind.DATE),
        Column("Handed back", Kind.MOMENT),
    )
    rows = tuple(
        (issue.slip, issue.place, local_day(issue.issued_at), issue.back_at) for issue in issues if issue.back_at
    )
    caption = "Go Bags handed back: issued in this period, or handed back in it"
    return Figures("Handed back", caption, columns, rows, empty="No Go Bag of this period was handed back, or in it.")
