"""Forms that open a place and record a body. Bodies and stores to choose from, the view fills in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms.validators import ValidationError

from core.forms import Choice, Day, Form, Radios, Text
from organisation.places.rules import REAL_KINDS, BodyKind

BODY_KINDS = {
    BodyKind.OPCC: "Police and Crime Commissioner",
    BodyKind.FORCE: "Chief Constable",
    BodyKind.PARTNER: "Partner charity",
}
CODE_WIDTH = {"autocapitalize": "characters", "spellcheck": "false"}


class OpenPlaceForm(Form):
    """Name, code, kind, whose it is, and which store supplies it."""

    name = Text("Name", required="Enter a name, like Salisbury custody", hint="As officers call it")
    code = Text(
        "Code", most=20, required="Enter the code", hint="Short and unique, like SALISBURY", render_kw=CODE_WIDTH
    )
    kind = Choice("Kind", choices=[("", "Choose a kind"), *((kind.value, kind.capitalize()) for kind in REAL_KINDS)])
    body = Choice("Whose it is")
    store = Choice("Store that supplies it", hint="Where its restock requests go. A store itself may have none")
    opened_on = Day("First day", hint="Like 27 3 2026")

    def offer(self, bodies: Iterable[Any], stores: Iterable[Any]) -> None:
        """Offer the bodies and the stores there are."""
        self.body.choices = [("", "Choose a body"), *((body.code, body.name) for body in bodies)]
        self.store.choices = [("", "None"), *((store.code, store.name) for store in stores)]

    def validate_kind(self, field: Any) -> None:
        """Demand a kind."""
        if not field.data:
            raise ValidationError("Choose a kind")

    def validate_body(self, field: Any) -> None:
        """Demand a body."""
        if not field.data:
            raise ValidationError("Choose whose place it is")

    @property
    def first_day(self) -> date:
        """The first day, on a form that was found in order."""
        assert self.opened_on.data is not None
        return self.opened_on.data


class BodyForm(Form):
    """Name, code and kind of a body."""

    name = Text("Name", required="Enter a name, like Harbour House", hint="The charity's or the corporation's own name")
    code = Text("Code", most=20, required="Enter the code", hint="Short and unique, like HARBOUR", render_kw=CODE_WIDTH)
    kind = Radios(
        "What it is", choices=[(kind.value, words) for kind, words in BODY_KINDS.items()], required="Choose what it is"
    )
