"""When a SIM lapses for want of use, and what is to be done about it; plain values, no database.

An operator takes a pay-as-you-go SIM out of service when it has not been used for some time. How long, and what counts
as use, is the operator's own rule; it is recorded with the day it began, so that a change of terms rewrites nothing.
Nothing here is stored: the day a SIM lapses on is computed from its activation and its last use that counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.dates import MONTHS, day_text
from core.errors import RuleBroken
from inventory.phones.rules.numbers import masked

TEXT_WITHIN = timedelta(days=21)
"""How long before it lapses a phone is on the list of those to text from: one round for all of three weeks."""

MOST_DAYS = 730
MOST_CREDIT_PENCE = 50_000

_FRIDAY = 4
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class UseKind(StrEnum):
    """What was done with a SIM. Reading the credit is no use to any operator."""

    TEXT = "text sent"
    CALL = "call made"
    DATA = "data used"
    TOP_UP = "topped up"
    CREDIT_READ = "credit read"


USES = (UseKind.TEXT, UseKind.CALL, UseKind.DATA, UseKind.TOP_UP)
"""The kinds an operator may count."""

USE_WORDS = {
    UseKind.TEXT: "A text sent",
    UseKind.CALL: "A call made",
    UseKind.DATA: "Data used",
    UseKind.TOP_UP: "A top-up",
    UseKind.CREDIT_READ: "The credit was read",
}


@dataclass(frozen=True)
class LapseRule:
    """An operator's rule: after how many days without use a SIM lapses, and what counts as use."""

    operator_name: str
    days_to_lapse: int
    counts: frozenset[UseKind]

    @property
    def words(self) -> str:
        """The rule in words, such as "lapses after 90 days without a text sent or a top-up"."""
        kinds = [USE_WORDS[kind][0].lower() + USE_WORDS[kind][1:] for kind in USES if kind in self.counts]
        last = kinds.pop()
        return f"lapses after {self.days_to_lapse} days without {', '.join(kinds)}{' or ' if kinds else ''}{last}"


@dataclass(frozen=True)
class SimState:
    """What is known of a SIM on a day.

    Attributes:
        activated_on: None when its operator and activation were never recorded.
        last_used_on: the newest use that the operator counts, or None.
        lapses_on: the first day it no longer rings, or None when that is not known.
    """

    unit_id: int
    number: str
    operator_name: str | None = None
    activated_on: date | None = None
    last_used_on: date | None = None
    lapses_on: date | None = None

    def lapsed(self, on: date) -> bool:
        """Say whether it had lapsed by a day."""
        return self.lapses_on is not None and self.lapses_on <= on

    def due(self, on: date) -> bool:
        """Say whether it is time to text from it, so that it does not lapse."""
        return self.lapses_on is not None and on < self.lapses_on <= on + TEXT_WITHIN

    @property
    def stops(self) -> str:
        """Why a bag with this lapsed SIM is not ready, and what to do."""
        assert self.lapses_on is not None
        return (
            f"The SIM ending {self.number[-4:]} lapsed on {day_text(self.lapses_on)}. Text from it: record that if the "
            f"text went, or put another SIM in"
        )

    @property
    def warns(self) -> str:
        """What to know of a SIM that nothing is recorded of."""
        return f"When the SIM ending {self.number[-4:]} lapses is not known: its operator and activation are missing"


def lapses_on(rule: LapseRule, *, activated_on: date, last_used_on: date | None) -> date:
    """Give the first day a SIM no longer rings: so many days after it was activated or last used, the later of both."""
    return max(activated_on, last_used_on or activated_on) + timedelta(days=rule.days_to_lapse)


def text_by(lapse_days: Collection[date], *, today: date) -> date:
    """Give the day by which to text: the last Friday before the first of them lapses, the eve of it, or today."""
    eve = min(lapse_days) - timedelta(days=1)
    friday = eve - timedelta(days=(eve.weekday() - _FRIDAY) % 7)
    return max(today, friday if friday >= today else eve)


def texting_task(states: Iterable[SimState], *, today: date) -> str | None:
    """Word the one task of a home page, such as "Text from these 4 phones by Friday 27 November"; None without one.

    Lapsed SIMs are a task of their own only when no other is due: they are on the same page.
    """
    found = list(states)
    due = [each.lapses_on for each in found if each.due(today) and each.lapses_on is not None]
    if due:
        which = "this phone" if len(due) == 1 else f"these {len(due):,} phones"
        return f"Text from {which} by {short_day(text_by(due, today=today), today=today)}"
    lapsed = sum(each.lapsed(today) for each in found)
    if lapsed:
        return "See whether a lapsed phone still works" if lapsed == 1 else f"See whether {lapsed:,} lapsed phones work"
    return None


def short_day(day: date, *, today: date) -> str:
    """Write a day with its weekday, the year only when it is another: "Friday 27 November"."""
    words = f"{_DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    return words if day.year == today.year else f"{words} {day.year}"


def checked_rule(days_to_lapse: int, counts: Iterable[UseKind]) -> frozenset[UseKind]:
    """Check an operator's rule before it is recorded.

    Raises:
        RuleBroken: no day, too many days, or nothing that counts as use.
    """
    if not 1 <= days_to_lapse <= MOST_DAYS:
        raise RuleBroken(f"Days without use must be between 1 and {MOST_DAYS}", "days_to_lapse")
    kept = frozenset(counts) & frozenset(USES)
    if not kept:
        raise RuleBroken("Select what counts as use, at least one", "by_text")
    return kept


def check_used_on(day: date, *, today: date, received_on: date | None, number: str) -> None:
    """Refuse a use that lies ahead, or before the SIM was received.

    Raises:
        RuleBroken: which day it may not be.
    """
    if day > today:
        raise RuleBroken(f"{day_text(day)} has not come yet. Enter today or an earlier day", "used_on")
    if received_on is not None and day < received_on:
        raise RuleBroken(
            f"SIM {masked(number)} was received on {day_text(received_on)}. Enter that day or a later one", "used_on"
        )


def check_credit(pence: int | None) -> None:
    """Refuse a credit that no prepaid SIM has.

    Raises:
        RuleBroken: it is more than £500.
    """
    if pence is not None and pence > MOST_CREDIT_PENCE:
        raise RuleBroken(f"Credit must be £{MOST_CREDIT_PENCE // 100} or less")
