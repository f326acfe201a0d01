"""The form that counts in at the store what a place sent back: all of it has arrived unless told otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.forms import Count, Form, Note, Tick
from inventory.closures.rules import SentBag, SentLot


class CountInForm(Form):
    """How many of each lot arrived, and which Go Bags."""

    lot_codes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    reason = Note(
        "What happened to what did not arrive", required="", optional=True, hint="Leave empty where all arrived"
    )

    @property
    def arrived(self) -> Mapping[str, int]:
        """Lot code → units that arrived."""
        return {code: self[f"arrived_{code}"].data for code in self.lot_codes}

    @property
    def bags_arrived(self) -> list[str]:
        """Tags of the Go Bags that arrived."""
        return [tag for tag in self.tags if self[f"bag_{tag}"].data]


def count_in_form(lots: Iterable[SentLot], bags: Iterable[SentBag]) -> CountInForm:
    """Make the form for what was sent."""
    sent, tagged = list(lots), list(bags)
    fields: dict[str, Any] = {
        f"arrived_{each.lot_code}": Count(
            f"{each.item_name}, lot {each.lot_code}: how many of {each.unit_count:,}", least=0, default=each.unit_count
        )
        for each in sent
    }
    fields |= {f"bag_{each.tag}": Tick(f"Go Bag {each.tag} has arrived", default=True) for each in tagged}
    fields["lot_codes"] = tuple(each.lot_code for each in sent)
    fields["tags"] = tuple(each.tag for each in tagged)
    form: CountInForm = type("CountInOfReferenceForm", (CountInForm,), fields)()
    return form
