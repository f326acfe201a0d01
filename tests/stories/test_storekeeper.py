"""A day at the store: goods come in against an invoice, become Go Bags with labels, and leave for Salisbury."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from core.access import Actor
from core.dates import local_day
from core.db import db, now, transaction
from core.money import Pence
from demonstration.people import address
from grants.spending import services as spending
from grants.spending.rules import NewRow
from inventory.requests import services as requests
from organisation.accounts import queries as accounts_read
from organisation.accounts.models import Account
from tests.browser import DESK, PHONE, Person
from tests.demonstration.year import Demonstration
from tests.factories import submission

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BILLED, CAME, BAGS = 24, 20, 2
SEALS = ("S-900001", "S-900002")


def test_a_delivery_becomes_go_bags_that_leave_for_a_station(
    demonstration_year: Demonstration, browser: Browser, site: str
) -> None:
    """Told in one go, because each step takes up what the one before left.

    | what                    | units | where from → to                          |
    |-------------------------|------:|------------------------------------------|
    | invoice of 24 wash kits |    20 | supplier → store, the soonest to expire  |
    | 2 Go Bags packed        |     2 | of the new lot into the bags             |
    | request of 2 Go Bags    |     2 | store → on their way to Salisbury        |
    """
    invoice = an_invoice_of_wash_kits()
    with Person(browser, site, DESK) as keeper:
        keeper.signs_in("storekeeper")
        lot = receives_what_came(keeper, invoice)
        tags = packs(keeper, lot)
        finds_the_labels_to_stick_on(keeper, tags)
        request = salisbury_asks_for_bags()
        sends(keeper, request, tags)
    with Person(browser, site, PHONE) as sergeant:
        sergeant.signs_in("sergeant")
        sergeant.opens(f"/requests/{request}")
        assert "on its way" in sergeant.text
        sergeant.opens(f"/bags/{tags[0]}")
        assert "Salisbury" in sergeant.text


# ---- What others did ----------------------------------------------------------------------------


def acting(name: str) -> dict[str, Any]:
    """Give the arguments that say who of the demonstration acts, and when."""
    account_id = db.session.scalars(select(Account.id).where(Account.email == address(name))).one()
    by: Actor = accounts_read.actor_of(account_id, on=local_day(now()))
    db.session.rollback()
    return {"by": by, "at": now(), "submission_id": submission()}


def an_invoice_of_wash_kits() -> str:
    """Record an invoice, as the grant officer does; give its reference."""
    row = NewRow("Wash kit", Pence(60_00), item_code="WASH", unit_count=BILLED)
    officer = acting("grants")
    with transaction():
        return spending.record_invoice(
            [row],
            supplier_code="AVONMED",
            number="AVO-88001",
            invoiced_on=local_day(now()),
            gross_pence=Pence(72_00),
            **officer,
        ).reference


def salisbury_asks_for_bags() -> str:
    """Ask for Go Bags as Salisbury's sergeant, and approve; give the reference of the request."""
    sergeant, approver = acting("sergeant"), acting("approver")
    with transaction():
        lines = [requests.AskedLine(BAGS, recipe_code="ADULT-M", confirmed_count=BAGS)]
        reference = requests.ask("SALISBURY", lines, scope=sergeant["by"].scope, **sergeant).reference
    with transaction():
        requests.approve(reference, {1: BAGS}, scope=approver["by"].scope, **approver)
    return reference


# ---- What the storekeeper does ------------------------------------------------------------------


