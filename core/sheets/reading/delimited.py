"""Reading the rows of a CSV file whatever program wrote it.

Text is UTF-8 (with or without a mark) or Windows-1252; columns are parted by commas, semicolons, tabs
or bars. The quoting is read strictly: one open quote would otherwise swallow the rows after it, and
the control totals of the file would be wrong without anyone being told.
"""

import csv
import io
from collections import Counter
from itertools import islice

from core.errors import RuleBroken
from core.sheets.reading.uploads import LONGEST_CELL, TOO_MUCH_DATA, Bounds

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
ROOM_FOR_TITLES = 100


def decode(data: bytes) -> tuple[str, str]:
    """Turn the bytes of a CSV into text.

    Returns:
        The text and the name of its encoding.

    Raises:
        RuleBroken: bytes that are neither UTF-8 nor Windows-1252, with the row they are in.
    """
    try:
        text, encoding = data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        try:
            text, encoding = data.decode("cp1252"), "Windows-1252"
        except UnicodeDecodeError as problem:
            row = data.count(b"\n", 0, problem.start) + 1
            raise RuleBroken(
                f"Row {row:,} has characters that cannot be read. Save the file as 'CSV UTF-8' and upload it again"
            ) from None
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise RuleBroken(f"Row {row:,} has characters that cannot be read. Export the file again")
    return text, encoding


def delimiter_of(text: str) -> str:
    """Find the sign that parts the columns: the one that gives most rows the same number of cells."""
    declared = text[:6].lower()
    if declared.startswith("sep=") and declared[4:5] in DELIMITERS:
        return declared[4]
    opening = text[:200_000]
    return max(DELIMITERS, key=lambda sign: _evenness(opening, sign))


def _evenness(opening: str, sign: str) -> tuple[float, int]:
    """Score a delimiter: rows that share the commonest width above one, then that width."""
    widths: Counter[int] = Counter()
    try:
        for cells in islice(csv.reader(io.StringIO(opening, newline=""), delimiter=sign), 200):
            widths[len(cells)] += 1
    except csv.Error:
        pass
    several = [(count * min(width, 4), width) for width, count in widths.items() if width > 1]
    return max(several, default=(0, 0))


def records(text: str, delimiter: str, bounds: Bounds) -> list[list[str]]:
    """Split the text into records; a blank line is an empty record, so positions are row numbers.

    Raises:
        RuleBroken: an open or misplaced quote (with row and column), a cell of more than 32,767
            characters, or more columns or rows than are taken.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[list[str]] = []
    line = 0
    previous_limit = csv.field_size_limit(LONGEST_CELL)
    try:
        for cells in reader:
            found.append(cells)
            line = reader.line_num
            if len(found) > bounds.most_rows + ROOM_FOR_TITLES:
                raise bounds.too_many_rows()
    except csv.Error as problem:
        raise _broken_record(text, delimiter, len(found) + 1, line, str(problem)) from None
    finally:
        csv.field_size_limit(previous_limit)
    if max(map(len, found), default=0) > bounds.most_columns:
        raise RuleBroken(f"{TOO_MUCH_DATA}: a {bounds.noun} can have {bounds.most_columns} columns")
    return found


def _broken_record(text: str, delimiter: str, row: int, lines_before: int, problem: str) -> RuleBroken:
    """Word the refusal of a record whose quoting cannot be followed."""
    rest = io.StringIO(text, newline="")
    for _ in range(lines_before):
        rest.readline()
    column = _quote_trouble(rest.readline(), delimiter)
    if column is None:
        return RuleBroken(f"Row {row:,} cannot be read ({problem}). Export the file again")
    return RuleBroken(
        f"Row {row:,}, column {column_letters(column)} has a quote mark that is not closed. "
        "Correct the cell and upload the file again"
    )


def _quote_trouble(line: str, delimiter: str) -> int | None:
    """Find the first column, from 0, whose opening quote has no proper end on its own line."""
    position = column = 0
    while position < len(line):
        if line[position] == '"':
            closed = _after_closing_quote(line, position)
            if closed is None or line[closed : closed + 1].strip(delimiter + "\r\n"):
                return column
            position = closed
        end = line.find(delimiter, position)
        if end < 0:
            return None
        position, column = end + 1, column + 1
    return None


def _after_closing_quote(line: str, opening: int) -> int | None:
    """Give the position after the quote that closes the one at ``opening``, or None."""
    position = line.find('"', opening + 1)
    while position >= 0 and line[position + 1 : position + 2] == '"':
        position = line.find('"', position + 2)
    return position + 1 if position >= 0 else None


def column_letters(index: int) -> str:
    """Name a column, counted from 0, as a spreadsheet does: A, B … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
