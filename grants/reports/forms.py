"""Choosing the period of the reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from werkzeug.datastructures import MultiDict

from core.forms import Choice, Day, Form
from core.periods import Period, PeriodChoice, named

OTHER = "other"


class PeriodForm(Form):
    """A period by name, or any first and last day. It is sent by GET: it changes nothing."""

    period = Choice("Period")
    first = Day("First day", optional=True)
    last = Day("Last day", optional=True)

    class Meta:
        """Nothing is changed, so no token is needed."""

        csrf = False

    @classmethod
    def reading(cls, args: MultiDict[str, str]) -> PeriodForm:
        """Read the choice from an address; days without a period's name are other dates."""
        if not args:
            return cls(formdata=None)
        usual = [] if "period" in args else [("period", OTHER)]
        return cls(formdata=MultiDict([*usual, *args.items(multi=True)]))

    def offer(self, choices: Sequence[PeriodChoice]) -> None:
        """Offer the periods that can be asked for by name, and any other dates."""
        self.period.choices = [*((each.code, each.period.name) for each in choices), (OTHER, "Other dates")]

    def chosen(self, choices: Sequence[PeriodChoice]) -> Period | None:
        """Give the period that was asked for; None when it was not asked for well, and the form says why."""
        found = {choice.code: choice.period for choice in choices}.get(self.period.data)
        if found is not None:
            return found
        first, last = self._day(self.first, "first"), self._day(self.last, "last")
        return named(first, last) if first and last else None

    def _day(self, field: Day, word: str) -> date | None:
        if field.data is None and not field.errors:
            self.refuse(f"Enter the {word} day, like 1 4 2026", field.name)
        return field.data
