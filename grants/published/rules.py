"""Figures that are published, and the system of equations that all releases together give a reader; no database.

Every figure of a release is a selection of issued Go Bags: of some places, months, languages and kit recipes, as known
at the release. Two issues that no release tells apart are the same atom; so tables, margins, later releases that add to
earlier ones, and issues undone in between are sums over the same atoms, and ``core.suppression`` decides over them.

Money is published as a count times one price in whole pounds, and hidden where the count is: real cost, divided by what
a Go Bag cost when it was bought, would say how many were issued when.

Source: HO-11.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from core.dates import MONTHS, local_day, months_between, quarter
from core.suppression import Release, Total

USUAL_THRESHOLD = 5
"""Counts below this are hidden where no award says otherwise."""

NO_BOOKLET = "None recorded"


class Times(StrEnum):
    """How the time of a release is cut."""

    MONTHS = "months"
    QUARTERS = "quarters"
    WHOLE = "the whole period"


COARSER = {Times.MONTHS: Times.QUARTERS, Times.QUARTERS: Times.WHOLE}


@dataclass(frozen=True)
class Plan:
    """What somebody wants to publish.

    Attributes:
        first, last: first day of a month, last day of a month.
        price_pounds: what a Go Bag is said to cost, in whole pounds; None where no money is published.
    """

    first: date
    last: date
    times: Times
    by_language: bool
    by_recipe: bool
    price_pounds: int | None = None

    @property
    def months(self) -> tuple[str, ...]:
        """The months of the period, like 2026-07."""
        return tuple(f"{each.first:%Y-%m}" for each in months_between(self.first, self.last))


@dataclass(frozen=True)
class Handed:
    """One issue of a Go Bag; nothing here is about a person.

    Attributes:
        recipe: code of the kit recipe.
        recorded_at: when it became known; ``undone_at``: when it was taken back, or None.
    """

    place: str
    issued_at: datetime
    language: str | None
    recipe: str
    recorded_at: datetime
    undone_at: datetime | None

    @cached_property
    def month(self) -> str:
        """The month it was issued in, by the clock in London."""
        return f"{local_day(self.issued_at):%Y-%m}"

    def counted_at(self, at: datetime) -> bool:
        """Say whether the records counted it at a moment."""
        return self.recorded_at <= at and (self.undone_at is None or self.undone_at > at)


Names = tuple[str, ...] | None
"""What a selection takes of one kind; None for all there are."""


@dataclass(frozen=True)
class Selection:
    """Which issues a figure counts."""

    months: tuple[str, ...]
    places: Names = None
    languages: Names = None
    recipes: Names = None


@dataclass(frozen=True)
class Figure:
    """A figure of a release that was made: what it counts, how many that was, and whether it was hidden."""

    label: str
    selection: Selection
    count: int
    hidden: bool


@dataclass(frozen=True)
class Past:
    """A release that was made.

    Attributes:
        cut_off: what was recorded later is not in it.
        threshold: counts of 1 up to, and not including, this were small in it.
        witnesses: what proved it, by the atoms of that time.
    """

    reference: str
    cut_off: datetime
    threshold: int
    figures: tuple[Figure, ...]
    witnesses: tuple[tuple[tuple[Cell, int], ...], ...] = ()


Cell = tuple[str, str, str, str, tuple[str, ...]]
"""An atom: place, month, language, recipe, and the releases that count it, oldest first."""

NOW = "now"
"""What stands in an atom for the release that is being decided."""


def place_of(cell: Cell) -> str:
    """Say whose issues an atom counts: a place knows its own, and must learn no small count of another."""
    return cell[0]


class Atoms:
    """The issues, gathered into what the releases tell apart."""

    def __init__(self, issues: Iterable[Handed], past: Sequence[Past], *, at: datetime) -> None:
        """Gather the issues that any release counts, or this one as known ``at``."""
        moments = [*((each.reference, each.cut_off) for each in past), (NOW, at)]
        counted: Counter[Cell] = Counter()
        for issue in issues:
            releases = tuple(name for name, moment in moments if issue.counted_at(moment))
            if releases:
                counted[issue.place, issue.month, issue.language or "", issue.recipe, releases] += 1
        self.counts: Mapping[Cell, int] = dict(sorted(counted.items()))

    def of(self, selection: Selection, release: str = NOW) -> frozenset[Cell]:
        """Give the atoms that a selection takes, as a release counts them."""
        months = frozenset(selection.months)
        kinds = [None if each is None else frozenset(each) for each in (selection.places, selection.languages)]
        recipes = None if selection.recipes is None else frozenset(selection.recipes)
        return frozenset(
            cell
            for cell in self.counts
            if cell[1] in months
            and release in cell[4]
            and (kinds[0] is None or cell[0] in kinds[0])
            and (kinds[1] is None or cell[2] in kinds[1])
            and (recipes is None or cell[3] in recipes)
        )

    def count(self, atoms: Iterable[Cell]) -> int:
        """Add atoms up."""
        return sum(self.counts[cell] for cell in atoms)

    def earlier(self, past: Sequence[Past]) -> list[Release]:
        """Give the releases before as the system takes them.

        Raises:
            ValueError: a release counted otherwise than the records now say it did; the words name it.
        """
        return [self._release(each) for each in past]

    def _release(self, past: Past) -> Release:
        totals = []
        for figure in past.figures:
            atoms = self.of(figure.selection, past.reference)
            if self.count(atoms) != figure.count:
                raise ValueError(
                    f"Release {past.reference} counted {figure.count:,} where the records of then now say "
                    f"{self.count(atoms):,}. Check the ledger before anything more is published"
                )
            totals.append(Total(figure.label, atoms))
        hidden = frozenset(figure.label for figure in past.figures if figure.hidden)
        return Release(tuple(totals), hidden, past.threshold, self._witnesses(past))

    def _witnesses(self, past: Past) -> tuple[Mapping[Cell, int], ...]:
        """Carry the witnesses of a release over: a cell of then is the greatest of those it has become."""
        if not past.witnesses:
            return ()
        become: dict[Cell, Cell] = {}
        for cell, count in self.counts.items():
            known = cell[4][: cell[4].index(past.reference) + 1] if past.reference in cell[4] else ()
            then = (*cell[:4], known)
            if then not in become or count > self.counts[become[then]]:
                become[then] = cell
        return tuple({become[cell]: by for cell, by in move if cell in become} for move in past.witnesses)


def buckets(plan: Plan) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Cut the period of a plan into columns: heading → months. A single one would only repeat the whole."""
    if plan.times is Times.WHOLE:
        return ()
    months = months_between(plan.first, plan.last)
    if plan.times is Times.MONTHS:
        return tuple((f"{MONTHS[each.number - 1][:3]} {each.year}", (f"{each.first:%Y-%m}",)) for each in months)
    found: dict[str, list[str]] = {}
    for each in months:
        found.setdefault(quarter(each.first).label, []).append(f"{each.first:%Y-%m}")
    return tuple((label, tuple(within)) for label, within in found.items()) if len(found) > 1 else ()


