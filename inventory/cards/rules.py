"""Numbers on cards, on plain values: how one is read, what a range is, and which fall to which units of a lot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import RuleBroken
from inventory.stock.rules import Units, count_of

MOST_AT_ONCE = 50
"""So many ranges are recorded at once."""

MOST_DIGITS = 12

_NUMBER = re.compile(r"(|[A-Z0-9./-]{0,11}[A-Z./-])([0-9]{1,12})")
_TO = re.compile(r"\s+(?:TO|-)\s+|\s*[–—]\s*")


@dataclass(frozen=True)
class CardNumber:
    """A number as it is printed: "SC-004001" is the prefix "SC-" and 4001, in six digits."""

    prefix: str
    number: int
    digits: int

    def __str__(self) -> str:
        """Write it as it is printed."""
        return f"{self.prefix}{self.number:0{self.digits}d}"


@dataclass(frozen=True)
class CardNumbers:
    """Numbers that follow each other, from the first to the last, both included."""

    prefix: str
    first: int
    last: int
    digits: int

    @property
    def count(self) -> int:
        """How many they are."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        """Write them as "SC-004001 to SC-004250", or as the one number they are."""
        first, last = (CardNumber(self.prefix, number, self.digits) for number in (self.first, self.last))
        return str(first) if self.count == 1 else f"{first} to {last}"

    def holds(self, asked: CardNumber) -> bool:
        """Say whether a number is one of them. Noughts in front fill it up to a width; no two cards differ in them."""
        return self.prefix == asked.prefix and self.first <= asked.number <= self.last

    def as_printed(self, asked: CardNumber) -> CardNumber:
        """Give one of them with the noughts that are printed before it."""
        return CardNumber(asked.prefix, asked.number, self.digits)

    def shared(self, other: CardNumbers) -> CardNumbers | None:
        """Give the numbers that are in both, or None."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return (
            CardNumbers(self.prefix, first, last, self.digits)
            if self.prefix == other.prefix and first <= last
            else None
        )


def number_in(text: str) -> CardNumber | None:
    """Read a number as it is printed on a card; None when it cannot be one."""
    found = _NUMBER.fullmatch("".join(text.upper().split()))
    return CardNumber(found[1], int(found[2]), len(found[2])) if found else None


def numbers_in(text: str, *, field: str | None = None) -> CardNumbers:
    """Read a range as it is printed, such as "SC-004001 to SC-004250", "SC-004001 to 004250" or one number alone.

    Raises:
        RuleBroken: it is none, or its last number comes before its first.
    """
    parts = _TO.split(text.strip().upper())
    read = [number_in(part) for part in parts]
    first, last = read[0], read[-1]
    if len(parts) > 2 or first is None or last is None:
        raise RuleBroken(
            f"{text.strip()[:40] or 'An empty line'} is not a range of card numbers. "
            "Enter it as printed, like SC-004001 to SC-004250",
            field,
        )
    if not last.prefix and last.digits == first.digits:
        last = CardNumber(first.prefix, last.number, last.digits)
    if first.prefix != last.prefix:
        raise RuleBroken(f"{first} and {last} do not begin alike. Enter a range for each beginning", field)
    _check_order(first, last, field)
    return CardNumbers(first.prefix, first.number, last.number, first.digits)


def _check_order(first: CardNumber, last: CardNumber, field: str | None) -> None:
    """Refuse a range that runs backwards, and noughts in front that do not fit."""
    if last.number < first.number:
        raise RuleBroken(f"{last} comes before {first}. Enter the lower number first", field)
    padded = any(len(str(each.number)) < each.digits for each in (first, last))
    if padded and first.digits != last.digits:
        raise RuleBroken(
            f"{first} has {first.digits} digits and {last} has {last.digits}. Enter both as they are printed", field
        )


