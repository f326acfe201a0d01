"""The rows of each sort, handed to the services that people use.

A service says the first thing that is wrong; here it is turned into the cell of its row, that row is left out, and the
others go on, so that a person mends a file in one go. Nothing of a file with a wrong cell is kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from core.access import Actor
from core.db import step
from core.errors import NotFound, Refusal
from inventory.catalogue import queries as catalogue
from inventory.catalogue.rules import ItemKind
from inventory.catalogue.services import add_item
from inventory.deliveries.rules import MOST_LINES, DeliveredLine
from inventory.deliveries.services import record_opening_stock
from inventory.pars.services import ParAsked, set_pars
from inventory.spreadsheets.rules import Problem, Row, Sort, headings_by_key
from inventory.spreadsheets.rules.reading import MOST_PROBLEMS
from organisation.places.queries import body_by_code
from organisation.places.rules import PlaceKind
from organisation.places.services import open_place


@dataclass
class Bringing:
    """A spreadsheet on its way in: who brings it, and what is wrong so far."""

    by: Actor
    at: datetime
    submission_id: str
    problems: list[Problem] = field(default_factory=list)
    acts: int = 0

    @property
    def given_up(self) -> bool:
        """Whether so much is wrong that there is no use in looking on."""
        return len(self.problems) >= MOST_PROBLEMS

    def told(self) -> dict[str, Any]:
        """Give the arguments of the next act: each has a submission of its own, made from the spreadsheet's."""
        self.acts += 1
        own = uuid.uuid5(uuid.UUID(self.submission_id), str(self.acts))
        return {"by": self.by, "at": self.at, "submission_id": str(own)}

    def tried(self, sort: Sort, row: Row, act: Callable[[], object]) -> None:
        """Do the act of a row; where it is refused, note which cell is wrong."""
        try:
            with step():
                act()
        except Refusal as refusal:
            self.wrong(sort, row, refusal.field or "", refusal.message)

    def wrong(self, sort: Sort, row: Row, key: str, words: str) -> None:
        """Note that a cell is wrong; of the row as a whole where no column has this key."""
        heading = headings_by_key(sort).get(key)
        self.problems.append(Problem(row.number, heading.title if heading else "", words))


def items(rows: Sequence[Row], bringing: Bringing) -> None:
    """Add items to the catalogue."""
    for row in rows:
        if bringing.given_up:
            return
        said: dict[str, Any] = dict(row.values)
        said["kind"], said["expires"] = ItemKind(said["kind"]), bool(said["expires"])
        bringing.tried(Sort.ITEMS, row, partial(add_item, **said, **bringing.told()))


def places(rows: Sequence[Row], bringing: Bringing) -> None:
    """Open places, in the order of their rows: a store before the places it supplies."""
    for row in rows:
        if bringing.given_up:
            return
        said: dict[str, Any] = dict(row.values)
        try:
            body_by_code(said["body"])
        except NotFound:
            bringing.wrong(Sort.PLACES, row, "body", f"There is no body with the code {said['body']}")
            continue
        bringing.tried(Sort.PLACES, row, partial(_open, said, bringing))


def _open(said: dict[str, Any], bringing: Bringing) -> None:
    open_place(
        said["code"], said["name"], PlaceKind(said["kind"]), body_code=said["body"], opened_on=said["opened_on"],
        supplied_by=said["supplied_by"], **bringing.told(),
    )  # fmt: skip


def opening_stock(rows: Sequence[Row], bringing: Bringing) -> None:
    """Count in what places held: one document for the rows of a place and a day, as many as one may have."""
    for (place, day), some in groupby(rows, key=lambda row: (row.values["place"], row.values["counted_on"])):
        lines = list(some)
        for start in range(0, len(lines), MOST_LINES):
            _count_in(str(place), day, lines[start : start + MOST_LINES], bringing)


def _count_in(place: str, day: Any, rows: list[Row], bringing: Bringing) -> None:
    """Count rows in; leave out, one after the other, those that are refused."""
    while rows and not bringing.given_up:
        try:
            with step():
                record_opening_stock(
                    place_code=place, counted_on=day, lines=[_line(row) for row in rows],
                    scope=bringing.by.scope, **bringing.told(),
                )  # fmt: skip
        except Refusal as refusal:
            at, key = _line_of(refusal.field or "")
            bringing.wrong(Sort.OPENING_STOCK, rows[at or 0], key, _without_line(refusal.message))
            if at is None:
                return
            rows = [*rows[:at], *rows[at + 1 :]]
        else:
            return


def _line_of(field: str) -> tuple[int | None, str]:
    """Read the field of a refusal: "lines-3-unit_count" is the fourth line; any other concerns them all."""
    parts = field.split("-", 2)
    return (int(parts[1]), parts[2]) if len(parts) == 3 else (None, field)


def _without_line(message: str) -> str:
    """Say of an unknown item what a spreadsheet's reader can act on: its rows have other numbers than the lines."""
    return "There is no item with this code" if message.startswith("Choose the item of line") else message


def _line(row: Row) -> DeliveredLine:
    said: dict[str, Any] = row.values
    return DeliveredLine(
        said["item"], said["unit_count"], said["expires_on"], said["edition_number"], said["serial_numbers"]
    )


def par_levels(rows: Sequence[Row], bringing: Bringing) -> None:
    """Set par levels, place by place."""
    items = catalogue.items_by_code(str(row.values["thing"]) for row in rows)
    recipes = {recipe.code for recipe in catalogue.recipes()}
    by_place: dict[str, dict[str, Row]] = {}
    for row in rows:
        place, thing = str(row.values["place"]), str(row.values["thing"])
        twice = by_place.setdefault(place, {}).get(thing)
        if twice is not None:
            bringing.wrong(Sort.PAR_LEVELS, row, "thing", f"{thing} of {place} stands in row {twice.number:,} as well")
        elif (thing in items) == (thing in recipes):
            bringing.wrong(Sort.PAR_LEVELS, row, "thing", _unclear(thing, both=thing in recipes))
        else:
            by_place[place][thing] = row
    for place, levels in by_place.items():
        asked = [_level(row, of_item=thing in items) for thing, row in levels.items()]
        first = next(iter(levels.values()), None)
        if first is not None and not bringing.given_up:
            _set(place, asked, first, bringing)


def _level(row: Row, *, of_item: bool) -> ParAsked:
    said: dict[str, Any] = row.values
    if of_item:
        return ParAsked(said["level_count"], item_code=said["thing"])
    return ParAsked(said["level_count"], recipe_code=said["thing"])


def _set(place: str, asked: Sequence[ParAsked], first: Row, bringing: Bringing) -> None:
    act = partial(set_pars, place, asked, scope=bringing.by.scope, **bringing.told())
    bringing.tried(Sort.PAR_LEVELS, first, act)


def _unclear(thing: str, *, both: bool) -> str:
    if both:
        return f"{thing} is the code of an item and of a kit recipe. Set its level on the page of par levels"
    return f"There is no item or kit recipe with the code {thing}"
