"""The search box: everybody finds what they may open, and a whole reference leads straight there."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Flask

from core.db import db
from inventory.deliveries.rules import DeliveredLine
from tests.factories import PASSWORD, World
from tests.grants.factories import add_award, add_catalogue, add_invoice, deliver, towels
from tests.site import Site


@pytest.fixture
def grant(world: World) -> World:
    """The small force with its award, sixty towels delivered and their invoice."""
    add_award(world)
    add_catalogue(world)
    deliver(world, DeliveredLine("TOWEL", 60))
    add_invoice(world, towels(60, 120_00))
    db.session.rollback()
    return world


@pytest.fixture
def auditor(app: Flask, grant: World) -> Site:
    return Site(app, PASSWORD).sign_in("auditor@test.example")


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("l1", "/stock/lots/L-00001"),
        ("del 1", "/deliveries/DEL-00001"),
        ("inv-00001", "/invoices/INV-00001"),
        ("inv-00001-1", "/spending/INV-00001-1"),
        ("gb2026/a", "/grants/GB2026/lines/A"),
        ("ho/ms/2026/017", "/awards/GB2026"),
    ],
)
def test_a_whole_reference_leads_straight_to_its_page(auditor: Site, typed: str, path: str) -> None:
    assert urlsplit(auditor.get(f"/find/?q={typed}").response.request.path).path == path


def test_what_fits_is_listed_by_kind_with_links_that_open(auditor: Site) -> None:
    page = auditor.get("/find/?q=towel")
    assert page.heading == "Find"
    kinds = [heading.get_text() for heading in page.html.select("#main-content h2")]
    assert kinds == ["Items", "Spending rows"]
    assert "/catalogue/items/TOWEL" in page.links
    assert len(page.statements) <= 12


def test_nothing_found_says_so_in_the_words_typed(auditor: Site) -> None:
    assert "Nothing that you may see fits “no such thing”." in auditor.get("/find/?q=no+such+thing").text


def test_a_sergeant_finds_no_money(app: Flask, grant: World) -> None:
    sergeant = Site(app, PASSWORD).sign_in("sergeant@test.example")
    assert "Nothing that you may see fits “INV-00001”" in sergeant.get("/find/?q=INV-00001").text


def test_details_of_a_person_are_refused_and_not_repeated(auditor: Site) -> None:
    page = auditor.get("/find/?q=NHS+943+476+5919", status=422)
    assert "Remove details that could identify a person" in page.text
    assert "5919" not in str(page.html)


def test_an_imei_that_looks_like_a_telephone_number_is_looked_for(auditor: Site) -> None:
    assert "Nothing that you may see fits" in auditor.get("/find/?q=004401264100997").text
    auditor.get("/find/?q=00447400264100", status=422)
