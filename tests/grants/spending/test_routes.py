"""Recording, apportioning and receiving through the site."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.dates import local_day
from core.db import db, now, transaction
from grants.awards.models import AwardClosure
from grants.awards.rules import ClosingAct
from grants.spending import queries
from grants.spending.models import BilledDelivery, PurchaseOrder, SupplierInvoice
from inventory.deliveries.rules import DeliveredLine
from tests.conftest import kept
from tests.factories import AT, PASSWORD, World
from tests.grants.factories import (
    TERMS,
    add_award,
    add_award_and_catalogue,
    add_invoice,
    courier,
    deliver,
    split,
    towels,
)
from tests.site import Page, Site


@pytest.fixture
def site(app: Flask, world: World) -> Site:
    return Site(app, PASSWORD)


grant = kept(add_award_and_catalogue)
"""The small force with its award, a catalogue and suppliers."""


@pytest.fixture
def officer(site: Site, grant: World) -> Site:
    return site.sign_in("grants@test.example")


def count(model: type) -> int:
    db.session.rollback()
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def left(reference: str) -> int:
    db.session.rollback()
    return queries.states_of([queries.row_by_reference(reference)])[0].left_pence


def form(**fields: Any) -> dict[str, Any]:
    return {name.replace("__", "-"): value for name, value in fields.items()}


def typed(page: Page, name: str) -> str:
    """Read what a field holds."""
    return str(page.html.select(f'[name="{name}"]')[0]["value"])


INVOICE: dict[str, Any] = {
    "supplier": "BULK",
    "number": "SI-1001",
    "invoiced_on": ["20", "4", "2026"],
    "rows-0-what": "item:TOWEL",
    "rows-0-unit_count": "10",
    "rows-0-net": "100.00",
    "rows-0-vat": "2000",
    "rows-1-what": "service",
    "rows-1-description": "Delivery charge",
    "rows-1-net": "9.99",
    "rows-1-vat": "2000",
    "gross": "131.99",
}


def record(officer: Site, **changed: Any) -> Page:
    return officer.submit(officer.get("/invoices/record"), **{**INVOICE, **changed})


def test_an_invoice_is_recorded_from_the_page_and_shown(officer: Site) -> None:
    page = record(officer)
    assert page.heading == "Invoice INV-00001"
    rows = page.table("Rows")
    assert rows[1][:5] == ["Row 1 of INV-00001", "Towel", "10 (0 came)", "£100.00", "£20.00 20%"]
    assert rows[2][:5] == ["Row 2 of INV-00001", "Delivery charge", "–", "£9.99", "£2.00 20%"]
    assert rows[-1] == ["Total", "£109.99", "£109.99", ""]


def test_vat_that_is_not_what_its_rate_makes_is_recorded_as_printed_and_pointed_out(officer: Site) -> None:
    page = record(officer, **{"rows-0-vat_pounds": "5.00", "gross": "116.99"})
    assert page.table("Rows")[1][4] == "£5.00 20% by the rate £20.00"
    assert "£5.00 at 20%, recovered. By the rate it would be £20.00" in officer.get("/spending/INV-00001-1").text
    assert "By the rate" not in officer.get("/spending/INV-00001-2").text


def test_a_penny_short_is_refused_with_the_figures_and_the_persons_own_words_stay(officer: Site) -> None:
    page = record(officer, gross="131.98")
    assert page.status == 422
    assert page.errors == ["Lines add up to £131.99, the invoice is £131.98"]
    assert typed(page, "rows-1-description") == "Delivery charge"
    assert count(SupplierInvoice) == 0


UNREADABLE: tuple[tuple[str, Any, str], ...] = (
    ("rows-0-unit_count", "1_000", "Enter a whole number, like 12"),
    ("rows-0-unit_count", "0", "Quantity must be 1 or more"),
    ("rows-0-unit_count", "9" * 20, "Quantity must be 100,000 or fewer"),
    ("rows-0-net", "0.005", "Enter an amount in pounds and pence, like 12.50"),
    ("rows-0-net", "NaN", "Enter an amount in pounds and pence, like 12.50"),
    ("rows-0-net", "", "Enter the net amount in pounds and pence, like 12.50"),
    ("rows-0-what", "", "Choose what the row is"),
    ("rows-1-description", "", "Enter what the service was"),
    ("gross", "1,2,3", "Enter an amount in pounds and pence, like 12.50"),
    ("number", "", "Enter the invoice number"),
    ("invoiced_on", ["29", "2", "2025"], "Enter a real date, like 5 8 2022"),
)


def test_what_cannot_be_read_is_refused_on_its_field(officer: Site) -> None:
    for field, value, message in UNREADABLE:
        page = record(officer, **{field: value})
        assert page.status == 422, field
        assert page.errors == [message]
        target = str(page.html.select(".govuk-error-summary__list a")[0]["href"])[1:]
        assert page.html.find(id=target) is not None
        assert target.startswith(field)
    assert count(SupplierInvoice) == 0


def test_a_row_can_be_added_without_losing_what_was_typed(officer: Site) -> None:
    page = officer.submit(officer.get("/invoices/record"), **INVOICE, more="1")
    assert page.html.select_one('[name="rows-3-net"]') is not None
    assert typed(page, "rows-0-net") == "100.00"
    assert page.errors == []
    assert count(SupplierInvoice) == 0


def test_a_credit_note_is_recorded_for_a_row_of_the_invoice(officer: Site, grant: World) -> None:
    add_invoice(grant, towels(10, 100_00))
    page = officer.get("/invoices/record?credits=INV-00001")
    values: dict[str, Any] = {
        "number": "CN-7",
        "invoiced_on": ["21", "4", "2026"],
        "rows-0-what": "credit:INV-00001-1",
        "rows-0-net": "-60.00",
        "gross": "-72.00",
    }
    shown = officer.submit(page, **values)
    assert shown.heading == "Credit note INV-00002"
    assert "credits INV-00001-1" in shown.text


def test_an_order_fills_its_invoice_in(officer: Site) -> None:
    values: dict[str, Any] = {
        "supplier": "BULK",
        "ordered_on": ["10", "4", "2026"],
        "rows-0-what": "item:TOWEL",
        "rows-0-unit_count": "10",
        "rows-0-net": "100.00",
        "rows-0-line": "GB2026/A",
    }
    order = officer.submit(officer.get("/orders/place"), **values)
    assert order.heading == "Order PO-00001"
    assert count(PurchaseOrder) == 1
    assert "over the line" not in order.text
    more = officer.submit(officer.get("/orders/place"), **{**values, "rows-0-net": "9,500.01"})
    assert "£0.01 over the line. What is ordered and apportioned on line GB2026/A comes to £9,600.01" in more.text
    filled = officer.get("/invoices/record?order=PO-00001")
    assert typed(filled, "rows-0-net") == "100.00"
    assert typed(filled, "rows-0-order_line") == "1"
    sent: dict[str, Any] = {"number": "SI-9", "invoiced_on": ["20", "4", "2026"], "gross": "120.00"}
    officer.submit(filled, **sent)
    assert "None" in officer.get("/orders/PO-00001").table("Lines")[1]
    form = officer.get("/spending/INV-00001-1/apportion")
    assert typed(form, "shares-0-amount") == "100.00"


def test_an_order_of_an_award_that_has_ended_is_recorded_late_until_the_award_is_closed(
    officer: Site, grant: World
) -> None:
    last = date(2025, 3, 31)
    before = replace(TERMS, code="GB2024", offered_on=date(2024, 3, 1), starts_on=date(2024, 4, 1), ends_on=last)
    award = add_award(grant, before)
    values: dict[str, Any] = {
        "supplier": "BULK",
        "ordered_on": ["28", "3", "2025"],
        "rows-0-what": "service",
        "rows-0-description": "Storage",
        "rows-0-net": "40.00",
        "rows-0-line": "GB2024/E",
    }
    assert officer.submit(officer.get("/orders/place"), **values).heading == "Order PO-00001"
    late = officer.submit(officer.get("/orders/place"), **{**values, "ordered_on": ["1", "4", "2025"]})
    assert late.errors == [
        "The funding period of GB2024 is 1 April 2024 to 31 March 2025 (agreement HO/MS/2026/017). Nothing is bought "
        "for it outside"
    ]
    with transaction():
        db.session.add(
            AwardClosure(
                award_id=award.id, act=ClosingAct.CLOSED, outturn_json="{}", digest="0" * 64,
                account_id=grant.actor("finance").account_id, recorded_at=AT,
            )
        )  # fmt: skip
    offered = officer.get("/orders/place").html
    assert offered.select('option[value="GB2026/E"]')
    assert not offered.select('option[value="GB2024/E"]')
    assert count(PurchaseOrder) == 1


def test_a_row_is_split_by_percentage_and_what_remains_is_said(officer: Site, grant: World) -> None:
    add_invoice(grant, towels(10, 100_01))
    page = officer.get("/spending/INV-00001-1/apportion")
    shown = officer.submit(page, **form(by="percentage", shares__0__amount="33.33", shares__3__amount="33.33"))
    assert "£33.35 of INV-00001-1 remains to apportion" in shown.text
    assert left("INV-00001-1") == 33_35
    rows = shown.table("Apportioned to")
    assert [row[2] for row in rows[1:3]] == ["£33.33", "£33.33"]


def test_too_much_is_refused_with_the_figures_beside_what_was_typed(officer: Site, grant: World) -> None:
    add_invoice(grant, towels(10, 100_00))
    page = officer.submit(officer.get("/spending/INV-00001-1/apportion"), **form(shares__0__amount="100.01"))
    assert page.status == 409
    assert page.errors == ["This is £0.01 more than INV-00001-1 costs: £100.00, of which £100.00 is left to apportion"]
    assert typed(page, "shares-0-amount") == "100.01"
    assert left("INV-00001-1") == 100_00


def test_an_apportionment_is_reversed_from_its_row_once(officer: Site, grant: World) -> None:
    add_invoice(grant, towels(10, 100_00))
    split(grant, "INV-00001-1", A=100_00)
    link = next(each for each in officer.get("/spending/INV-00001-1").links if each.endswith("/reverse"))
    page = officer.get(link)
    shown = officer.submit(page)
    assert [row[3] for row in shown.table("Apportioned to")[1:3]] == ["Reversed", "Reversal"]
    again = officer.submit(officer.get(link))
    assert again.status == 409
    (refused,) = again.errors
    assert refused.startswith("Already reversed: £100.00 on line GB2026/A was taken back on ")
    assert left("INV-00001-1") == 100_00
    assert shown.table("Apportioned to")[1][1].endswith(", Grants")


def test_a_row_is_split_by_the_units_it_bills(officer: Site, grant: World) -> None:
    """100.00 for 3 towels: 2 for A = 66.67, 1 left = 33.33. What is not counted cannot be split so."""
    add_invoice(grant, towels(3, 100_00))
    page = officer.get("/spending/INV-00001-1/apportion")
    assert "Units, of the 3 that the row bills" in page.text
    shown = officer.submit(page, **form(by="units", shares__0__amount="2"))
    assert "£33.33 of INV-00001-1 remains to apportion" in shown.text
    page = officer.get("/spending/INV-00001-1/apportion")
    for units, refusal in (
        ("2", "This is £33.34 more than INV-00001-1 costs: £100.00, of which £33.33 is left to apportion"),
        ("4", "Units add up to 4 and INV-00001-1 bills 3, 1 fewer. Lower them"),
        ("0", "Units must be 1 or more"),
        ("1.5", "Enter a whole number, like 12"),
    ):
        assert officer.submit(page, **form(by="units", shares__0__amount=units)).errors == [refusal]
    assert left("INV-00001-1") == 33_33


def test_other_spending_is_recorded_from_the_page(officer: Site) -> None:
    values: dict[str, Any] = {
        "kind": "purchase card",
        "description": "Labels",
        "incurred_on": ["20", "4", "2026"],
        "net": "12.00",
        "vat": "2000",
        "reason": "Card statement April",
    }
    shown = officer.submit(officer.get("/spending/record"), **values)
    assert shown.heading == "Labels, SP-00001"
    assert "£2.40 at 20%, recovered" in shown.text


# ---- The storekeeper ----------------------------------------------------------------------------


def today() -> list[str]:
    day = local_day(now())
    return [str(day.day), str(day.month), str(day.year)]


@pytest.fixture
def storekeeper(site: Site, grant: World) -> Site:
    add_invoice(grant, towels(10, 123_45), courier(67_89))
    split(grant, "INV-00001-1", A=123_45)
    db.session.rollback()
    return site.sign_in("storekeeper@test.example")


def counted(units: str) -> dict[str, Any]:
    return {"delivery_note": "DN-5", "received_on": today(), "lines-0-unit_count": units}


def test_the_storekeeper_receives_against_an_invoice_and_never_sees_a_price(storekeeper: Site) -> None:
    shown = storekeeper.get("/invoices/to-receive")
    page = storekeeper.get("/invoices/INV-00001/receive")
    for each in (shown, page):
        assert "£" not in each.html.get_text()
        assert "123.45" not in str(each.html)
    assert typed(page, "lines-0-unit_count") == "10"
    assert page.html.select_one('[name="lines-1-unit_count"]') is None
    received = storekeeper.submit(page, follow=False, **counted("6"))
    assert received.status == 302
    assert count(BilledDelivery) == 1
    again = storekeeper.get("/invoices/INV-00001/receive")
    assert typed(again, "lines-0-unit_count") == "4"
    assert "6 received before" in again.text


def test_more_than_was_invoiced_is_refused_and_nothing_comes_into_stock(storekeeper: Site) -> None:
    page = storekeeper.get("/invoices/INV-00001/receive")
    refused = storekeeper.submit(page, **counted("11"))
    assert refused.status == 409
    assert refused.errors == [
        "INV-00001-1 bills 10 and 0 of them are received. 10 are left, not 11. Receive 10 here and record any "
        "others as a delivery without an invoice"
    ]
    assert count(BilledDelivery) == 0

    storekeeper.submit(page, **counted("9"))
    again = storekeeper.get("/invoices/INV-00001/receive")
    refused = storekeeper.submit(again, **counted("2") | {"delivery_note": "DN-6"})
    assert "1 is left, not 2. Receive 1 here" in refused.errors[0]
    assert count(BilledDelivery) == 1


def test_goods_with_two_expiry_dates_become_two_lots_of_one_row(site: Site, grant: World) -> None:
    soap = towels(10, 20_00, item_code="SOAP", description="Soap")
    add_invoice(grant, soap)
    site.sign_in("storekeeper@test.example")
    site.submit(site.get("/invoices/INV-00001/receive"), split="9" * 5000, status=404)
    page = site.submit(site.get("/invoices/INV-00001/receive"), split="0")
    assert typed(page, "lines-1-row") == "INV-00001-1"
    later = [["1", "6", str(local_day(now()).year + years)] for years in (1, 2)]
    done = site.submit(
        page,
        follow=False,
        **counted("4"),
        **form(lines__0__expires_on=later[0], lines__1__unit_count="6", lines__1__expires_on=later[1]),
    )
    assert done.status == 302
    assert count(BilledDelivery) == 2
    site.sign_in("auditor@test.example")
    rows = site.get("/spending/INV-00001-1").table("Goods received")
    assert [row[3] for row in rows[1:]] == ["4", "6"]


def test_a_missing_expiry_date_is_asked_for_on_its_line(site: Site, grant: World) -> None:
    add_invoice(grant, towels(10, 20_00, item_code="SOAP", description="Soap"))
    site.sign_in("storekeeper@test.example")
    page = site.submit(site.get("/invoices/INV-00001/receive"), delivery_note="DN-5", received_on=today())
    assert page.status == 422
    assert page.errors == ["Enter the expiry date of Soap"]
    assert count(BilledDelivery) == 0


def test_a_delivery_that_came_before_its_invoice_is_linked_and_the_link_taken_back(officer: Site, grant: World) -> None:
    deliver(grant, DeliveredLine("TOWEL", 10))
    add_invoice(grant, towels(10, 100_00))
    db.session.rollback()
    page = officer.get("/spending/INV-00001-1/link")
    choice = typed(page, "delivery_line")
    shown = officer.submit(page, delivery_line=choice, unit_count="10")
    assert shown.table("Goods received")[1][:2] == ["DEL-00001", "L-00001"]
    assert "£100.00" in officer.get("/follow/lots/L-00001").text
    undo = next(each for each in shown.links if each.endswith("/undo"))
    officer.submit(officer.get(undo))
    assert "No invoice stands behind this lot" in officer.get("/follow/lots/L-00001").text


def test_only_a_storekeeper_receives_and_only_the_grant_officer_records(site: Site, grant: World) -> None:
    add_invoice(grant, towels(10, 100_00))
    db.session.rollback()
    writing = ("/invoices/record", "/orders/place", "/spending/record", "/spending/INV-00001-1/apportion")
    for person in ("reviewer", "finance", "auditor", "storekeeper", "sergeant", "admin"):
        site.sign_in(f"{person}@test.example")
        for path in (*writing, "/spending/INV-00001-1/link", "/awards/record"):
            site.get(path, status=403)
    for person in ("grants", "auditor", "sergeant"):
        site.sign_in(f"{person}@test.example").get("/invoices/INV-00001/receive", status=403)
