"""Lines of a cupboard sheet and when a sheet is chased, on plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from core.dates import day_text
from inventory.bags.models import IssueRoute

CHASED_AFTER = timedelta(days=7)
"""How long a printed sheet may hang in its cupboard before its place is asked for it."""

MOST_LINES = 26
"""Lines of a sheet: its letters."""


class SheetEnd(StrEnum):
    """How a sheet came to its end."""

    KEYED = "keyed in"
    WRITTEN_OFF = "written off"


@dataclass(frozen=True)
class WrittenLine:
    """What somebody wrote on a line: that its Go Bag was handed over.

    Attributes:
        position: of the line, from 1.
        issued_at: the written moment.
        booklet_language: which booklet was handed over, where several are inside.
    """

    position: int
    issued_at: datetime
    route: IssueRoute
    booklet_language: str | None = None

    @property
    def plain(self) -> list[object]:
        """The line as plain values, to tell one submitted form from another."""
        return [self.position, self.issued_at, self.route, self.booklet_language]


def letter_of(position: int) -> str:
    """Give the code of a line, from 1: A, B … Z."""
    return chr(64 + position)


def chase_words(reference: str, printed_on: date, *, today: date) -> tuple[str, str]:
    """Say what to do about a sheet that has been out for long, and since when."""
    days = (today - printed_on).days
    return f"Key in or write off cupboard sheet {reference}", f"printed {days} days ago, on {day_text(printed_on)}"
