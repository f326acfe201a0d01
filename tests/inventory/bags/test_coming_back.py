"""Go Bags that come back, sealed or opened, and Go Bags that are taken apart: ledgers, refusals and pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core import trail
from core.access import Scope
from core.db import db, transaction
from core.errors import NotFound, RuleBroken, StaleEdit
from inventory.bags import queries, rules, services
from inventory.bags.models import Bag, BagMove, BagOpening, Seal
from inventory.bags.queries import BagState
from inventory.bags.rules import Content, Counted
from inventory.catalogue.rules import ItemKind
from inventory.stock import queries as stock
from inventory.stock.models import Lot, Move, Posting
from organisation.places.rules import PlaceKind
from tests.conftest import kept
from tests.factories import World
from tests.inventory.shelves import LATER, NEXT_YEAR, TODAY, fill_shelves, issue, one_bag, pack, who
from tests.site import Page, Site

BACK = LATER + timedelta(hours=5)
KEEPER = "storekeeper"

SOAP = Content(2, "L-00002", 2, "Soap", ItemKind.CONTENT, 2, expires_on=NEXT_YEAR)
PHONE = Content(4, "L-00004", 4, "Basic phone", ItemKind.PHONE, 2)


def test_hygiene_items_of_an_opened_bag_are_not_used_again_and_those_of_a_sealed_one_are() -> None:
    shelf = [Counted("L-00002", 2, 0)]
    with pytest.raises(RuleBroken, match=r"Soap is a hygiene item of an opened bag\. Write it off"):
        rules.sorted_out([SOAP], shelf, on=TODAY, opened=True)
    assert rules.sorted_out([SOAP], shelf, on=TODAY, opened=False) == [(SOAP, (2, 0, 0))]
    with pytest.raises(RuleBroken, match=r"Soap has expired\. Write it off"):
        rules.sorted_out([replace(SOAP, expires_on=TODAY - timedelta(days=1))], shelf, on=TODAY, opened=False)


@pytest.mark.parametrize(
    ("content", "counted", "message"),
    [
        (SOAP, Counted("L-00002", 2, 1), "Soap: 3 counted, and 2 were inside"),
        (SOAP, Counted("L-00002", 1, 0), "Soap: say where all 2 go. You entered 1"),
        (SOAP, Counted("L-00009", 1, 0), "Soap: say where all 2 go. You entered 0"),
        (PHONE, Counted("L-00004", 1, 1), "Basic phone: enter all 2 in one place"),
    ],
)
def test_what_is_counted_adds_up(content: Content, counted: Counted, message: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.sorted_out([content], [counted], on=TODAY, opened=False)
    assert refused.value.message == message


def _one_bag(world: World) -> None:
    fill_shelves(world)
    pack(world, contents=one_bag(), seal_numbers=["S-1001"])


force = kept(_one_bag)
"""The store's shelves filled, and GB-00001 at the store with seal S-1001."""


def given(world: World) -> str:
    """Issue GB-00001 as a sergeant who stands in at the store would; give the slip."""
    return issue(world, "GB-00001", KEEPER).slip


def hand_back(world: World, counted: list[Counted] | None = None, name: str = KEEPER, **changed: Any) -> Bag:
    actor = world.actor(name)
    facts = {"reason": "Not needed after all", "scope": actor.scope, **who(actor, BACK)}
    with transaction():
        return services.hand_back("GB-00001", counted, **{**facts, **changed})


def retire(world: World, counted: list[Counted], **changed: Any) -> Bag:
    actor = world.actor(KEEPER)
    facts = {"reason": "The bag is torn", "scope": actor.scope, **who(actor, BACK)}
    with transaction():
        return services.retire("GB-00001", counted, **{**facts, **changed})


def loose(world: World) -> dict[str, int]:
    return {lot.code: lot.unit_count for lot in stock.lots_held(world.places["STORE"])}


def view() -> queries.BagView:
    return queries.bag_view("GB-00001", scope=Scope.everywhere(), on=TODAY)


def numbers_of(code: str) -> dict[int, Any]:
    """Which units of a lot, by number, are at which place."""
    lot_id = db.session.scalars(select(Lot.id).where(Lot.code == code)).one()
    return {place: units for place, units in stock.numbering_of([lot_id])[lot_id].standing.items() if units}


def counts() -> tuple[int | None, ...]:
    tables = (BagOpening, BagMove, Seal, Posting, Move, trail.AuditLeaf, trail.Submission)
    return tuple(db.session.scalar(select(func.count()).select_from(table)) for table in tables)


ALL_BACK = [Counted("L-00001", 1, 0), Counted("L-00002", 2, 0), Counted("L-00004", 1, 0), Counted("L-00005", 1, 0)]


