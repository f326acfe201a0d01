"""The forms of a surge reserve."""

from __future__ import annotations

from core.forms import Choice, Count, Form, Note


class KeepForm(Form):
    """Put stock into the reserve."""

    thing = Choice("What", validate_choice=False)
    unit_count = Count("How many more", hint="Units of the item, or Go Bags")
    reason = Note("Why? (optional)", optional=True)


class ReleaseForm(Form):
    """Release stock from the reserve."""

    thing = Choice("What", validate_choice=False)
    unit_count = Count("How many to release")
    reason = Note("Why is it released?", required="Enter a reason")
