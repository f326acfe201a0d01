"""The usage report on paper, and in the other forms it leaves the service in."""

from __future__ import annotations

from collections.abc import Iterable

from reportlab.platypus.flowables import Flowable

from core.figures import Figures, FileKind
from core.figures.paper import MOST_KEPT_WHOLE, csv_inside, front_of, on_paper, painted, room_for
from core.pdf import Bar, BarChart, Front, Marking, bullets, chart, h2, note, page_break, paint, para
from inventory.usage.report import UsageReport

MARKING = Marking.OFFICIAL_SENSITIVE
"""Counts by station can be small enough to say something about a person."""

UPRIGHT_COLUMNS = 7
"""A table with more columns is set across."""

LONG_SIZE = 9.0
"""Points of an upright table that goes over pages: smaller, so that it ends sooner."""


def file_of(report: UsageReport, kind: FileKind) -> bytes:
    """Paint the report in one of the forms it leaves the service in."""
    return painted(report, kind, paint_usage, marking=MARKING)


def paint_usage(report: UsageReport) -> bytes:
    """Paint the report as a PDF; the same report gives the same bytes."""
    story: list[Flowable] = [
        *page_break(),
        h2("Go Bags issued"),
        para(report.sentence, keep=True),
        *([chart(route_chart(report))] if report.net_count else []),
        note("The figures of each bar are in the table “Go Bags issued, by place and route”."),
        h2("Over time"),
        para(report.time_sentence, keep=True),
        *([chart(time_chart(report))] if report.net_count or report.unmet_count else []),
    ]
    before = False
    for heading, every in _sections(report):
        tables = _each_told_once(table for table in every if table.name)
        if not tables:
            continue
        across = any(len(table.columns) > UPRIGHT_COLUMNS for table in tables)
        first, *others = tables
        story += [*(page_break(across) if across != before else []), room_for(first), h2(heading)]
        story += on_paper(first, size=0 if across or len(first.rows) <= MOST_KEPT_WHOLE else LONG_SIZE)
        before = across
        for table in others:
            story += [room_for(table, headed=False), *on_paper(table)]
    story += [h2("Notes"), *bullets(report.notes, numbered=True)]
    return paint(
        story,
        front=_front(report),
        at=report.checkpoint.cut_off,
        attachments=csv_inside(report, file_of, "report"),
    )


def _each_told_once(tables: Iterable[Figures]) -> list[Figures]:
    """Leave out a table without rows whose sentence another has said."""
    found: dict[str, Figures] = {}
    for table in tables:
        found.setdefault(table.name if table.rows else table.empty, table)
    return list(found.values())


def _sections(report: UsageReport) -> tuple[tuple[str, tuple[Figures, ...]], ...]:
    """Give the sections, those set across together, so that the reader turns the paper only twice."""
    return (
        ("Against earlier periods", (report.compared,)),
        ("Asked for, not given", (report.unmet, report.unmet_things)),
        ("When and by whom", (report.by_time, report.by_route)),
        ("By place, variant, language and item", (report.places, report.variants, report.languages, report.contents)),
        ("What was issued", (report.by_recipe, report.by_language)),
        ("Stock from start to end", (report.bags, report.loose)),
        ("What is on hand", (report.items,)),
        ("What came back, and corrections", (report.returned, report.undone, report.undone_late)),
    )


def _front(report: UsageReport) -> Front:
    return front_of(
        report,
        organisation=report.organisation,
        author="Stock records",
        period=report.period.words,
        subject="Go Bags issued by station",
        marking=MARKING,
        foi_disclosable=False,
    )


def route_chart(report: UsageReport) -> BarChart:
    """Draw the net Go Bags of each place, officers' and partners' apart; places that have none are left out."""
    bars = tuple(Bar(place, (officers, partners)) for place, officers, partners in report.net if officers + partners)
    return BarChart("Go Bags issued by each place, net", ("By officers", "By partners"), bars)


def time_chart(report: UsageReport) -> BarChart:
    """Draw net Go Bags and what was asked for in vain, by month or quarter."""
    bars = tuple(Bar(label, (given, unmet)) for label, given, unmet in report.by_bucket)
    return BarChart("Go Bags issued, net, and unmet need, over time", ("Net", "Asked for, not given"), bars)
