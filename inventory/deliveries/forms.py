"""The form that receives a delivery: first what came, then what each line still has to say.

It has two steps so that nobody is asked for the expiry of a towel or the IMEI of a booklet, and works without
JavaScript: the first step asks for items and counts, the second for dates, editions and numbers where an item
has them. Another page (receiving against a supplier's invoice) starts it filled in, at the second step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import FieldList, FormField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired

from core.forms import Choice, Count, Day, Form, HiddenField, Lines, Text
from inventory.deliveries.rules import MOST_LINES, DeliveredLine

ITEMS, DETAILS = "items", "details"
"""The two steps."""

FIRST_LINES = 3

_LINE_FIELD = re.compile(r"lines-([0-9]+)-([a-z_]+)")


@dataclass(frozen=True)
class ItemFacts:
    """What the form must know of an item to ask for no more than it has.

    Attributes:
        edition_number: the edition in use, for a printed item.
        number_words: "IMEI" or "ICCID", for an item counted by number.
        card: whether its units may bear numbers that follow each other, as security cards do.
    """

    code: str
    name: str
    unit: str
    expires: bool = False
    printed: bool = False
    edition_number: int | None = None
    number_words: str | None = None
    card: bool = False


class LineForm(PlainForm):
    """One line of a delivery."""

    # The whole form checks the choice: a line that was left out and is not sent has none.
    item = Choice("Item", validate_choice=False)
    unit_count = Count("How many", optional=True)
    expires_on = Day("Use by date", optional=True, hint="The date printed on the goods, like 31 5 2027")
    edition_number = Count("Edition", optional=True, most=1_000, noun="Edition", hint="Printed on the back page")
    serial_numbers = Lines("Numbers", optional=True, hint="Scan or type one a line")
    card_numbers = Lines(
        "Card numbers",
        optional=True,
        hint="As printed, a range on each line, like SC-004001 to SC-004250. Leave empty if the cards have none",
    )

    @property
    def blank(self) -> bool:
        """Say whether nothing was entered."""
        return not self.item.data and not self.unit_count.raw_text

    def delivered(self) -> DeliveredLine:
        """Give the line as the service takes it."""
        return DeliveredLine(
            self.item.data,
            self.unit_count.data or 0,
            self.expires_on.data,
            self.edition_number.data,
            tuple(self.serial_numbers.data or ()),
            tuple(self.card_numbers.data or ()),
        )


class GoodsForm(Form):
    """Goods counted in somewhere: where they are, and their lines, in two steps."""

    step = HiddenField(default=ITEMS)
    place = Choice("Where is it now?", validators=[InputRequired("Select a station you can use")])
    lines = FieldList(FormField(LineForm), min_entries=FIRST_LINES, max_entries=MOST_LINES)

    def offer_goods(self, *, places: Sequence[tuple[str, str]], items: Iterable[ItemFacts]) -> None:
        """Say what can be chosen: (code, name) of places, and the items."""
        facts = list(items)
        self.facts: Mapping[str, ItemFacts] = {item.code: item for item in facts}
        self.place.choices = dict(places) if len(places) == 1 else {"": "Choose", **dict(places)}
        self._item_choices = {"": "Choose", **{item.code: f"{item.name} ({item.code})" for item in facts}}
        for line in self.lines:
            line.form.item.choices = self._item_choices

    def add_line(self) -> None:
        """Show one more empty line."""
        if len(self.lines) < MOST_LINES:
            self.lines.append_entry().form.item.choices = self._item_choices

    @property
    def filled(self) -> list[LineForm]:
        """The lines in which something was entered, in order."""
        return [line.form for line in self.lines if not line.form.blank]

    def facts_of(self, line: LineForm) -> ItemFacts | None:
        """Give what is known of a line's item."""
        return self.facts.get(line.item.data)

    def delivered_lines(self) -> tuple[DeliveredLine, ...]:
        """Give the lines as the service takes them."""
        return tuple(line.delivered() for line in self.filled)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, then that each line has both an item and a count."""
        passed = bool(super().validate(extra_validators))
        if not self.filled:
            self.refuse("Enter at least one item that is there", "lines-0-item")
            return False
        for position, line in enumerate(self.filled):
            if line.item.data not in self.facts:
                self.refuse("Choose the item", f"lines-{position}-item")
                passed = False
            if line.unit_count.data is None and not line.unit_count.errors:
                self.refuse("Quantity must be 1 or more", f"lines-{position}-unit_count")
                passed = False
        return passed

    def refuse(self, message: str, field: str | None = None) -> None:
        """Show a refusal on the field it belongs to, one of a line included."""
        found = _LINE_FIELD.fullmatch(field or "")
        lines = self.filled or [line.form for line in self.lines]
        if found is None or int(found[1]) >= len(lines):
            super().refuse(message, field)
            return
        target = lines[int(found[1])]._fields[found[2]]
        target.errors = [*target.errors, message]

    def begin_details(self) -> None:
        """Go to the second step, with the edition in use already entered."""
        self.step.data = DETAILS
        for line in self.filled:
            facts = self.facts_of(line)
            if facts and facts.edition_number and not line.edition_number.raw_text:
                line.edition_number.data = facts.edition_number
                line.edition_number.raw_data = None


class DeliveryForm(GoodsForm):
    """A delivery: also who it came from, with which note, on which day."""

    supplier = Choice("Who did it come from?", validators=[InputRequired("Choose who it came from")])
    delivery_note = Text(
        "Delivery note number",
        most=40,
        required="Enter the number on the delivery note",
        hint="On the paper that came with the goods",
    )
    received_on = Day("When did it come?")

    def offer(
        self, *, suppliers: Iterable[tuple[str, str]], places: Sequence[tuple[str, str]], items: Iterable[ItemFacts]
    ) -> None:
        """Say what can be chosen: (code, name) of suppliers and places, and the items."""
        self.supplier.choices = {"": "Choose", **dict(suppliers)}
        self.offer_goods(places=places, items=items)


class OpeningStockForm(GoodsForm):
    """What a place already held when it began to use the service: also the day it was counted."""

    counted_on = Day("When was it counted?")


def delivery_form(*, today: date, place_codes: Sequence[str], **filled: Any) -> DeliveryForm:
    """Make the form, today at the only place there is unless told otherwise.

    Args:
        filled: further values to begin with, such as ``supplier`` and ``lines`` (each a mapping of ``item``,
            ``unit_count`` and the rest) from an invoice.
    """
    start: dict[str, Any] = {"received_on": today, "place": place_codes[0] if len(place_codes) == 1 else ""}
    return DeliveryForm(**{**start, **filled})