def lighter(plan: Plan) -> list[tuple[str, Plan]]:
    """Say what could be left out of a plan, and what remains, the least first."""
    found = []
    if plan.by_recipe:
        found.append(("Leave out the table by kit recipe", replace(plan, by_recipe=False)))
    if plan.by_language:
        found.append(("Leave out the table by booklet language", replace(plan, by_language=False)))
    bare = replace(plan, by_recipe=False, by_language=False)
    while bare.times in COARSER:
        bare = replace(bare, times=COARSER[bare.times])
        also = ", and leave out the other tables" if plan.by_recipe or plan.by_language else ""
        found.append((f"Publish {bare.times.value} in place of {plan.times.value}{also}", bare))
    return found


def strictest(thresholds: Collection[int]) -> int:
    """Give the threshold that every award is content with."""
    return max(thresholds, default=USUAL_THRESHOLD)


def plain_witness(move: Mapping[Any, int]) -> list[Any]:
    """Write a witness down: atom and how much more or less of it."""
    return [[list(cell[:4]), list(cell[4]), by] for cell, by in sorted(move.items())]


def read_witness(facts: Iterable[Any], reference: str) -> tuple[tuple[Cell, int], ...]:
    """Read a witness of a release: what was "now" is the release itself."""
    return tuple(
        ((*cell, tuple(reference if each == NOW else each for each in releases)), by) for cell, releases, by in facts
    )
