"""The form of what was asked for and not given: choices only, so that nothing about a person can be written."""

from __future__ import annotations

from core.forms import Choice, Count, Day, Form, Radios
from inventory.unmet.rules import MOST_AT_ONCE, REASON_WORDS


class UnmetForm(Form):
    """One entry."""

    thing = Choice("What was asked for?", validate_choice=False)
    language = Choice("In which language? (only if it was another one)", validate_choice=False)
    reason = Radios(
        "Why could it not be given?",
        choices=[(reason.value, words) for reason, words in REASON_WORDS.items()],
        required="Select why it could not be given",
    )
    unit_count = Count("How many?", most=MOST_AT_ONCE, default=1)
    wanted_on = Day("When was it asked for?")


class TapForm(Form):
    """Nothing to enter: the button says what was asked for."""


class TakeBackForm(Form):
    """Nothing to enter: that an entry was a mistake."""
