"""Forms that open a place and record a body. Bodies and stores to choose from, the view fills in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms.validators import ValidationError

from core.forms import Choice, Count, Day, Form, Radios, Text
from organisation.places.rules import MOST_EAST_KM, MOST_NORTH_KM, REAL_KINDS, BodyKind, GridTown

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


class TownForm(Form):
    """The town a place stands in: one from the list, or a new one by whole kilometres of the grid."""

    town = Choice("Town")
    new_town = Text("A new town", most=60, optional=True, hint="Only if it is not on the list. Never a street or house")
    area = Text("Its area", most=60, optional=True, hint="Like West Wiltshire: towns are added up by it")
    east_km = Count("Kilometres east", least=0, most=MOST_EAST_KM, optional=True, noun="Kilometres east")
    north_km = Count(
        "Kilometres north",
        least=0,
        most=MOST_NORTH_KM,
        optional=True,
        noun="Kilometres north",
        hint="Whole kilometres of the Ordnance Survey grid, like 390 east and 164 north for Melksham",
    )

    def offer(self, towns: Iterable[Any]) -> None:
        """Offer the towns there are."""
        self.town.choices = [("", "Choose, or enter a new one"), *((each.name, each.name) for each in towns)]

    def entered(self) -> GridTown | None:
        """Give the new town, where one is named.

        Raises:
            RuleBroken: it lacks something.
        """
        if not (self.new_town.data or self.area.data):
            return None
        return GridTown(
            self.new_town.data or "",
            self.area.data or "",
            -1 if self.east_km.data is None else self.east_km.data,
            -1 if self.north_km.data is None else self.north_km.data,
        )
