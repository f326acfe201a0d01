"""A report's tables on paper."""

from __future__ import annotations

from reportlab.platypus.flowables import CondPageBreak, Flowable

from core.figures.tables import Figures, is_figure
from core.pdf import VOLUME, Column, ListColumn, gap, listing, money_table, note, para
from core.sheets import Kind

LONGEST_TABLE = 400
"""Rows a table may have before it is set as a listing of single lines, which is fast and even."""


MOST_KEPT_WHOLE = 16
"""Rows of a table that is not parted: it fits on a page set across, with its heading."""

_HEAD, _ROW = 110.0, 17.5


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
    return [grid, *([note(table.note)] if table.note else [])]


def room_for(table: Figures) -> Flowable:
    """Begin a new page where a table that fits on one would be parted; goes before its heading."""
    if len(table.rows) > MOST_KEPT_WHOLE:
        return gap(0)
    return CondPageBreak(_HEAD + _ROW * (len(table.rows) + 1))


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
