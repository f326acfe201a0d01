"""Tables as CSV, for machines and for any spreadsheet program.

Spreadsheet programs run a text that looks like a formula, so such a text gets an apostrophe; and some
part cells by semicolons, so a text that holds one is quoted. Numbers and amounts stay bare.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice

from core.dates import LONDON
from core.money import plain_pounds
from core.sheets.cells import Cell, Column, Kind, Money, checked_row, is_risky, value_of

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ROWS_A_CHUNK = 500

_NEEDS_QUOTES = re.compile(r"[\",;\t\r\n]|^\s|\s$")


def csv_bytes(
    columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, preface: Sequence[tuple[str, str]] = ()
) -> bytes:
    """Write a table as CSV: UTF-8 with a byte order mark, lines ended by CR LF.

    Args:
        columns: the columns in order.
        rows: one cell for each column.
        preface: label and value pairs, set above the table and apart from it by an empty line.

    Raises:
        ValueError: a row has another number of cells than there are columns.
    """
    return b"".join(csv_chunks(columns, rows, preface=preface))


def csv_chunks(
    columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, preface: Sequence[tuple[str, str]] = ()
) -> Iterator[bytes]:
    """Write a table as CSV, some hundred rows at a time; the bytes are those of ``csv_bytes``.

    Raises:
        ValueError: a row has another number of cells than there are columns.
    """
    above = [_csv_line([_csv_text(label), _csv_text(value)]) for label, value in preface]
    heading = _csv_line([_csv_text(column.heading) for column in columns])
    body = (_csv_line(map(_csv_cell, columns, checked_row(row, columns))) for row in rows)
    lines = chain(above, ["\r\n"] if above else [], [heading], body)
    mark = BYTE_ORDER_MARK
    while chunk := "".join(islice(lines, ROWS_A_CHUNK)):
        yield mark + chunk.encode("utf-8", "replace")
        mark = b""


def _csv_cell(column: Column, cell: Cell) -> str:
    """Write one CSV cell by its type."""
    match value_of(cell, column):
        case None:
            return ""
        case str() as text:
            return _csv_text(text)
        case Money(pence):
            return plain_pounds(pence)
        case datetime() as moment:
            return moment.astimezone(LONDON).isoformat(timespec="seconds")
        case date() as day:
            return day.isoformat()
        case int() as number:
            # Basis points are hundredths too, and print as pence do.
            return plain_pounds(number) if column.kind is Kind.PERCENT else str(number)


def _csv_text(text: str) -> str:
    """Write a text so that no spreadsheet program runs it, also one that parts cells by semicolons."""
    shown = text.replace("\x00", "")
    safe = f"'{shown}" if is_risky(shown) else shown
    return f'"{safe.replace(chr(34), chr(34) * 2)}"' if _NEEDS_QUOTES.search(safe) else safe


def _csv_line(cells: Iterable[str]) -> str:
    """Join written cells to one line."""
    return ",".join(cells) + "\r\n"
