"""What can be found, and how what a person types becomes what is printed on a thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.errors import RuleBroken
from inventory.cards.rules import CardNumber, number_in
from inventory.phones.rules import numbers

MOST_OF_A_KIND = 8
"""So many of one kind are listed; one more is asked for, to say that there are more."""

FEWEST_DIGITS = 4
"""A handset or SIM is found by this many of its last digits, or more."""

_COUNTED = re.compile(r"([A-Z]{1,4})[ -]?([0-9]{1,5})")


class FoundKind(StrEnum):
    """Kinds of stock record that are found, in the order they are listed."""

    BAG = "Go Bags"
    UNIT = "Phones and SIMs"
    LOT = "Lots"
    CARD = "Security cards"
    REQUEST = "Requests"
    DISPATCH = "Dispatches"
    DELIVERY = "Deliveries"
    ISSUE = "Issues"
    RECALL = "Holds and recalls"
    PLACE = "Places"
    STORE = "Stores"
    ITEM = "Items"


@dataclass(frozen=True)
class Found:
    """One record that fits what was typed.

    Attributes:
        kind: the word its kind is listed under.
        key: what its page's address names it by.
        title: what is printed on it.
        detail: where it is, or what it is.
        exact: what was typed is its whole reference, number or code.
    """

    kind: str
    key: str
    title: str
    detail: str
    exact: bool


@dataclass(frozen=True)
class Sought:
    """What a person typed, in the shapes it may be printed in.

    Attributes:
        text: as typed, without spaces around it; never empty.
        reference: in capitals, with the zeros of a counted reference: "gb12" is GB-00012.
        digits: the digits alone when it is a number as printed on a handset or SIM, else empty.
        card: the number it would be on a security card, or None.
    """

    text: str
    reference: str
    digits: str
    card: CardNumber | None = None


def sought(text: str) -> Sought:
    """Read what a person typed into a search box (``core.parse.search_text`` has cleaned it)."""
    capitals = text.upper()
    counted = _COUNTED.fullmatch(capitals)
    reference = f"{counted[1]}-{int(counted[2]):05d}" if counted else capitals
    digits = re.sub(r"[ ./-]", "", text)
    long_enough = digits.isascii() and digits.isdecimal() and len(digits) >= FEWEST_DIGITS
    return Sought(text, reference, digits if long_enough else "", number_in(text))


def is_number_of_a_unit(asked: Sought) -> bool:
    """Say whether what was typed is a whole IMEI or ICCID by its check digit, whoever holds that handset or SIM."""
    for read in (numbers.imei, numbers.iccid):
        try:
            read(asked.digits)
        except RuleBroken:
            continue
        return True
    return False


WORDS = frozenset({FoundKind.PLACE, FoundKind.STORE, FoundKind.ITEM})
"""Kinds whose code is often a plain word, so that typing it may well ask for more than the one record."""


def only_one(found: Sequence[Found]) -> Found | None:
    """Give the one record whose whole reference was typed; None when several bear it, or it is a word others hold."""
    exact = [each for each in found if each.exact]
    if len(exact) != 1 or (exact[0].kind in WORDS and len(found) > 1):
        return None
    return exact[0]
