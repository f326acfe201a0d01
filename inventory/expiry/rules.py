"""How far ahead expiry is looked for, and what is to be done about each thing; plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.errors import RuleBroken

WITHIN = (30, 60, 90, 180, 365)
"""How many days ahead a reader may look."""

USUALLY = 60


class Step(StrEnum):
    """What to do next about something that expires."""

    WRITE_OFF = "write it off"
    SWAP = "open the bag and swap it"
    USE_FIRST = "use it first"
    ISSUE_FIRST = "hand this bag out first"
    COUNT_IN = "count it in first"
    RECALLED = "see its recall"


@dataclass(frozen=True)
class Expiring:
    """Units of one lot at one spot that expire, or already have.

    Attributes:
        place_id: the real place they stand at, or are on their way to.
        bag_tag: the Go Bag they are in, or None when they are loose.
        usable: no open hold or recall covers the lot.
    """

    place_id: int
    place_code: str
    place_name: str
    coming: bool
    bag_tag: str | None
    lot_code: str
    item_name: str
    unit_count: int
    expires_on: date
    usable: bool

    def expired(self, today: date) -> bool:
        """Say whether its last day of use is over."""
        return self.expires_on < today

    def step(self, today: date) -> Step:
        """Say what to do about it next."""
        if self.coming:
            return Step.COUNT_IN
        if not self.usable:
            return Step.RECALLED
        if self.bag_tag is not None:
            return Step.SWAP if self.expired(today) else Step.ISSUE_FIRST
        return Step.WRITE_OFF if self.expired(today) else Step.USE_FIRST


def days_asked(text: str | None) -> int:
    """Read how many days ahead are asked for; the usual number when nothing is said.

    Raises:
        RuleBroken: it is not one of those offered.
    """
    if not text:
        return USUALLY
    if text not in map(str, WITHIN):
        raise RuleBroken(f"Choose {', '.join(map(str, WITHIN[:-1]))} or {WITHIN[-1]} days")
    return int(text)


def last_day(today: date, days: int) -> date:
    """Give the last day that is looked at."""
    return today + timedelta(days=days)
