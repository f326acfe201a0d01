"""Deciding on counts, on plain values: how far a line is, what differs, which lots make up a loss, and what is sampled.

A line is counted in rounds. A further round is asked for where the difference is above the place's limit, or by whoever
approves; it belongs to another person than the round before. The newest count of a line is the one that counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from core.errors import AlreadyDone, RuleBroken

RECOUNT_ABOVE = 2
"""Units a line may differ by before a second person counts it, where a place has set nothing else."""

COUNT_EVERY = timedelta(days=90)
"""How often a place is counted, where it has set nothing else."""

MOST_SAMPLED = 12
"""So many things a handover counts at most."""

SEED_WORDS = "23456789BCDFGHJKMNPQRSTVWXYZ"


class CountState(StrEnum):
    """Where a count is in its life."""

    COUNTING = "counting"
    COUNTED = "counted"
    APPROVED = "approved"
    ABANDONED = "abandoned"


STATE_WORDS = {
    CountState.COUNTING: "Being counted",
    CountState.COUNTED: "Waiting for approval",
    CountState.APPROVED: "Approved",
    CountState.ABANDONED: "Abandoned",
}
"""How each state is written on a page."""

OPEN = (CountState.COUNTING, CountState.COUNTED)
"""States of a count that is still going on; a place has one such count at most."""


class CountExtent(StrEnum):
    """How much of a place a count covers."""

    WHOLE = "whole place"
    PART = "part"
    SAMPLE = "sample"


class CountReason(StrEnum):
    """Why what was seen is not what the ledger says."""

    NOT_RECORDED = "used and not recorded"
    THROWN_AWAY = "damaged or out of date, thrown away"
    MISSING = "missing, nobody knows why"
    THEFT = "theft suspected"
    ARRIVED = "arrived and not recorded"
    FOUND = "found again"
    WRONG_BEFORE = "counted or recorded wrongly before"


LOSS_REASONS = (
    CountReason.NOT_RECORDED,
    CountReason.THROWN_AWAY,
    CountReason.MISSING,
    CountReason.THEFT,
    CountReason.WRONG_BEFORE,
)
GAIN_REASONS = (CountReason.FOUND, CountReason.ARRIVED, CountReason.WRONG_BEFORE)
"""What can explain that less, or more, was seen than the ledger says."""


def reasons_for(*, short_count: int, over_count: int) -> tuple[CountReason, ...]:
    """Give the reasons that can explain a difference; for one both ways, any of them."""
    if short_count and over_count:
        return tuple(dict.fromkeys((*LOSS_REASONS, *GAIN_REASONS)))
    return LOSS_REASONS if short_count else GAIN_REASONS


@dataclass(frozen=True)
class Difference:
    """What was seen of one line against what the ledger says of that moment.

    Attributes:
        short_count: units, or single numbers and tags, that should have been there and were not seen.
        over_count: those seen that the ledger does not have there.
    """

    counted_count: int
    expected_count: int
    short_count: int
    over_count: int

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return self.short_count + self.over_count > 0

    @property
    def words(self) -> str:
        """The difference in words, such as "2 short" or "1 short, 1 more than recorded"."""
        parts = [f"{self.short_count:,} short"] if self.short_count else []
        parts += [f"{self.over_count:,} more than recorded"] if self.over_count else []
        return ", ".join(parts) or "agrees"

    def wants_second(self, *, limit: int, by_number: bool) -> bool:
        """Say whether a second person counts the line: above the limit, or at all where each has its own number."""
        return self.short_count + self.over_count > (0 if by_number else limit)


def of_units(counted: int, expected: int) -> Difference:
    """Compare a number of units."""
    return Difference(counted, expected, max(0, expected - counted), max(0, counted - expected))


@dataclass(frozen=True)
class LotThere:
    """A lot that can make up a loss.

    Attributes:
        unit_count: units of it that are at the place now.
        seen_count: units of it the ledger has there at the moment of the count.
    """

    code: str
    unit_count: int
    seen_count: int
    expires_on: date | None


def proposed_loss(lots: Iterable[LotThere], short_count: int) -> dict[str, int]:
    """Propose which lots lost the units: earliest expiry first, those that stood there when it was seen.

    Returns:
        Lot code → units; they add up to less than asked when the place no longer holds that many.
    """
    ordered = sorted(lots, key=lambda lot: (lot.expires_on is None, lot.expires_on or date.max, lot.code))
    taken: dict[str, int] = {}
    both: tuple[Callable[[LotThere], int], ...] = (
        lambda lot: min(lot.unit_count, max(0, lot.seen_count)),
        lambda lot: lot.unit_count,
    )
    for at_most in both:
        for lot in ordered:
            more = min(at_most(lot) - taken.get(lot.code, 0), short_count - sum(taken.values()))
            if more > 0:
                taken[lot.code] = taken.get(lot.code, 0) + more
    return taken


@dataclass(frozen=True)
class Decision:
    """What an approver says of one line that differs.

    Attributes:
        short_count: how much was short when the approver looked.
        over_count: how much was over when the approver looked.
        lots: lot code → units lost, or None for the proposal.
        expires_on: the expiry printed on what was found.
        edition_number: the edition printed on what was found.
    """

    position: int
    short_count: int
    over_count: int
    reason: CountReason | None
    lots: Mapping[str, int] | None = None
    expires_on: date | None = None
    edition_number: int | None = None


def check_loss(chosen: Mapping[str, int], lots: Sequence[LotThere], *, short_count: int, name: str, field: str) -> None:
    """Refuse lots that do not make up the loss, or are not there.

    Raises:
        RuleBroken: with the figures.
    """
    there = {lot.code: lot.unit_count for lot in lots}
    for code, units in chosen.items():
        if units < 0 or units > there.get(code, 0):
            raise RuleBroken(f"{name}: {there.get(code, 0):,} of lot {code} are there, not {units:,}", field)
    if sum(chosen.values()) != short_count:
        raise RuleBroken(
            f"{name}: {short_count:,} are short and the lots you chose add up to {sum(chosen.values()):,}. "
            "Change the quantities so that they add up",
            field,
        )


def who_is_asked(able: Sequence[str], *, spared: Collection[str]) -> list[str]:
    """Choose whom to name for counting something again: whoever is able to, but those who are needed to approve it.

    Args:
        spared: those who may approve the count; where there are several, one of them is left over anyway.
    """
    if len(spared) > 1:
        return list(able)
    return [name for name in able if name not in spared] or list(able)


def demand_state(state: CountState, wanted: CountState, reference: str) -> None:
    """Refuse an act on a count that is not at that point.

    Raises:
        AlreadyDone: it has ended, or is somewhere else in its life.
    """
    if state is wanted:
        return
    said = {
        CountState.COUNTING: f"Count {reference} is still being counted. Finish counting first",
        CountState.COUNTED: f"Count {reference} has been finished. Whoever approves it can ask for another count",
        CountState.APPROVED: f"Count {reference} has been approved already",
        CountState.ABANDONED: f"Count {reference} was abandoned. Start another one",
    }
    raise AlreadyDone(said[state])


def check_seen(seen_at: datetime, *, started_at: datetime, at: datetime) -> None:
    """Refuse a moment outside the count: things are seen after it began, and not in the future.

    Raises:
        RuleBroken: it lies outside.
    """
    if seen_at > at:
        raise RuleBroken("Enter a time in the past", "seen_time")
    if seen_at < started_at.replace(second=0, microsecond=0):
        raise RuleBroken(
            "This count began later. Enter the time at which you saw it, after the count began", "seen_time"
        )


def moment_seen(minute: datetime, *, started_at: datetime) -> datetime:
    """Give the moment of what was seen in a minute: people enter minutes, and the count may have begun within it."""
    return max(minute, started_at) if minute.replace(second=59) >= started_at else minute


def sample(codes: Iterable[str], *, seed: str, size: int = MOST_SAMPLED) -> list[str]:
    """Draw things by a printed seed, so that anybody can draw the same: those whose hash with the seed is lowest."""
    drawn = sorted(codes, key=lambda code: hashlib.sha256(f"{seed}:{code}".encode()).hexdigest())
    return sorted(drawn[:size])


def sample_size(thing_count: int) -> int:
    """Say how many things a handover counts: all of up to six, then half, at most twelve."""
    return min(MOST_SAMPLED, max(min(thing_count, 6), -(-thing_count // 2)))


def overdue_by(last: date | None, *, opened_on: date | None, every: timedelta, today: date) -> int | None:
    """Give by how many days a place should have been counted; None when it is not overdue.

    A place that was never counted counts from the day it opened.
    """
    since = last or opened_on
    if since is None:
        return None
    late = (today - (since + every)).days
    return late if late > 0 else None