def receives_what_came(keeper: Person, invoice: str) -> str:
    """Count in 20 of the 24 that were invoiced, 25 at first; no price is shown. Give the lot."""
    keeper.opens("/invoices/to-receive")
    keeper.follows(invoice)
    assert keeper.heading == f"Receive against {invoice}"
    assert "£" not in keeper.text
    count = keeper.main.get_by_label("Counted")
    assert count.input_value() == str(BILLED)
    count.fill(str(BILLED + 1))
    keeper.main.get_by_label("Delivery note number").fill("DN-88001")
    soon = keeper.main.get_by_role("group", name="Expiry date")
    expires_on = local_day(now()) + timedelta(days=90)
    for part, figure in (("Day", expires_on.day), ("Month", expires_on.month), ("Year", expires_on.year)):
        soon.get_by_label(part, exact=True).fill(str(figure))
    keeper.presses("Receive into stock", refused=409)
    assert f"{BILLED}" in keeper.main.locator(".govuk-error-summary").inner_text()
    keeper.main.get_by_label("Counted").fill(str(CAME))
    keeper.presses("Receive into stock")
    (row,) = keeper.table("What came")[1:]
    assert row[:2] == ["Wash kit", str(CAME)]
    keeper.opens("/invoices/to-receive")
    assert f"{BILLED - CAME} Wash kit" in keeper.text
    return row[2]


def packs(keeper: Person, lot: str) -> list[str]:
    """Pack two Go Bags as proposed, one seal short at first; what expires first goes in first. Give their tags."""
    keeper.opens("/bags/pack")
    keeper.main.get_by_label("Which kit?").select_option(label="Adult, S to M")
    keeper.main.get_by_label("How many Go Bags?").fill(str(BAGS))
    keeper.presses("Continue")
    assert keeper.heading == f"Pack {BAGS} Go Bags: Adult, S to M"
    assert keeper.main.get_by_label(re.compile(f"Lot {lot}")).input_value() == str(BAGS)
    keeper.main.get_by_label("Seal numbers").fill(SEALS[0])
    keeper.presses(f"Pack {BAGS} Go Bags", refused=422)
    assert "You entered 1" in keeper.text
    keeper.main.get_by_label("Seal numbers").fill("\n".join(SEALS))
    keeper.presses(f"Pack {BAGS} Go Bags")
    return sorted(set(re.findall(r"GB-\d+", keeper.main.locator(".app-labels").inner_text())))


def finds_the_labels_to_stick_on(keeper: Person, tags: list[str]) -> None:
    """See a label for each Go Bag with its seal and a QR code that can be seen, on screen and on paper."""
    assert keeper.heading == f"{BAGS} labels"
    labels = keeper.main.locator(".app-label").all()
    assert [label.locator(".app-label__tag").inner_text() for label in labels] == tags
    for label, tag, seal in zip(labels, tags, SEALS, strict=True):
        assert seal in label.inner_text()
        for medium in ("screen", "print"):
            keeper.page.emulate_media(media=medium)
            code = label.get_by_role("img", name=f"page of {tag}").locator("svg").bounding_box()
            assert code is not None
            assert code["width"] >= 90  # 2.4 cm: what a phone reads at arm's length
            assert abs(code["width"] - code["height"]) < 2
        keeper.page.emulate_media(media="screen")
    for tag, seal in zip(tags, SEALS, strict=True):
        keeper.opens(f"/bags/{tag}")
        assert "Ready at Devizes" in keeper.text
        assert f"Seal {seal}" in keeper.text


def sends(keeper: Person, request: str, tags: list[str]) -> None:
    """Pick the Go Bags just packed, in place of those proposed, and send them; the request shows it."""
    keeper.opens("/")
    keeper.follows(re.compile(request))
    if keeper.heading.startswith("Request"):
        keeper.follows("Pick and send")
    assert keeper.heading == f"Pick and send {request} to Salisbury"
    keeper.follows("Picking list to print")
    assert len(keeper.table("What to pick")) == 1 + BAGS
    keeper.page.go_back()
    boxes = keeper.main.get_by_role("checkbox")
    for box in boxes.all():
        box.set_checked(box.get_attribute("value") in tags)
    keeper.presses("Send it")
    assert re.search(r"Dispatch D-\d+ is on its way", keeper.text)
    for tag in tags:
        keeper.opens(f"/bags/{tag}")
        assert "to Salisbury" in keeper.text
