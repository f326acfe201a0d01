"""Opening a Go Bag: what may be put in again, what may stand in for what, and where things go that come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from core.errors import RuleBroken
from inventory.bags.rules.judging import Content, Missing, Wanted, missing_from
from inventory.catalogue.rules import PRINTED, SERIAL, ItemKind
from inventory.recalls.rules import Remedy


class BagAct(StrEnum):
    """Why a Go Bag was opened, or came back."""

    TAKEN_OUT = "taken out"
    PUT_IN = "put in"
    CAME_BACK_SEALED = "came back sealed"
    CAME_BACK_OPEN = "came back open"
    RETIRED = "retired"


class Fate(StrEnum):
    """What becomes of a thing that is taken out of a bag."""

    SHELF = "back on the shelf"
    USED = "used"
    DAMAGED = "damaged"
    EXPIRED = "expired"


FATE_WORDS = {
    Fate.SHELF: "It goes back on the shelf here",
    Fate.USED: "It was used: write it off",
    Fate.DAMAGED: "It is damaged: write it off",
    Fate.EXPIRED: "It has expired: write it off",
}


@dataclass(frozen=True)
class Fit:
    """Units of one lot that fill one recipe line; ``stands_in`` when the line asks for another item."""

    content: Content
    wanted: Wanted
    unit_count: int
    stands_in: bool


def may_stand_in(wanted: Wanted, content: Content) -> bool:
    """Say whether a content may stand in for what a line asks for: another language, or another size.

    A printed item may be in another language. Clothing may be of another size: the size is what its name says
    after the last comma, as in "Joggers, S to M". Nothing else stands in for anything.
    """
    if wanted.item_id in (None, content.item_id) or wanted.kind != content.kind:
        return False
    if content.kind in PRINTED:
        return True
    return content.kind is ItemKind.CLOTHING and _without_size(wanted.name) == _without_size(content.item_name)


def _without_size(name: str) -> str:
    return name.rpartition(",")[0].strip().casefold() or name.strip().casefold()


def to_be_replaced(contents: Sequence[Content], *, on: date, lapsed: Collection[int] = ()) -> list[Content]:
    """List what comes out to be written off.

    That is what has expired, replaced editions, lapsed SIMs, and what is recalled to be destroyed. What is recalled for
    another reason is taken out by itself, back to the shelf: it is not written off.

    Args:
        lapsed: ids of lots inside of which every SIM has lapsed.
    """
    return [
        each
        for each in contents
        if each.expired(on) or each.superseded or each.lot_id in lapsed or _to_be_destroyed(each)
    ]


def _to_be_destroyed(content: Content) -> bool:
    return content.hold is not None and content.hold.remedy is Remedy.DESTROY


def fitted(wanted: Sequence[Wanted], held: Sequence[Content], offered: Sequence[Content]) -> list[Fit]:
    """Say which recipe line each thing that is put in fills: the things themselves first, then what stands in.

    Raises:
        RuleBroken: something does not belong in this bag, or there is more of it than is missing.
    """
    missing = missing_from(wanted, held)
    needed = [line.short_count for line in missing]
    left = [content.unit_count for content in offered]
    fits: list[Fit] = []
    for stands_in in (False, True):
        for number, line in enumerate(missing):
            for position, content in enumerate(offered):
                suits = may_stand_in(line.wanted, content) if stands_in else line.wanted.met_by(content)
                taken = min(left[position], needed[number]) if suits else 0
                if taken:
                    left[position] -= taken
                    needed[number] -= taken
                    fits.append(Fit(content, line.wanted, taken, stands_in))
    _refuse_extra(missing, offered, left)
    return fits


def _refuse_extra(missing: Sequence[Missing], offered: Sequence[Content], left: Sequence[int]) -> None:
    extra = [f"{count} of {content.item_name}" for content, count in zip(offered, left, strict=True) if count]
    if extra:
        short = [f"{line.short_count} of {line.wanted.name}" for line in missing]
        lacks = f"It lacks {', '.join(short)}" if short else "It lacks nothing"
        raise RuleBroken(f"{', '.join(extra)} cannot go into this bag. {lacks}. Nothing has been recorded")


@dataclass(frozen=True)
class Counted:
    """Of one lot in a bag that is emptied: how many are fit for the shelf, and how many are written off."""

    lot_code: str
    shelf_count: int
    written_off_count: int

    @property
    def plain(self) -> list[object]:
        """The count as plain values, to tell one submitted form from another."""
        return [self.lot_code, self.shelf_count, self.written_off_count]


def hygiene(content: Content) -> bool:
    """Say whether a content touches the body and is sealed for one person: toiletries, food, period packs."""
    return content.kind is ItemKind.CONTENT and content.expires_on is not None


def sorted_out(
    contents: Sequence[Content], counted: Sequence[Counted], *, on: date, opened: bool
) -> list[tuple[Content, tuple[int, int, int]]]:
    """Part the contents of an emptied bag: (content, (to the shelf, written off, kept by whoever has it)).

    Args:
        opened: the bag came back open, so hygiene items are not used again and what is not counted was kept.

    Raises:
        RuleBroken: more was counted than is inside, something is left over, or something unfit was to be kept.
    """
    seen = {each.lot_code: each for each in counted}
    found = []
    for content in contents:
        each = seen.pop(content.lot_code, Counted(content.lot_code, 0, 0))
        kept = content.unit_count - each.shelf_count - each.written_off_count
        _refuse_count(content, each, kept, opened=opened)
        if each.shelf_count and (content.expired(on) or (opened and hygiene(content))):
            why = "has expired" if content.expired(on) else "is a hygiene item of an opened bag"
            raise RuleBroken(f"{content.item_name} {why}. Write it off", f"shelf_{content.lot_code}")
        found.append((content, (each.shelf_count, each.written_off_count, kept)))
    if seen:
        raise RuleBroken(f"Lot {next(iter(seen))} is not in this bag. Choose something that is inside")
    return found


def _refuse_count(content: Content, each: Counted, kept: int, *, opened: bool) -> None:
    """Refuse counts that do not add up, or that part handsets or SIMs of one lot without saying which."""
    field, total = f"shelf_{content.lot_code}", each.shelf_count + each.written_off_count
    if kept < 0 or min(each.shelf_count, each.written_off_count) < 0:
        raise RuleBroken(f"{content.item_name}: {total} counted, and {content.unit_count} were inside", field)
    if kept and not opened:
        raise RuleBroken(f"{content.item_name}: say where all {content.unit_count} go. You entered {total}", field)
    if content.kind in SERIAL and content.unit_count not in (each.shelf_count, each.written_off_count, kept):
        raise RuleBroken(f"{content.item_name}: enter all {content.unit_count} in one place", field)


def without_lots(contents: Sequence[Content], lot_codes: Sequence[str]) -> list[Content]:
    """Give contents without some of their lots."""
    return [content for content in contents if content.lot_code not in lot_codes]


def lot_named(contents: Sequence[Content], lot_code: str, *, tag: str, field: str | None = None) -> Content:
    """Find a lot among the contents of a bag.

    Raises:
        RuleBroken: it is not inside.
    """
    for content in contents:
        if content.lot_code == lot_code:
            return content
    raise RuleBroken(f"Lot {lot_code} is not in {tag} now. Choose something that is inside", field)


def cut(content: Content, unit_count: int, *, field: str | None = None) -> Content:
    """Take so many units of a content.

    Raises:
        RuleBroken: fewer are inside.
    """
    if unit_count < 1:
        raise RuleBroken("Quantity must be 1 or more", field)
    if unit_count > content.unit_count:
        raise RuleBroken(f"Only {content.unit_count} of {content.item_name} inside. Enter that or fewer", field)
    return replace(content, unit_count=unit_count)


def things(parts: Sequence[tuple[str, int]]) -> str:
    """Name things with their counts, such as "Soap × 2, Towel"."""
    counted: Counter[str] = Counter()
    for name, count in parts:
        counted[name] += count
    return ", ".join(name if count == 1 else f"{name} × {count}" for name, count in sorted(counted.items()))
