"""Pages of timelines."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from core.db import db, transaction
from core.errors import NotFound
from core.paging import paged
from inventory.stock.models import Lot
from tests.factories import PASSWORD, World
from tests.inventory.shelves import SHELVES, carry, fill_catalogue, issue, pack, receive
from tests.site import Site


@pytest.fixture
def force(world: World) -> World:
    """A Go Bag issued at Salisbury, another at the store."""
    with transaction():
        fill_catalogue(world)
    receive(world, *SHELVES)
    first, _ = pack(world, 2)
    carry(world, first, "SALISBURY")
    issue(world, "GB-00001")
    return world


def test_a_lot_adds_up_on_its_page_for_those_who_see_everywhere(app: Flask, force: World) -> None:
    page = Site(app, PASSWORD).sign_in("auditor@test.example").get("/stock/lots/L-00001")
    assert page.heading == "Lot L-00001"
    rows = page.table("Where its units are now")[1:]
    assert rows[-1][0] == "All units of the lot"
    assert int(rows[-1][1]) == sum(int(count) for _, count in rows[:-1])
    assert "1 issued from Go Bag GB-00001" in page.text


def test_a_place_says_what_it_held_on_a_day(app: Flask, force: World) -> None:
    site = Site(app, PASSWORD).sign_in("sergeant@test.example")
    assert "As at now: 0 Go Bags and 0 loose units." in site.get("/stock/places/SALISBURY").text
    before = site.get("/stock/places/SALISBURY?as_at=2026-05-03")
    assert "As at the end of 3 may 2026" not in before.text
    assert "It held nothing" in before.text


def test_a_list_too_long_to_count_goes_on_and_ends(force: World) -> None:
    asked = select(Lot.id).order_by(Lot.id)
    lots = list(db.session.scalars(asked))
    assert len(lots) == 6
    first, third = (paged(asked, number=number, size=2, most=3) for number in (1, 3))
    assert (first.rows, first.pages, first.uncounted) == (lots[:2], 2, True)
    assert (third.rows, third.pages, third.uncounted) == (lots[4:], 3, False)
    with pytest.raises(NotFound):
        paged(asked, number=4, size=2, most=3)


def test_a_page_of_lots_that_is_not_there_is_not_found(app: Flask, force: World) -> None:
    site = Site(app, PASSWORD).sign_in("storekeeper@test.example")
    assert len(site.get("/stock/places/STORE?lots=1").table("What it held, lot by lot")) == 7
    assert site.get("/stock/places/STORE?lots=2", status=404).status == 404


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("as_at=2099-01-01", "1 January 2099 has not come yet"),
        ("as_known=yesterday", "Use YYYY-MM-DD, like 2022-08-05"),
    ],
)
def test_a_clock_that_cannot_be_set_is_refused_in_words(app: Flask, force: World, asked: str, words: str) -> None:
    page = Site(app, PASSWORD).sign_in("sergeant@test.example").get(f"/stock/places/SALISBURY?{asked}", status=422)
    assert words in page.text


def test_another_station_is_not_found(app: Flask, force: World) -> None:
    site = Site(app, PASSWORD).sign_in("partner@test.example")
    assert site.get("/stock/places/SALISBURY", status=404).status == 404
    assert site.get("/stock/lots/L-00001", status=404).status == 404
