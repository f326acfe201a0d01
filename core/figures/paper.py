"""A report on paper and in the other forms it leaves the service in: its front, its tables, the CSV inside its PDF."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from reportlab.platypus.flowables import CondPageBreak, Flowable

from core.figures.files import csv_of, xlsx_of
from core.figures.tables import Figures, FileKind, Reported, is_figure
from core.pdf import VOLUME, Attachment, Column, Front, ListColumn, Marking, gap, listing, money_table, note, para
from core.sheets import Kind

LONGEST_TABLE = 400
"""Rows a table may have before it is set as a listing of single lines, which is fast and even."""


MOST_KEPT_WHOLE = 16
"""Rows of a table that is not parted: it fits on a page set across, with its heading."""

_HEADING, _HEAD, _ROW, _NOTE = 44.0, 66.0, 17.5, 24.0


class Paintable(Reported, Protocol):
    """A frozen report that says of itself what every form of it bears."""

    @property
    def version(self) -> str:
        """Which state of the records it shows."""

    @property
    def cut_off_words(self) -> str:
        """When the newest change was recorded that it knows of."""

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook, the marking left out."""

    @property
    def tables(self) -> Sequence[Figures]:
        """Every table of it."""


Report = TypeVar("Report", bound=Paintable)


def painted(
    report: Report, kind: FileKind, pdf: Callable[[Report], bytes], *, marking: Marking = Marking.OFFICIAL
) -> bytes:
    """Paint a report in one of the forms it leaves the service in, each with its protective marking.

    Args:
        pdf: paints the report as a PDF.
    """
    if kind is FileKind.PDF:
        return pdf(report)
    if kind is FileKind.CSV:
        return csv_of(report.tables, (("Marking", marking), *report.preface))
    return xlsx_of(
        report.tables, report.preface, title=report.title, marking=marking, created_at=report.checkpoint.cut_off
    )


def csv_inside(report: Report, file_of: Callable[[Report, FileKind], bytes], noun: str) -> list[Attachment]:
    """Give the CSV of a report, to go inside its PDF.

    Args:
        noun: what the report is ("claim").
    """
    return [Attachment(f"{report.reference}.csv", file_of(report, FileKind.CSV), f"Every figure of this {noun}")]


def front_of(
    report: Paintable,
    *,
    organisation: str,
    author: str,
    period: str,
    subject: str,
    marking: Marking = Marking.OFFICIAL,
    foi_disclosable: bool = True,
    suffix: str = "",
    brief: bool = False,
) -> Front:
    """Give the front of a report, with its reference in the register and the code that leads to its verification.

    Args:
        subject: what it is about, the period left out.
        suffix: goes after the title ("(draft)").
        brief: for a document of one page: its particulars in small print.
    """
    return Front(
        title=f"{report.title} {suffix}".rstrip(),
        reference=report.reference,
        version=report.version,
        organisation=organisation,
        author=author,
        period=period,
        cut_off=report.cut_off_words,
        foi_disclosable=foi_disclosable,
        marking=marking,
        subject=f"{subject}, {period}",
        more=report.facts,
        registered_as=report.checkpoint.registered_as,
        verify_at=report.checkpoint.verify_at,
        brief=brief,
    )


def on_paper(table: Figures, *, size: float = 0, shares: tuple[int, ...] = ()) -> list[Flowable]:
    """Set a table with its caption and note.

    Args:
        size: type size in points; 0 for the largest that fits.
        shares: how a long listing divides its width among the columns.
    """
    if not table.rows:
        return [para(table.empty)]
    if len(table.rows) > LONGEST_TABLE:
        return _long(table, shares or (1,) * len(table.columns))
    columns = [Column(column.heading, figures=is_figure(column)) for column in table.columns]
    grid = money_table(
        columns,
        [_unbroken(table, row) for row in table.written],
        table.written_total,
        caption=table.caption,
        size=size,
    )
    return grid.with_remark(note(table.note)) if table.note else [grid]


def room_for(table: Figures, *, headed: bool = True) -> Flowable:
    """Begin a new page where a table that fits on one would be parted; goes before its heading.

    Args:
        headed: whether a heading stands above its caption.
    """
    if len(table.rows) > MOST_KEPT_WHOLE:
        return gap(0)
    around = (_HEADING if headed else 0) + (_NOTE if table.note else 0)
    return CondPageBreak(_HEAD + around + _ROW * (len(table.rows) + 1))


def _unbroken(table: Figures, row: tuple[str, ...]) -> tuple[str, ...]:
    """Keep each day on one line."""
    return tuple(
        text.replace(" ", "\u00a0") if column.kind is Kind.DATE else text
        for text, column in zip(row, table.columns, strict=True)
    )


def _long(table: Figures, shares: tuple[int, ...]) -> list[Flowable]:
    columns = [
        ListColumn(column.heading, share, is_figure(column))
        for column, share in zip(table.columns, shares, strict=True)
    ]
    cut = f"The first {VOLUME:,} rows are printed; all {len(table.rows):,} are in the CSV inside this file."
    words = [*([table.note] if table.note else []), *([cut] if len(table.rows) > VOLUME else [])]
    rows = [*table.written[:VOLUME], *([table.written_total] if table.written_total else [])]
    return [note(table.caption), listing(columns, rows), *map(note, words)]
