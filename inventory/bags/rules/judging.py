"""What makes a Go Bag ready, and how contents are dealt into bags; plain values, no database.

Readiness is computed from what is in the bag against the recipe version it was packed to, on a day. Nothing is
stored: a bag that is ready today is not once its soap has expired, and nobody has to press a button for that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from core.dates import day_text
from core.errors import RuleBroken
from inventory.catalogue.rules import ItemKind
from inventory.phones.rules import SimState
from inventory.recalls.rules import Hold, refusal

SOON = timedelta(days=30)
"""How long before its expiry a content is called out."""

MOST_BAGS_AT_ONCE = 50

_TAG = re.compile(r"(?:^|[/\s])GB[- ]?0*([0-9]{1,9})(?:$|[/?#\s])")
_NUMBER = re.compile(r"0*([0-9]{1,9})")

UNDO_WITHIN = timedelta(hours=24)
"""How long whoever may issue at the place can undo an issue; later it takes somebody who may correct stock."""


class Readiness(StrEnum):
    """Whether a Go Bag can be handed over."""

    READY = "ready"
    PARTIAL = "partial"
    NOT_ISSUABLE = "not issuable"


READINESS_WORDS = {
    Readiness.READY: "Ready",
    Readiness.PARTIAL: "Something is missing",
    Readiness.NOT_ISSUABLE: "Do not issue",
}


@dataclass(frozen=True)
class Wanted:
    """One recipe line: so many of one item, or of any item of one kind.

    Attributes:
        kind: the kind of the item, for a line that asks for one item.
    """

    name: str
    unit_count: int
    item_id: int | None = None
    any_of_kind: ItemKind | None = None
    kind: ItemKind | None = None

    def met_by(self, content: Content) -> bool:
        """Say whether a content counts towards this line."""
        if self.item_id is None:
            return content.kind == self.any_of_kind
        return self.item_id in (content.item_id, content.stands_in_for)


@dataclass(frozen=True)
class Content:
    """Units of one lot in a bag, or about to be put in one.

    Attributes:
        edition_number: edition of a printed item, None for others.
        current_edition_number: the edition in use on the day asked about.
        stands_in_for: id of the item it was put in for, where that one was not to be had.
        hold: why it may not be used: the open hold or recall that covers its lot.
    """

    lot_id: int
    lot_code: str
    item_id: int
    item_name: str
    kind: ItemKind
    unit_count: int
    expires_on: date | None = None
    edition_number: int | None = None
    current_edition_number: int | None = None
    language: str | None = None
    stands_in_for: int | None = None
    hold: Hold | None = None

    def expired(self, on: date) -> bool:
        """Say whether its last day of use is over."""
        return self.expires_on is not None and self.expires_on < on

    def fit(self, on: date) -> bool:
        """Say whether it may go into a bag: in date, of the edition in use, and on no hold."""
        return not self.expired(on) and not self.superseded and self.hold is None

    @property
    def superseded(self) -> bool:
        """Say whether a newer edition is in use."""
        return (
            self.edition_number is not None
            and self.current_edition_number is not None
            and self.edition_number < self.current_edition_number
        )


@dataclass(frozen=True)
class Missing:
    """What a recipe line still lacks."""

    wanted: Wanted
    held_count: int

    @property
    def short_count(self) -> int:
        """How many more units the line needs."""
        return self.wanted.unit_count - self.held_count

    @property
    def words(self) -> str:
        """The lack in words, such as "Towel is missing" or "Socks: 1 of 2"."""
        if self.held_count == 0:
            return f"{self.wanted.name} is missing"
        return f"{self.wanted.name}: {self.held_count} of {self.wanted.unit_count}"


@dataclass(frozen=True)
class Verdict:
    """Whether a bag can be issued on a day, and why.

    Attributes:
        reasons: what keeps it from being ready, in words, worst first.
        warnings: what to know although it is ready.
        missing: recipe lines that are not met, for the restock line of that thing alone.
        lapsed: a SIM inside has lapsed, so that its phone is to be tried.
    """

    readiness: Readiness
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    lapsed: bool = False

    @property
    def issuable(self) -> bool:
        """Say whether it may be handed over: ready, or ready but for something missing."""
        return self.readiness is not Readiness.NOT_ISSUABLE

    @property
    def words(self) -> str:
        """The readiness as a page says it."""
        return READINESS_WORDS[self.readiness]


def missing_from(wanted: Sequence[Wanted], contents: Sequence[Content]) -> tuple[Missing, ...]:
    """Compare contents with a recipe; lines for one item are met before lines for any of a kind."""
    left = [content.unit_count for content in contents]
    needed = [line.unit_count for line in wanted]
    for number, line in sorted(enumerate(wanted), key=lambda pair: pair[1].item_id is None):
        for position, content in enumerate(contents):
            if not needed[number]:
                break
            if left[position] and line.met_by(content):
                taken = min(left[position], needed[number])
                left[position] -= taken
                needed[number] -= taken
    return tuple(Missing(line, line.unit_count - short) for line, short in zip(wanted, needed, strict=True) if short)


def surplus_of(wanted: Sequence[Wanted], contents: Sequence[Content]) -> list[tuple[str, int]]:
    """List what is there beyond the recipe: (item name, units too many)."""
    left = {position: content.unit_count for position, content in enumerate(contents)}
    for line in sorted(wanted, key=lambda line: line.item_id is None):
        needed = line.unit_count
        for position, content in enumerate(contents):
            taken = min(left[position], needed) if line.met_by(content) else 0
            left[position] -= taken
            needed -= taken
    return [(contents[position].item_name, count) for position, count in left.items() if count > 0]


def readiness(
    wanted: Sequence[Wanted],
    contents: Sequence[Content],
    *,
    on: date,
    seal_broken: bool = False,
    sims: Sequence[SimState] = (),
) -> Verdict:
    """Judge a bag by its contents on a day.

    A bag is not issued with anything expired, on hold or recalled in it or a lapsed SIM, with a broken seal or with
    nothing in it. What is missing makes it partial; an edition that has been replaced, or an expiry near, is said and
    does not stop it.

    Args:
        sims: what is known of the SIMs inside.
    """
    missing = missing_from(wanted, contents)
    stops = [
        f"{content.item_name} expired on {day_text(content.expires_on)}"
        for content in contents
        if content.expires_on is not None and content.expired(on)
    ]
    lapsed = [sim.stops for sim in sims if sim.lapsed(on)]
    stops += lapsed
    stops += [f"{each.item_name} (lot {each.lot_code}) {each.hold.words}" for each in contents if each.hold is not None]
    if seal_broken:
        stops.append("The seal is broken")
    if not contents:
        stops.append("The bag is empty")
    lacks = [each.words for each in missing] if contents else []
    state = Readiness.NOT_ISSUABLE if stops else Readiness.PARTIAL if lacks else Readiness.READY
    unknown = [sim.warns for sim in sims if sim.lapses_on is None]
    warnings = (*_warnings(wanted, contents, on), *unknown)
    return Verdict(state, (*stops, *lacks), warnings, missing, lapsed=bool(lapsed))


def _warnings(wanted: Sequence[Wanted], contents: Sequence[Content], on: date) -> list[str]:
    """Say what is near its end, has been replaced, or stands in for another thing."""
    names = {line.item_id: line.name for line in wanted}
    words = []
    for content in contents:
        if content.stands_in_for in names and content.stands_in_for is not None:
            words.append(f"{content.item_name} in place of {names[content.stands_in_for]}")
        if content.expires_on is not None and on <= content.expires_on <= on + SOON:
            words.append(f"{content.item_name} expires on {day_text(content.expires_on)}")
        if content.superseded:
            words.append(
                f"{content.item_name} is edition {content.edition_number}; "
                f"edition {content.current_edition_number} is in use"
            )
    return words


@dataclass(frozen=True)
class PackedLine:
    """Units of one lot to put into a bag, or into a run of bags.

    Attributes:
        serial_numbers: which handsets or SIMs, for a lot that is counted by number.
    """

    lot_code: str
    unit_count: int
    serial_numbers: tuple[str, ...] = ()

    @property
    def plain(self) -> list[object]:
        """The line as plain values, to tell one submitted form from another."""
        return [self.lot_code, self.unit_count, list(self.serial_numbers)]


@dataclass(frozen=True)
class Part:
    """Units of one lot for one bag; ``unit_ids`` name the serial ones."""

    content: Content
    unit_ids: tuple[int, ...] = ()


def check_packable(parts: Sequence[Part], *, on: date) -> None:
    """Refuse what may not go into a new bag: anything expired, on hold or recalled, or a replaced edition.

    Raises:
        RuleBroken: what it is, and what to take instead.
    """
    for part in parts:
        content = part.content
        if content.hold is not None:
            raise RuleBroken(refusal(content.item_name, content.lot_code, content.hold))
        if content.expires_on is not None and content.expired(on):
            raise RuleBroken(
                f"{content.item_name} (lot {content.lot_code}) expired on {day_text(content.expires_on)}. "
                f"Choose another lot"
            )
        if content.superseded:
            raise RuleBroken(
                f"{content.item_name} (lot {content.lot_code}) is edition {content.edition_number}; edition "
                f"{content.current_edition_number} is in use. Choose a lot of that edition"
            )


def check_meets_recipe(wanted: Sequence[Wanted], parts: Sequence[Part], *, bag_count: int) -> None:
    """Refuse contents that are not exactly what the recipe asks for, for all the bags together.

    Raises:
        RuleBroken: every thing that is missing or too many, with its figures.
    """
    run = [replace(line, unit_count=line.unit_count * bag_count) for line in wanted]
    contents = [part.content for part in parts]
    lacks = [
        f"{each.wanted.name}: {each.held_count} of {each.wanted.unit_count}" for each in missing_from(run, contents)
    ]
    extra = [f"{count} too many of {name}" for name, count in surplus_of(run, contents)]
    if lacks or extra:
        bags = "1 Go Bag" if bag_count == 1 else f"{bag_count} Go Bags"
        raise RuleBroken(
            f"This is not what the recipe asks for {bags}. " + "; ".join([*lacks, *extra]) + ". Nothing has been packed"
        )


def dealt(wanted: Sequence[Wanted], parts: Sequence[Part], *, bag_count: int) -> list[list[Part]]:
    """Deal the contents of a run into its bags: one list of parts a bag, in the order the lots were given.

    The contents must meet the recipe exactly (``check_meets_recipe``). Lines for one item draw before lines for
    any of a kind, so that a named booklet is never dealt as "any booklet" of another bag.
    """
    left = {number: part.content.unit_count for number, part in enumerate(parts)}
    units = {number: list(part.unit_ids) for number, part in enumerate(parts)}
    bags: list[dict[int, int]] = [{} for _ in range(bag_count)]
    for line in sorted(wanted, key=lambda line: line.item_id is None):
        for bag in bags:
            _draw(line, parts, left, bag)
    return [[_part(parts[number], count, units[number]) for number, count in bag.items()] for bag in bags]


def _draw(line: Wanted, parts: Sequence[Part], left: dict[int, int], bag: dict[int, int]) -> None:
    """Put one line's units into one bag."""
    needed = line.unit_count
    for number, part in enumerate(parts):
        taken = min(left[number], needed) if line.met_by(part.content) else 0
        if taken:
            left[number] -= taken
            bag[number] = bag.get(number, 0) + taken
            needed -= taken


