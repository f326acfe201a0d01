"""A spreadsheet's rows as values, with every cell that cannot be one named by row and column."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import RuleBroken
from core.parse import clean, one_line
from core.privacy import refuse_personal_details
from core.sheets.reading import Bounds, column_letters, records_of
from inventory.spreadsheets.rules.sorts import HEADINGS, Heading, Sort, Value

TITLE_ROWS_SEARCHED = 40
MOST_PROBLEMS = 50
"""How many cells are named; with more wrong than that, the file is mended in turns."""

BOUNDS = Bounds(
    noun="spreadsheet",
    most_rows=2_000,
    most_columns=50,
    largest_megabytes=1,
    split="Split it",
    again="Start from the template",
)


@dataclass(frozen=True)
class Row:
    """One row of a spreadsheet.

    Attributes:
        number: as a spreadsheet program shows it.
        cells: the texts of the columns, in the order of ``HEADINGS``.
        values: column key → what its cell says.
    """

    number: int
    cells: tuple[str, ...]
    values: dict[str, Value]


@dataclass(frozen=True)
class Problem:
    """A cell that is wrong.

    Attributes:
        row: as a spreadsheet program shows it.
        column: the heading of the cell, or nothing when the row as a whole is wrong.
        words: what is wrong and what to do.
    """

    row: int
    column: str
    words: str


@dataclass(frozen=True)
class SheetRead:
    """A spreadsheet, read.

    Attributes:
        rows: the rows in which every cell could be read.
    """

    sort: Sort
    filename: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


class SheetRefused(RuleBroken):
    """A spreadsheet that cannot be brought in as it is.

    Attributes:
        problems: the cells that are wrong, in the order of their rows.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: each.row))
        count = len(self.problems)
        first = self.problems[0]
        where = f"row {first.row:,}, {first.column}" if first.column else f"row {first.row:,}"
        cells = "1 cell is wrong" if count == 1 else f"{count} cells are wrong"
        super().__init__(f"Nothing has been recorded: {cells}. The first is {where}: {first.words}", "file")


def read_sheet(data: bytes, sent_as: str, sort: Sort) -> SheetRead:
    """Read an uploaded CSV or XLSX.

    Raises:
        RuleBroken: the file cannot be read at all, or lacks a column.
    """
    filename = one_line(sent_as.replace("\\", "/").rsplit("/", 1)[-1], most=120, field="file")
    refuse_personal_details(filename, field="file")
    try:
        records = records_of(data, filename, BOUNDS).rows
    except RuleBroken as broken:
        raise RuleBroken(broken.message, "file") from None
    header_at, places = _columns(records, sort)
    below = enumerate(records[header_at + 1 :], start=header_at + 2)
    numbered = [(number, _picked(cells, places)) for number, cells in below]
    return _sheet(sort, filename, [(number, cells) for number, cells in numbered if any(cells)])


def _columns(records: Sequence[Sequence[str]], sort: Sort) -> tuple[int, list[int | None]]:
    """Find the row of headings, and in which column each heading of the sort stands.

    Raises:
        RuleBroken: no row has them all, or one stands twice.
    """
    best, found_best = 0, -1
    for at, cells in enumerate(records[:TITLE_ROWS_SEARCHED]):
        found = sum(_key(cell) in {_key(heading.title) for heading in HEADINGS[sort]} for cell in cells)
        if found > found_best:
            best, found_best = at, found
    header = [_key(cell) for cell in records[best]] if records else []
    missing = [heading.title for heading in HEADINGS[sort] if heading.needed and _key(heading.title) not in header]
    if missing:
        columns = f"a column named {' and one named '.join(missing)}"
        raise RuleBroken(f"The file lacks {columns}. Start from the template, and keep its first row", "file")
    return best, [_place(header, heading, best + 1) for heading in HEADINGS[sort]]


def _place(header: Sequence[str], heading: Heading, row: int) -> int | None:
    at = [place for place, cell in enumerate(header) if cell == _key(heading.title)]
    if len(at) > 1:
        where = " and ".join(column_letters(place) for place in at[:2])
        raise RuleBroken(f"Row {row}, columns {where} are both named {heading.title}. Remove one", "file")
    return at[0] if at else None


def _key(cell: str) -> str:
    return " ".join(clean(cell).casefold().split())


def _picked(cells: Sequence[str], places: Sequence[int | None]) -> tuple[str, ...]:
    return tuple(clean(cells[at]).strip() if at is not None and at < len(cells) else "" for at in places)


def _sheet(sort: Sort, filename: str, numbered: Sequence[tuple[int, tuple[str, ...]]]) -> SheetRead:
    if not numbered:
        raise RuleBroken("The file has no rows below its headings. Fill the template in and choose it again", "file")
    if len(numbered) > BOUNDS.most_rows:
        raise RuleBroken(BOUNDS.too_many_rows().message, "file")
    rows, problems = [], []
    for number, cells in numbered:
        values, wrong = _values(sort, number, cells)
        problems += wrong
        if not wrong:
            rows.append(Row(number, cells, values))
    return SheetRead(sort, filename, tuple(rows), tuple(problems[:MOST_PROBLEMS]))


def _values(sort: Sort, number: int, cells: Sequence[str]) -> tuple[dict[str, Value], list[Problem]]:
    values: dict[str, Value] = {}
    wrong = []
    for heading, cell in zip(HEADINGS[sort], cells, strict=True):
        try:
            values[heading.key] = heading.read(cell)
        except RuleBroken as broken:
            wrong.append(Problem(number, heading.title, broken.message))
    return values, wrong


def fingerprint_of(sheet: SheetRead) -> str:
    """Give the SHA-256 of what a spreadsheet says, so that the same rows in another file or order are the same."""
    plain = sorted(list(row.cells) for row in sheet.rows)
    return hashlib.sha256(json.dumps([sheet.sort, plain], ensure_ascii=False).encode()).hexdigest()


def to_text(sheet: SheetRead) -> str:
    """Write the rows of a spreadsheet as text, for the form that confirms them."""
    return json.dumps([[row.number, *row.cells] for row in sheet.rows], ensure_ascii=False, separators=(",", ":"))


def from_text(text: str, filename: str, sort: str) -> SheetRead:
    """Read the rows that a form confirms. They are checked again: whoever sends a form may send anything.

    Raises:
        RuleBroken: it is no such text.
    """
    try:
        asked, sent = Sort(sort), json.loads(text)
        understood = isinstance(sent, list) and all(_is_row(row, len(HEADINGS[asked])) for row in sent)
    except (ValueError, RecursionError):
        understood = False
    if not understood:
        raise RuleBroken("Your form has expired. Choose the file again", "file")
    name = one_line(filename, most=120, field="file")
    refuse_personal_details(name, field="file")
    return _sheet(asked, name, [(row[0], tuple(clean(cell).strip() for cell in row[1:])) for row in sent])


def _is_row(row: object, width: int) -> bool:
    return (
        isinstance(row, list)
        and len(row) == width + 1
        and type(row[0]) is int
        and 0 < row[0] < 1_000_000
        and all(isinstance(cell, str) for cell in row[1:])
    )
