"""A release of usage, frozen with its small counts hidden: page, PDF, CSV and XLSX paint this one object.

What was hidden is not in the object, so whatever paints it, or keeps it, has nothing to give away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.access import Scope
from core.dates import moment_text
from core.figures import Checkpoint, Figures
from core.figures.hiding import Counted, part
from core.languages import language
from core.periods import Period, named
from core.sheets import Cell, Column, Kind
from core.suppression import HIDDEN, Decision, Release, Total, decide
from core.trail.queries import head
from core.trail.rules import fingerprint
from grants.published import queries
from grants.published.rules import (
    NO_BOOKLET,
    Atoms,
    Figure,
    Names,
    Past,
    Plan,
    Selection,
    Times,
    buckets,
    lighter,
    strictest,
)
from inventory.usage.queries import force_name, place_names

TITLE = "Go Bags issued"
DRAFT = "Not published"


@dataclass(frozen=True)
class ReleasedUsage:
    """What a release publishes.

    Attributes:
        reference: of the release, or "Not published" in a preview.
        threshold: counts of 1 up to, and not including, this are hidden.
        issued: place → Go Bags issued, None where it is hidden; what the chart draws.
    """

    reference: str
    organisation: str
    period: Period
    checkpoint: Checkpoint
    threshold: int
    price_pounds: int | None
    issued: tuple[tuple[str, int | None], ...]
    issued_count: int | None
    tables: tuple[Figures, ...]
    title: str = field(default=TITLE, init=False)

    @property
    def version(self) -> str:
        """Which state of the records it shows."""
        return f"{self.checkpoint.sequence:,}"

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Release", self.reference), ("Period", self.period.words))

    @property
    def cut_off_words(self) -> str:
        """When the newest change was recorded that the release knows of."""
        return moment_text(self.checkpoint.cut_off)

    @property
    def sentence(self) -> str:
        """What the chart says, in one sentence."""
        if self.issued_count is None:
            return "How many Go Bags were issued in this period is a small count, or would give one away."
        bags = "Go Bag was" if self.issued_count == 1 else "Go Bags were"
        shown = [(count, place) for place, count in self.issued if count]
        said = f"{self.issued_count:,} {bags} issued"
        return f"{said}; {max(shown)[1]} issued {max(shown)[0]:,}." if len(shown) == 1 else f"{said}."

    @property
    def hidden_count(self) -> int:
        """Figures that are hidden, money apart."""
        return sum(_hidden_in(table) for table in self.tables)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return (("Smallest count shown", f"{self.threshold}, and nought"), *self.checkpoint.on_front)

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.organisation),
            ("Period", self.period.words),
            ("Data cut-off", self.cut_off_words),
            ("Smallest count shown", f"{self.threshold}, and nought"),
            *self.checkpoint.printed,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """How the figures are made, and what a reader must know before relying on them."""
        said = [
            "A Go Bag counts as issued on the day it was handed over, by the clock in London. An issue that was undone "
            "is left out.",
            "A language is that of the booklet in the Go Bag. No language, or anything else, of a person is recorded.",
            f"Counts above nought and below {self.threshold} are left out and marked {HIDDEN}. So are other figures "
            "from which one of them could be worked out, with the help of any earlier release too; the two are not "
            "told apart.",
            "Figures of a later release can differ from these: what was recorded late or taken back counts for the day "
            "it happened on.",
        ]
        if self.price_pounds is not None:
            said.append(
                f"Costs are the number of Go Bags times £{self.price_pounds:,}, one price for all of them. What each "
                "cost to the penny is in the grant accounts."
            )
        return tuple(said)


def _hidden_in(table: Figures) -> int:
    rows = [*table.rows, *([table.total] if table.total else [])]
    counts = [at for at, column in enumerate(table.columns) if column.kind is Kind.COUNT]
    return sum(1 for row in rows for at in counts if row[at] == HIDDEN)


@dataclass(frozen=True)
class Proposal:
    """A release that could be made.

    Attributes:
        decision: what it hides, and what is not proved.
        figures: every figure with its true count, for the releases to come.
        advice: where it may not be published: what to leave out, in words; empty where nothing helps.
        digest: fingerprint of what would be published.
    """

    release: ReleasedUsage
    decision: Decision
    figures: tuple[Figure, ...]
    advice: str
    digest: str

    @property
    def may_be_published(self) -> bool:
        """Whether every small count is proved safe."""
        return not self.decision.unproved


def propose(plan: Plan, *, at: datetime, reference: str = DRAFT) -> Proposal:
    """Make a release as known at a moment, and decide over it and all before it what is hidden.

    Raises:
        ValueError: the records no longer agree with an earlier release.
    """
    log = head()
    making = _Making(plan, queries.past(), at)
    decision = making.decision()
    tables = tuple(each.without(decision.hidden) for each in making.counted)
    by_place = {str(row[0]): part(row[-1]) for row in tables[0].rows}
    whole = tables[0].total
    release = ReleasedUsage(
        reference,
        force_name(),
        making.period,
        Checkpoint(log.sequence, log.chain_hash, at),
        making.threshold,
        plan.price_pounds,
        tuple(by_place.items()),
        part(whole[-1]) if whole else None,
        tables,
    )
    advice = "" if not decision.unproved else _advice(plan, at)
    shown = fingerprint([[table.name, table.written, table.written_total] for table in tables])
    return Proposal(release, decision, making.figures(decision), advice, shown)


def _advice(plan: Plan, at: datetime) -> str:
    """Find the least that has to be left out for everything to be proved."""
    for words, other in lighter(plan):
        if not _Making(other, queries.past(), at).decision().unproved:
            return words
    return ""


class _Making:
    """One release while it is being made: the issues as atoms, and the tables with what each figure counts."""

    def __init__(self, plan: Plan, past: Sequence[Past], at: datetime) -> None:
        self.plan, self.past = plan, past
        self.period = named(plan.first, plan.last)
        self.atoms = Atoms(queries.issues(), past, at=at)
        self.threshold = strictest([*queries.thresholds(), *(each.threshold for each in past)])
        open_places = place_names(scope=Scope.everywhere(), period=self.period)
        cells = self.atoms.of(Selection(plan.months))
        self.places = sorted({*open_places, *(cell[0] for cell in cells)})
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
        with_it = decide(totals, self.atoms.counts, threshold=self.threshold, earlier=[shown, *earlier])
        if not with_it.unproved and not with_it.known_already:
            return with_it
        return decide(totals, self.atoms.counts, threshold=self.threshold, earlier=earlier)

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
        times = "" if self.plan.times is Times.WHOLE else " and time"
        headings = ["Place", *(heading for heading, _ in cut)]
        self._add("Issued by place", f"Go Bags issued, by place{times}", headings, grid)

    def _add_list(self, name: str, noun: str, heading: str, rows: Sequence[tuple[str, Selection]]) -> None:
        grid = [*((label, [each]) for label, each in rows), ("Total", [Selection(self.plan.months)])]
        self._add(name, f"Go Bags issued, by {noun}", [heading, "Go Bags issued"], grid)

    def _language_rows(self) -> list[tuple[str, Selection]]:
        months = self.plan.months
        return [(_language(code), Selection(months, languages=(code,))) for code in self.languages]

    def _recipe_rows(self) -> list[tuple[str, Selection]]:
        names = queries.recipe_names()
        return [(names.get(code, code), Selection(self.plan.months, recipes=(code,))) for code in self.recipes]

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
