"""The form that asks for a sheet of labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from core.forms import Choice, Count, Form, Radios
from inventory.labels.rules import ON_A_SHEET, WORDS


class LabelForm(Form):
    """Which labels, of which place, and where on the first sheet to begin. Nothing is recorded: a GET asks."""

    class Meta:
        """It changes nothing, so it bears no token."""

        csrf = False

    kind = Radios("Labels for", choices=WORDS.items(), required="Select what the labels are for")
    place = Choice("Place")
    first = Count(
        "First label on the sheet", hint=f"1 for a new sheet; up to {ON_A_SHEET} for one that was begun",
        most=ON_A_SHEET, noun="First label", default=1,
    )  # fmt: skip

    @classmethod
    def reading(cls, sent: MultiDict[str, str], places: Iterable[tuple[str, str]]) -> Self:
        """Read what an address asks for."""
        form = cls(formdata=sent if sent else None)
        form.place.choices = dict(places)
        return form

    def asked(self) -> dict[str, Any]:
        """Give the arguments of the address of the sheet."""
        return {"place_code": self.place.data, "kind": self.kind.data, "first": self.first.data}
