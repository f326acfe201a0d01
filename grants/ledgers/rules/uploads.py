"""What may be uploaded as a finance extract: its kind and its size.

The name's ending and the first bytes must tell the same story, because a browser or a spreadsheet
program acts on whichever it believes. Everything here looks at bytes only; nothing is parsed yet.
"""

from enum import StrEnum

from core.errors import RuleBroken

LARGEST_FILE_BYTES = 40 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 200
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


class FileKind(StrEnum):
    """The two kinds of file a ledger is read from."""

    CSV = "csv"
    XLSX = "xlsx"


def file_kind(data: bytes, filename: str) -> FileKind:
    """Decide whether an upload is a CSV or an XLSX by its name and its bytes together.

    Args:
        data: the whole file.
        filename: as the browser sent it; only its ending counts.

    Raises:
        RuleBroken: any other type, a name that contradicts the bytes, an empty file, one of more
            than 40 MB, or text in UTF-16.
    """
    if len(data) > LARGEST_FILE_BYTES:
        raise RuleBroken(
            f"{TOO_MUCH_DATA}: it is {len(data) / 1048576:,.0f} MB and a ledger can be 40 MB. "
            "Split it by month and import each part"
        )
    ending = _ending(filename)
    if ending == ".xlsx" and data.startswith(_ZIP):
        return FileKind.XLSX
    if ending == ".csv":
        _must_be_text(data)
        return FileKind.CSV
    if ending in _DOCUMENTS and data.startswith(_DOCUMENTS[ending]):
        raise RuleBroken("A ledger must be a CSV or XLSX file. Export it again from the finance system")
    raise RuleBroken(WRONG_TYPE)


def too_many_rows() -> RuleBroken:
    """Word the refusal of a table that is too long."""
    return RuleBroken(f"{TOO_MUCH_DATA}: a ledger can have {MOST_ROWS:,} rows. Split it by month and import each part")


def _ending(filename: str) -> str:
    """Give the lower-case ending of a file name with its dot, or nothing."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1].strip().lower()
    return "." + name.rsplit(".", 1)[1] if "." in name else ""


def _must_be_text(data: bytes) -> None:
    """Refuse bytes that are not the text of a table."""
    if data.startswith(_UTF16_MARKS) or _looks_like_bare_utf16(data):
        raise RuleBroken("The file is in UTF-16. Save it as 'CSV UTF-8' and upload it again")
    start = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise RuleBroken("The file is empty. Export it again from the finance system")
    known = (_ZIP, b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0", b"<", b"%!PS", b"{\\rtf", *_DOCUMENTS.values())
    if start.startswith(known) or any(byte < 32 and byte not in _TEXT_CONTROLS for byte in start):
        raise RuleBroken(WRONG_TYPE)


def _looks_like_bare_utf16(data: bytes) -> bool:
    """Say whether every other byte of the opening is nil, as ASCII in UTF-16 without a mark is."""
    opening = data[:200]
    halves = opening[::2], opening[1::2]
    return len(opening) >= 8 and any(half.count(0) > 0.8 * len(half) for half in halves)
