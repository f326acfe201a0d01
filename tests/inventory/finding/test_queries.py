"""Finding stock records, and none outside the person's places."""

from __future__ import annotations

import pytest

from core.access import Scope
from core.db import db, transaction
from inventory.bags.models import Issue, Seal
from inventory.finding.queries import find
from inventory.finding.rules import sought
from tests.factories import World
from tests.inventory.shelves import IMEIS, SHELVES, carry, fill_catalogue, issue, pack, receive


@pytest.fixture
def force(world: World) -> World:
    """GB-00001 issued at Salisbury, GB-00002 on its way there, GB-00003 at the store."""
    with transaction():
        fill_catalogue(world)
    receive(world, *SHELVES)
    first, second, _ = pack(world, 3)
    carry(world, first, "SALISBURY")
    issue(world, "GB-00001")
    carry(world, second, "SALISBURY", arrive=False)
    return world


def titles(typed: str, scope: Scope) -> list[str]:
    return [f"{each.kind}: {each.title}, {each.detail}" for each in find(sought(typed), scope=scope)]


def test_a_tag_a_seal_and_a_slip_each_find_their_bag(force: World) -> None:
    everywhere = Scope.everywhere()
    assert titles("gb3", everywhere) == ["Go Bags: GB-00003, Devizes store"]
    seal = db.session.query(Seal).order_by(Seal.id.desc()).first()
    assert seal is not None
    assert titles(seal.number.lower(), everywhere)[0] == "Go Bags: GB-00003, Devizes store"
    slip = db.session.query(Issue).one().slip
    assert titles(slip.lower().replace("-", ""), everywhere) == [f"Issues: {slip}, GB-00001, Salisbury"]
    assert titles(slip[:9], everywhere) == []


def test_a_phone_is_found_by_its_last_digits_and_shown_masked(force: World) -> None:
    assert titles(IMEIS[1][-4:], Scope.everywhere()) == [
        f"Phones and SIMs: IMEI •••• {IMEIS[1][-4:]}, Basic phone, In transit to Salisbury"
    ]
    (whole,) = find(sought(IMEIS[1]), scope=Scope.everywhere())
    assert whole.exact
    assert titles(IMEIS[1][-3:], Scope.everywhere()) == []


def test_what_is_outside_a_persons_places_is_not_found(force: World) -> None:
    sergeant, partner = force.actor("sergeant").scope, force.actor("partner").scope
    assert titles("GB-0000", sergeant) == ["Go Bags: GB-00002, In transit to Salisbury"]
    assert titles("GB-00001", sergeant) == ["Go Bags: GB-00001, Issued"]
    assert titles("GB-00001", partner) == []
    assert titles("GB-0000", partner) == titles(IMEIS[0], partner) == titles("L-0000", partner) == []
    assert titles("salisbury", sergeant) == ["Places: Salisbury, response base"]
    assert titles("devizes", sergeant) == []
    assert titles("L-00003", sergeant) == []
    assert titles("L-00004", sergeant) == ["Lots: L-00004, Basic phone"]


def test_signs_of_a_pattern_are_taken_literally(force: World) -> None:
    assert (
        titles("%", Scope.everywhere()) == titles("_", Scope.everywhere()) == titles("GB%3", Scope.everywhere()) == []
    )


def test_an_item_is_found_by_part_of_its_name(force: World) -> None:
    assert titles("towe", Scope.everywhere()) == ["Items: Towel, TOWEL"]
