"""What may be uploaded as a table: its kind and its size.

The name's ending and the first bytes must tell the same story, because a browser or a spreadsheet
program acts on whichever it believes. Everything here looks at bytes only; nothing is parsed yet.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.errors import RuleBroken

LONGEST_CELL = 32_767

WRONG_TYPE = "The file must be a PDF, JPG, PNG, CSV or XLSX"
TOO_MUCH_DATA = "The file has too much data"

_ZIP = b"PK\x03\x04"
_DOCUMENTS = {
    ".pdf": b"%PDF-",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".png": b"\x89PNG\r\n\x1a\n",
}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_TEXT_CONTROLS = frozenset(b"\t\n\r\x0c")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a table is taken, and what its refusals call it.

    Attributes:
        noun: what such a file is, like "ledger".
        split: how a larger one is made smaller, like "Split it by month".
        again: what to do about a file that holds nothing, like "Export it again from the finance system".
    """

    noun: str
    most_rows: int
    most_columns: int
    largest_megabytes: int
    split: str
    again: str

    def too_many_rows(self) -> RuleBroken:
        """Word the refusal of a table that is too long."""
        most = f"a {self.noun} can have {self.most_rows:,} rows"
        return RuleBroken(f"{TOO_MUCH_DATA}: {most}. {self.split} and import each part")


class FileKind(StrEnum):
    """The two kinds of file a table is read from."""

    CSV = "csv"
    XLSX = "xlsx"


def file_kind(data: bytes, filename: str, bounds: Bounds) -> FileKind:
    """Decide whether an upload is a CSV or an XLSX by its name and its bytes together.

    Args:
        data: the whole file.
        filename: as the browser sent it; only its ending counts.

    Raises:
        RuleBroken: any other type, a name that contradicts the bytes, an empty file, one that is too
            large, or text in UTF-16.
    """
    if len(data) > bounds.largest_megabytes * 1024 * 1024:
        raise RuleBroken(
            f"{TOO_MUCH_DATA}: it is {len(data) / 1048576:,.0f} MB and a {bounds.noun} can be "
            f"{bounds.largest_megabytes} MB. {bounds.split} and import each part"
        )
    ending = _ending(filename)
    if ending == ".xlsx" and data.startswith(_ZIP):
        return FileKind.XLSX
    if ending == ".csv":
        _must_be_text(data, bounds)
        return FileKind.CSV
    if ending in _DOCUMENTS and data.startswith(_DOCUMENTS[ending]):
        raise RuleBroken(f"A {bounds.noun} must be a CSV or XLSX file. {bounds.again}")
    raise RuleBroken(WRONG_TYPE)


def _ending(filename: str) -> str:
    """Give the lower-case ending of a file name with its dot, or nothing."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1].strip().lower()
    return "." + name.rsplit(".", 1)[1] if "." in name else ""


def _must_be_text(data: bytes, bounds: Bounds) -> None:
    """Refuse bytes that are not the text of a table."""
    if data.startswith(_UTF16_MARKS) or _looks_like_bare_utf16(data):
        raise RuleBroken("The file is in UTF-16. Save it as 'CSV UTF-8' and upload it again")
    start = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise RuleBroken(f"The file is empty. {bounds.again}")
    known = (_ZIP, b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0", b"<", b"%!PS", b"{\\rtf", *_DOCUMENTS.values())
    if start.startswith(known) or any(byte < 32 and byte not in _TEXT_CONTROLS for byte in start):
        raise RuleBroken(WRONG_TYPE)


def _looks_like_bare_utf16(data: bytes) -> bool:
    """Say whether every other byte of the opening is nil, as ASCII in UTF-16 without a mark is."""
    opening = data[:200]
    halves = opening[::2], opening[1::2]
    return len(opening) >= 8 and any(half.count(0) > 0.8 * len(half) for half in halves)
