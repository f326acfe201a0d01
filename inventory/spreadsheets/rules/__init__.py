"""What a spreadsheet may hold, and how its cells are read: no database, no web."""

from inventory.spreadsheets.rules.reading import (
    BOUNDS,
    Problem,
    Row,
    SheetRead,
    SheetRefused,
    fingerprint_of,
    from_text,
    read_sheet,
    to_text,
)
from inventory.spreadsheets.rules.sorts import HEADINGS, NEEDS, PURPOSE, WORDS, Heading, Sort, headings_by_key

__all__ = [
    "BOUNDS",
    "HEADINGS",
    "NEEDS",
    "PURPOSE",
    "WORDS",
    "Heading",
    "Problem",
    "Row",
    "SheetRead",
    "SheetRefused",
    "Sort",
    "fingerprint_of",
    "from_text",
    "headings_by_key",
    "read_sheet",
    "to_text",
]
