from typing import Any

from flask import Flask

from core.db import db
from inventory.pars import queries
from tests.factories import PASSWORD, World
from tests.site import Site


def typed(values: dict[str, Any]) -> dict[str, Any]:
    """Name fields whose names are no Python words."""
    return values


def test_levels_are_set_on_one_page_with_their_history(app: Flask, stocked: World) -> None:
    db.session.rollback()
    site = Site(app, PASSWORD).sign_in("approver@test.example")
    assert "/par-levels/SALISBURY" in site.get("/par-levels/").links
    page = site.get("/par-levels/SALISBURY")
    assert page.heading == "Par levels of Salisbury"

    saved = site.submit(page, **typed({"level-1": "5", "reason": "Two more teams"}))
    assert saved.table("History")[1][:3] == ["Go Bag, Adult M", "5", "Approver"]
    refused = site.submit(saved, **typed({"level-2": "-1"}), status=422)
    assert refused.errors == ["Par level must be 0 or more"]
    added = site.submit(site.get("/par-levels/SALISBURY/add"), thing="item:TOWEL", level="3")

    assert "The par level has been saved" in added.text
    pars = queries.named_pars(stocked.places["SALISBURY"])
    assert {each.code: each.level_count for each in pars} == {"ADULT-M": 5, "BK-RO": 6, "SOAP": 6, "TOWEL": 3}


def test_a_form_that_does_not_say_what_was_seen_overwrites_nothing(app: Flask, stocked: World) -> None:
    db.session.rollback()
    site = Site(app, PASSWORD).sign_in("approver@test.example")
    for seen in ("", "five", "-1"):
        refused = site.submit(site.get("/par-levels/SALISBURY"), **typed({"level-1": "5", "was-1": seen}), status=409)
        assert "while you were working" in refused.errors[0]
    assert "ADULT-M" not in {
        each.code for each in queries.named_pars(stocked.places["SALISBURY"]) if each.level_count == 5
    }


def test_levels_are_set_only_by_those_who_may_and_only_at_their_places(app: Flask, stocked: World) -> None:
    db.session.rollback()
    sergeant = Site(app, PASSWORD).sign_in("sergeant@test.example")
    assert sergeant.client.get("/par-levels/SALISBURY").status_code == 403
    keeper = Site(app, PASSWORD).sign_in("storekeeper@test.example")
    keeper.get("/par-levels/STORE")
    keeper.get("/par-levels/SALISBURY", status=404)
    keeper.get("/par-levels/NOWHERE", status=404)
