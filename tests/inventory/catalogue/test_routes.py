"""The pages of the catalogue, read by the strict browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.dates import local_day
from core.db import db, now
from core.trail import AuditLeaf
from inventory.catalogue.models import Item, RecipeVersion
from tests.conftest import kept
from tests.factories import PASSWORD, World
from tests.inventory.shelves import have_a_catalogue
from tests.site import Site

STOREKEEPER, SERGEANT = "storekeeper@test.example", "sergeant@test.example"


force = kept(have_a_catalogue)
"""The small force with its catalogue."""


@pytest.fixture
def site(app: Flask, force: World) -> Site:
    """The strict browser, signed in as the storekeeper, who keeps the catalogue."""
    return Site(app, PASSWORD).sign_in(STOREKEEPER)


def test_items_are_listed_with_their_editions_and_filtered(site: Site) -> None:
    rows = site.get("/catalogue/").table("6 items")
    assert ["Know your rights (Romanian)", "BK-RO", "Booklet, Romanian", "each", "Edition 2"] in rows
    for asked, count in (("q=rights", 2), ("kind=phone", 1), ("language=sq", 1), ("q=%25", 0)):
        page = site.get(f"/catalogue/?{asked}")
        assert len(page.table(f"{count} item")) - 1 == count if count else "No item matches" in page.text


def test_an_item_is_added_and_found(site: Site) -> None:
    page = site.submit(
        site.get("/catalogue/items/add"), containing="name", name="Socks", code="socks", kind="clothing", unit="pair"
    )
    assert page.heading == "Socks"
    assert "by the pair" in page.text


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"code": "TOWEL"}, "TOWEL is already the code of Towel. Choose another"),
        ({"kind": "booklet"}, "Choose the language it is printed in"),
        ({"kind": None}, "Choose what it is"),
        ({"name": "x" * 121}, "Must be 120 characters or fewer"),
    ],
)
def test_a_wrong_item_is_refused_on_its_field(site: Site, changed: dict[str, str], message: str) -> None:
    filled = {"name": "Socks", "code": "SOCKS", "kind": "clothing"} | changed
    answer = site.submit(site.get("/catalogue/items/add"), containing="name", **filled)
    assert (answer.status, answer.errors) == (422, [message])
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Item)) == 6


def test_an_edition_is_published_from_the_item(site: Site) -> None:
    page = site.get("/catalogue/items/BK-RO/publish-edition")
    done = site.submit(page, containing="number")
    assert [row[0] for row in done.table("Editions")[1:]] == ["3", "2", "1"]
    assert done.table("Editions")[1][-1] == "Current"


def test_the_next_version_begins_with_the_lines_of_the_last(site: Site) -> None:
    page = site.get("/catalogue/recipes/ADULT-M/write")
    tomorrow = local_day(now()) + timedelta(days=1)
    changed = {
        "lines-1-unit_count": "3",
        "in_use_from": [str(tomorrow.day), str(tomorrow.month), str(tomorrow.year)],
    }
    done = site.submit(page, containing="name", **changed)
    assert done.table("Version 2")[1:] == [
        ["Towel", "1"],
        ["Soap", "3"],
        ["Basic phone", "1"],
        ["Booklet in any language", "1"],
    ]


def test_more_lines_are_added_without_losing_any(site: Site) -> None:
    page = site.submit(site.get("/catalogue/recipes/write"), containing="name", more="1", name="Child", code="CHILD")
    assert page.html.find(id="lines-7-item") is not None
    assert page.element("name")["value"] == "Child"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({}, "Add at least one item to the recipe"),
        ({"lines-0-item": "TOWEL"}, "Quantity must be 1 or more"),
        ({"lines-0-unit_count": "2"}, "Choose the item"),
        (
            {"lines-0-item": "TOWEL", "lines-0-unit_count": "1", "lines-1-item": "TOWEL", "lines-1-unit_count": "1"},
            "Line 2 repeats an earlier one. Put the whole quantity on one line",
        ),
    ],
)
def test_a_wrong_recipe_is_refused(site: Site, changed: dict[str, str], message: str) -> None:
    page = site.get("/catalogue/recipes/write")
    answer = site.submit(page, containing="name", **{"name": "Child", "code": "CHILD", **changed})
    assert (answer.status, answer.errors) == (422, [message])
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(RecipeVersion)) == 1


def test_a_sergeant_reads_the_catalogue_and_does_not_keep_it(site: Site) -> None:
    site.sign_in(SERGEANT)
    for path in ("/catalogue/", "/catalogue/items/BK-RO", "/catalogue/recipes/", "/catalogue/recipes/ADULT-M"):
        assert not [link for link in site.get(path).links if "write" in link or "add" in link or "publish" in link]
    for path in ("/catalogue/items/add", "/catalogue/items/BK-RO/publish-edition", "/catalogue/recipes/write"):
        site.get(path, status=403)
    for path in ("/catalogue/items/NONE", "/catalogue/recipes/NONE"):
        site.get(path, status=404)


def test_an_item_is_retired_once_after_asking_and_leaves_what_is_offered(site: Site) -> None:
    page = site.get("/catalogue/items/TOWEL")
    assert "/catalogue/items/TOWEL/retire" in page.links
    asked = site.get("/catalogue/items/TOWEL/retire")
    assert "Adult M" in asked.text
    for _ in range(2):
        answer = site.submit(asked, containing="submission_id", status=200)
        assert "Towel has been retired" in answer.html.get_text(" ")
        assert "Retired on" in answer.text
    assert "/catalogue/items/TOWEL/retire" not in answer.links
    assert "Towel" not in site.get("/catalogue/").text
    assert "Towel" in site.get("/catalogue/?retired=yes").text
    again = site.get("/catalogue/items/TOWEL/retire")
    assert "It was retired on" in again.text
    assert not again.html.select("main form")
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(AuditLeaf).where(AuditLeaf.act == "item.retire")) == 1


def test_only_who_keeps_the_catalogue_retires_an_item(site: Site) -> None:
    sergeant = site.sign_in(SERGEANT)
    assert sergeant.client.get("/catalogue/items/TOWEL/retire").status_code == 403
    assert "/catalogue/items/TOWEL/retire" not in sergeant.get("/catalogue/items/TOWEL").links
