"""Forms of the catalogue: an item, an edition, a version of a kit recipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import FieldList, FormField
from wtforms import Form as PlainForm

from core import languages
from core.forms import Choice, Count, Day, Form, Radios, Text, Tick
from inventory.catalogue.rules import KIND_WORDS, MOST_RECIPE_LINES, ItemKind, NewLine, any_of

FIRST_LINES = 5
_ANY = "any: "


class ItemForm(Form):
    """Add a thing that is counted."""

    name = Text("Name", required="Enter the name of the item", hint="As everybody calls it, like Wash bag, adult")
    code = Text(
        "Code",
        most=20,
        required="Enter the item code",
        hint="Short and unique, like WASH-A",
        render_kw={"class": "govuk-input--width-10", "autocapitalize": "characters", "spellcheck": "false"},
    )
    kind = Radios("What is it?", choices=KIND_WORDS.items(), required="Choose what it is")
    language = Choice(
        "Language it is printed in",
        hint="For booklets and security cards only",
        choices=[("", "Not printed"), *((each.code, each.english) for each in languages.known_languages())],
    )
    unit = Text(
        "What is one of it called?",
        most=20,
        required="Enter what one of it is called",
        hint="Like each, pair or pack",
        default="each",
        render_kw={"class": "govuk-input--width-10"},
    )
    expires = Tick("It has a use by date")


class EditionForm(Form):
    """Publish an edition of a booklet or card."""

    number = Count("Edition", most=1_000, noun="Edition")
    published_on = Day("In use from", hint="From this day on it is current and earlier editions are superseded")
    review_on = Day("To be reviewed on (optional)", optional=True)


class RecipeLineForm(PlainForm):
    """One line of a recipe."""

    item = Choice("Item")
    unit_count = Count("How many", optional=True, most=100)


class RecipeForm(Form):
    """Write the next version of a kit recipe."""

    name = Text("Name of the kit", required="Enter the name of the recipe", hint="Like Adult M or Child 8 to 12")
    code = Text(
        "Code",
        most=20,
        required="Enter the recipe code",
        hint="Short and unique, like ADULT-M",
        render_kw={"class": "govuk-input--width-10", "autocapitalize": "characters", "spellcheck": "false"},
    )
    in_use_from = Day("In use from", hint="Go Bags packed from this day on follow it. Bags packed earlier keep theirs")
    lines = FieldList(FormField(RecipeLineForm), min_entries=FIRST_LINES, max_entries=MOST_RECIPE_LINES)

    def offer(self, items: Iterable[tuple[str, str]], kinds: Sequence[ItemKind]) -> None:
        """Say what a line can ask for: (code, name) of items, and the kinds of which any item will do."""
        any_kind = {f"{_ANY}{kind}": any_of(kind) for kind in kinds}
        self._choices = {"": "Choose", **any_kind, **dict(items)}
        for line in self.lines:
            line.form.item.choices = self._choices

    def add_lines(self, count: int = 3) -> None:
        """Show more empty lines."""
        for _ in range(min(count, MOST_RECIPE_LINES - len(self.lines))):
            self.lines.append_entry().form.item.choices = self._choices

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, then that each line has both an item and a count."""
        passed = bool(super().validate(extra_validators))
        for line in (entry.form for entry in self.lines):
            wants_count = bool(line.item.data) and line.unit_count.data is None and not line.unit_count.errors
            wants_item = not line.item.data and bool(line.unit_count.raw_text)
            if wants_count:
                line.unit_count.errors = [*line.unit_count.errors, "Quantity must be 1 or more"]
            if wants_item:
                line.item.errors = [*line.item.errors, "Choose the item"]
            passed = passed and not wants_count and not wants_item
        return passed

    def new_lines(self) -> list[NewLine]:
        """Give the lines as the service takes them, empty ones left out."""
        return [_new_line(entry.form) for entry in self.lines if entry.form.item.data]


def _new_line(line: RecipeLineForm) -> NewLine:
    chosen: str = line.item.data
    if chosen.startswith(_ANY):
        return NewLine(line.unit_count.data or 0, any_of_kind=ItemKind(chosen.removeprefix(_ANY)))
    return NewLine(line.unit_count.data or 0, item_code=chosen)


def line_data(item_code: str | None, any_of_kind: ItemKind | None, unit_count: int) -> dict[str, object]:
    """Write a recorded line as the form begins with it."""
    return {"item": item_code or f"{_ANY}{any_of_kind}", "unit_count": unit_count}
