"""What a recall asks for, what an answer may say, and when a recall is over; plain values, no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import RuleBroken


class RecallKind(StrEnum):
    """How serious it is: keep it aside for now, or take it out everywhere."""

    HOLD = "hold"
    RECALL = "recall"


class Remedy(StrEnum):
    """What holders do with what they have."""

    DESTROY = "destroy"
    SEND_BACK = "send back"
    CHECK = "check"


class Ending(StrEnum):
    """How a recall ended."""

    RELEASED = "released"
    CLOSED = "closed"
    REPLACED = "replaced"


KIND_WORDS = {RecallKind.HOLD: "On hold", RecallKind.RECALL: "Recalled"}
"""How each kind is written on a page."""

REMEDY_WORDS = {
    Remedy.DESTROY: "take it out and destroy it",
    Remedy.SEND_BACK: "take it out and send it back to the store",
    Remedy.CHECK: "check it, and keep it apart until this is closed",
}
"""What to do, as a page and a refusal say it."""

ENDING_WORDS = {
    Ending.RELEASED: "Released: it may be used again",
    Ending.CLOSED: "Closed",
    Ending.REPLACED: "Replaced by a recall",
}
"""How each ending is written on a page."""


@dataclass(frozen=True)
class Hold:
    """Why a lot may not be used: the open recall that covers it.

    Attributes:
        since: when it was recalled; what was handed over before stays as it was.
    """

    reference: str
    kind: RecallKind
    remedy: Remedy
    since: datetime

    @property
    def words(self) -> str:
        """The hold as the end of a sentence, such as "is recalled (RC-00001): take it out and destroy it"."""
        state = "is on hold" if self.kind is RecallKind.HOLD else "is recalled"
        return f"{state} ({self.reference}): {REMEDY_WORDS[self.remedy]}"


def refusal(item_name: str, lot_code: str, hold: Hold) -> str:
    """Say that a lot may not be used, and what to do with it."""
    return f"{item_name} (lot {lot_code}) {hold.words}. Choose another lot. Nothing has been recorded"


def left_out(lot_code: str, unit_count: int, hold: Hold) -> str:
    """Say to whoever picks that a lot stands there and is not offered, and why."""
    return f"{unit_count:,} of lot {lot_code} left out: the lot {hold.words}"


@dataclass(frozen=True)
class FoundLot:
    """What a place says of one lot on its shelf: how many were found, how many of them were removed.

    Attributes:
        serial_numbers: which handsets or SIMs were removed, where not all of them were.
    """

    lot_code: str
    found_count: int
    removed_count: int
    serial_numbers: tuple[str, ...] = ()

    @property
    def plain(self) -> list[object]:
        """The line as plain values, to tell one submitted form from another."""
        return [self.lot_code, self.found_count, self.removed_count, list(self.serial_numbers)]


def check_found(line: FoundLot, *, item_name: str, here_count: int, place_name: str) -> None:
    """Refuse an answer that says more than the records do, or removes more than was found.

    Fewer found than recorded is accepted, and named: a count settles the difference.

    Raises:
        RuleBroken: which lot, with the figures and what to do.
    """
    if min(line.found_count, line.removed_count) < 0:
        raise RuleBroken("Quantity must be 0 or more", f"found_{line.lot_code}")
    if line.found_count > here_count:
        raise RuleBroken(
            f"{item_name} (lot {line.lot_code}): {line.found_count:,} found, and the records have {here_count:,} on "
            f"the shelf at {place_name}. Enter {here_count:,} or fewer, and count the shelf for the rest",
            f"found_{line.lot_code}",
        )
    if line.removed_count > line.found_count:
        raise RuleBroken(
            f"{item_name} (lot {line.lot_code}): {line.removed_count:,} removed, and only {line.found_count:,} found. "
            f"Enter {line.found_count:,} or fewer",
            f"removed_{line.lot_code}",
        )


@dataclass(frozen=True)
class PlaceStanding:
    """How far one place is with a recall.

    Attributes:
        asked_count: units it had when the recall was made, loose, in Go Bags and on the way to it.
        slip_count: slips issued from it that hold such a unit.
        shelf_count: units loose on its shelf now.
        bag_count: units in Go Bags standing there now.
        coming_count: units on their way to it now.
        answered_at: when it last answered; None when it has not.
        found_count: units found on its shelf: those removed before the last answer, and those it found.
        removed_count: of those, units written off or sent back, by all answers together.
        short_count: units the records had on the shelf and the last answer did not find.
        told_count: slips whose holders it could tell, as it last said; None while it has not said.
    """

    place_id: int
    code: str
    name: str
    asked_count: int = 0
    slip_count: int = 0
    shelf_count: int = 0
    bag_count: int = 0
    coming_count: int = 0
    answered_at: datetime | None = None
    found_count: int = 0
    removed_count: int = 0
    short_count: int = 0
    told_count: int | None = None

    @property
    def answered(self) -> bool:
        """Say whether it has answered at all."""
        return self.answered_at is not None

    @property
    def here_count(self) -> int:
        """Units at the place now, on the shelf and in Go Bags."""
        return self.shelf_count + self.bag_count

    @property
    def left_count(self) -> int:
        """Units at the place or on their way to it."""
        return self.here_count + self.coming_count


def progress(standings: Sequence[PlaceStanding]) -> str:
    """Say how many places have answered and whom to chase: "4 of 7 places have answered; chase: Salisbury"."""
    if not standings:
        return "No place holds any of it or has issued any"
    answered = sum(each.answered for each in standings)
    places = "place" if len(standings) == 1 else "places"
    words = f"{answered:,} of {len(standings):,} {places} {'has' if len(standings) == 1 else 'have'} answered"
    waiting = [each.name for each in standings if not each.answered]
    return f"{words}; chase: {', '.join(waiting)}" if waiting else words


def keeping_open(standings: Iterable[PlaceStanding], remedy: Remedy) -> list[str]:
    """List, in words with their figures, what has to be done before a recall can close."""
    found = []
    for each in standings:
        if not each.answered:
            found.append(f"{each.name} has not answered")
        if each.coming_count:
            found.append(f"{_units(each.coming_count)} on the way to {each.name}")
        if remedy is not Remedy.CHECK and each.here_count:
            found.append(f"{_units(each.here_count)} still at {each.name}")
    return found


def _units(count: int) -> str:
    return f"{count:,} {'unit' if count == 1 else 'units'}"


def still_to_do(standing: PlaceStanding, remedy: Remedy) -> str | None:
    """Say what a place has still to do, such as "answer: 5 on the shelf, 1 in Go Bags"; None when nothing."""
    parts = []
    if standing.shelf_count:
        parts.append(f"{standing.shelf_count:,} on the shelf")
    if standing.bag_count:
        parts.append(f"{standing.bag_count:,} in Go Bags")
    if not standing.answered:
        if standing.slip_count:
            parts.append(f"{standing.slip_count:,} issued from here")
        return ", ".join(parts) or "say that you have none"
    return f"still here: {', '.join(parts)}" if parts and remedy is not Remedy.CHECK else None
