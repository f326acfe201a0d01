"""Keeping items, editions and kit recipes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core import trail
from core.db import db, transaction
from core.errors import RuleBroken
from inventory.catalogue import queries, services
from inventory.catalogue.models import Edition, Item, KitRecipe, RecipeVersion
from inventory.catalogue.rules import ItemKind, NewLine
from tests.conftest import kept
from tests.factories import World, submission
from tests.inventory.shelves import RECIPE, TODAY, have_a_catalogue, who

force = kept(have_a_catalogue)
"""The small force with its catalogue."""


def counts() -> tuple[int | None, ...]:
    tables = (Item, Edition, KitRecipe, RecipeVersion, trail.AuditLeaf)
    return tuple(db.session.scalar(select(func.count()).select_from(table)) for table in tables)


def add(force: World, **changed: Any) -> str:
    asked = {"code": "SOCKS", "name": "Socks", "kind": ItemKind.CLOTHING, **who(force.actor("storekeeper"))} | changed
    with transaction():
        return services.add_item(**asked).code


def test_an_item_of_a_serial_kind_is_counted_by_number(force: World) -> None:
    add(force, code="handset-2", name="Second phone", kind=ItemKind.PHONE)
    item = queries.item_by_code("HANDSET-2")
    assert (item.serial, item.expires, item.language) == (True, False, None)


@pytest.mark.parametrize(
    ("changed", "message", "field"),
    [
        ({"code": "towel"}, "TOWEL is already the code of Towel. Choose another", "code"),
        ({"code": " "}, "Enter the item code", "code"),
        ({"name": ""}, "Enter the name of the item", "name"),
        ({"kind": ItemKind.BOOKLET}, "Choose the language it is printed in", "language"),
        ({"kind": ItemKind.BOOKLET, "language": "xx"}, "Select a language from the list", "language"),
        ({"language": "ro"}, "Only booklets and security cards have a language", "language"),
    ],
)
def test_a_wrong_item_is_refused_and_adds_nothing(
    force: World, changed: dict[str, Any], message: str, field: str
) -> None:
    before = counts()
    with pytest.raises(RuleBroken) as refused:
        add(force, **changed)
    assert (refused.value.message, refused.value.field) == (message, field)
    assert counts() == before


def test_the_same_form_sent_twice_adds_one_item(force: World) -> None:
    key = submission()
    add(force, submission_id=key)
    before = counts()
    assert add(force, submission_id=key) == "SOCKS"
    assert counts() == before


def publish(force: World, number: int, day: date, code: str = "BK-RO", **changed: Any) -> Edition:
    asked = {"number": number, "published_on": day, **who(force.actor("storekeeper"))} | changed
    with transaction():
        return services.publish_edition(code, **asked)


def test_an_edition_is_current_from_its_day_on(force: World) -> None:
    item = queries.item_by_code("BK-RO")
    publish(force, 3, TODAY + timedelta(days=7))
    for day, number in (
        (date(2025, 5, 31), None),
        (date(2025, 6, 1), 1),
        (TODAY, 2),
        (TODAY + timedelta(days=6), 2),
        (TODAY + timedelta(days=7), 3),
    ):
        current = queries.current_editions([item.id], on=day).get(item.id)
        assert (current.number if current else None) == number


@pytest.mark.parametrize(
    ("number", "day", "code", "message"),
    [
        (2, TODAY, "BK-RO", "Edition 2 exists. Enter 3 or more"),
        (3, date(2026, 1, 31), "BK-RO", "Edition 2 was published on 1 February 2026. Enter that day or a later one"),
        (1, TODAY, "TOWEL", "Towel is not printed, so it has no editions"),
    ],
)
def test_an_edition_follows_the_one_before(force: World, number: int, day: date, code: str, message: str) -> None:
    before = counts()
    with pytest.raises(RuleBroken) as refused:
        publish(force, number, day, code)
    assert refused.value.message == message
    assert counts() == before


def write(force: World, *lines: NewLine, **changed: Any) -> RecipeVersion:
    asked = {"name": "Adult M", "in_use_from": TODAY, "lines": lines, **who(force.actor("storekeeper"))} | changed
    with transaction():
        return services.write_recipe_version("ADULT-M", **asked)


def test_a_version_is_in_use_from_its_day_until_the_next(force: World) -> None:
    recipe = queries.recipe_by_code("ADULT-M")
    write(force, *RECIPE[:2], in_use_from=TODAY + timedelta(days=1))
    for day, number, line_count in (
        (date(2025, 5, 31), None, 0),
        (TODAY, 1, 4),
        (TODAY + timedelta(days=1), 2, 2),
    ):
        version = queries.version_in_use(recipe.id, on=day)
        assert (version.number if version else None) == number
        assert (len(version.lines) if version else 0) == line_count


@pytest.mark.parametrize(
    ("lines", "changed", "message"),
    [
        ([], {}, "Add at least one item to the recipe"),
        ([NewLine(1, "TOWEL"), NewLine(2, "TOWEL")], {}, "Line 2 repeats an earlier one"),
        ([NewLine(0, "TOWEL")], {}, "Quantity of line 1 must be 1 or more"),
        ([NewLine(1, "HAT")], {}, r"There is no item with the code HAT \(line 1\)"),
        ([NewLine(1)], {}, "Choose one item for line 1"),
        (
            [NewLine(1, "TOWEL")],
            {"in_use_from": date(2025, 5, 31)},
            "Version 1 is in use from 1 June 2025. Enter that day or a later one",
        ),
    ],
)
def test_a_wrong_recipe_is_refused_and_writes_nothing(
    force: World, lines: list[NewLine], changed: dict[str, Any], message: str
) -> None:
    before = counts()
    with pytest.raises(RuleBroken, match=message):
        write(force, *lines, **changed)
    assert counts() == before


def test_a_retired_item_goes_into_no_new_recipe(force: World) -> None:
    with transaction():
        services.retire_item("TOWEL", on=TODAY, **who(force.actor("storekeeper")))
    before = counts()
    with pytest.raises(RuleBroken, match=r"Towel was retired on 4 May 2026 \(line 1\)"):
        write(force, NewLine(1, "TOWEL"))
    assert counts() == before
    assert "TOWEL" not in {item.code for item in queries.items()}
    assert "TOWEL" in {item.code for item in queries.items(retired=True)}


@pytest.mark.parametrize(("search", "found"), [("towel", ["TOWEL"]), ("%", []), ("_", []), ("rights (ro", ["BK-RO"])])
def test_a_search_is_taken_literally(force: World, search: str, found: list[str]) -> None:
    assert [item.code for item in queries.items(search=search)] == found


def test_a_recipe_that_takes_any_booklet_lists_with_each_booklet(force: World) -> None:
    for code in ("BK-RO", "TOWEL"):
        versions = queries.recipes_with(queries.item_by_code(code), on=TODAY)
        assert [version.recipe.code for version in versions] == ["ADULT-M"]
    assert queries.recipes_with(queries.item_by_code("SIM"), on=TODAY) == []
