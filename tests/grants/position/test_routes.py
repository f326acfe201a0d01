"""Positions and followed pounds through the site."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from core.db import db
from core.register import IssuedReport
from inventory.deliveries.rules import DeliveredLine
from tests.factories import PASSWORD, World
from tests.grants.factories import add_award, add_catalogue, add_invoice, bill, courier, deliver, split, towels
from tests.grants.leaving import demand_same_everywhere
from tests.site import Site


@pytest.fixture
def site(app: Flask, world: World) -> Site:
    return Site(app, PASSWORD)


@pytest.fixture
def grant(world: World) -> World:
    """Three towels for 10.00 on line A, received; a courier for 5.00 on line E."""
    add_award(world)
    add_catalogue(world)
    add_invoice(world, towels(3, 10_00), courier(5_00))
    split(world, "INV-00001-1", A=10_00)
    split(world, "INV-00001-2", E=5_00)
    bill(world, "INV-00001-1", deliver(world, DeliveredLine("TOWEL", 3)), 3)
    db.session.rollback()
    return world


READERS = ("grants", "reviewer", "finance", "auditor")
PAGES = (
    "/grants/",
    "/grants/GB2026",
    "/grants/GB2026/lines/A",
    "/grants/GB2026/lines/A?view=places",
    "/grants/GB2026/lines/F",
    "/follow/",
    "/follow/lots/L-00001",
    "/invoices/",
    "/invoices/INV-00001",
    "/spending/",
    "/spending/INV-00001-1",
    "/spending/to-apportion",
    "/orders/",
    "/orders/?line=GB2026/A",
    "/awards/",
    "/awards/GB2026",
)


def test_whoever_reads_money_reads_every_page_of_it(site: Site, grant: World) -> None:
    for reader in READERS:
        site.sign_in(f"{reader}@test.example")
        for path in PAGES:
            site.get(path)


def test_whoever_does_not_sees_none_of_it(site: Site, grant: World) -> None:
    for person in ("sergeant", "storekeeper", "approver", "partner", "admin"):
        site.sign_in(f"{person}@test.example")
        for path in PAGES:
            site.get(path, status=403)


def test_a_page_takes_a_fixed_number_of_statements(site: Site, grant: World) -> None:
    site.sign_in("grants@test.example")
    before = {path: len(site.get(path).statements) for path in PAGES}
    for number in range(2, 6):
        add_invoice(grant, towels(number, 10_00 * number), number=f"SI-{number}")
        split(grant, f"INV-0000{number}-1", A=10_00)
        bill(grant, f"INV-0000{number}-1", deliver(grant, DeliveredLine("TOWEL", number), note=f"N{number}"), number)
    db.session.rollback()
    after = {path: len(site.get(path).statements) for path in PAGES}
    grown = {path: (before[path], after[path]) for path in PAGES if after[path] > before[path] + 1}
    assert not grown


def test_the_position_says_in_words_what_its_bars_show(site: Site, grant: World) -> None:
    page = site.sign_in("grants@test.example").get("/grants/")
    rows = page.table("Position of each grant line")
    assert rows[1][0] == "A Contents and clothing"
    assert [cell.split()[0] for cell in rows[1][1:]] == [
        "£9,600.00", "£0.00", "£10.00", "£10.00", "£0.00", "£0.00", "£9,590.00", "–",
    ]  # fmt: skip
    assert rows[-1] == ["Total", "£22,460.00", "£0.00", "£10.00", "£15.00", "£0.00", "£0.00", "£22,445.00", "–"]
    assert "£10.00 apportioned and not yet in the ledger, £9,590.00 remaining" in page.text


def test_before_the_first_award_the_page_says_what_it_is_for(site: Site, world: World) -> None:
    page = site.sign_in("grants@test.example").get("/grants/")
    assert page.heading == "Grants"
    assert "No award is recorded yet" in page.text
    assert "/awards/record" in page.links


def test_every_figure_that_can_be_asked_why_leads_to_its_rows(site: Site, grant: World) -> None:
    site.sign_in("auditor@test.example")
    for link in site.get("/grants/").links:
        if link.startswith(("/grants", "/orders", "/awards", "/spending", "/invoices", "/follow")):
            site.get(link.partition("#")[0])


def test_what_the_ledger_books_of_a_line_leads_to_the_invoices_it_books(site: Site, grant: World) -> None:
    reader = site.sign_in("auditor@test.example")
    position = reader.get("/grants/")
    (booked,) = [link for link in position.links if link.endswith("/lines/A#follow")]
    page = reader.get(booked.partition("#")[0])
    assert "£10.00 is apportioned and £0.00 is ordered and not yet invoiced: £9,590.00 remains." in page.text
    rows = page.table("Invoices and other spending")
    assert rows[0][-1] == "In the ledger"
    assert [row[-3:] for row in rows[1:]] == [["£10.00", "£10.00", "£0.00"]] * 2
    assert page.html.select("nav#follow")
    assert "/grants/GB2026/lines/A?view=places#follow" in page.links


def test_the_position_leaves_in_every_form_with_the_totals_of_its_page(site: Site, grant: World) -> None:
    reader = site.sign_in("auditor@test.example")
    page = reader.get("/grants/GB2026")
    budget, *others = [
        cell.replace("£", "") for cell in page.table("Position of each grant line")[-1][1:] if cell != "–"
    ]
    paths = [link for link in page.links if "/position." in link]
    total = ["22,460.00", budget, *others]
    assert total == ["22,460.00", "22,460.00", "0.00", "10.00", "15.00", "0.00", "0.00", "22,445.00"]
    demand_same_everywhere(reader, paths, "Position", total)


def test_a_position_that_left_is_made_again_from_its_frozen_figures(site: Site, grant: World) -> None:
    reader = site.sign_in("auditor@test.example")
    taken = reader.client.get("/grants/GB2026/position.pdf").data
    issued = db.session.scalars(select(IssuedReport)).one()
    assert issued.document.startswith("POS-GB2026-2")
    assert reader.client.get(f"/issued-reports/{issued.reference}/pdf").data == taken


def test_a_line_is_followed_to_its_lot_and_its_places(site: Site, grant: World) -> None:
    page = site.sign_in("auditor@test.example").get("/grants/GB2026/lines/A?view=places")
    assert page.table("Where the goods are")[1:] == [
        ["On hand", "Devizes store", "3", "£10.00"],
        ["All places", "£10.00"],
    ]
    words = page.html.select("svg.app-flow desc")[0].get_text()
    assert words == "From: Bulk Hygiene Ltd £10.00. To: On hand · Devizes store £10.00."


def test_what_is_typed_is_followed_at_once(site: Site, grant: World) -> None:
    site.sign_in("auditor@test.example")
    assert site.get("/follow/?q=l-00001").heading == "Lot L-00001: Towel"
    assert site.get("/follow/?q=inv-00001").heading == "Invoice INV-00001"
    assert "Which one?" in site.get("/follow/?q=GB2026").text
    assert "Nothing here is called “%”" in site.get("/follow/?q=%25").text


NOWHERE = (
    "/grants/NONE",
    "/grants/GB2026/lines/Z",
    "/grants/GB2026/lines/A?view=nothing",
    "/grants/GB2026/lines/A?page=99",
    "/follow/bags/GB-99999",
    "/follow/lots/L-99999",
    "/spending/INV-00001-9",
    "/invoices/INV-99999",
    "/orders/PO-99999",
    "/awards/NONE",
)


def test_what_is_not_there_is_not_found(site: Site, grant: World) -> None:
    site.sign_in("auditor@test.example")
    for path in NOWHERE:
        site.get(path, status=404)
