"""How translations of one work compare, and how languages held compare with languages asked for; plain values.

Translations of one work share its name but for the language: "Rights booklet, Romanian" and "Rights booklet, Polish",
or "Know your rights (Romanian)". Their editions are numbered alike, so a lower number is an earlier text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from core.dates import day_text
from core.errors import RuleBroken
from core.languages import language
from inventory.catalogue.rules import ItemKind

ENGLISH = "en"
PERIODS = (30, 90, 180, 365)
"""How many days back the cover view may look."""

USUALLY = 365


def work_of(name: str, language_code: str) -> str:
    """Name the work that a printed item is a translation of: its name without the language."""
    spoken = re.escape(language(language_code).english)
    rest = re.sub(rf"[\s,;:(\[-]*\b{spoken}\b[\s)\]]*", " ", name, flags=re.IGNORECASE)
    return " ".join(rest.split()).strip(" ,;:-") or name


@dataclass(frozen=True)
class Printed:
    """A printed item with the edition in use.

    Attributes:
        edition_number: the edition in use today, None when none is.
        review_on: when that edition is to be reviewed.
        old_count: units of superseded editions at the reader's places, loose and in Go Bags.
    """

    code: str
    name: str
    kind: ItemKind
    language: str
    edition_number: int | None = None
    published_on: date | None = None
    review_on: date | None = None
    old_count: int = 0

    @property
    def spoken(self) -> str:
        """The language by its English name."""
        return language(self.language).english

    def review_words(self, today: date) -> str:
        """Say when it is to be reviewed, and whether that day is over."""
        if self.edition_number is None:
            return ""
        if self.review_on is None:
            return "No review date"
        return f"{'Overdue since' if self.review_overdue(today) else 'By'} {day_text(self.review_on)}"

    def review_overdue(self, today: date) -> bool:
        """Say whether the edition in use should have been reviewed."""
        return self.review_on is not None and self.review_on < today


@dataclass(frozen=True)
class Work:
    """One text in all its languages, English first, then by language."""

    name: str
    kind: ItemKind
    translations: tuple[Printed, ...]

    @property
    def newest(self) -> int:
        """The newest edition number of any translation; 0 when none is in use."""
        return max((each.edition_number or 0 for each in self.translations), default=0)

    @property
    def leader(self) -> Printed | None:
        """The translation that the others are compared with: the newest, English before others."""
        leading = [each for each in self.translations if each.edition_number == self.newest]
        return leading[0] if leading and self.newest else None

    def parity(self, of: Printed) -> str:
        """Say how a translation stands: "The Romanian edition is one version behind the English"."""
        if of.edition_number is None:
            return f"No {of.spoken} edition is in use"
        behind, leader = self.newest - of.edition_number, self.leader
        if not behind or leader is None:
            return "Current"
        versions = "one version" if behind == 1 else f"{_WORDS.get(behind, f'{behind:,}')} versions"
        return f"The {of.spoken} edition is {versions} behind the {leader.spoken}"

    def is_behind(self, of: Printed) -> bool:
        """Say whether a translation is not of the newest version."""
        return (of.edition_number or 0) < self.newest


_WORDS = {2: "two", 3: "three", 4: "four", 5: "five"}


def works(printed: Iterable[Printed]) -> list[Work]:
    """Put printed items together by the work they translate, by kind and name."""
    found: dict[tuple[ItemKind, str], list[Printed]] = defaultdict(list)
    for each in printed:
        found[each.kind, work_of(each.name, each.language)].append(each)
    return [
        Work(name, kind, tuple(sorted(items, key=lambda each: (each.language != ENGLISH, each.spoken))))
        for (kind, name), items in sorted(found.items())
    ]


@dataclass(frozen=True)
class Swap:
    """Units of a superseded edition at one spot, to be taken out or replaced.

    Attributes:
        bag_tag: the Go Bag they are in, or None when they lie on the shelf.
        fresh_count: units of the edition in use on the shelf of the same place.
    """

    place_id: int
    place_code: str
    place_name: str
    bag_tag: str | None
    lot_code: str
    item_code: str
    item_name: str
    edition_number: int
    current_number: int
    unit_count: int
    fresh_count: int


# ---- Cover --------------------------------------------------------------------------------------


def spell_words(days: int) -> str:
    """Say how long something lasts as a person would: "about 45 days", "about 4 months", "more than a year"."""
    if days == 0:
        return "less than a day"
    if days < 60:
        return f"about {days:,} {'day' if days == 1 else 'days'}"
    if days < 365:
        return f"about {(days + 15) * 12 // 365} months"
    return f"about {days // 365:,} years" if days >= 730 else "more than a year"


@dataclass(frozen=True)
class Cover:
    """One language at one place.

    Attributes:
        held_count: booklets of it there, loose and in Go Bags.
        issued_count: booklets of it handed over in the period.
        unmet_count: asked for in vain in the period.
        days: how long the period is.
    """

    place_code: str
    place_name: str
    language: str
    held_count: int = 0
    issued_count: int = 0
    unmet_count: int = 0
    days: int = USUALLY

    @property
    def spoken(self) -> str:
        """The language by its English name."""
        return language(self.language).english

    @property
    def asked_count(self) -> int:
        """How often it was asked for, given or not."""
        return self.issued_count + self.unmet_count

    @property
    def lasts_days(self) -> int | None:
        """How long what is held lasts at the pace of the period; None when nobody asked."""
        return self.held_count * self.days // self.asked_count if self.asked_count else None

    @property
    def words(self) -> str:
        """Say how the place stands: "Gap: asked for 3 times, none held", "Lasts about 4 months"."""
        times = "once" if self.asked_count == 1 else f"{self.asked_count:,} times"
        if self.is_gap:
            return f"Gap: asked for {times}, none held"
        if self.lasts_days is None:
            return "Held, not asked for"
        lasts = f"lasts {spell_words(self.lasts_days)} at this pace"
        if self.unmet_count:
            return f"Asked for {self.unmet_count:,} more in vain; what is held {lasts}"
        return lasts.capitalize()

    @property
    def order(self) -> tuple[int, int]:
        """Gaps first, the most asked for before the others; then what was asked for in vain; then what lasts least."""
        if self.is_gap:
            return 0, -self.asked_count
        if self.lasts_days is None:
            return 3, 0
        return 1 if self.unmet_count else 2, self.lasts_days

    @property
    def is_gap(self) -> bool:
        """Say whether it is asked for and none is held."""
        return bool(self.asked_count) and not self.held_count


def covered(facts: Iterable[tuple[tuple[str, str], str, str, int]], *, days: int) -> list[Cover]:
    """Add facts up to one line for each place and language, gaps first.

    Args:
        facts: ((place code, place name), language, name of the count, how many).
    """
    counts: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (code, name), spoken, which, count in facts:
        counts[code, name, spoken][which] += count
    lines = [Cover(*key, each["held"], each["issued"], each["unmet"], days) for key, each in counts.items()]
    return sorted(lines, key=lambda line: (line.order, line.place_name, line.spoken))


def days_asked(text: str | None) -> int:
    """Read how many days back are asked for; the usual number when nothing is said.

    Raises:
        RuleBroken: it is not one of those offered.
    """
    if not text:
        return USUALLY
    if text not in map(str, PERIODS):
        raise RuleBroken(f"Choose {', '.join(map(str, PERIODS[:-1]))} or {PERIODS[-1]} days")
    return int(text)


def gaps(lines: Sequence[Cover]) -> int:
    """Count the languages that are asked for at a place that holds none."""
    return sum(line.is_gap for line in lines)
