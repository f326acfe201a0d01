"""Making a release from what is known: tables whose every figure says what it counts, and what of them is hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.figures import Figures
from core.figures.hiding import Counted
from core.languages import language
from core.sheets import Cell, Column, Kind
from core.suppression import Decision, Release, Total, decide
from grants.published.rules import (
    NO_BOOKLET,
    Atoms,
    Figure,
    Handed,
    Names,
    Past,
    Plan,
    Selection,
    buckets,
    place_of,
    strictest,
)


@dataclass(frozen=True)
class Known:
    """What a release is made from.

    Attributes:
        past: every release that was made, oldest first.
        thresholds: of all awards.
        places: names of the places that were open in the period.
        recipes: code → name of every kit recipe.
    """

    issues: Sequence[Handed]
    past: Sequence[Past]
    thresholds: Sequence[int]
    places: Sequence[str]
    recipes: Mapping[str, str]


class Making:
    """One release while it is being made: the issues as atoms, and the tables with what each figure counts."""

    def __init__(self, plan: Plan, known: Known, *, at: datetime) -> None:
        """Gather the issues, and set out every table of the plan with its true figures."""
        self.plan, self.past, self.names = plan, known.past, known.recipes
        self.atoms = Atoms(known.issues, known.past, at=at)
        self.threshold = strictest([*known.thresholds, *(each.threshold for each in known.past)])
        cells = self.atoms.of(Selection(plan.months))
        self.places = sorted({*known.places, *(cell[0] for cell in cells)})
        self.languages = sorted({cell[2] for cell in cells}, key=lambda each: (not each, _language(each)))
        self.recipes = sorted({cell[3] for cell in cells})
        self.selections: list[dict[tuple[int, int], Selection]] = []
        self.counted: list[Counted] = []
        self._add_places()
        if plan.by_language:
            self._add_list("Issued by booklet language", "booklet language", "Language", self._language_rows())
        if plan.by_recipe:
            self._add_list("Issued by kit recipe", "kit recipe", "Kit recipe", self._recipe_rows())
        if plan.price_pounds is not None:
            self._add_cost(plan.price_pounds)

    def decision(self) -> Decision:
        """Decide what is hidden, over this release and all before it.

        How many were issued in all is what most readers come for: it stays shown wherever everything can be proved
        with it, as if it had been published before.
        """
        totals = [total for each in self.counted for total in each.totals]
        earlier = self.atoms.earlier(self.past)
        whole = Total("all", self.atoms.of(Selection(self.plan.months)))
        shown = Release((whole,), frozenset(), self.threshold)
        facts: dict[str, Any] = {"threshold": self.threshold, "contributor": place_of}
        with_it = decide(totals, self.atoms.counts, earlier=[shown, *earlier], **facts)
        if not with_it.unproved and not with_it.known_already:
            return with_it
        return decide(totals, self.atoms.counts, earlier=earlier, **facts)

    def figures(self, decision: Decision) -> tuple[Figure, ...]:
        """List every figure with what it counts, its true count, and whether it is hidden."""
        found = []
        for counted, selections in zip(self.counted, self.selections, strict=True):
            chosen = [selections[place] for place in sorted(selections)]
            for total, selection in zip(counted.totals, chosen, strict=True):
                count = self.atoms.count(total.atoms)
                found.append(Figure(total.label, selection, count, total.label in decision.hidden))
        return tuple(found)

    def _add(
        self, name: str, caption: str, headings: Sequence[str], grid: Sequence[tuple[str, list[Selection]]]
    ) -> None:
        """Add a table of counts, its total the last row: name of each row, and what each of its figures selects."""
        columns = (Column(headings[0], width=34), *(Column(heading, Kind.COUNT) for heading in headings[1:]))
        selections = {
            (row, at): each for row, (_, chosen) in enumerate(grid) for at, each in enumerate(chosen, start=1)
        }
        atoms = {place: self.atoms.of(selection) for place, selection in selections.items()}
        rows: list[tuple[Cell, ...]] = [
            (label, *(self.atoms.count(atoms[row, at]) for at in range(1, len(headings))))
            for row, (label, _) in enumerate(grid)
        ]
        table = Figures(name, caption, columns, tuple(rows[:-1]), rows[-1])
        self.counted.append(Counted(table, atoms, {}))
        self.selections.append(selections)

    def _add_places(self) -> None:
        cut = [*buckets(self.plan), ("Go Bags issued", self.plan.months)]

        def chosen(places: Names) -> list[Selection]:
            return [Selection(months, places) for _, months in cut]

        grid = [*((place, chosen((place,))) for place in self.places), ("Total", chosen(None))]
        times = " and time" if len(cut) > 1 else ""
        headings = ["Place", *(heading for heading, _ in cut)]
        self._add("Issued by place", f"Go Bags issued, by place{times}", headings, grid)

    def _add_list(self, name: str, noun: str, heading: str, rows: Sequence[tuple[str, Selection]]) -> None:
        grid = [*((label, [each]) for label, each in rows), ("Total", [Selection(self.plan.months)])]
        self._add(name, f"Go Bags issued, by {noun}", [heading, "Go Bags issued"], grid)

    def _language_rows(self) -> list[tuple[str, Selection]]:
        months = self.plan.months
        return [(_language(code), Selection(months, languages=(code,))) for code in self.languages]

    def _recipe_rows(self) -> list[tuple[str, Selection]]:
        return [(self.names.get(code, code), Selection(self.plan.months, recipes=(code,))) for code in self.recipes]

    def _add_cost(self, price: int) -> None:
        """Add what the Go Bags cost at one price: a count in pounds, so hidden wherever the count is."""
        months = self.plan.months
        chosen = [*((place, Selection(months, (place,))) for place in self.places), ("Total", Selection(months))]
        selections = {(row, 1): each for row, (_, each) in enumerate(chosen)}
        atoms = {place: self.atoms.of(selection) for place, selection in selections.items()}
        columns = (Column("Place", width=34), Column("Go Bags issued", Kind.COUNT), Column("Cost (£)", Kind.MONEY))
        counts = [self.atoms.count(atoms[row, 1]) for row in range(len(chosen))]
        rows = [(label, count, count * price * 100) for (label, _), count in zip(chosen, counts, strict=True)]
        caption = f"Cost of the Go Bags issued, at £{price:,} each"
        table = Figures("Cost at one price", caption, columns, tuple(rows[:-1]), rows[-1])
        self.counted.append(Counted(table, atoms, {2: 1}))
        self.selections.append(selections)


def _language(code: str) -> str:
    return language(code).english if code else NO_BOOKLET