def test_a_sealed_bag_comes_back_ready_with_the_very_units_that_left(force: World) -> None:
    """
    | posting       | from   | to       | lot     | units |
    |---------------|--------|----------|---------|------:|
    | open a Go Bag | issued | GB-00001 | L-00001 |     1 |
    | open a Go Bag | issued | store    | (bag)   |       |
    """
    before = {code: numbers_of(code) for code in ("L-00001", "L-00002", "L-00004", "L-00005")}
    slip = given(force)
    hand_back(force)
    bag = view()
    assert (bag.state, bag.verdict.words, bag.seal_number, bag.seal_broken) == (
        BagState.STANDING,
        "Ready",
        "S-1001",
        False,
    )
    assert {code: numbers_of(code) for code in before} == before
    assert queries.history_of(bag.bag_id)[-1].words == "Handed back at Devizes store, sealed"
    assert stock.unexplained_balances() == []
    before_undoing = counts()
    actor = force.actor(KEEPER)
    with pytest.raises(StaleEdit, match="was handed back after this issue"), transaction():
        services.undo_issue(slip, reason="Mistake", scope=actor.scope, **who(actor, BACK))
    with pytest.raises(StaleEdit, match="is not issued now"):
        hand_back(force)
    assert counts() == before_undoing
    assert issue(force, "GB-00001", KEEPER, issued_at=BACK, **who(actor, BACK)).slip != slip


def test_an_opened_bag_is_counted_and_what_was_kept_stays_issued(force: World) -> None:
    """
    | posting       | from     | to          | lot     | units |
    |---------------|----------|-------------|---------|------:|
    | open a Go Bag | GB-00001 | store       | L-00001 |     1 |
    | open a Go Bag | GB-00001 | written off | L-00002 |     1 |
    | open a Go Bag | GB-00001 | issued      | L-00002 |     1 |
    | open a Go Bag | GB-00001 | issued      | L-00004 |     1 |
    """
    given(force)
    shelves = loose(force)
    before = counts()
    with pytest.raises(RuleBroken, match="Soap is a hygiene item"):
        hand_back(force, ALL_BACK)
    assert counts() == before
    hand_back(force, [Counted("L-00001", 1, 0), Counted("L-00002", 0, 1), Counted("L-00005", 1, 0)])
    assert loose(force) == shelves | {"L-00001": shelves["L-00001"] + 1, "L-00005": shelves["L-00005"] + 1}
    written_off, issued = stock.outside(PlaceKind.WRITTEN_OFF), stock.outside(PlaceKind.ISSUED)
    assert numbers_of("L-00002")[written_off] == ((1, 1),)
    assert numbers_of("L-00002")[issued] == ((2, 2),)
    assert numbers_of("L-00004")[issued] == ((1, 1),)
    assert (view().state, view().seal_broken, view().contents) == (BagState.GONE, True, ())
    assert stock.unexplained_balances() == []


def test_a_retired_bag_is_unpacked_whole(force: World) -> None:
    shelves = loose(force)
    before = counts()
    with pytest.raises(RuleBroken, match="Basic phone: say where all 1 go"):
        retire(force, [each for each in ALL_BACK if each.lot_code != "L-00004"])
    with pytest.raises(RuleBroken, match="Enter a reason"):
        retire(force, ALL_BACK, reason=" ")
    assert counts() == before
    retire(force, ALL_BACK)
    taken = {"L-00001": 1, "L-00002": 2, "L-00004": 1, "L-00005": 1}
    assert loose(force) == {code: count + taken.get(code, 0) for code, count in shelves.items()}
    assert (view().state, view().place_id) == (BagState.GONE, None)
    with pytest.raises(RuleBroken, match="stands at none of your places now"):
        retire(force, ALL_BACK)


def test_a_bag_of_another_place_is_neither_taken_back_nor_found(force: World) -> None:
    given(force)
    before = counts()
    with pytest.raises(NotFound):
        hand_back(force, name="sergeant")
    assert counts() == before


# ---- The pages ----------------------------------------------------------------------------------


def _issued(site: Site) -> Page:
    site.sign_in("sergeant@test.example")
    site.submit(site.get("/bags/GB-00001/issue"), route="officer", status=200)
    return site.get("/bags/GB-00001")


def test_a_sergeant_takes_a_sealed_bag_back(site: Site) -> None:
    assert "/bags/GB-00001/hand-back" in _issued(site).links
    form = site.get("/bags/GB-00001/hand-back")
    assert site.submit(form, reason="Not needed", status=422).errors == ["Select how it came back"]
    bag = site.submit(form, how="sealed", reason="Not needed", status=200)
    assert "Handed back at Salisbury, sealed" in bag.text
    assert "/bags/GB-00001/issue" in bag.links


def test_an_opened_bag_is_sorted_as_proposed(site: Site) -> None:
    _issued(site)
    bag = site.submit(site.get("/bags/GB-00001/hand-back"), how="opened", reason="Came back open", status=200)
    assert "Taken apart: this bag is no more" in bag.text
    assert "opened, counted and taken apart" in bag.text


def test_a_storekeeper_unpacks_a_bag_and_a_sergeant_cannot(site: Site) -> None:
    site.sign_in("sergeant@test.example").get("/bags/GB-00001/retire", status=403)
    page = site.sign_in("storekeeper@test.example").get("/bags/GB-00002/retire")
    refused = site.submit(page, **{"shelf_L-00001": "2"}, reason="Torn", status=422)
    assert refused.errors == ["Towel: 2 counted, and 1 were inside"]
    assert "Unpacked at" in site.submit(page, reason="Torn", status=200).text
