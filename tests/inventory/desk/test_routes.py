"""The pages people open first."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from core.access import Role
from core.dates import local_day
from core.db import db, now, transaction
from inventory.catalogue import services as catalogue
from inventory.recalls import services as recalls
from inventory.recalls.rules import RecallKind, Remedy
from inventory.requests.rules import ShortReason
from inventory.requests.services import Counted, PickedLot
from organisation.accounts import services as accounts
from tests.conftest import kept
from tests.factories import AT, OPENED, PASSWORD, World, submission
from tests.inventory.restock import approve, ask, asked, receive, send
from tests.site import Page, Site


def _stir(stocked: World) -> None:
    """
    | request | place      | asked            | now                                              |
    | R-00001 | Salisbury  | 4 booklets       | 3 sent (D-00001), 2 counted in, 1 short, 1 promised |
    | R-00002 | Trowbridge | 2 towels         | waiting for approval                             |
    | R-00003 | Salisbury  | 2 phones         | approved                                         |
    """
    ask(stocked, asked("BK-RO", 4))
    approve(stocked, "R-00001", 4)
    send(stocked, "R-00001", PickedLot(1, "L-00005", 3))
    receive(stocked, "D-00001", [Counted(1, 2, short_reason=ShortReason.MISSING)])
    ask(stocked, asked("TOWEL", 2), person="other sergeant", place="TROWBRIDGE")
    ask(stocked, asked("PHONE", 2))
    approve(stocked, "R-00003", 2)


stirred = kept(_stir, after="stocked")
"""Requests at every step: one short, one waiting, one approved."""


def site(app: Flask, name: str) -> Site:
    return Site(app, PASSWORD).sign_in(f"{name}@test.example")


def words_of(page: Page, label: str) -> str:
    """Give the words of one level, by its label."""
    for row in page.html.select(".app-stock__row"):
        if row.select(".app-stock__words span")[0].get_text() == label:
            return " ".join(row.get_text(" ").replace(" ,", ",").split())
    raise AssertionError(f"no level {label!r}")


def test_a_station_sees_what_is_ready_what_is_short_and_what_is_coming(app: Flask, stirred: World) -> None:
    page = site(app, "sergeant").get("/station/")

    assert page.heading == "Salisbury"
    facts = [" ".join(each.get_text(" ").split()) for each in page.html.select(".app-facts li")]
    assert facts == ["0 Go Bags ready", "0 need something", "0 on its way"]
    assert words_of(page, "Romanian") == "Romanian 2 of 6 4 below par, 1 promised, 1 on its way"
    assert words_of(page, "Adult M") == "Adult M 0 of 4 4 below par"
    assert "2 Know your rights (Romanian) (par 6, held 2, 1 promised, 1 on its way)" in page.text
    actions = [each.get_text(strip=True) for each in page.html.select(".app-actions a")]
    assert actions == ["Issue a Go Bag", "Request restock", "Receive a delivery"]


def test_a_single_delivery_on_its_way_is_one_tap_away(app: Flask, stirred: World) -> None:
    send(stirred, "R-00003", PickedLot(1, "L-00006", 1, ("490154203237518",)))
    db.session.rollback()

    page = site(app, "sergeant").get("/station/")

    assert "1 on its way, no day given" in page.text
    assert page.links.count("/dispatches/D-00002/receive") == 1
    button = page.html.select(".app-actions a")[2]
    assert button["href"] == "/dispatches/D-00002/receive"
    assert "Count in D-00002 from R-00003" in page.text


def test_a_person_with_several_places_can_switch_and_others_cannot(app: Flask, stirred: World) -> None:
    with transaction():
        roles = [(Role.SERGEANT, "SALISBURY"), (Role.SERGEANT, "TROWBRIDGE")]
        accounts.open_account("two@test.example", "Two Places", roles, OPENED, by=None, at=AT, password=PASSWORD)
    db.session.rollback()

    two = site(app, "two")
    assert "/station/TROWBRIDGE" in two.get("/station/").links
    assert two.get("/station/TROWBRIDGE").heading == "Trowbridge"
    one = site(app, "sergeant")
    assert "Trowbridge" not in one.get("/station/").text
    one.get("/station/TROWBRIDGE", status=404)
    one.get("/station/NOWHERE", status=404)
    assert one.get("/store/").heading == "No place to show"
    one.get("/store/STORE", status=404)


def test_the_store_desk_counts_its_work_in_order(app: Flask, stirred: World) -> None:
    page = site(app, "storekeeper").get("/store/")

    assert page.heading == "Devizes store"
    piles = [
        (each.select("a")[0].get_text(), each.select(".app-pile__count")[0].get_text())
        for each in page.html.select(".app-pile")
    ]
    assert piles == [
        ("Approve", "1"),
        ("Pick and send", "1"),
        ("Send the rest", "1"),
        ("Receive", "0"),
        ("Pack", "0"),
        ("Phones", "0"),
        ("Chase", "1"),
        ("Count", "4"),
    ]
    assert "D-00001 to Salisbury 1 short, not settled" in page.text
    assert words_of(page, "Romanian") == "Romanian 4 No par level, 1 more promised to others"
    assert ["Soap", "L-00001", "5", "Expired on 30 April 2026"] in page.table("Lots that expire")


def test_stock_that_is_out_of_date_is_not_held(app: Flask, stirred: World) -> None:
    assert "more out of date" in words_of(site(app, "storekeeper").get("/store/"), "Soap")


def test_what_is_held_of_an_older_edition_or_kept_apart_is_said_beside_its_level(app: Flask, stirred: World) -> None:
    keeper = stirred.actor("storekeeper")
    made: dict[str, Any] = {"submission_id": submission(), "by": keeper, "at": now()}
    with transaction():
        catalogue.publish_edition("BK-RO", number=2, published_on=local_day(now()), **made)
    browser = site(app, "sergeant")
    page = browser.get("/station/")
    assert words_of(page, "Romanian") == "Romanian 2 of 6 4 below par, 2 of an older edition, 1 promised, 1 on its way"
    assert "Swap Know your rights (Romanian): a newer edition is in use" in page.text

    with transaction():
        recalls.recall(
            "L-00005",
            kind=RecallKind.HOLD,
            remedy=Remedy.CHECK,
            reason="Pages loose",
            **made | {"submission_id": submission()},
        )
    assert "0 of 6 6 below par, 2 more on hold or recalled" in words_of(browser.get("/station/"), "Romanian")


def test_whoever_reads_everything_may_look_and_is_offered_nothing(app: Flask, stirred: World) -> None:
    auditor = site(app, "auditor")

    assert not auditor.get("/station/SALISBURY").html.select(".app-actions")
    assert auditor.get("/store/").heading == "Devizes store"
    assert site(app, "admin").client.get("/station/").status_code == 403


@pytest.mark.parametrize(("name", "path"), [("sergeant", "/station/"), ("storekeeper", "/store/")])
def test_a_home_page_takes_a_constant_number_of_statements(app: Flask, stirred: World, name: str, path: str) -> None:
    browser = site(app, name)
    browser.get(path)

    assert len(browser.get(path).statements) <= 18
