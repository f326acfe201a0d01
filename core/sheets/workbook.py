"""Tables as an Excel workbook: typed cells, nothing live, marked on screen and on paper.

xlsxwriter writes row by row, so a long table needs little memory; its scratch files go as soon as the
workbook is made. The same data gives the same bytes: nothing here asks the clock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from io import BytesIO
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

from core.dates import LONDON
from core.errors import RuleBroken
from core.sheets.cells import Cell, Column, Kind, Money, Sheet, checked_row, is_risky, value_of

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# What Excel accepts; a cell that is longer is cut, and says so.
MOST_ROWS = 1_048_576
MOST_CELL_CHARACTERS = 32_767
CUT = " [cut short: the whole text is in the CSV]"
MOST_MARKING_CHARACTERS = 100
A4 = 9

_SHEET_SIGNS = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_FORMS: dict[str, dict[str, object]] = {
    "label": {"bold": True, "valign": "top"},
    "heading": {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1},
    "plain": {"valign": "top"},
    # The sign Excel itself sets on a text typed with a leading apostrophe: it stays text when edited.
    "quoted": {"valign": "top", "quote_prefix": True},
    "money": {"valign": "top", "num_format": "£#,##0.00;-£#,##0.00"},
    "count": {"valign": "top", "num_format": "#,##0"},
    "percent": {"valign": "top", "num_format": "0.00%"},
    "date": {"valign": "top", "num_format": "d mmmm yyyy", "align": "left"},
    "moment": {"valign": "top", "num_format": "d mmmm yyyy hh:mm", "align": "left"},
}
_WIDTHS = {Kind.TEXT: 24, Kind.COUNT: 10, Kind.MONEY: 14, Kind.PERCENT: 10, Kind.DATE: 18, Kind.MOMENT: 24}


def xlsx_bytes(sheets: Sequence[Sheet], *, title: str, marking: str, created_at: datetime) -> bytes:
    """Write tables as an Excel workbook, as ``write_xlsx`` does, and give its bytes."""
    written = BytesIO()
    write_xlsx(written, sheets, title=title, marking=marking, created_at=created_at)
    return written.getvalue()


def write_xlsx(out: IO[bytes], sheets: Sequence[Sheet], *, title: str, marking: str, created_at: datetime) -> None:
    """Write tables as an Excel workbook in which nothing is a formula or a link, a row at a time.

    Each sheet starts with the marking and the title; its heading row stays in sight, is repeated on
    each printed page and can be filtered. The marking stands at the top and foot of each page. Rows are
    read as they are written, the sheets one after the other, so memory does not grow with them.

    Args:
        out: a file that can be written to at any place.
        sheets: at least one.
        title: of the report.
        marking: protective marking in capitals, such as "OFFICIAL".
        created_at: when the report was made, with its time zone.

    Raises:
        RuleBroken: a sheet has more rows than Excel holds.
        ValueError: a row has another number of cells than there are columns, or the marking is too long.
    """
    # Loaded by the first workbook that is asked for, for every start would wait for it.
    from xlsxwriter import Workbook

    if len(marking) > MOST_MARKING_CHARACTERS:
        raise ValueError(f"A marking has at most {MOST_MARKING_CHARACTERS} characters")
    with TemporaryDirectory(prefix="sheets-") as scratch:
        workbook = Workbook(out, {"constant_memory": True, "tmpdir": scratch})
        try:
            workbook.set_properties({"title": title, "category": marking, "created": _utc(created_at)})
            painter = _Painter(workbook, title, marking)
            for name, sheet in zip(_sheet_names(sheets), sheets, strict=True):
                painter.paint(name, sheet)
        finally:
            workbook.close()


@dataclass
class _Painter:
    """Paints sheets into one workbook, with formats they share."""

    workbook: Workbook
    title: str
    marking: str
    formats: dict[str, Format] = field(default_factory=dict)

    def paint(self, name: str, sheet: Sheet) -> None:
        """Write one sheet: marking, title, preface, heading row, rows."""
        paper = self.workbook.add_worksheet(name)
        top = [(self.marking, ""), (self.title, ""), *sheet.preface]
        heading = len(top) + 1
        self._set_page(paper, heading, len(sheet.columns))
        for at, (label, value) in enumerate(top):
            self._write_text(paper, at, 0, label, "label")
            if value:
                self._write_text(paper, at, 1, value, "plain")
        self._write_headings(paper, heading, sheet.columns)
        last = self._write_rows(paper, heading + 1, sheet)
        if sheet.columns:
            paper.autofilter(heading, 0, last, len(sheet.columns) - 1)

    def _set_page(self, paper: Worksheet, heading: int, width: int) -> None:
        """Set what does not depend on the rows: printing, the marking, the rows that stay in sight."""
        marking = self.marking.replace("&", "&&")
        paper.set_header(f'&C&"-,Bold"{marking}')
        paper.set_footer(f'&C&"-,Bold"{marking}&R&"-,Regular"Page &P of &N')
        paper.set_landscape()
        paper.set_paper(A4)
        paper.fit_to_pages(1, 0)
        paper.freeze_panes(heading + 1, 0)
        if width:
            paper.repeat_rows(heading)

    def _write_headings(self, paper: Worksheet, at: int, columns: Sequence[Column]) -> None:
        """Write the heading row, with its notes and widths."""
        for across, column in enumerate(columns):
            paper.set_column(across, across, column.width or _usual_width(column))
            self._write_text(paper, at, across, column.heading, "heading")
            if column.note:
                paper.write_comment(at, across, column.note, {"author": "", "x_scale": 2})

    def _write_rows(self, paper: Worksheet, start: int, sheet: Sheet) -> int:
        """Write the rows below the heading and give the number of the last row used."""
        down = start - 1
        for down, row in enumerate(sheet.rows, start=start):
            if down >= MOST_ROWS:
                raise RuleBroken(f"Excel holds {MOST_ROWS:,} rows. Choose a shorter period, or use the CSV")
            for across, cell in enumerate(checked_row(row, sheet.columns)):
                self._write_cell(paper, down, across, sheet.columns[across], cell)
        return down

    def _write_cell(self, paper: Worksheet, down: int, across: int, column: Column, cell: Cell) -> None:
        """Write one cell by its type; an absent value leaves it empty."""
        match value_of(cell, column):
            case None:
                return
            case str() as text:
                self._write_text(paper, down, across, text, "plain")
            # A workbook holds numbers as doubles; the nearest to two decimals prints back unchanged.
            case Money(pence):
                paper.write_number(down, across, pence / 100, self._format("money"))
            case datetime() as moment:
                paper.write_datetime(down, across, _london(moment), self._format("moment"))
            case date() as day:
                paper.write_datetime(down, across, datetime.combine(day, time()), self._format("date"))
            case int() as number if column.kind is Kind.PERCENT:
                paper.write_number(down, across, number / 10_000, self._format("percent"))
            case int() as number:
                paper.write_number(down, across, number, self._format("count"))

    def _write_text(self, paper: Worksheet, down: int, across: int, text: str, form: str) -> None:
        """Write a text as text, whatever it looks like."""
        if len(text) > MOST_CELL_CHARACTERS:
            text = text[: MOST_CELL_CHARACTERS - len(CUT)] + CUT
        text = text.encode("utf-8", "replace").decode("utf-8").replace("\ufffe", "").replace("\uffff", "")
        if is_risky(text) and form == "plain":
            form = "quoted"
        paper.write_string(down, across, text, self._format(form))

    def _format(self, form: str) -> Format:
        """Give the format of a name, made when first asked for."""
        if form not in self.formats:
            self.formats[form] = self.workbook.add_format(_FORMS[form])
        return self.formats[form]


def _sheet_names(sheets: Sequence[Sheet]) -> list[str]:
    """Give each sheet a name that Excel accepts and no other sheet has."""
    if not sheets:
        raise ValueError("A workbook has at least one sheet")
    names: list[str] = []
    for sheet in sheets:
        plain = _SHEET_SIGNS.sub(" ", sheet.name).strip(" '")[:31] or "Sheet"
        name, turn = plain, 1
        while name.lower() in {*(taken.lower() for taken in names), "history"}:
            turn += 1
            name = f"{plain[: 31 - len(f' {turn}')]} {turn}"
        names.append(name)
    return names


def _usual_width(column: Column) -> int:
    """Give the width in characters usual to a kind, or that of the heading's longest word."""
    longest = max((len(word) for word in column.heading.split()), default=0)
    return max(_WIDTHS[column.kind], longest + 3)


def _london(moment: datetime) -> datetime:
    """Give the moment as London's clock showed it, without zone, as a workbook holds times."""
    return moment.astimezone(LONDON).replace(tzinfo=None)


def _utc(moment: datetime) -> datetime:
    """Give the moment in UTC without zone, to the second, as a workbook's properties hold it."""
    if moment.tzinfo is None:
        raise ValueError("The moment has no time zone; keep moments in UTC")
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
