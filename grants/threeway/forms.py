"""The reason for which order, delivery and invoice differ. ``seen`` carries the words it is given for."""

from __future__ import annotations

from core.forms import Form, HiddenField, Note


class ExplainForm(Form):
    """A person's own words."""

    seen = HiddenField()
    reason = Note("Why is it in order?", hint="Such as: agreed by telephone with the supplier, the rest comes in May")
