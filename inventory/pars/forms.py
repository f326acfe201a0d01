"""The form that sets the par levels of a place, made for the things it lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField

from core.forms import Choice, Count, Form, Note, Radios, with_rows

MOST = 100_000


class ParForm(Form):
    """Par levels of one place."""

    reason = Note("Why do the levels change? (optional)", optional=True)


def par_form(levels: Mapping[int, tuple[str, int]]) -> ParForm:
    """Make the form of a place's par levels.

    Args:
        levels: number of the row → (name, level in force).
    """
    fields: dict[str, Any] = {}
    for number, (name, level) in levels.items():
        fields[f"level-{number}"] = Count(f"Par level of {name}", least=0, most=MOST, noun="Par level", default=level)
        fields[f"was-{number}"] = HiddenField(default=str(level))
    return with_rows(ParForm, fields)()


class AddParForm(Form):
    """A level for one further thing."""

    thing = Choice("Item or kind of Go Bag", validate_choice=False)
    level = Count("Par level", least=0, most=MOST, noun="Par level")


class AnswerForm(Form):
    """Taking a suggestion, or setting another level."""

    answer = Radios(
        "What should it be?",
        choices=[("take", "Take the suggestion"), ("other", "Set another level")],
        required="Select whether you take the suggestion",
    )
    level = Count("Par level", least=0, most=MOST, noun="Par level", optional=True)
    reason = Note("Why another level?", optional=True)
    was = HiddenField()
    suggested = HiddenField()
