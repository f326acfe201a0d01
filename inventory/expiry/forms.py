"""The form that writes off what can no longer be used."""

from __future__ import annotations

from core.forms import Count, Form


class WriteOffForm(Form):
    """How many go."""

    unit_count = Count("How many are you writing off?", render_kw={"class": "govuk-input--width-4"})