def _part(part: Part, count: int, units: list[int]) -> Part:
    """Cut so many units off a part, with its next serial units."""
    taken, units[:count] = tuple(units[:count]), []
    return Part(replace(part.content, unit_count=count), taken)


def picked(
    wanted: Sequence[Wanted],
    lots: Sequence[Content],
    free: Mapping[int, int],
    *,
    bag_count: int,
    on: date,
) -> list[tuple[Wanted, list[Content]]]:
    """Propose lots for a run of bags: (recipe line, what to take from which lot), earliest expiry first.

    Nothing expired, superseded or on hold is proposed, nor more of an item than is free of promises. A line for any
    of a kind prefers the item there is most of, so that no language runs out first.

    Args:
        lots: what stands at the place, in the order to be taken.
        free: item id → units on hand and not promised.
    """
    left = {content.lot_id: content.unit_count for content in lots if content.fit(on)}
    spare = dict(free)
    chosen: dict[int, list[Content]] = {}
    for number, line in sorted(enumerate(wanted), key=lambda pair: pair[1].item_id is None):
        needed = line.unit_count * bag_count
        candidates = [content for content in lots if content.lot_id in left and line.met_by(content)]
        if line.item_id is None:
            candidates.sort(key=lambda content: -spare.get(content.item_id, 0))
        chosen[number] = []
        for content in candidates:
            taken = min(needed, left[content.lot_id], max(0, spare.get(content.item_id, 0)))
            if taken > 0:
                left[content.lot_id] -= taken
                spare[content.item_id] -= taken
                needed -= taken
                chosen[number].append(replace(content, unit_count=taken))
    return [(line, chosen[number]) for number, line in enumerate(wanted)]


