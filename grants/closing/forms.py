"""Closing an award, opening it again, giving grant back, and holding its records."""

from __future__ import annotations

from core.forms import Day, Form, HiddenField, Note, Pounds, Text


class CloseForm(Form):
    """Closing over the figures on the page."""

    seen = HiddenField()

    @property
    def seen_digest(self) -> str:
        """Fingerprint of the figures the person saw; nothing when the form carried none, which no figures have."""
        return self.seen.data or ""


class ReasonForm(Form):
    """A step that needs a person's own words."""

    reason = Note("Reason", required="Enter a reason")


class RepaymentForm(Form):
    """What was given back to the funder."""

    pence = Pounds("Amount given back (£)")
    repaid_on = Day("Given back on", hint="For example, 27 3 2026")
    outside_reference = Text("Reference of the payment", most=60, required="Enter the reference of the payment")
