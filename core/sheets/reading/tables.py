"""An uploaded CSV or XLSX as records of texts, whichever of the two it is."""

from __future__ import annotations

from dataclasses import dataclass

from core.sheets.reading.delimited import DELIMITERS, decode, delimiter_of, records
from core.sheets.reading.uploads import Bounds, FileKind, file_kind
from core.sheets.reading.workbooks import Fits, workbook_records


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of a file as they stand in it.

    Attributes:
        rows: cell texts; row ``i`` has row number ``i + 1``, an absent row is empty.
        written: how the file is written, in words, such as "CSV, UTF-8, commas".
        unread: titles of the other sheets of a workbook, which are not read.
        sheet: title of the sheet that was read, or nothing for a CSV.
    """

    rows: list[list[str]]
    written: str
    sheet: str = ""
    unread: tuple[str, ...] = ()


def records_of(data: bytes, filename: str, bounds: Bounds, fits: Fits = bool) -> Records:
    """Read the rows of an upload.

    Args:
        data: the whole file.
        filename: as the browser sent it; its ending and the bytes must agree.
        fits: tells the sheet that is meant from a cover sheet; the first filled one is read where none fits.

    Raises:
        RuleBroken: the wrong type, too much data, UTF-16, an open quote, a formula or a document type definition; with
            row and column where it is one cell's.
    """
    if file_kind(data, filename, bounds) is FileKind.XLSX:
        rows, sheet, unread = workbook_records(data, bounds, fits)
        return Records(rows, f"XLSX, sheet '{sheet}'", sheet, unread)
    text, encoding = decode(data)
    delimiter = delimiter_of(text)
    return Records(records(text, delimiter, bounds), f"CSV, {encoding}, {DELIMITERS[delimiter]}")
