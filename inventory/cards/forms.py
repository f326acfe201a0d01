"""Forms of card numbers: recording a lot's, and taking a range back."""

from __future__ import annotations

from core.forms import Form, Lines, Note


class NumbersForm(Form):
    """The ranges printed on the cards of a lot."""

    ranges = Lines(
        "Numbers printed on the cards",
        required="Enter the numbers as printed, like SC-004001 to SC-004250",
        hint="The first and the last of each range, one range on a line, like SC-004001 to SC-004250",
    )


class TakeBackForm(Form):
    """Why a range was wrong."""

    reason = Note("Why is it taken back?", hint="Such as: the last number was read wrongly")
