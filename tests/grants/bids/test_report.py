"""A bid drafted from acts recorded through the services: its lines to the penny, its cut, its forms and its page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.db import db, transaction
from core.errors import RuleBroken
from core.figures import Figures, FileKind
from core.register import IssuedReport
from core.sheets import Cell
from grants.awards.models import Award
from grants.bids import services
from grants.bids.models import BidAnswer
from grants.bids.pdf import file_of
from grants.bids.report import freeze_bid
from grants.bids.rules import AnsweringLine
from grants.spending.models import SpendingRow
from inventory.pars import services as pars
from inventory.pars.services import ParAsked
from inventory.unmet import services as unmet
from inventory.unmet.rules import UnmetReason
from tests.conftest import kept
from tests.factories import PASSWORD, World
from tests.grants.factories import LINES, TERMS, acting, add_award, add_invoice, split, towels
from tests.inventory.shelves import TODAY, who
from tests.inventory.usage.story import AFTER, tell
from tests.site import Site


def _year(world: World) -> None:
    """Go on from the month (tests/inventory/usage/story.py).

    Two Go Bags were given out, each with a Romanian booklet, and two are left. Salisbury should have 2 Adult M and 4
    towels ready. A Go Bag was asked for in vain, and a booklet in Albanian, and something in Pashto. The newest invoice
    has 3 towels for £10.00.
    """
    tell(world)
    sergeant, keeper = world.actor("sergeant"), world.actor("approver")
    with transaction():
        asked = [ParAsked(2, recipe_code="ADULT-M"), ParAsked(4, item_code="TOWEL")]
        pars.set_pars("SALISBURY", asked, scope=keeper.scope, **who(keeper, AFTER))
    add_invoice(world, towels(3, 10_00))
    wanted: tuple[dict[str, Any], ...] = (
        {"recipe_code": "ADULT-M"},
        {"item_code": "BK-RO", "language": "sq"},
        {"language": "ps"},
    )
    for facts in wanted:
        with transaction():
            unmet.record_unmet(
                "SALISBURY", reason=UnmetReason.NONE_LEFT, wanted_on=TODAY, scope=sergeant.scope,
                **facts, **who(sergeant, AFTER),
            )  # fmt: skip


bid_year = kept(_year)


def cells(table: Figures, name: str) -> tuple[Cell, ...]:
    return next(row for row in table.rows if row[0] == name)


def test_a_bid_adds_up_what_was_given_not_given_and_should_stand_ready_less_what_is_on_hand(bid_year: World) -> None:
    """A towel and 2 soaps a bag: 2 given, 1 not given, par 2 bags; 8 towels and 12 soaps are left on hand."""
    bid = freeze_bid(less=50, at=AFTER)
    assert cells(bid.lines, "Towel")[1:6] == (2, 1, 6, 8, 1)
    assert cells(bid.lines, "Soap")[1:6] == (4, 2, 4, 12, 0)
    assert cells(bid.lines, "Know your rights (Albanian)")[1:3] == (0, 1)
    assert cells(bid.lines, "Towel")[6:] == ("£10.00 for 3", 3_34, 0)
    assert (bid.pence, bid.less_pence) == (3_34, 0)
    assert bid.unpriced == ("Basic phone", "Know your rights (Romanian)")
    assert bid.unprinted == ("Pashto",)
    assert cells(bid.bags, "Adult M") == ("Adult M", 2, 1, 2, 2, 3, 1)
    whole = freeze_bid(less=0, at=AFTER)
    assert cells(whole.lines, "Towel")[8] == 3_34
    assert "less" not in whole.sentence
    assert "With 50% less it buys for" in bid.sentence
    again = [file_of(freeze_bid(less=50, at=AFTER), kind) for kind in FileKind]
    assert again == [file_of(bid, kind) for kind in FileKind]
    assert "Lines,row," in again[1].decode("utf-8-sig")


def test_a_price_is_that_of_the_newest_invoice_by_its_date_however_late_an_older_one_is_recorded(
    bid_year: World,
) -> None:
    add_invoice(bid_year, towels(3, 99_00), number="SI-0900", on=date(2026, 4, 6))
    assert cells(freeze_bid(less=0, at=AFTER).lines, "Towel")[6] == "£10.00 for 3"


def test_an_award_is_recorded_from_the_bid_that_was_sent_and_stands_beside_what_was_asked(
    app: Flask, bid_year: World
) -> None:
    """The bid asks for £3.34 of towels (line A), which were bought under line A of this year's award."""
    add_award(bid_year)
    row = db.session.scalars(select(SpendingRow.reference)).one()
    split(bid_year, row, A=10_00)
    officer = Site(app, PASSWORD).sign_in("grants@test.example")
    assert officer.get("/bid/").table("What to ask for")[1:] == [
        ["A", "Contents and clothing", "1", "3.34", "0.00"],
        ["B", "In no grant line yet", "2", "0.00", "0.00"],
        ["Total", "", "3", "3.34", "0.00"],
    ]
    officer.get("/bid/pdf")
    reference = db.session.scalars(select(IssuedReport.reference)).one()
    form = officer.get(f"/bid/sent/{reference}/record-award")
    asked = form.fields("title")
    assert [asked[f"lines-0-{name}"] for name in ("code", "heading", "budget", "asked")] == [
        "A", "Contents and clothing", "3.34", "A",
    ]  # fmt: skip
    assert [asked[f"lines-1-{name}"] for name in ("code", "heading", "budget", "asked")] == ["B", "", "0.00", "B"]
    told: dict[str, Any] = {
        "title": "Next year", "code": "GB27", "funder": "Home Office", "agreement_reference": "HO/27",
        "project_code": "P27", "amount_pence": "12.00", "offered_on": ["1", "3", "2027"],
        "starts_on": ["1", "4", "2027"], "ends_on": ["31", "3", "2028"], "lines-0-budget": "3.00",
        "lines-0-purpose": "As agreed", "lines-1-heading": "", "lines-1-code": "", "lines-1-budget": "",
        "lines-2-code": "S", "lines-2-heading": "Storage", "lines-2-budget": "8.00", "lines-2-purpose": "As agreed",
    }  # fmt: skip
    shown = officer.submit(form, **told)
    assert shown.table("Asked against granted")[1:] == [
        ["A Contents and clothing", "3.34", "3.00", "−0.34", "GB27/A Contents and clothing"],
        ["B In no grant line yet", "0.00", "0.00", "0.00", "Nothing"],
        ["Not asked for", "0.00", "8.00", "8.00", "GB27/S Storage"],
        ["Total", "3.34", "11.00", "7.66", ""],
    ]
    assert "Asked for £3.34. £12.00 was granted." in shown.text
    officer.submit(form, **told)
    (listed,) = officer.get("/bid/sent/").table("1 bid taken away")[1:]
    assert listed[2:] == ["GB27", "£12.00"]
    printed = " ".join(listed[0].replace(" ,", ",").split()).removeprefix(f"{reference}, ")
    assert printed.startswith("BID-20")
    assert f"Reference {printed}" in shown.text
    again = officer.get(f"/bid/sent/{reference}/record-award")
    officer.submit(again, **{**told, "code": "GB28", "lines-0-asked": "Z"}, status=422)
    with pytest.raises(RuleBroken, match="The bid asks for no line Z"), transaction():
        services.record_award_of_bid(
            reference, replace(TERMS, code="GB28"), [AnsweringLine(LINES[0], "Z")], **acting(bid_year)
        )
    assert db.session.scalar(select(func.count()).select_from(Award)) == 2
    assert db.session.scalar(select(func.count()).select_from(BidAnswer)) == 2


def test_the_page_tries_any_cut_and_leads_to_the_rows(app: Flask, bid_year: World) -> None:
    officer = Site(app, PASSWORD).sign_in("grants@test.example")
    page = officer.get("/bid/?less=25")
    rows = {row[0]: row for row in page.table("What to buy, why, and for how much")}
    assert rows["Towel"][5:] == ["1", "£10.00 for 3", "3.34", "0.00"]
    assert any("item=TOWEL" in link for link in page.links)
    assert any(link.startswith("/spending/") for link in page.links)
    assert any("less=25" in link and "/bid/pdf" in link for link in page.links)
    officer.get("/bid/?less=91", status=422)
