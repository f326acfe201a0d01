"""Reading the rows of an XLSX file without trusting it.

A workbook is a zip of XML. Before anything is parsed, the parts are measured, searched for a document
type definition, and each sheet is scanned as bytes for a cell far away: a small file may otherwise unpack
to gigabytes or make a reader walk a million empty rows. A formula is refused, because the figure shown
beside it was worked out by somebody else's program and may be stale.
"""

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from core.errors import RuleBroken
from core.sheets.reading.delimited import ROOM_FOR_TITLES, column_letters
from core.sheets.reading.uploads import LONGEST_CELL, TOO_MUCH_DATA, WRONG_TYPE, Bounds

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

LARGEST_UNPACKED_BYTES = 300 * 1024 * 1024
LARGEST_SHARED_BYTES = 80 * 1024 * 1024
SMALL_UNPACKED_BYTES = 20 * 1024 * 1024
MOST_PARTS = 1_000
LARGEST_RATIO = 100
_CHUNK = 1 << 20
_ROW_OR_CELL = re.compile(rb"<(?:[A-Za-z0-9]+:)?(?:row|c)\b[^>]*?\sr=[\"'](\$?[A-Z]{0,8})\$?([0-9]{1,12})[\"']")
_LONGEST_TAG = 400


Fits = Callable[[list[list[str]]], bool]


def workbook_records(data: bytes, bounds: Bounds, fits: Fits) -> tuple[list[list[str]], str, tuple[str, ...]]:
    """Read the first sheet of a workbook that fits, or the first that holds anything where none does.

    Args:
        fits: says of the rows of a sheet whether they can be the table that is meant: a cover sheet cannot.

    Returns:
        Records of cell texts in row order (an absent row is an empty record), the sheet's title, and
        the titles of the other sheets, which are not read.

    Raises:
        RuleBroken: not a workbook, a document type definition, too much data, or a formula (with row
            and column).
    """
    # Loaded by the first workbook that comes, for every start would wait for it.
    from openpyxl.reader.excel import load_workbook

    _inspect(data, bounds)
    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=False, keep_links=False)
        with closing(book):
            return _sheet_meant(book, bounds, fits)
    except (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile, SyntaxError, OSError):
        raise RuleBroken("The workbook is damaged. Open it, save it as XLSX again and upload it") from None


def _inspect(data: bytes, bounds: Bounds) -> None:
    """Measure and scan every part of the zip before it is parsed."""
    from openpyxl.xml import DEFUSEDXML

    if not DEFUSEDXML:
        raise AssertionError("defusedxml must be installed: openpyxl would expand entities without it")
    try:
        with zipfile.ZipFile(BytesIO(data)) as parts:
            names = set(parts.namelist())
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise RuleBroken(WRONG_TYPE)
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise RuleBroken(WRONG_TYPE)
            _measure(parts, len(data))
            for info in parts.infolist():
                if info.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _scan(parts, info, bounds)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise RuleBroken(WRONG_TYPE) from None


def _measure(parts: zipfile.ZipFile, packed: int) -> None:
    """Refuse a zip that would unpack to too much; a part never yields more than it declares."""
    sizes = {info.filename: info.file_size for info in parts.infolist()}
    unpacked = sum(sizes.values())
    bomb = unpacked > SMALL_UNPACKED_BYTES and unpacked > LARGEST_RATIO * packed
    if bomb or unpacked > LARGEST_UNPACKED_BYTES or len(sizes) > MOST_PARTS:
        raise RuleBroken(TOO_MUCH_DATA)
    if sizes.get("xl/sharedStrings.xml", 0) > LARGEST_SHARED_BYTES:
        raise RuleBroken(TOO_MUCH_DATA)


def _scan(parts: zipfile.ZipFile, info: zipfile.ZipInfo, bounds: Bounds) -> None:
    """Search one part for a document type definition and, in a sheet, for a far cell."""
    is_sheet = info.filename.startswith("xl/worksheets/")
    tail = b""
    with parts.open(info) as part:
        while chunk := part.read(_CHUNK):
            if not tail and chunk[:2] in (b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0"):
                raise RuleBroken(WRONG_TYPE)
            window = tail + chunk
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                raise RuleBroken(WRONG_TYPE)
            if is_sheet:
                _refuse_far_cells(window, bounds)
            tail = window[-_LONGEST_TAG:]


def _refuse_far_cells(window: bytes, bounds: Bounds) -> None:
    """Refuse a row or cell beyond what such a file can have."""
    for letters, number in _ROW_OR_CELL.findall(window):
        if (
            int(number) > bounds.most_rows + ROOM_FOR_TITLES
            or _column_number(letters.lstrip(b"$")) > bounds.most_columns
        ):
            raise RuleBroken(TOO_MUCH_DATA)


def _column_number(letters: bytes) -> int:
    """Give the number of a column from 1, or 0 for none."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet_meant(book: "Workbook", bounds: Bounds, fits: Fits) -> tuple[list[list[str]], str, tuple[str, ...]]:
    """Read the first visible sheet that fits, or else the first with a filled cell."""
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    first: tuple[list[list[str]], str] | None = None
    filled: list[str] = []
    for sheet in sheets:
        rows = list(_sheet_rows(sheet, bounds))
        if not any(any(cells) for cells in rows):
            continue
        if fits(rows):
            return rows, sheet.title, _others(sheets, sheet.title, filled)
        filled.append(sheet.title)
        first = first or (rows, sheet.title)
    if first is None:
        raise RuleBroken(f"The workbook is empty. {bounds.again}")
    return *first, _others(sheets, first[1], [])


def _others(sheets: list[Any], title: str, before: list[str]) -> tuple[str, ...]:
    """Name the sheets that are not read: those before it that hold anything, and all after it."""
    titles = [sheet.title for sheet in sheets]
    return (*before, *titles[titles.index(title) + 1 :])


def _sheet_rows(sheet: Any, bounds: Bounds) -> Iterator[list[str]]:
    """Yield each row's cell texts, an absent row as an empty one."""
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > bounds.most_rows + ROOM_FOR_TITLES:
            raise bounds.too_many_rows()
        if len(row) > bounds.most_columns:
            raise RuleBroken(TOO_MUCH_DATA)
        cells = [_cell_text(cell, number, column) for column, cell in enumerate(row)]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _cell_text(cell: Any, row: int, column: int) -> str:
    """Give a cell as the text a person sees in it."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise RuleBroken(
            f"Row {row:,}, column {column_letters(column)} holds a formula. "
            "Save the sheet with values only and upload it again"
        )
    if isinstance(value, str):
        if len(value) > LONGEST_CELL:
            raise RuleBroken(f"Row {row:,}, column {column_letters(column)} has more than {LONGEST_CELL:,} characters")
        return value
    return _typed_text(value, cell)


def _typed_text(value: object, cell: Any) -> str:
    """Give a number, date or truth value as text.

    A spreadsheet keeps fifteen digits of a number, so fifteen are written: what lies beyond is the binary
    shadow of 0.1, not a decimal anyone entered. A number shown with leading zeros keeps them.
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        text = str(value) if isinstance(value, int) else _fifteen_digits(value)
        zeros = cell.number_format
        return text.zfill(len(zeros)) if set(zeros) == {"0"} and len(zeros) > 1 and text.isdigit() else text
    return str(value)


def _fifteen_digits(value: float) -> str:
    """Write a float without an exponent where fifteen digits allow it."""
    text = f"{value:.15g}"
    if "e" in text and abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return text
