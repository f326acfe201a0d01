"""The pages of a store's surge reserve."""

from __future__ import annotations

from flask import Flask

from tests.factories import PASSWORD, World
from tests.site import Site


def test_a_reserve_is_kept_shown_apart_and_released_by_an_approver(app: Flask, stocked: World) -> None:
    keeper = Site(app, PASSWORD).sign_in("storekeeper@test.example")
    assert "/places/STORE/reserve" in keeper.get("/store/").links
    assert "Nothing is in the reserve" in keeper.get("/places/STORE/reserve").text
    form = keeper.get("/places/STORE/reserve/keep")
    assert keeper.submit(form, thing="item:TOWEL", unit_count="13", status=409).errors == [
        "Only 12 of Towel free at Devizes store. Put 12 or fewer into the reserve. Nothing has been recorded"
    ]
    done = keeper.submit(form, thing="item:TOWEL", unit_count="5", reason="For a raid")
    assert done.table("In the reserve")[1] == ["Towel", "12", "0", "5", "7"]
    assert "5 more in the surge reserve" in keeper.get("/store/").text
    keeper.get("/places/STORE/reserve/release", status=403)

    approver = Site(app, PASSWORD).sign_in("approver@test.example")
    page = approver.get("/places/STORE/reserve/release")
    assert approver.submit(page, thing="item:TOWEL", unit_count="2", status=422).errors == ["Enter a reason"]
    shown = approver.submit(page, thing="item:TOWEL", unit_count="2", reason="Flood at the harbour")
    assert shown.table("In the reserve")[1][3] == "3"
    assert shown.table("2 changes")[1][2:] == ["−2", "3", "Released by Approver Flood at the harbour"]
    approver.get("/places/SALISBURY/reserve", status=404)
    sergeant = Site(app, PASSWORD).sign_in("sergeant@test.example")
    sergeant.get("/places/STORE/reserve", status=404)
