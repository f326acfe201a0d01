"""Asking for a sample, and writing down what was found of a row."""

from __future__ import annotations

from collections.abc import Iterable

from audit.samples.rules import LARGEST_SAMPLE, SMALLEST_SAMPLE, Asked, Method, Outcome, PopulationKind
from core.forms import Choice, Count, Day, Form, Note, Pounds, Radios, Text
from core.money import Pence
from core.parse import TEN_MILLION_POUNDS, reference

_WAYS = {
    Method.RANDOM: "Random: each row is as likely as any other",
    Method.BY_VALUE: "By value: each pound is as likely as any other",
}
_CONFIDENCE = {"90": "90%", "95": "95%", "99": "99%"}
_OUTCOMES = {
    Outcome.AGREED: "It agrees",
    Outcome.ERROR: "It is wrong",
    Outcome.NOT_CHECKED: "It could not be checked",
}


class DrawForm(Form):
    """What to draw from, how, and how many."""

    population = Choice("Draw from")
    first = Day("From", optional=True, hint="Leave both days empty for all of it. A claim has its own period")
    last = Day("To", optional=True)
    method = Radios("How", required="Choose how the rows are drawn", choices=_WAYS.items())
    count = Count(
        "How many",
        least=SMALLEST_SAMPLE,
        most=LARGEST_SAMPLE,
        noun="How many",
        hint="Rows, or by value hits on the total",
    )
    confidence = Choice("Confidence", choices=_CONFIDENCE.items(), default="95")
    seed = Text(
        "Seed", optional=True, most=40, render_kw={"class": "govuk-input--width-20"},
        hint="Letters and digits that chance is made from, such as dice you threw. Leave it empty to have one made",
    )  # fmt: skip

    def offer(self, awards: Iterable[tuple[str, str]], claims: Iterable[str]) -> None:
        """Offer what can be drawn from: awards by code and title, signed claims, Go Bags."""
        offered = {f"{PopulationKind.SPENDING.name}:{code}": f"Spending of {title} ({code})" for code, title in awards}
        offered |= {f"{PopulationKind.CLAIMED.name}:{claim}": f"Rows of claim {claim}" for claim in claims}
        self.population.choices = offered | {f"{PopulationKind.ISSUES.name}:": "Go Bags issued"}

    def asked(self) -> Asked:
        """Give what was asked for.

        Raises:
            RuleBroken: the seed holds other signs than letters, digits and hyphens.
        """
        kind, _, subject = str(self.population.data).partition(":")
        seed = reference(self.seed.data, noun="Seed", field="seed") if self.seed.data else ""
        return Asked(
            PopulationKind[kind], subject, self.first.data, self.last.data, Method(self.method.data), self.count.data,
            int(self.confidence.data), seed,
        )  # fmt: skip


class ResultForm(Form):
    """What was found of a row with an amount."""

    outcome = Radios("What you found", required="Choose what you found", choices=_OUTCOMES.items())
    right = Pounds(
        "Amount that is right (£)", least=-TEN_MILLION_POUNDS, optional=True,
        hint="Only where it is wrong: what should have been in the books, like 12.50",
    )  # fmt: skip
    note = Note(
        "What you looked at",
        optional=True,
        hint="Needed unless it agrees. Nothing about a person: name papers, not people",
    )

    @property
    def right_pence(self) -> Pence | None:
        """The amount that is right; None when nothing was entered."""
        found: Pence | None = self.right.data
        return found

    def found(self) -> Outcome:
        """Give what was found."""
        return Outcome(self.outcome.data)
