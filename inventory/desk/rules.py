"""How a home page groups stock and words what is coming; plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.dates import day_text
from core.languages import language
from inventory.catalogue.rules import PRINTED, ItemKind
from inventory.pars.rules import Level

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

EXPIRING_WITHIN = timedelta(days=60)
"""How far ahead stock near its expiry is called out."""

CHASE_AFTER = timedelta(days=7)
"""How long a dispatch without an expected day is on its way before the store asks after it."""


@dataclass(frozen=True)
class Row:
    """One level with the name it has within its group."""

    label: str
    level: Level


@dataclass(frozen=True)
class Group:
    """Levels of one sort, such as booklets by language."""

    title: str
    rows: tuple[Row, ...]

    @property
    def slug(self) -> str:
        """The title as the id of an element."""
        return self.title.lower().replace(" ", "-")


_GROUPS: tuple[tuple[str, tuple[ItemKind | None, ...]], ...] = (
    ("Go Bags", (None,)),
    ("Phones and SIMs", (ItemKind.PHONE, ItemKind.SIM)),
    ("Security cards", (ItemKind.SECURITY_CARD,)),
    ("Booklets by language", (ItemKind.BOOKLET,)),
    ("Contents and clothing", (ItemKind.CONTENT, ItemKind.CLOTHING)),
    ("Packaging", (ItemKind.PACKAGING,)),
)


def grouped(levels: Iterable[Level]) -> list[Group]:
    """Put levels into the groups of a home page; empty groups are left out."""
    rows = list(levels)
    groups = []
    for title, kinds in _GROUPS:
        found = [level for level in rows if level.kind in kinds]
        if found:
            labelled = sorted(_labelled(found), key=lambda row: row.label)
            groups.append(Group(title, tuple(labelled)))
    return groups


def _labelled(levels: Sequence[Level]) -> list[Row]:
    """Name printed things by their language, and by their own name too where a language has several."""
    several = Counter(level.language for level in levels)
    rows = []
    for level in levels:
        if level.kind in PRINTED and level.language is not None:
            spoken = language(level.language).english
            label = spoken if several[level.language] == 1 else f"{spoken}: {level.name}"
        else:
            label = level.name.removeprefix("Go Bag, ") if level.is_bag else level.name
        rows.append(Row(label, level))
    return rows


def expected(day: date | None, *, today: date) -> str:
    """Say when something should arrive, such as "expected Tuesday"."""
    if day is None:
        return "no day given"
    if day < today:
        return f"was expected on {day_text(day)}"
    if day == today:
        return "expected today"
    if day == today + timedelta(days=1):
        return "expected tomorrow"
    if day <= today + timedelta(days=6):
        return f"expected {DAYS[day.weekday()]}"
    return f"expected on {day_text(day)}"


def to_be_chased(expected_on: date | None, sent_on: date, *, today: date) -> bool:
    """Say whether a dispatch should have been counted in by now."""
    return expected_on < today if expected_on is not None else sent_on + CHASE_AFTER < today


def weekday_text(day: date) -> str:
    """Write a day with its weekday, such as "Monday 4 May 2026"."""
    return f"{DAYS[day.weekday()]} {day_text(day)}"
