"""What keeps a place open, and what is done about each, on plain values."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Keeps(StrEnum):
    """A sort of thing that keeps a place open."""

    STOCK = "stock"
    COMING = "coming"
    REQUESTS = "requests"
    COUNT = "count"
    SHEETS = "sheets"
    SUPPLIED = "supplied"
    ROLES = "roles"


@dataclass(frozen=True)
class Keeping:
    """So many of something that keep a place open, in words: "1 Go Bag standing there"."""

    sort: Keeps
    words: str


@dataclass(frozen=True)
class SentUnit:
    """A handset or SIM that a place sent back to its store."""

    unit_id: int
    number: str


@dataclass(frozen=True)
class SentLot:
    """Units of one lot that a place sent back to its store.

    Attributes:
        units: which handsets or SIMs, for a lot that is counted by number.
    """

    lot_id: int
    lot_code: str
    item_name: str
    unit_count: int
    units: tuple[SentUnit, ...] = ()

    def arrived(self, numbers: Collection[str]) -> tuple[int, ...]:
        """Give the ids of the handsets or SIMs whose numbers are among these."""
        return tuple(each.unit_id for each in self.units if each.number in numbers)

    def missing(self, numbers: Collection[str]) -> tuple[int, ...]:
        """Give the ids of those whose numbers are not."""
        return tuple(each.unit_id for each in self.units if each.number not in numbers)


@dataclass(frozen=True)
class SentBag:
    """A Go Bag that a place sent back to its store."""

    bag_id: int
    tag: str


SERIES = "SB"
"""Begins the references of what places send back: SB-00001."""
