"""Coverage on plain values: days without a Go Bag, what is added up by area, and which unmet need may be told.

Who sees stock may see what stands where today; what was issued and asked for in vain is told to the partnership only in
the pack of a quarter, with its small counts hidden (``core.suppression``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.dates import day_text
from core.errors import RuleBroken
from core.suppression import HIDDEN, Total, decide

HELPLINES = (
    ("Modern Slavery and Exploitation Helpline", "08000 121 700, in more than 200 languages"),
    ("Salvation Army referral line", "0800 808 3733"),
    ("Crimestoppers, without giving a name", "0800 555 111"),
)
"""On every pack. Source: HLP-1."""

NO_TOWN = "No town recorded"
LOOK_BACK_DAYS = 365
MOST_ATTENDEES = 2_000
LONGEST_AHEAD = timedelta(days=1_096)


@dataclass(frozen=True)
class Covered:
    """What there is at a place, and what was given and asked for there in a period.

    Attributes:
        area, town: where it is drawn; the first is "No town recorded" and the second empty where nobody said.
        bag_count: Go Bags that stand there.
        given_count: Go Bags issued and not handed back.
        dry_days: days at whose end no Go Bag stood there.
        unmet_count: units asked for and not given.
        last_issued_on: when a Go Bag was last issued there, ever; None where none was.
    """

    name: str
    area: str
    town: str
    east_km: int
    north_km: int
    bag_count: int
    given_count: int
    dry_days: int
    unmet_count: int
    last_issued_on: date | None

    @property
    def is_on_map(self) -> bool:
        """Whether a town was recorded for it."""
        return bool(self.town)


def dry_days(standing: int, changes: Mapping[date, int], first: date, last: date, today: date) -> int:
    """Count the days of a period at whose end no Go Bag stood at a place.

    Args:
        standing: how many stand there today.
        changes: day → how many more (or fewer) stood there at its end than at its beginning, up to today.
    """
    day, count, dry = today, standing, 0
    while day >= first:
        if day <= last and count == 0:
            dry += 1
        count -= changes.get(day, 0)
        day -= timedelta(days=1)
    return dry


@dataclass(frozen=True)
class Area:
    """What the places of an area add up to."""

    name: str
    place_count: int
    without_count: int
    ran_out_count: int
    bag_count: int
    given_count: int
    dry_days: int
    unmet_count: int


def by_area(covered: Sequence[Covered]) -> list[Area]:
    """Add places up by area, by name; places without one last."""
    found = []
    for name in sorted({each.area for each in covered}, key=lambda area: (area == NO_TOWN, area)):
        here = [each for each in covered if each.area == name]
        found.append(
            Area(
                name,
                len(here),
                sum(1 for each in here if not each.bag_count),
                sum(1 for each in here if each.dry_days),
                sum(each.bag_count for each in here),
                sum(each.given_count for each in here),
                sum(each.dry_days for each in here),
                sum(each.unmet_count for each in here),
            )
        )
    return found


def told_unmet(areas: Sequence[Area], threshold: int) -> tuple[list[int | str], int | str]:
    """Say what may be told of unmet need by area, and of all of it: counts, with a mark where one is hidden.

    Nothing at all is told where the small counts could not be proved safe.
    """
    counts = {area.name: area.unmet_count for area in areas}
    totals = [*(Total(name, frozenset([name])) for name in counts), Total("", frozenset(counts))]
    decision = decide(
        totals, counts, threshold=threshold, contributor=str
    )  # an area may be one place, which knows its own
    hidden = {total.label for total in totals} if decision.unproved else decision.hidden
    whole = sum(counts.values())
    cells: list[int | str] = [HIDDEN if name in hidden and count else count for name, count in counts.items()]
    return cells, HIDDEN if "" in hidden and whole else whole


def names_of(covered: Iterable[Covered]) -> str:
    """List places by name, in words."""
    names = [each.name for each in covered]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def check_briefing(briefed_on: date, attendee_count: int, *, today: date, corrects: bool) -> None:
    """Refuse a briefing that has not been, or to which nobody came.

    Raises:
        RuleBroken: its day or its number is out of range.
    """
    if briefed_on > today:
        raise RuleBroken("Enter the day the briefing took place, not a day to come", "briefed_on")
    if briefed_on < today - timedelta(days=3 * LOOK_BACK_DAYS):
        raise RuleBroken("Enter a day of the last three years", "briefed_on")
    if attendee_count < (0 if corrects else 1):
        raise RuleBroken("Enter how many attended, 1 or more", "attendee_count")
    if attendee_count > MOST_ATTENDEES:
        raise RuleBroken(f"Enter {MOST_ATTENDEES:,} or fewer. For more, record each session", "attendee_count")


def check_due(due_on: date, *, today: date) -> None:
    """Refuse an action that was due before it was agreed, or is too far off to be one.

    Raises:
        RuleBroken: its day is out of range.
    """
    if due_on < today:
        raise RuleBroken(f"Enter {day_text(today)} or a later day", "due_on")
    if due_on > today + LONGEST_AHEAD:
        raise RuleBroken("Enter a day within three years", "due_on")


def attended(counts: Counter[str]) -> str:
    """Say how many briefings there were and how many attended, by place and number of people."""
    return ", ".join(f"{name} ({count:,})" for name, count in sorted(counts.items()))
