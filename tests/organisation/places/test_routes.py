"""Listing and opening places, through the site itself."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from core.access import Scope
from core.db import db
from core.errors import NotFound
from core.trail import AuditLeaf
from organisation.places import queries
from organisation.places.rules import PlaceKind
from tests.factories import PASSWORD, World
from tests.site import Site

SENT: dict[str, Any] = {
    "name": "Swindon custody",
    "code": "swindon",
    "kind": "custody",
    "body": "FORCE",
    "store": "STORE",
}


@pytest.fixture
def admin(app: Flask, world: World) -> Site:
    return Site(app, PASSWORD).sign_in("admin@test.example")


def test_an_opened_place_stands_in_the_list_with_the_way_to_it(admin: Site) -> None:
    page = admin.submit(admin.get("/places/open"), status=200, **SENT)
    row = next(each for each in page.table("5 places") if each[0] == "Swindon custody")
    assert row[1:5] == ["SWINDON", "Custody", "Chief Constable", "Devizes store"]
    place = queries.place_by_code("SWINDON", scope=Scope.everywhere())
    transit = queries.places(scope=Scope.everywhere(), kinds=[PlaceKind.IN_TRANSIT])
    assert place.id in {each.destination_id for each in transit}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"code": "SALISBURY"}, "There is already a place with the code SALISBURY"),
        ({"code": ""}, "Enter the code"),
        ({"kind": ""}, "Choose a kind"),
        ({"kind": "suppliers"}, "Not a valid choice."),
        ({"body": ""}, "Choose whose place it is"),
        ({"store": "SALISBURY"}, "Not a valid choice."),
    ],
)
def test_a_place_that_does_not_fit_is_not_opened(admin: Site, changed: dict[str, Any], message: str) -> None:
    answer = admin.submit(admin.get("/places/open"), status=422, **{**SENT, **changed})
    assert answer.errors == [message]
    with pytest.raises(NotFound):
        queries.place_by_code("SWINDON", scope=Scope.everywhere())


def test_a_charity_is_added_before_its_first_place(admin: Site) -> None:
    page = admin.submit(admin.get("/places/bodies/add"), name="Safe Haven", code="haven", kind="partner", status=200)
    assert page.heading == "Open a place"
    sent: dict[str, Any] = {
        "name": "Safe Haven",
        "code": "HAVEN-1",
        "kind": "partner site",
        "body": "HAVEN",
        "store": "STORE",
    }
    assert "Safe Haven has been opened" in admin.submit(page, status=200, **sent).text


def test_the_form_of_a_body_sent_twice_is_one_body(admin: Site) -> None:
    form = admin.get("/places/bodies/add")
    for _ in range(2):
        answer = admin.submit(form, name="Safe Haven", code="haven", kind="partner", status=200)
        assert answer.heading == "Open a place"
    db.session.rollback()
    assert [body.code for body in queries.bodies()].count("HAVEN") == 1
    assert db.session.query(AuditLeaf).filter_by(act="body.found", subject="HAVEN").count() == 1
    other = admin.submit(admin.get("/places/bodies/add"), name="Another", code="haven", kind="partner", status=422)
    assert other.errors == ["There is already a body with the code HAVEN"]


def test_places_are_searched(admin: Site) -> None:
    assert [row[0] for row in admin.get("/places/?q=SALIS").table("1 place")[1:]] == ["Salisbury"]
    assert "No place matches" in admin.get("/places/?q=%25").text


@pytest.mark.parametrize("who", ["storekeeper", "auditor"])
def test_only_an_administrator_keeps_places(app: Flask, world: World, who: str) -> None:
    site = Site(app, PASSWORD).sign_in(f"{who}@test.example")
    for path in ("/places/", "/places/open", "/places/bodies/add", "/places/SALISBURY/close"):
        assert site.client.get(path).status_code == 403
