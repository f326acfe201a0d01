"""Publishing release after release from made-up issues, and what a reader of all of them can read.

The reader's lines are read from the published tables themselves, as a person would: cell by cell, by the names of their
rows and columns; nothing of the program's own account of the figures is used but the issues, to know the truth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from core.dates import MONTHS
from core.figures import Figures
from core.suppression import HIDDEN
from grants.published.report.making import Known, Making
from grants.published.rules import Handed, Past, Plan, plain_witness, read_witness
from inventory.usage.report import NO_BOOKLET

PLACES = ("Amesbury", "Devizes", "Salisbury", "Tidworth")
LANGUAGES = {"ro": "Romanian", "vi": "Vietnamese", None: NO_BOOKLET}
RECIPES = {"ADULT": "Adult bag", "CHILD": "Child bag"}
Line = tuple[frozenset[int], int, int | None]


def many_issues(seed: int, *, months: int, most: int) -> list[Handed]:
    """Make issues up: some recorded late, some undone later."""
    dice, found = Random(seed), []
    for number in range(months):
        for place in PLACES:
            for _ in range(dice.choice((0, 0, 1, 2, most))):
                at = datetime(2026, 1 + number, dice.randint(1, 27), 12, tzinfo=UTC)
                recorded = at + timedelta(days=dice.choice((0, 0, 0, 20, 45)))
                undone = recorded + timedelta(days=dice.randint(1, 60)) if dice.random() < 0.15 else None
                language, recipe = dice.choice(("ro", "ro", "vi", None)), dice.choice(("ADULT", "ADULT", "CHILD"))
                found.append(Handed(place, at, language, recipe, recorded, undone))
    return found


class Publisher:
    """Publishes one release after the other, as the service does, and keeps what readers get."""

    def __init__(self, issues: Sequence[Handed], thresholds: Sequence[int] = (5,)) -> None:
        self.issues, self.thresholds = issues, thresholds
        self.past: list[Past] = []
        self.shown: list[tuple[Plan, datetime, tuple[Figures, ...]]] = []

    def known(self) -> Known:
        return Known(self.issues, self.past, self.thresholds, PLACES, RECIPES)

    def making(self, plan: Plan, at: datetime) -> Making:
        return Making(plan, self.known(), at=at)

    def publish(self, plan: Plan, at: datetime) -> bool:
        """Publish a release; say whether it was proved, and so published."""
        making = self.making(plan, at)
        decision = making.decision()
        if decision.unproved:
            return False
        assert not decision.known_already
        reference = f"PUB-{len(self.past) + 1:05}"
        witnesses = tuple(read_witness(plain_witness(each), reference) for each in decision.witnesses)
        self.past.append(Past(reference, at, making.threshold, making.figures(decision), witnesses))
        self.shown.append((plan, at, tuple(each.without(decision.hidden) for each in making.counted)))
        return True

    # ---- What a reader has --------------------------------------------------------------------

    def lines(self) -> list[Line]:
        """Read every figure of every release: the issues it counts, the least and the most they can be."""
        return [
            line
            for plan, at, tables in self.shown
            for table in tables
            for row in (*table.rows, *([table.total] if table.total else []))
            for heading, cell in zip([each.heading for each in table.columns[1:]], row[1:], strict=True)
            if (line := self._line(plan, at, str(row[0]), heading, cell)) is not None
        ]

    def _line(self, plan: Plan, at: datetime, name: str, heading: str, cell: object) -> Line | None:
        members = frozenset(
            number
            for number, issue in enumerate(self.issues)
            if issue.counted_at(at)
            and issue.month in plan.months
            and name in ("Total", issue.place, LANGUAGES[issue.language], RECIPES[issue.recipe])
            and _under(heading, issue)
        )
        if heading == "Cost (£)":
            assert plan.price_pounds is not None
            if cell == HIDDEN:
                return members, 1, None
            assert isinstance(cell, int)
            assert cell % (plan.price_pounds * 100) == 0
            cell = cell // (plan.price_pounds * 100)
        if cell == HIDDEN:
            return members, 1, None
        assert cell == len(members), (name, heading, cell)
        return members, len(members), len(members)


def _under(heading: str, issue: Handed) -> bool:
    if heading in ("Go Bags issued", "Cost (£)"):
        return True
    number, year = int(issue.month[5:]), issue.month[:4]
    if heading.startswith("Quarter"):
        return f"{MONTHS[(number - 1) // 3 * 3]} to" in heading
    return heading == f"{MONTHS[number - 1][:3]} {year}"


def gathered(lines: Sequence[Line]) -> tuple[list[Line], Mapping[int, int]]:
    """Gather issues that no line tells apart into one unknown: the lines over those, and how many issues each is."""
    of: dict[int, list[int]] = {}
    for number, (members, _, _) in enumerate(lines):
        for member in members:
            of.setdefault(member, []).append(number)
    groups = Counter(tuple(found) for found in of.values())
    names = {signature: at for at, signature in enumerate(groups)}
    joined = [
        (frozenset(names[tuple(of[member])] for member in members), least, most) for members, least, most in lines
    ]
    return joined, {names[signature]: count for signature, count in groups.items()}
