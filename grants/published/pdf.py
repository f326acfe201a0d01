"""A release on paper, and in the other forms it leaves the service in. Marked OFFICIAL: it is made to be shown."""

from __future__ import annotations

from reportlab.platypus.flowables import Flowable

from core.figures import FileKind
from core.figures.paper import csv_inside, front_of, on_paper, painted, room_for
from core.pdf import Bar, BarChart, Front, Marking, bullets, chart, h2, note, page_break, paint, para
from grants.published.report import ReleasedUsage

MARKING = Marking.OFFICIAL
UPRIGHT_COLUMNS = 8
"""A table with more columns is set across."""


def file_of(release: ReleasedUsage, kind: FileKind) -> bytes:
    """Paint a release in one of the forms it leaves the service in."""
    return painted(release, kind, paint_release, marking=MARKING)


def paint_release(release: ReleasedUsage) -> bytes:
    """Paint a release as a PDF; the same release gives the same bytes."""
    story: list[Flowable] = [*page_break(), h2("Go Bags issued"), para(release.sentence)]
    if any(count for _, count in release.issued):
        drawn = released_chart(release)
        story += [chart(drawn), note("What is left out of the chart is left out of every table too.")]
    before = False
    for table in release.tables:
        across = len(table.columns) > UPRIGHT_COLUMNS
        heading = table.name.removeprefix("Issued ").capitalize()
        story += [*(page_break(across) if across != before else []), room_for(table), h2(heading), *on_paper(table)]
        before = across
    story += [*(page_break(False) if before else []), h2("Notes"), *bullets(release.notes, numbered=True)]
    return paint(
        story,
        front=_front(release),
        at=release.checkpoint.cut_off,
        attachments=csv_inside(release, file_of, "release"),
    )


def _front(release: ReleasedUsage) -> Front:
    return front_of(
        release,
        organisation=release.organisation,
        author="Stock records",
        period=release.period.words,
        subject="Go Bags issued",
        marking=MARKING,
    )


def released_chart(release: ReleasedUsage) -> BarChart:
    """Draw the Go Bags each place issued; what is hidden is said to be withheld, and none is left out."""
    bars = tuple(Bar(place, (count,)) for place, count in release.issued if count != 0)
    return BarChart("Go Bags issued by each place", ("Go Bags issued",), bars)
