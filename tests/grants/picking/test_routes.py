"""The pages where lots are chosen, for goods that a grant bought for some places only."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from core.db import db, transaction
from inventory.bags.models import Bag
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import NewLine
from tests.factories import AT, PASSWORD, World, submission
from tests.grants.picking.conditions import only_for
from tests.inventory.restock import ask, asked
from tests.site import Site

LEFT_OUT = "5 of lot L-00004 left out: GB2026/A, GB2026/E paid for it, which is for TROWBRIDGE, HARBOUR only. Clause"


def test_go_bags_for_a_place_are_packed_from_what_it_may_have(app: Flask, store: World) -> None:
    only_for(store, "TROWBRIDGE, HARBOUR", line="E")
    with transaction():
        catalogue.write_recipe_version(
            "DRY", name="Dry bag", in_use_from=AT.date(), lines=[NewLine(1, item_code="TOWEL")],
            by=store.actor("storekeeper"), at=AT, submission_id=submission(),
        )  # fmt: skip
    keeper = Site(app, PASSWORD).sign_in("storekeeper@test.example")
    places = keeper.get("/bags/pack").html.select("select[name=for] option")
    assert [each.get_text() for each in places] == ["Any place", "Harbour House", "Salisbury", "Trowbridge"]
    odd = keeper.get("/bags/pack?place=STORE&recipe=DRY&count=1&for=STORE", status=422)
    assert odd.errors == ["Select a place that Devizes store supplies"]

    page = keeper.get("/bags/pack?place=STORE&recipe=DRY&count=1")
    assert LEFT_OUT in page.text
    assert "lot_L-00004" not in page.fields("seals")
    own = keeper.get("/bags/pack?place=STORE&recipe=DRY&count=1&for=TROWBRIDGE")
    assert "At Devizes store, for Trowbridge, to version 1" in own.text
    assert "Lot L-00004: 5 here, use by 31 March 2027, when grant GB2026 ends" in own.text
    packed = keeper.submit(own, containing="seals", seals="S-1", status=200)
    assert packed.heading == "Label of GB-00001"
    assert db.session.scalar(select(func.count()).select_from(Bag)) == 1


def test_an_approver_is_told_what_may_not_go_and_promises_the_rest(app: Flask, store: World) -> None:
    only_for(store, "TROWBRIDGE, HARBOUR", line="E")
    reference = ask(store, asked("TOWEL", 6, sure=True)).reference
    approver = Site(app, PASSWORD).sign_in("approver@test.example")
    page = approver.get(f"/requests/{reference}/approve")
    assert LEFT_OUT in page.text
    assert "5 free at Devizes store" in page.text
    refused = approver.submit(page, **{"approved-1": "6"}, status=409)
    assert refused.errors[0].startswith(
        "Only 5 of Towel free at Devizes store (10 in date there). 5 of lot L-00004 left"
    )
    done = approver.submit(page, **{"approved-1": "5"})
    assert "5 of the 6 asked for were approved" in done.text
