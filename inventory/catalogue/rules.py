"""Kinds of item, and what a kit recipe asks for, on plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.errors import RuleBroken


class ItemKind(StrEnum):
    """What an item is for; readiness and home page group by it."""

    CONTENT = "bag content"
    CLOTHING = "clothing"
    PHONE = "phone"
    SIM = "sim"
    SECURITY_CARD = "security card"
    BOOKLET = "booklet"
    PACKAGING = "packaging"


PRINTED = (ItemKind.SECURITY_CARD, ItemKind.BOOKLET)
"""Kinds that have a language and editions."""

SERIAL = (ItemKind.PHONE, ItemKind.SIM)
"""Kinds whose every unit has a number of its own (IMEI, ICCID)."""

KIND_WORDS = {
    ItemKind.CONTENT: "Bag content",
    ItemKind.CLOTHING: "Clothing",
    ItemKind.PHONE: "Phone",
    ItemKind.SIM: "SIM",
    ItemKind.SECURITY_CARD: "Security card",
    ItemKind.BOOKLET: "Booklet",
    ItemKind.PACKAGING: "Packaging",
}
"""How each kind is written on a page."""

MOST_RECIPE_LINES = 60


@dataclass(frozen=True)
class NewLine:
    """One line of a recipe as it is written: so many of one item, or of any item of one kind.

    Attributes:
        item_code: the item, when the line asks for that one and no other.
        any_of_kind: the kind, when any item of it will do, such as a booklet in whichever language.
    """

    unit_count: int
    item_code: str | None = None
    any_of_kind: ItemKind | None = None


def any_of(kind: ItemKind) -> str:
    """Name a line that any item of a kind meets, such as "Booklet in any language"."""
    word = KIND_WORDS[kind]
    if kind in PRINTED:
        return f"{word} in any language"
    return f"Any {word if word.isupper() else word.lower()}"


def check_lines(lines: Sequence[NewLine]) -> None:
    """Refuse a recipe that asks for nothing, for nothing nameable, or for the same thing twice.

    Raises:
        RuleBroken: what is wrong, and with which line.
    """
    if not lines:
        raise RuleBroken("Add at least one item to the recipe")
    if len(lines) > MOST_RECIPE_LINES:
        raise RuleBroken(f"A recipe can have {MOST_RECIPE_LINES} lines or fewer; this has {len(lines)}")
    asked: set[tuple[str | None, ItemKind | None]] = set()
    for position, line in enumerate(lines, start=1):
        if (line.item_code is None) == (line.any_of_kind is None):
            raise RuleBroken(f"Choose one item for line {position}")
        if line.unit_count < 1:
            raise RuleBroken(f"Quantity of line {position} must be 1 or more")
        key = (line.item_code, line.any_of_kind)
        if key in asked:
            raise RuleBroken(f"Line {position} repeats an earlier one. Put the whole quantity on one line")
        asked.add(key)
