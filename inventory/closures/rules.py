"""What keeps a place open, and what is done about each, on plain values."""

from __future__ import annotations

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
class SentLot:
    """Units of one lot that a place sent back to its store.

    Attributes:
        unit_ids: which handsets or SIMs, for a lot that is counted by number.
    """

    lot_id: int
    lot_code: str
    item_name: str
    unit_count: int
    unit_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class SentBag:
    """A Go Bag that a place sent back to its store."""

    bag_id: int
    tag: str


SERIES = "SB"
"""Begins the references of what places send back: SB-00001."""
