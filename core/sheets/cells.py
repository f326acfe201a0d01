"""What a table is made of: columns, typed cells, and the texts a spreadsheet program would run.

A cell is read by its column's kind, so that an amount stays a number that adds up and a text stays a
text. CSV and XLSX both ask here, and therefore never disagree about what a cell means.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.dates import local_day
from core.money import Pence

# What comes before the sign may be invisible: programs skip it, and then run the rest.
_RISKY = re.compile(r"[\t\r\n]|[\s\x00-\x1f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*[=+\-@＝＋－＠]")


class Kind(StrEnum):
    """What a column's whole numbers and dates mean."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True)
class Money:
    """An amount in a column that is not all money.

    Attributes:
        pence: the amount.
    """

    pence: Pence


Cell = str | int | Money | date | datetime | None


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        heading: as the first row shows it.
        kind: a whole number is pence under MONEY and basis points under PERCENT.
        note: how the figure is made; XLSX shows it on the heading.
        width: in characters; None for the width usual to the kind.
    """

    heading: str
    kind: Kind = Kind.TEXT
    note: str = ""
    width: int | None = None


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook.

    Attributes:
        name: as its tab shows it; signs Excel refuses are replaced, and it is cut at 31 characters.
        columns: the columns in order.
        rows: one cell for each column.
        preface: label and value pairs above the table: the filter, who exported it, the checkpoint.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    preface: Sequence[tuple[str, str]] = ()


def value_of(cell: Cell, column: Column) -> Cell:
    """Give the cell as its column means it: pence as Money, a yes or no in words, a day as a day."""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, int) and column.kind is Kind.MONEY:
        return Money(Pence(cell))
    if isinstance(cell, datetime) and column.kind is Kind.DATE:
        return local_day(cell)
    return cell


def is_risky(text: str) -> bool:
    """Tell whether a spreadsheet program might take the text for a formula."""
    return _RISKY.match(text) is not None


def checked_row(row: Sequence[Cell], columns: Sequence[Column]) -> Sequence[Cell]:
    """Give the row back; refuse one that does not fit its columns."""
    if len(row) != len(columns):
        raise ValueError(f"A row has {len(row)} cells for {len(columns)} columns")
    return row
