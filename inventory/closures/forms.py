"""The form that counts in at the store what a place sent back.

Go Bags and counts are filled in as sent, for most places send all they have and all of it arrives. Handsets and SIMs
are ticked one by one, as in any dispatch: they are worth taking, and each has a number to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import SelectMultipleField

from core.forms import Count, Form, Note, Tick, with_rows
from inventory.closures.rules import SentBag, SentLot


class _Numbers(SelectMultipleField):
    """The numbers that were ticked of a lot; the service checks each."""

    def pre_validate(self, _form: Any) -> None:
        """Leave the checking to the service, whose message names the thing."""


class CountInForm(Form):
    """How many of each lot arrived, which handsets and SIMs, and which Go Bags."""

    lots: tuple[SentLot, ...] = ()
    tags: tuple[str, ...] = ()
    reason = Note(
        "What happened to what did not arrive", required="", optional=True, hint="Leave empty where all arrived"
    )

    @property
    def arrived(self) -> Mapping[str, int]:
        """Lot code → units that arrived, of lots without numbers."""
        return {each.lot_code: self[f"arrived_{each.lot_code}"].data for each in self.lots if not each.units}

    @property
    def numbers(self) -> list[str]:
        """Numbers of the handsets and SIMs that arrived."""
        ticked = (self[f"arrived_{each.lot_code}"].data for each in self.lots if each.units)
        return [number for numbers in ticked for number in numbers or ()]

    @property
    def bags_arrived(self) -> list[str]:
        """Tags of the Go Bags that arrived."""
        return [tag for tag in self.tags if self[f"bag_{tag}"].data]


def count_in_form(lots: Iterable[SentLot], bags: Iterable[SentBag]) -> CountInForm:
    """Make the form for what was sent."""
    sent, tagged = tuple(lots), list(bags)
    fields: dict[str, Any] = {f"arrived_{each.lot_code}": _asked(each) for each in sent}
    fields |= {f"bag_{each.tag}": Tick(f"Go Bag {each.tag} has arrived", default=True) for each in tagged}
    fields["lots"] = sent
    fields["tags"] = tuple(each.tag for each in tagged)
    return with_rows(CountInForm, fields)()


def _asked(each: SentLot) -> Any:
    """Ask how many of a lot arrived, or which."""
    named = f"{each.item_name}, lot {each.lot_code}"
    if each.units:
        return _Numbers(f"{named}: which of {each.unit_count:,}", choices=[unit.number for unit in each.units])
    return Count(f"{named}: how many of {each.unit_count:,}", least=0, default=each.unit_count)
