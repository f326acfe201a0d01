"""How much of each item to buy next year, what it costs, and which places run dry with less; plain values.

To buy = given out in twelve months + asked for and not given + what par levels ask to stand ready - on hand in date,
and never below nought. The same sum is made for Go Bags, whose lines in the recipe turn bags into items.

With so many per cent less, every line is cut alike, and whole units only are bought. What that does is tried by living
through the last twelve months again (``run``): on each day a place gives what it has of what was wanted that day; once
a week the store fills places up to their par level, the emptiest first, from what stands there and from what was
bought, which comes in twelve equal parts. Days far out of the ordinary are brought down, as they are for par levels: no
shelf is filled for a surge.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from string import ascii_uppercase

from core.errors import RuleBroken
from core.money import Pence, share
from grants.awards.rules import NewLine
from inventory.pars.rules import REVIEW_DAYS, without_surges

YEAR_DAYS = 365
PARTS = 12
"""Deliveries of the year, one a month."""

MOST_LESS = 90
USUAL_LESS = 10


def less_percent(text: str) -> int:
    """Read by how many per cent the money is cut.

    Raises:
        RuleBroken: it is no whole number from 0 to 90.
    """
    if not text:
        return USUAL_LESS
    if not text.isascii() or not text.isdecimal() or len(text) > 3 or int(text) > MOST_LESS:
        raise RuleBroken(f"Enter a whole number of per cent from 0 to {MOST_LESS}", "less")
    return int(text)


@dataclass(frozen=True)
class Price:
    """What the newest invoice row for an item cost: pence for so many units, VAT that is not recovered included."""

    row: str
    pence: Pence
    unit_count: int

    def of(self, units: int) -> Pence:
        """Give what units cost at this price, a part of a penny counted as a whole one."""
        return Pence(-(-self.pence * units // self.unit_count))


@dataclass(frozen=True, order=True)
class Heading:
    """The heading of a grant line, and where it stands in its award."""

    position: int
    words: str


NO_HEADING = Heading(1_000, "In no grant line yet")


@dataclass(frozen=True)
class AskedLine:
    """What a bid asks for under one heading: a grant line of the award that is hoped for.

    Attributes:
        code: A, B, C and so on; the lines of an award that comes of the bid name it.
        item_count: items to buy, not units of them.
        pence, less_pence: with the whole bid and with less.
    """

    code: str
    heading: str
    item_count: int
    pence: int
    less_pence: int


@dataclass(frozen=True)
class AnsweringLine:
    """A line of an award being recorded, and the line of the bid it answers; empty where it answers none."""

    line: NewLine
    asked_code: str


@dataclass(frozen=True)
class GrantedLine:
    """A grant line of an award that came of a bid; ``asked_code`` is empty where the bid asked for nothing like it.

    Attributes:
        award_pence: the whole award, which its lines need not come to.
    """

    award: str
    award_pence: int
    name: str
    heading: str
    pence: int
    asked_code: str


@dataclass(frozen=True)
class Needed:
    """One line of a bid: what speaks for buying an item, in units.

    Attributes:
        par_count: what par levels of the item, and of Go Bags it goes into, ask to stand ready.
        price: None where no invoice row for it is on record.
        heading: of the grant line it was bought under last, or the goods of its kind; None where there is none.
    """

    code: str
    name: str
    language: str | None
    given_count: int
    unmet_count: int
    par_count: int
    held_count: int
    price: Price | None
    heading: Heading | None = None

    @property
    def buy_count(self) -> int:
        """Units to buy."""
        return to_buy(self.given_count, self.unmet_count, self.par_count, self.held_count)

    @property
    def pence(self) -> Pence:
        """What they cost; nothing where there is no price."""
        return self.price.of(self.buy_count) if self.price else Pence(0)

    def pence_with(self, less: int) -> Pence:
        """What is bought with so many per cent less costs."""
        return self.price.of(kept(self.buy_count, less)) if self.price else Pence(0)


def to_buy(given: int, unmet: int, par: int, held: int) -> int:
    """Give the units to buy: given + not given + par - on hand, not below nought."""
    return max(0, given + unmet + par - held)


def kept(units: int, less: int) -> int:
    """Give what is bought with so many per cent less, whole units only."""
    return units * (100 - less) // 100


def dealt(units: int, weights: Mapping[int, int]) -> dict[int, int]:
    """Deal units of any language over the items printed in one, as they were wanted: item id → units.

    Where none was wanted, all are wanted alike.
    """
    if not weights:
        return {}
    found = [weights[item] for item in weights] if any(weights.values()) else [1] * len(weights)
    return {item: int(part) for item, part in zip(weights, share(Pence(units), found), strict=True)}


# ---- What to ask for, and what was granted ------------------------------------------------------


def headings_of(kinds: Mapping[int, str], known: Mapping[int, Heading]) -> dict[int, Heading]:
    """Give items their headings: those bought under none take the heading that most of their kind have.

    Args:
        kinds: item id → kind.
        known: item id → heading it was bought under.
    """
    counted: dict[str, Counter[Heading]] = defaultdict(Counter)
    for item_id, heading in known.items():
        if item_id in kinds:
            counted[kinds[item_id]][heading] += 1
    usual = {kind: min(found, key=lambda each: (-found[each], each)) for kind, found in counted.items()}
    return {
        item_id: known.get(item_id) or usual[kind]
        for item_id, kind in kinds.items()
        if item_id in known or kind in usual
    }


def asked_lines(needed: Iterable[Needed], less: int) -> tuple[AskedLine, ...]:
    """Add up what is bought under each heading, in the order of the lines; what has no heading comes last.

    Headings in the same words are one line, whichever award they are of.
    """
    bought: dict[str, list[Needed]] = defaultdict(list)
    places: dict[str, int] = {}
    for each in needed:
        if each.buy_count:
            heading = each.heading or NO_HEADING
            bought[heading.words].append(each)
            places[heading.words] = min(places.get(heading.words, heading.position), heading.position)
    ordered = sorted(bought, key=lambda words: (places[words], words))
    return tuple(_asked_line(number, words, bought[words], less) for number, words in enumerate(ordered))


def _asked_line(number: int, heading: str, bought: Sequence[Needed], less: int) -> AskedLine:
    code = ascii_uppercase[number] if number < len(ascii_uppercase) else str(number + 1)
    whole, cut = sum(each.pence for each in bought), sum(each.pence_with(less) for each in bought)
    return AskedLine(code, heading, len(bought), whole, cut)


def answers(
    asked: Sequence[AskedLine], granted: Iterable[GrantedLine]
) -> list[tuple[AskedLine | None, list[GrantedLine]]]:
    """Put beside each line that was asked for what was granted for it; what was not asked for stands last."""
    found: dict[str, list[GrantedLine]] = defaultdict(list)
    for each in granted:
        found[each.asked_code].append(each)
    rows: list[tuple[AskedLine | None, list[GrantedLine]]] = [(line, found[line.code]) for line in asked]
    return [*rows, *((None, [each]) for each in found[""])]


# ---- Living through the year again --------------------------------------------------------------


@dataclass(frozen=True)
class Shelf:
    """Go Bags of one variant at one place: how many stand there, its par level, and how many were wanted each day."""

    place: str
    standing: int
    par: int
    daily: tuple[int, ...]


@dataclass(frozen=True)
class Ran:
    """How a place fared: on how many days it could not give what was wanted, the first of them, and how many lacked."""

    place: str
    wanted: int
    dry_days: int
    missed: int
    first_day: int | None


def calm(shelf: Shelf) -> Shelf:
    """Bring days far out of the ordinary down."""
    daily, _ = without_surges(shelf.daily)
    return replace(shelf, daily=tuple(daily))


def run(shelves: Sequence[Shelf], *, store: int, bought: int) -> list[Ran]:
    """Live through a year of one variant.

    Args:
        shelves: of the places, each as many days.
        store: Go Bags that stand at the store at first.
        bought: that are made of what is bought, in twelve equal parts.
    """
    days = len(shelves[0].daily) if shelves else 0
    left, arrived = [shelf.standing for shelf in shelves], 0
    missed, dry = [0] * len(shelves), [0] * len(shelves)
    firsts: list[int | None] = [None] * len(shelves)
    for day in range(days):
        due = bought * min(PARTS, day * PARTS // days + 1) // PARTS
        store, arrived = store + due - arrived, due
        if day % REVIEW_DAYS == 0:
            store = _fill(shelves, left, store)
        for at, shelf in enumerate(shelves):
            lacking = max(0, shelf.daily[day] - left[at])
            left[at] -= shelf.daily[day] - lacking
            if lacking:
                missed[at], dry[at] = missed[at] + lacking, dry[at] + 1
                firsts[at] = day if firsts[at] is None else firsts[at]
    return [Ran(shelf.place, sum(shelf.daily), dry[at], missed[at], firsts[at]) for at, shelf in enumerate(shelves)]


def _fill(shelves: Sequence[Shelf], left: list[int], store: int) -> int:
    """Fill places up to par, one bag at a time to the one that lacks most; give what the store has after."""
    while store:
        lacking = [shelf.par - left[at] for at, shelf in enumerate(shelves)]
        most = max(lacking, default=0)
        if most <= 0:
            break
        left[lacking.index(most)] += 1
        store -= 1
    return store


def day_of(first: date, number: int | None) -> date | None:
    """Give the day of a year by its number; None where there is none."""
    return None if number is None else first + timedelta(days=number)
