"""What is to be published: asked for by GET, and published by POST as it was seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from werkzeug.datastructures import MultiDict

from core.forms import Choice, Count, Form, HiddenField, Radios, Tick
from core.periods import PeriodChoice
from grants.published.rules import Plan, Times


class PlanForm(Form):
    """A plan of a release, sent by GET: it changes nothing."""

    period = Choice("Period")
    times = Radios(
        "Columns",
        required="Choose how the time is cut",
        choices=[(Times.MONTHS, "Months"), (Times.QUARTERS, "Quarters"), (Times.WHOLE, "The whole period only")],
        hint="The coarser, the less has to be left out",
    )
    by_language = Tick("A table by booklet language")
    by_recipe = Tick("A table by kit recipe")
    price = Count(
        "What a Go Bag costs, in whole pounds",
        optional=True,
        most=10_000,
        noun="Price",
        hint="Leave it empty to publish no money. Real costs are never published: divided by a price, they are counts",
    )

    class Meta:
        """Nothing is changed, so no token is needed."""

        csrf = False

    @classmethod
    def reading(cls, args: MultiDict[str, str], choices: Sequence[PeriodChoice]) -> PlanForm:
        """Read a plan from an address; a usual one where there is none."""
        form = cls(formdata=args if args else None)
        form.period.choices = [(choice.code, choice.period.words) for choice in choices]
        if not args:
            form.times.data = Times.QUARTERS.value
        return form

    def plan(self, choices: Sequence[PeriodChoice]) -> Plan:
        """Give the plan of a form that was found in order."""
        chosen = next(each.period for each in choices if each.code == self.period.data)
        return Plan(
            chosen.first,
            chosen.last,
            Times(self.times.data),
            bool(self.by_language.data),
            bool(self.by_recipe.data),
            self.price.data,
        )


class PublishForm(Form):
    """Publishing what was seen."""

    seen = HiddenField()
    sure = Tick("I have read the figures. What is published cannot be taken back")

    def submitted(self) -> bool:
        """Say whether the form was sent with its tick."""
        if not super().submitted():
            return False
        if not self.sure.data:
            self.refuse("Tick the box when you have read the figures", "sure")
        return not self.problems


def whole_months(choices: Sequence[PeriodChoice], *, today: date) -> list[PeriodChoice]:
    """Keep the periods of whole months that are over: what goes on is published when it has ended."""
    return [
        each
        for each in choices
        if each.period.first.day == 1 and each.period.last < today and _ends_a_month(each.period.last)
    ]


def _ends_a_month(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1
