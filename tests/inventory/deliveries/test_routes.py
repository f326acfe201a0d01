"""The pages of deliveries, read by the strict browser."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.db import db
from inventory.deliveries.models import Delivery
from inventory.deliveries.rules import DeliveredLine
from inventory.stock.queries import lots_held
from tests.conftest import kept
from tests.factories import PASSWORD, World
from tests.inventory.shelves import IMEIS, have_a_catalogue, receive
from tests.site import Page, Site

STOREKEEPER, AUDITOR = "storekeeper@test.example", "auditor@test.example"


force = kept(have_a_catalogue)
"""The small force with its catalogue."""


@pytest.fixture
def site(app: Flask, force: World) -> Site:
    """The strict browser, signed in as the storekeeper of an empty store with a catalogue."""
    return Site(app, PASSWORD).sign_in(STOREKEEPER)


def deliveries() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Delivery)) or 0


def what_came(site: Site, **changed: str) -> Page:
    """Fill in the first step: three soaps, two phones and a booklet."""
    filled = {
        "supplier": "BULK",
        "delivery_note": "DN-77",
        "lines-0-item": "SOAP",
        "lines-0-unit_count": "3",
        "lines-1-item": "PHONE",
        "lines-1-unit_count": "2",
        "lines-2-item": "BK-RO",
        "lines-2-unit_count": "5",
    } | changed
    return site.submit(site.get("/deliveries/receive"), containing="supplier", **filled)


DETAILS = {"lines-0-expires_on": ["31", "5", "2099"], "lines-1-serial_numbers": "\n".join(IMEIS[:2])}


def test_a_delivery_is_received_in_two_steps_that_ask_only_what_an_item_has(site: Site, world: World) -> None:
    assert "/invoices/to-receive" in site.get("/deliveries/receive").links
    details = what_came(site)
    assert details.heading == "Check what came"
    asked = {str(each["name"]) for each in details.html.select("[name^=lines-]")}
    assert asked == {
        "lines-0-item", "lines-0-unit_count", "lines-0-expires_on",
        "lines-1-item", "lines-1-unit_count", "lines-1-serial_numbers",
        "lines-2-item", "lines-2-unit_count", "lines-2-edition_number",
    }  # fmt: skip
    done = site.submit(details, containing="supplier", status=200, **DETAILS)
    assert done.heading == "Delivery DEL-00001"
    assert [row[:3] for row in done.table("What came")[1:]] == [
        ["Soap", "3", "L-00001"],
        ["Basic phone", "2", "L-00002"],
        ["Know your rights (Romanian)", "5", "L-00003"],
    ]
    held = lots_held(world.places["STORE"])
    assert {lot.code: (lot.unit_count, lot.edition_number) for lot in held} == {
        "L-00001": (3, None),
        "L-00002": (2, None),
        "L-00003": (5, 2),
    }


def test_a_line_is_added_without_losing_what_was_typed(site: Site) -> None:
    page = what_came(site, more="1", **{"lines-0-unit_count": "3x"})
    assert page.status == 200
    assert page.errors == []
    assert page.html.find(id="lines-3-item") is not None
    assert page.element("lines-0-unit_count")["value"] == "3x"


def test_going_back_to_the_items_keeps_the_details(site: Site) -> None:
    details = what_came(site)
    back = site.submit(details, containing="supplier", back="1", **DETAILS)
    assert back.heading == "Receive a delivery"
    again = site.submit(back, containing="supplier")
    done = site.submit(again, containing="supplier", status=200)
    assert done.heading == "Delivery DEL-00001"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"supplier": ""}, "Choose who it came from"),
        ({"delivery_note": ""}, "Enter the number on the delivery note"),
        ({"lines-0-unit_count": ""}, "Quantity must be 1 or more"),
        ({"lines-0-unit_count": "0"}, "Quantity must be 1 or more"),
        ({"lines-0-unit_count": "5.0"}, "Enter a whole number, like 12"),
        ({"lines-0-unit_count": "٣"}, "Enter a whole number, like 12"),
        ({"lines-0-unit_count": "9" * 20}, "Quantity must be 100,000 or fewer"),
        ({"lines-0-item": ""}, "Choose the item"),
    ],
)
def test_what_came_is_asked_again_where_it_is_wrong(site: Site, changed: dict[str, str], message: str) -> None:
    page = what_came(site, **changed)
    assert (page.status, page.errors) == (422, [message])
    assert deliveries() == 0


@pytest.mark.parametrize(
    ("changed", "message", "link"),
    [
        ({"lines-0-expires_on": ["", "", ""]}, "Enter the expiry date of Soap", "#lines-0-expires_on-day"),
        ({"lines-0-expires_on": ["29", "2", "2027"]}, "Enter a real date, like 5 8 2022", "#lines-0-expires_on-day"),
        (
            {"lines-1-serial_numbers": IMEIS[0]},
            "Enter 2 IMEI numbers for Basic phone, one for each. You entered 1",
            "#lines-1-serial_numbers",
        ),
        (
            {"lines-2-edition_number": "7"},
            "Know your rights (Romanian) has no edition 7. Editions in the catalogue: 1, 2",
            "#lines-2-edition_number",
        ),
    ],
)
def test_a_wrong_detail_is_shown_on_its_field_and_nothing_is_received(
    site: Site, changed: dict[str, object], message: str, link: str
) -> None:
    answer = site.submit(what_came(site), containing="supplier", status=422, **{**DETAILS, **changed})
    assert answer.errors == [message]
    target = answer.html.select_one(".govuk-error-summary__list a")
    assert target is not None
    assert target["href"] == link
    assert answer.html.find(id=link[1:]) is not None
    assert deliveries() == 0


def test_empty_lines_between_do_not_move_a_refusal_to_another_line(site: Site) -> None:
    page = what_came(site, **{"lines-0-item": "", "lines-0-unit_count": ""})
    answer = site.submit(page, containing="supplier", status=422)
    target = answer.html.select_one(".govuk-error-summary__list a")
    assert target is not None
    assert target["href"] == "#lines-0-serial_numbers"
    assert answer.element("lines-0-serial_numbers").name == "textarea"


def test_deliveries_are_listed_and_filtered(site: Site, world: World) -> None:
    assert "Nothing has been delivered here yet" in site.get("/deliveries/").text
    receive(world, DeliveredLine("TOWEL", 1_200), delivery_note="A%1")
    receive(world, DeliveredLine("TOWEL", 5), delivery_note="B2", supplier_code="CHURCH")
    rows = site.get("/deliveries/").table("2 deliveries")
    assert [(row[0], row[2], row[-1]) for row in rows[1:]] == [
        ("DEL-00002", "St Mark's (donor)", "5"),
        ("DEL-00001", "Bulk Hygiene Ltd", "1,200"),
    ]
    for asked, found in (
        ("q=%25", ["DEL-00001"]),
        ("q=b2", ["DEL-00002"]),
        ("supplier=BULK", ["DEL-00001"]),
        ("since=2026-05-05", []),
        ("until=2026-05-04", ["DEL-00002", "DEL-00001"]),
    ):
        page = site.get(f"/deliveries/?{asked}")
        assert [row[0] for row in page.table(f"{len(found)} deliver")[1:]] == found if found else True
        assert found or "No delivery matches" in page.text


def test_who_may_read_and_who_may_receive(site: Site, world: World) -> None:
    receive(world, DeliveredLine("PHONE", 1, serial_numbers=IMEIS[:1]))
    site.sign_in(AUDITOR)
    assert IMEIS[0] in site.get("/deliveries/DEL-00001").text
    site.get("/deliveries/receive", status=403)
    site.sign_in("approver@test.example")
    text = site.get("/deliveries/DEL-00001").text
    assert IMEIS[0] not in text
    assert f"•••• {IMEIS[0][-4:]}" in text
    site.sign_in("sergeant@test.example")
    site.get("/deliveries/DEL-00001", status=404)


def test_pages_take_few_statements(site: Site, world: World) -> None:
    for number in range(6):
        receive(world, *[DeliveredLine("TOWEL", 1)] * 4, delivery_note=f"N{number}")
    for path in ("/deliveries/", "/deliveries/DEL-00001", "/deliveries/receive"):
        page = site.get(path)
        own = [
            sql
            for sql in page.statements
            if not any(name in sql for name in ("session_record", "account", "role_held"))
        ]
        assert len(own) <= 12, "\n".join(own)


def test_what_was_on_the_shelves_before_is_counted_in(site: Site, world: World) -> None:
    first = site.submit(
        site.get("/deliveries/opening-stock"),
        containing="counted_on",
        **{"lines-0-item": "SOAP", "lines-0-unit_count": "4", "lines-1-item": "BK-RO", "lines-1-unit_count": "2"},
    )
    assert first.heading == "Check what is there"
    done = site.submit(first, containing="counted_on", status=200, **{"lines-0-expires_on": ["31", "5", "2099"]})
    assert "Counted in as L-00001, L-00002" in done.text
    db.session.rollback()
    assert [(lot.item_name, lot.unit_count) for lot in lots_held(world.places["STORE"])] == [
        ("Know your rights (Romanian)", 2),
        ("Soap", 4),
    ]


def test_opening_stock_without_a_use_by_date_is_refused_and_nothing_is_there(site: Site, world: World) -> None:
    first = site.submit(
        site.get("/deliveries/opening-stock"),
        containing="counted_on",
        **{"lines-0-item": "SOAP", "lines-0-unit_count": "4"},
    )
    refused = site.submit(first, containing="counted_on", status=422)
    assert any("Soap" in error for error in refused.errors), refused.errors
    db.session.rollback()
    assert lots_held(world.places["STORE"]) == []


def test_a_delivery_of_one_item_needs_no_more_lines(site: Site) -> None:
    first = what_came(
        site, **{"lines-1-item": "", "lines-1-unit_count": "", "lines-2-item": "", "lines-2-unit_count": ""}
    )
    done = site.submit(first, containing="supplier", status=200, **{"lines-0-expires_on": ["31", "5", "2099"]})
    assert done.heading.startswith("Delivery DEL-00001") or "DEL-00001" in done.text
    assert deliveries() == 1
