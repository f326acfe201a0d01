"""The register of phones and SIMs."""

from __future__ import annotations

import pytest
from flask import Flask

from core.access import Scope
from inventory.deliveries.rules import DeliveredLine
from inventory.phones import queries
from tests.conftest import kept
from tests.factories import PASSWORD, World
from tests.inventory.shelves import ICCID, IMEIS, SHELVES, carry, have_a_catalogue, issue, pack, receive
from tests.site import Site


def _spread(world: World) -> None:
    have_a_catalogue(world)
    receive(world, *SHELVES, DeliveredLine("SIM", 1, serial_numbers=(ICCID,)))
    first, second, _ = pack(world, 3)
    carry(world, first, "SALISBURY")
    carry(world, second, "SALISBURY", arrive=False)


force = kept(_spread)
"""Three phones in bags (at Salisbury, on its way there, at the store), a loose one and a SIM at the store."""


def rows(force: World, scope: Scope) -> list[tuple[str, str, str | None]]:
    return [(unit.number, unit.place_name, unit.bag_tag) for unit in queries.attractive_items(scope=scope)]


def test_the_register_says_where_each_one_is(force: World) -> None:
    assert rows(force, Scope.everywhere()) == [
        (IMEIS[0], "Salisbury", "GB-00001"),
        (IMEIS[1], "In transit to Salisbury", "GB-00002"),
        (IMEIS[2], "Devizes store", "GB-00003"),
        (IMEIS[3], "Devizes store", None),
        (ICCID, "Devizes store", None),
    ]
    assert [row[0] for row in rows(force, force.actor("sergeant").scope)] == list(IMEIS[:2])
    assert rows(force, force.actor("partner").scope) == []


def test_an_issued_phone_leaves_the_register_and_is_found_among_the_gone(app: Flask, force: World) -> None:
    issue(force, "GB-00001")
    assert IMEIS[0] not in {row[0] for row in rows(force, Scope.everywhere())}
    site = Site(app, PASSWORD).sign_in("auditor@test.example")
    assert [row[2] for row in site.get("/phones/?gone=yes").table("1 phone or SIM")[1:]] == ["Issued"]
    own = site.sign_in("sergeant@test.example").get("/phones/").text
    assert IMEIS[1] in own
    assert IMEIS[0] not in own
    assert IMEIS[0] not in site.get("/phones/?gone=yes", status=422).text


def test_numbers_are_whole_only_at_ones_own_place(app: Flask, force: World) -> None:
    site = Site(app, PASSWORD)
    for email, whole, masked in (
        ("sergeant@test.example", 2, 0),
        ("storekeeper@test.example", 3, 0),
        ("approver@test.example", 0, 5),
        ("auditor@test.example", 5, 0),
    ):
        text = site.sign_in(email).get("/phones/").text
        assert sum(number in text for number in (*IMEIS, ICCID)) == whole, email
        assert text.count("••••") == masked, email


@pytest.mark.parametrize(
    ("asked", "count"),
    [("q=3809", 1), ("q=35-693803-564380-9", 1), ("q=l-00004", 4), ("kind=iccid", 1), ("place=STORE", 3), ("q=%25", 0)],
)
def test_the_register_is_searched_by_last_digits_and_lot(app: Flask, force: World, asked: str, count: int) -> None:
    page = Site(app, PASSWORD).sign_in("auditor@test.example").get(f"/phones/?{asked}")
    if count:
        assert len(page.table(f"{count} phone")) - 1 == count
    else:
        assert "No phone or SIM matches" in page.text
