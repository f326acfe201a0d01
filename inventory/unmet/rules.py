"""Why something asked for was not given, and which entries a page offers with one tap; plain values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from core.dates import day_text
from core.errors import RuleBroken
from inventory.pars.rules import Level

MOST_AT_ONCE = 50
"""More than this at once is a surge, and is told to the store by telephone."""

OLDEST = timedelta(days=90)
"""How far back an entry may lie: what was asked for longer ago is remembered wrongly."""

MOST_TAPS = 6


class UnmetReason(StrEnum):
    """Why it was not given."""

    NONE_LEFT = "none left"
    WRONG_LANGUAGE = "wrong language"
    WRONG_SIZE = "wrong size"
    CLOSED = "closed"


REASON_WORDS = {
    UnmetReason.NONE_LEFT: "None were left",
    UnmetReason.WRONG_LANGUAGE: "Not in the language asked for",
    UnmetReason.WRONG_SIZE: "Not in the size asked for",
    UnmetReason.CLOSED: "The store or cupboard was closed",
}
"""How each reason is written on the form."""


def offered(levels: Iterable[Level]) -> list[Level]:
    """Choose what one tap offers: things a place should hold and has none of, Go Bags and booklets first."""
    empty = [level for level in levels if level.par_count and not level.usable_count]
    ordered = sorted(empty, key=lambda level: (not level.is_bag, level.language is None, level.name))
    return ordered[:MOST_TAPS]


def check_day(wanted_on: date, *, today: date) -> None:
    """Refuse a day that has not been, or is too long ago to be remembered.

    Raises:
        RuleBroken: it lies outside.
    """
    if wanted_on > today:
        raise RuleBroken("Enter a real date in the past", "wanted_on")
    if wanted_on < today - OLDEST:
        raise RuleBroken(f"Enter a date from {day_text(today - OLDEST)} on", "wanted_on")


def check_count(unit_count: int) -> None:
    """Refuse nothing, and a number that no single entry has.

    Raises:
        RuleBroken: it is out of range.
    """
    if unit_count < 1:
        raise RuleBroken("Quantity must be 1 or more", "unit_count")
    if unit_count > MOST_AT_ONCE:
        raise RuleBroken(f"Quantity must be {MOST_AT_ONCE} or fewer", "unit_count")
