"""A finance extract as a plain table: its header row and the rows beneath, every cell its exact text.

Nothing is interpreted here, so that a code such as ``00123`` or ``1E5`` is still what the finance system
wrote when a layout says which column it stands in. Row numbers are those a spreadsheet program shows.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import RuleBroken
from core.sheets.reading import Bounds, column_letters, records_of
from grants.ledgers.rules.headings import recognised_role
from grants.ledgers.rules.notation import DateNotation, reads_as_amount, reads_as_date
from grants.ledgers.rules.roles import Role

TITLE_ROWS_SEARCHED = 40

BOUNDS = Bounds(
    noun="ledger",
    most_rows=200_000,
    most_columns=200,
    largest_megabytes=40,
    split="Split it by month",
    again="Export it again from the finance system",
)
"""How much of an extract is read."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """A header row and what stands above and below it.

    Attributes:
        filename: as uploaded.
        header: the header cells, stripped.
        header_row: the header's row number, from 1.
        rows: the rows beneath, in order; row ``i`` has row number ``header_row + 1 + i``.
        titles: the filled cells of the rows above the header, joined row by row.
        written: how the file is written, in words, such as "CSV, UTF-8, commas".
        notes: what the officer should know about the file, in words.
    """

    filename: str
    header: tuple[str, ...]
    header_row: int
    rows: Sequence[Sequence[str]]
    titles: tuple[str, ...]
    written: str
    notes: tuple[str, ...] = ()


def read_table(data: bytes, filename: str) -> RawTable:
    """Read a CSV or XLSX upload into a table.

    Args:
        data: the whole file.
        filename: as the browser sent it.

    Raises:
        RuleBroken: the wrong type, too much data, UTF-16, an open quote, a formula, a document type
            definition, no header row, or a header that names two columns alike; with row and column.
    """
    notes: list[str] = []
    read = records_of(data, filename, BOUNDS, _has_header)
    found = read.rows
    if read.unread:
        notes.append(f"Only sheet '{read.sheet}' is read. Further sheets: {', '.join(read.unread[:5])}")
    at = _header_position(found)
    header = tuple(cell.strip() for cell in found[at])
    notes += _repeated_headings(header, at + 1)
    rows = found[at + 1 :]
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) > BOUNDS.most_rows:
        raise BOUNDS.too_many_rows()
    titles = tuple(" ".join(filter(None, map(str.strip, cells))) for cells in found[:at])
    return RawTable(filename, header, at + 1, rows, tuple(filter(None, titles)), read.written, tuple(notes))


def _header_position(found: list[list[str]]) -> int:
    """Find the header among the first rows: the row with most headings that are known, and no figures."""
    if not found:
        raise RuleBroken(f"The file is empty. {BOUNDS.again}")
    opening = found[:TITLE_ROWS_SEARCHED]
    widths = Counter(_filled(cells) for cells in found[: 10 * TITLE_ROWS_SEARCHED])
    usual = max(widths, key=lambda width: (widths[width] * (width > 1), width))
    best = _known_header(opening, usual)
    return _unknown_header(opening, usual) if best is None else best


def _has_header(found: list[list[str]]) -> bool:
    """Say whether rows have a header of known headings, as the cover sheet of a workbook has not."""
    return _known_header(found[:TITLE_ROWS_SEARCHED], 2) is not None


def _known_header(opening: list[list[str]], usual: int) -> int | None:
    """Find the row with most headings that are known, and no figures; None where no row has two."""
    best, best_score = None, 1
    for position, cells in enumerate(opening):
        if _filled(cells) < max(2, usual // 2) or any(map(_is_figure, cells)):
            continue
        score = sum(recognised_role(cell) is not Role.OTHER for cell in cells)
        if score > best_score:
            best, best_score = position, score
    return best


def _unknown_header(opening: list[list[str]], usual: int) -> int:
    """Take the first full row as header when its words are strange but hold no figures."""
    for position, cells in enumerate(opening):
        if _filled(cells) >= max(2, usual - 1):
            figure = next((column for column, cell in enumerate(cells) if _is_figure(cell)), None)
            if figure is None:
                return position
            raise RuleBroken(
                f"Row {position + 1}, column {column_letters(figure)} holds a figure where a column "
                "name should be. Add a row with the names of the columns above it and upload the file again"
            )
    raise RuleBroken("No row with the names of the columns was found. Add one and upload the file again")


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _is_figure(cell: str) -> bool:
    """Say whether a cell holds an amount or a date, which no heading does."""
    cell = cell.strip()
    return bool(cell) and (
        reads_as_amount(cell)
        or reads_as_date(cell, DateNotation.ISO)
        or reads_as_date(cell, DateNotation.DAY_FIRST)
        or reads_as_date(cell, DateNotation.MONTH_NAME)
    )


def _repeated_headings(header: tuple[str, ...], row: int) -> list[str]:
    """Refuse two columns of one name where the name matters; note them where it does not."""
    first: dict[str, int] = {}
    notes = []
    for column, name in enumerate(header):
        words = " ".join(name.casefold().split())
        if not words:
            continue
        if words not in first:
            first[words] = column
            continue
        where = f"columns {column_letters(first[words])} and {column_letters(column)}"
        if recognised_role(name) is not Role.OTHER:
            raise RuleBroken(f"Row {row}, {where} are both named '{name}'. Rename one and upload the file again")
        notes.append(f"Row {row}, {where} are both named '{name}'")
    return notes
