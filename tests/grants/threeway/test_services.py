"""Giving the reason for which order, delivery and invoice differ."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.db import db, transaction
from core.errors import RuleBroken, StaleEdit
from core.money import Pence
from grants.awards import services as awards
from grants.spending import services as spending
from grants.spending.rules import NewOrderLine
from grants.threeway import queries, services
from grants.threeway.models import MatchReason
from inventory.deliveries.rules import DeliveredLine
from tests.factories import PASSWORD, World
from tests.grants.factories import TERMS, acting, add_award_and_catalogue, add_invoice, bill, deliver, towels
from tests.site import Site

ROW = "INV-00001-1"
SHORT = "20 are billed and 12 have come"


@pytest.fixture
def short(world: World) -> World:
    """20 towels ordered at 100.00, 12 came, 20 billed at 100.00."""
    add_award_and_catalogue(world)
    with transaction():
        spending.place_order(
            [NewOrderLine("Towels", "GB2026/A", Pence(100_00), 20, "TOWEL")],
            supplier_code="BULK",
            ordered_on=date(2026, 4, 10),
            **acting(world),
        )
    add_invoice(world, towels(20, 100_00, order_line_position=1), order="PO-00001")
    come(world, 12)
    return world


def come(world: World, count: int, note: str = "DN-1") -> None:
    """Receive so many towels and link them to the row."""
    bill(world, ROW, deliver(world, DeliveredLine("TOWEL", count), note=note), count)


def words() -> str | None:
    found = queries.row_that_differs(ROW)
    return found.words if found else None


def test_a_short_delivery_stands_until_its_reason_is_given_and_again_when_it_moves(short: World) -> None:
    assert words() == SHORT
    for seen, reason, refusal in ((SHORT, " ", RuleBroken), ("Something else", "The rest comes", StaleEdit)):
        with pytest.raises(refusal), transaction():
            services.explain(ROW, seen, reason=reason, **acting(short))
    assert db.session.scalar(select(func.count()).select_from(MatchReason)) == 0
    with transaction():
        services.explain(ROW, SHORT, reason="The rest comes in June", **acting(short))
    (listed,) = queries.rows_that_differ(date(2026, 1, 1))
    assert listed.reason is not None
    assert str(listed.reason.note) == "The rest comes in June"
    come(short, 4, note="DN-2")
    (moved,) = queries.rows_that_differ(date(2026, 1, 1))
    assert (moved.words, moved.reason) == ("20 are billed and 16 have come", None)
    come(short, 4, note="DN-3")
    assert words() is None


def test_how_far_a_price_may_be_from_its_orders_is_a_term_of_the_award(short: World) -> None:
    """20 towels billed at 100.00 are 4.00 dearer than an order at 96.00: beyond 1%, within 5%."""
    line = NewOrderLine("Towels", "GB2026/A", Pence(96_00), 20, "TOWEL")
    with transaction():
        spending.place_order([line], supplier_code="BULK", ordered_on=date(2026, 4, 10), **acting(short))
    row = towels(20, 100_00, order_line_position=1)
    add_invoice(short, row, order="PO-00002", number="SI-2")
    bill(short, "INV-00002-1", deliver(short, DeliveredLine("TOWEL", 20), note="DN-9"), 20)
    dear = queries.row_that_differs("INV-00002-1")
    assert dear is not None
    assert dear.words == "£100.00 is billed, £4.00 more than the order’s £96.00"
    with transaction():
        awards.amend_award(
            "GB2026", replace(TERMS, price_tolerance_points=500), shown_by="Rule 7.3", reason="As adopted", seen=0,
            **acting(short),
        )  # fmt: skip
    assert queries.row_that_differs("INV-00002-1") is None


def test_the_reason_is_given_on_the_page(app: Flask, short: World) -> None:
    officer = Site(app, PASSWORD).sign_in("grants@test.example")
    assert SHORT in officer.get("/three-way-match/").text
    shown = officer.submit(officer.get(f"/three-way-match/{ROW}"), containing="seen", reason="The rest comes in June")
    assert "The rest comes in June" in shown.table("Rows that differ")[1][-1]
    Site(app, PASSWORD).sign_in("auditor@test.example").get(f"/three-way-match/{ROW}", status=403)


def test_a_form_that_comes_late_is_told_what_moved(app: Flask, short: World) -> None:
    officer = Site(app, PASSWORD).sign_in("grants@test.example")
    sent, late = officer.get(f"/three-way-match/{ROW}"), officer.get(f"/three-way-match/{ROW}")
    officer.submit(sent, containing="seen", reason="The rest comes in June")
    come(short, 4, note="DN-2")
    moved = officer.submit(late, containing="seen", reason="The rest comes in June", status=409)
    assert moved.errors == [
        f"When you opened the page, it was: {SHORT}. Now it is: 20 are billed and 16 have come. Say why that is in "
        "order"
    ]
    come(short, 4, note="DN-3")
    agrees = officer.submit(moved, containing="seen", reason="The rest comes in June", status=409)
    assert agrees.errors == [
        f"When you opened the page, it was: 20 are billed and 16 have come. Now order, delivery and invoice of {ROW} "
        "agree, so no reason is needed"
    ]
    assert (
        "The reason is recorded beside" in officer.submit(sent, containing="seen", reason="The rest comes in June").text
    )
    assert "so no reason is needed" in officer.get(f"/three-way-match/{ROW}").text
    assert db.session.scalar(select(func.count()).select_from(MatchReason)) == 1
