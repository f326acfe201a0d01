"""The sorts of spreadsheet there are, and what each column of one means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core import languages, parse
from core.access import Permission
from core.errors import RuleBroken
from core.privacy import refuse_personal_details
from inventory.catalogue.rules import KIND_WORDS
from organisation.places.rules import REAL_KINDS

Value = str | int | bool | date | tuple[str, ...] | None


class Sort(StrEnum):
    """What a spreadsheet brings in."""

    ITEMS = "items"
    PLACES = "places"
    OPENING_STOCK = "opening-stock"
    PAR_LEVELS = "par-levels"


WORDS = {
    Sort.ITEMS: "items",
    Sort.PLACES: "places",
    Sort.OPENING_STOCK: "opening stock",
    Sort.PAR_LEVELS: "par levels",
}
"""What each sort is called on a page."""

PURPOSE = {
    Sort.ITEMS: "The things that are counted, a row for each.",
    Sort.PLACES: "Stores, custody suites, response bases, hubs and partner sites, a row for each. "
    "A store stands above the places it supplies.",
    Sort.OPENING_STOCK: "What a place held on the day it began to use the service: each row becomes a lot.",
    Sort.PAR_LEVELS: "How many of an item, or of a kind of Go Bag, a place should hold.",
}
"""What each sort is for, in a sentence or two."""

NEEDS = {
    Sort.ITEMS: Permission.KEEP_CATALOGUE,
    Sort.PLACES: Permission.KEEP_PLACES,
    Sort.OPENING_STOCK: Permission.RECEIVE_DELIVERY,
    Sort.PAR_LEVELS: Permission.SET_PAR,
}
"""What somebody must be allowed to do one by one, to do it with a spreadsheet."""


@dataclass(frozen=True)
class Heading:
    """One column of a spreadsheet.

    Attributes:
        key: what the service calls it; a refusal on this field is a refusal of the column's cell.
        title: as the first row of the file has it.
        note: what to write below it.
        read: turns the text of a cell into a value.
        needed: whether the file must have the column.
    """

    key: str
    title: str
    note: str
    read: Callable[[str], Value]
    needed: bool = True


def _code(noun: str) -> Callable[[str], Value]:
    return lambda text: parse.reference(text, noun=noun, most=20)


def _name(required: str) -> Callable[[str], Value]:
    def read(text: str) -> str:
        name = parse.one_line(text, most=120, required=required)
        refuse_personal_details(name)
        return name

    return read


def _words(offered: dict[str, str], noun: str) -> Callable[[str], Value]:
    """Read one of several words, whatever their capitals: word as it is written → what it means."""
    known = {word.casefold(): meaning for word, meaning in offered.items()}

    def read(text: str) -> str:
        found = known.get(parse.one_line(text).casefold())
        if found is None:
            raise RuleBroken(f"{noun} must be {', '.join(list(offered)[:-1])} or {list(offered)[-1]}")
        return found

    return read


def _day(text: str) -> date:
    """Read a day: typed as 05/08/2022, or as a workbook's own date, which arrives as 2022-08-05."""
    return parse.iso_date(text) if text[4:5] == "-" else parse.day_month_year(text)


def _language(text: str) -> str | None:
    """Read a language by its code or its English name."""
    by_name = {each.english.casefold(): each.code for each in languages.known_languages()}
    return by_name.get(text.casefold()) or languages.language(text.lower()).code


def _numbers(text: str) -> tuple[str, ...]:
    return tuple(part for part in (each.strip() for each in text.replace("\n", ";").split(";")) if part)


def _blank_or(read: Callable[[str], Value], otherwise: Value = None) -> Callable[[str], Value]:
    return lambda text: read(text) if text else otherwise


_KINDS = {words: kind.value for kind, words in KIND_WORDS.items()}
_PLACE_KINDS = {kind.value.capitalize(): kind.value for kind in REAL_KINDS}
_YES = {"Yes": "yes", "No": ""}

HEADINGS: dict[Sort, tuple[Heading, ...]] = {
    Sort.ITEMS: (
        Heading("code", "Code", "Short and unique, like WASH-A", _code("Item code")),
        Heading("name", "Name", "As everybody calls it", _name("Enter the name of the item")),
        Heading("kind", "Kind", f"One of: {', '.join(_KINDS)}", _words(_KINDS, "Kind")),
        Heading(
            "unit", "Unit", "What one of it is called, like each, pair or pack; empty for each",
            _blank_or(lambda text: parse.one_line(text, most=20), "each"), needed=False,
        ),
        Heading(
            "language", "Language", "Of a booklet or security card: its name or code, like Romanian or ro",
            _blank_or(_language), needed=False,
        ),
        Heading(
            "expires", "Expires", "Yes when it has a use by date; empty for no",
            _blank_or(_words(_YES, "Expires"), ""), needed=False,
        ),
    ),
    Sort.PLACES: (
        Heading("code", "Code", "Short and unique, like SALISBURY", _code("Code")),
        Heading("name", "Name", "As officers call it", _name("Enter a name, like Salisbury custody")),
        Heading("kind", "Kind", f"One of: {', '.join(_PLACE_KINDS)}", _words(_PLACE_KINDS, "Kind")),
        Heading("body", "Body", "Code of the force, the OPCC or the charity whose place it is", _code("Body")),
        Heading(
            "supplied_by", "Store", "Code of the store that supplies it; empty for none",
            _blank_or(_code("Store")), needed=False,
        ),
        Heading("opened_on", "First day", "Like 05/04/2026", _day),
    ),
    Sort.OPENING_STOCK: (
        Heading("place", "Place", "Code of the place, like SALISBURY", _code("Place")),
        Heading("counted_on", "Counted on", "The day it was counted, like 05/04/2026", _day),
        Heading("item", "Item", "Code of the item", _code("Item")),
        Heading("unit_count", "Quantity", "How many were there", parse.whole_number),
        Heading(
            "expires_on", "Use by", "The date printed on the goods, like 31/05/2027; empty where it has none",
            _blank_or(_day), needed=False,
        ),
        Heading(
            "edition_number", "Edition", "Of a booklet or security card",
            _blank_or(lambda text: parse.whole_number(text, noun="Edition", most=1_000)), needed=False,
        ),
        Heading(
            "serial_numbers", "Numbers", "IMEI of each phone or ICCID of each SIM, with a semicolon between",
            _blank_or(_numbers, ()), needed=False,
        ),
    ),
    Sort.PAR_LEVELS: (
        Heading("place", "Place", "Code of the place, like SALISBURY", _code("Place")),
        Heading(
            "thing", "Item or kit recipe", "Code of the item, or of the kind of Go Bag", _code("Item or kit recipe")
        ),
        Heading(
            "level_count", "Par level", "How many the place should hold; 0 for none",
            lambda text: parse.whole_number(text, noun="Par level", least=0),
        ),
    ),
}  # fmt: skip
"""The columns of each sort, in the order its template has them."""


def headings_by_key(sort: Sort) -> dict[str, Heading]:
    """Give the columns of a sort by what the services call them."""
    return {heading.key: heading for heading in HEADINGS[sort]}
