"""What the workload consists of, and the things it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

FIRST = date(2022, 7, 1)
DAYS = 1_461
LAST = FIRST + timedelta(days=DAYS - 1)
AS_AT = date(2024, 12, 31)
"""The worst day for whoever closes months."""
STATION = "S07"
USED_FROM, USED_TO = date(2025, 1, 1), date(2025, 3, 31)
RESTOCK_FROM, COVER_DAYS, USED_DAYS = LAST - timedelta(days=89), 44, 90

STORES = tuple(f"C{n:02d}" for n in range(1, 4))
STATIONS = tuple(f"S{n:02d}" for n in range(1, 41))
PARTNERS = tuple(f"P{n:02d}" for n in range(1, 9))
PLACES = frozenset((*STORES, *STATIONS, *PARTNERS))
SUPPLIERS = tuple(f"V{n:02d}" for n in range(1, 11))
SERVICES = tuple(f"W{n:03d}" for n in range(1, 61))
ISSUED, LOST, BUILT = "ISSUED", "LOSS", "BUILD"

LANGUAGES = ("EN", "ES", "FR", "PT", "AR", "ZH", "VI", "KO", "RU", "SO", "HT", "TL")
PHONES = ("BASIC", "SMART", "PREPAID", "CHARGED")
CARDS = ("FOODA", "FOODB", "FOODC", "CLOTHA", "CLOTHB", "BUS", "RIDE", "METRO")
PLAIN = (
    "BACKPACK", "DUFFEL", "TOTE", "SOAP", "SHAMPOO", "BRUSH", "PASTE", "DEODOR", "WIPES", "TOWEL", "SOCKSA", "SOCKSB",
    "UNDERA", "UNDERB", "SHIRTA", "SHIRTB", "PANTSA", "PANTSB", "SANDAL", "COAT", "HAT", "GLOVES", "BLANKET", "PONCHO",
    "SNACKS", "WATER", "PADS", "DIAPER", "FORMULA", "TOY", "CRAYON",
)  # fmt: skip
KITS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "BAGADULT": (("BACKPACK", 1), ("SOAP", 2), ("SHAMPOO", 1), ("BRUSH", 1), ("PASTE", 1), ("TOWEL", 1),
                 ("SOCKSA", 2), ("BKLEN", 1)),
    "BAGCHILD": (("TOTE", 1), ("BRUSH", 1), ("PASTE", 1), ("SOCKSB", 2), ("TOY", 1), ("SNACKS", 3)),
    "BAGTEEN": (("BACKPACK", 1), ("DEODOR", 1), ("SHAMPOO", 1), ("SOCKSA", 2), ("SNACKS", 2), ("BKLES", 1)),
    "BAGFAMILY": (("DUFFEL", 1), ("SOAP", 4), ("TOWEL", 2), ("WIPES", 2), ("WATER", 4), ("BKLEN", 1), ("BKLES", 1),
                  ("SHIRTA", 2)),
    "BAGWINTER": (("BACKPACK", 1), ("COAT", 1), ("HAT", 1), ("GLOVES", 1), ("BLANKET", 1), ("SOCKSA", 2)),
}  # fmt: skip
"""Kit → its components and how many of each one unit takes."""


class Thing(NamedTuple):
    """An item: its kind, and how many come in one pack."""

    code: str
    kind: str
    pack: int


THINGS = (
    *(Thing(f"BKL{each}", "booklet", 50) for each in LANGUAGES),
    *(Thing(each, "kit", 10) for each in KITS),
    *(Thing(f"PHONE{each}", "phone", 5) for each in PHONES),
    *(Thing(f"CARD{each}", "card", 25) for each in CARDS),
    *(Thing(each, "plain", 20) for each in PLAIN),
)


class DrawnMove(NamedTuple):
    """So many units of a lot from place to place; ``day`` may lie before those of moves recorded earlier."""

    seq: int
    day: date
    item: str
    lot: str
    source: str
    goal: str
    units: int


class DrawnLot(NamedTuple):
    """A lot that was bought of a supplier, or built of others; ``place`` is where it came to be."""

    code: str
    item: str
    built: bool
    day: date
    units: int
    unit_pence: int
    supplier: str
    place: str


class Bill(NamedTuple):
    """What was ordered or invoiced: which order, when, and the grant line it is for."""

    order: int
    day: date
    line: str
    pence: int


@dataclass(frozen=True)
class Workload:
    """Everything drawn.

    Attributes:
        paid: lot → who paid for one unit: grant line and pence, several for a kit.
        budgets: grant line → pence.
        claimed: numbers of the invoices that were claimed, from 0.
    """

    moves: list[DrawnMove]
    lots: list[DrawnLot]
    paid: dict[str, list[tuple[str, int]]]
    orders: list[Bill]
    invoices: list[Bill]
    budgets: dict[str, int]
    claimed: list[int]