def check_numbers(
    entered: Sequence[CardNumbers], *, known: Sequence[CardNumbers], unit_count: int, field: str | None = None
) -> None:
    """Refuse numbers that overlap each other, and more than the lot has cards without one.

    Args:
        known: what the lot has already.

    Raises:
        RuleBroken: with the numbers concerned.
    """
    if len(entered) > MOST_AT_ONCE:
        raise RuleBroken(f"Enter {MOST_AT_ONCE} ranges or fewer at a time; you entered {len(entered)}", field)
    for position, each in enumerate(entered):
        for other in entered[:position]:
            if twice := each.shared(other):
                raise RuleBroken(f"{twice} {_are(twice)} entered twice", field)
    had, more = total_of(known), total_of(entered)
    if had + more > unit_count:
        has = f", of which {had:,} have a number" if had else ""
        room = unit_count - had
        raise RuleBroken(
            f"The lot has {cards(unit_count)}{has}, and you entered {more:,} numbers. "
            + (f"Enter {room:,} or fewer" if room else "Take back the wrong ones first"),
            field,
        )


def already_known(twice: CardNumbers, lot_code: str, *, field: str | None = None) -> RuleBroken:
    """Refuse numbers that another lot, or this one, has."""
    came = "it came" if twice.count == 1 else "they came"
    return RuleBroken(
        f"{twice} {_are(twice)} already known: {came} with lot {lot_code}. Each number is on one card", field
    )


def _are(numbers: CardNumbers) -> str:
    return "is" if numbers.count == 1 else "are"


def cards(count: int) -> str:
    """Write "250 cards"."""
    return f"{count:,} card{'' if count == 1 else 's'}"


def total_of(ranges: Iterable[CardNumbers]) -> int:
    """Count the numbers of ranges."""
    return sum(each.count for each in ranges)


def in_order(ranges: Iterable[CardNumbers]) -> list[CardNumbers]:
    """Put ranges into the order in which their numbers are counted off: by what they begin with, lowest first."""
    return sorted(ranges, key=lambda each: (each.prefix, each.first))


def numbers_of_units(units: Units, ranges: Sequence[CardNumbers]) -> list[CardNumbers]:
    """Give the numbers of units if a lot's cards are used from the lowest number up; units beyond them have none.

    It is how the ledger counts units (``inventory.stock.rules``), and no more than that: which card was taken out of
    a box nobody recorded.

    Args:
        ranges: the lot's, in order.
    """
    found: list[CardNumbers] = []
    before = 0
    for each in ranges:
        for first, last in units:
            low, high = max(first, before + 1), min(last, before + each.count)
            if low <= high:
                start = each.first - before - 1
                found.append(CardNumbers(each.prefix, start + low, start + high, each.digits))
        before += each.count
    return found


def unit_of(asked: CardNumber, ranges: Iterable[CardNumbers]) -> int | None:
    """Give the place of a number among a lot's, counted from 1 in order; None when it is none of them."""
    before = 0
    for each in ranges:
        if each.holds(asked):
            return before + asked.number - each.first + 1
        before += each.count
    return None


def as_printed(asked: CardNumber, ranges: Iterable[CardNumbers]) -> CardNumber | None:
    """Give a number of a lot as it stands on its card, whatever noughts were typed; None when it is none of them."""
    return next((each.as_printed(asked) for each in ranges if each.holds(asked)), None)


@dataclass(frozen=True)
class Spot:
    """So many cards of a lot in one spot.

    Attributes:
        words: such as "Salisbury", "In 3 Go Bags at Salisbury" or "Issued".
        units: as the ledger numbers them.
        shown: whether the reader may see the spot.
    """

    words: str
    units: Units
    shown: bool = True

    @property
    def count(self) -> int:
        """How many cards are there."""
        return count_of(self.units)


def whereabouts(unit: int, spots: Sequence[Spot]) -> str:
    """Say what the records tell of where one card of a lot is, and no more.

    Args:
        unit: its place among the lot's numbers.
        spots: every spot where cards of the lot are.
    """
    if len(spots) == 1 and spots[0].shown:
        return f"All cards of the lot are in one place: {spots[0].words}."
    likely = next((spot for spot in spots if any(first <= unit <= last for first, last in spot.units)), None)
    unread = "Numbers are not read when cards are packed, sent or handed over, so nobody recorded where this one is."
    if likely is None or not likely.shown:
        return unread
    return f"{unread} If cards were taken from the lowest number up, it is among these: {likely.words}."
