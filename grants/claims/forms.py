"""Forms of a claim's steps. Those taken over figures carry the fingerprint of what was on the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wtforms import FieldList, FormField
from wtforms import Form as PlainForm

from core.forms import Choice, Day, Form, HiddenField, Note, Pounds, Text
from core.money import Pence

LEAST = -1_000_000_000
"""A claim that gives back more than it asks for is below £0, and so is its payment."""


class OpenForm(Form):
    """Beginning the claim of the next period."""


class AccrueAllForm(Form):
    """Accruing everything whose order gives its price."""


class StepForm(Form):
    """A step over the figures that were shown."""

    seen = HiddenField()

    @property
    def seen_digest(self) -> str:
        """Fingerprint of the figures the person saw; nothing when the form carried none, which no figures have."""
        return self.seen.data or ""


class ReasonForm(Form):
    """A step that needs a person's own words."""

    reason = Note("Reason", required="Enter a reason")


class SentForm(Form):
    """The day a claim was sent to the funder."""

    sent_on = Day("Sent to the funder on", hint="For example, 27 3 2026")


class QueryForm(Form):
    """What the funder asked, or was answered, and when."""

    happened_on = Day("Date", hint="For example, 27 3 2026")
    reason = Note("Words", required="Enter the words")


class PaymentForm(Form):
    """What the funder paid; of a claim below £0, what was paid back, with a minus sign."""

    pence = Pounds("Amount paid (£)", least=LEAST)
    paid_on = Day("Paid on", hint="For example, 27 3 2026")
    remittance = Text("Reference of the payment", most=60, optional=True, hint="As the funder or the bank names it")


class AccrueForm(Form):
    """What was received and not invoiced, and what it cost."""

    pence = Pounds("Amount to accrue, net (£)", hint="£0.00 leaves it out of the claim")
    line = Choice("Grant line")
    reason = Note("Where the amount comes from", required="", optional=True)

    def offer(self, lines: Iterable[tuple[str, str]]) -> None:
        """Fill in the grant lines that can be chosen."""
        self.line.choices = {"": "Choose a line", **dict(lines)}


class AccrueWorkForm(AccrueForm):
    """An accrual that no delivery stands for."""

    description = Text("What was received or done", most=120, required="Say what was received or done")
    supplier = Text("By whom", most=120, optional=True)
    received_on = Day("Received or done on", hint="A day of the period")


class ForecastFields(PlainForm):
    """One grant line's forecast."""

    line = HiddenField()
    pence = Pounds("Forecast to the end of the award (£)")
    explanation = Text("Explanation of the variance", most=500, optional=True)


class ForecastForm(Form):
    """What every line will still cost."""

    lines = FieldList(FormField(ForecastFields))

    def entered(self) -> Mapping[str, tuple[Pence, str]]:
        """Read the forecasts: line code → pence and explanation."""
        return {
            entry.form.line.data: (Pence(entry.form.pence.data), entry.form.explanation.data or "")
            for entry in self.lines
        }