def booklet_languages(contents: Collection[Content]) -> list[str]:
    """List the language codes of the booklets inside, each once."""
    return sorted({each.language for each in contents if each.kind is ItemKind.BOOKLET and each.language})


def chosen_language(contents: Collection[Content], asked: str | None) -> str | None:
    """Settle which booklet was handed over: the only one inside, or the one chosen.

    Raises:
        RuleBroken: there are several and none was chosen, or the one chosen is not inside.
    """
    inside = booklet_languages(contents)
    if asked and asked not in inside:
        raise RuleBroken("There is no booklet in that language in this bag", "booklet_language")
    if len(inside) > 1 and not asked:
        raise RuleBroken("Choose the booklet that is handed over", "booklet_language")
    return asked or (inside[0] if inside else None)


def too_late_to_undo(keepers: Sequence[str], place: str) -> str:
    """Say that an issue is too old for this person to undo, and who to ask.

    Args:
        keepers: names of those who may correct stock at the place.
    """
    old = f"This issue was recorded more than {UNDO_WITHIN.days * 24} hours ago"
    if keepers:
        return f"{old}. Ask {' or '.join(keepers[:3])} to undo it"
    return (
        f"{old} and nobody may correct stock at {place} now. Ask an administrator to give somebody the role of "
        "storekeeper there, who can then undo it"
    )


def may_undo(recorded_at: datetime, at: datetime, *, may_correct_stock: bool) -> bool:
    """Say whether an issue may still be undone by this person."""
    return may_correct_stock or at - recorded_at <= UNDO_WITHIN


def tag_in(text: str) -> str:
    """Read a bag tag as it was typed or scanned: the tag, its number alone, or the address on its label.

    Raises:
        RuleBroken: it names no tag.
    """
    typed = text.strip().upper()
    found = _TAG.search(typed) or _NUMBER.fullmatch(typed)
    if not found:
        raise RuleBroken("Enter the tag on the bag, like GB-00007", "tag")
    return f"GB-{int(found[1]):05d}"
