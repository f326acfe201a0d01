"""Setting par levels: nothing is overwritten, and two people do not undo each other unseen."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from core.db import db, transaction
from core.errors import RuleBroken, StaleEdit
from inventory.pars import queries, services
from inventory.pars.models import ParLevel
from inventory.pars.services import ParAsked
from tests.factories import World
from tests.inventory.restock import act


def levels(world: World, place: str = "SALISBURY") -> dict[str, int]:
    db.session.expire_all()
    return {each.code: each.level_count for each in queries.named_pars(world.places[place])}


def rows() -> int:
    count = db.session.scalar(select(func.count()).select_from(ParLevel)) or 0
    db.session.rollback()
    return count


def set_par(world: World, **asked: Any) -> None:
    with transaction():
        services.set_par("SALISBURY", **asked, **act(world, "approver"))


def test_the_newest_level_counts_and_the_earlier_ones_stay(stocked: World) -> None:
    set_par(stocked, item_code="SOAP", level_count=9, reason="Busy winter")

    assert levels(stocked) == {"ADULT-M": 4, "BK-RO": 6, "SOAP": 9}
    history, count = queries.par_history(stocked.places["SALISBURY"])
    told = [(each.name, each.level_count, each.account.name, str(each.note or "")) for each in history]
    assert told[0] == ("Soap", 9, "Approver", "Busy winter")
    assert (count, told[-1][:2]) == (4, ("Soap", 6))


def test_a_level_that_does_not_change_writes_nothing(stocked: World) -> None:
    before = rows()

    set_par(stocked, item_code="SOAP", level_count=6)

    assert rows() == before


def test_a_level_of_zero_says_that_none_is_expected(stocked: World) -> None:
    set_par(stocked, recipe_code="ADULT-M", level_count=0)

    assert levels(stocked)["ADULT-M"] == 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"item_code": "NOPE", "level_count": 1}, "Select an item from the list"),
        ({"recipe_code": "NOPE", "level_count": 1}, "Select a kind of Go Bag from the list"),
        ({"level_count": 1}, "Select an item or a kind of Go Bag"),
        ({"item_code": "SOAP", "recipe_code": "ADULT-M", "level_count": 1}, "Select an item or a kind of Go Bag"),
        ({"item_code": "SOAP", "level_count": -1}, "Par level must be between 0 and 100,000"),
        ({"item_code": "SOAP", "level_count": 100_001}, "Par level must be between 0 and 100,000"),
    ],
)
def test_a_level_of_nothing_or_out_of_range_is_refused(stocked: World, asked: dict[str, Any], words: str) -> None:
    before = rows()

    with pytest.raises(RuleBroken, match=words):
        set_par(stocked, **asked)

    assert rows() == before


def test_the_levels_of_a_place_outside_the_scope_cannot_be_set(stocked: World) -> None:
    before = rows()

    with pytest.raises(RuleBroken, match=r"^Select a station you can use$"), transaction():
        services.set_par("SALISBURY", item_code="SOAP", level_count=1, **act(stocked, "storekeeper"))

    assert rows() == before


def test_two_people_do_not_undo_each_other_unseen(stocked: World) -> None:
    set_par(stocked, item_code="SOAP", level_count=9)

    words = "Someone set the par level of Soap to 9 while you were working; it was 6"
    with pytest.raises(StaleEdit, match=words), transaction():
        services.set_pars("SALISBURY", [ParAsked(12, item_code="SOAP", was_count=6)], **act(stocked, "approver"))
    assert levels(stocked)["SOAP"] == 9


def test_of_several_levels_the_first_that_is_wrong_is_told_and_none_is_set(stocked: World) -> None:
    before = rows()
    good, stale, unknown = ParAsked(7, recipe_code="ADULT-M"), ParAsked(12, item_code="SOAP", was_count=5), "NOPE"

    with pytest.raises(StaleEdit, match="it was 5"), transaction():
        services.set_pars("SALISBURY", [good, stale, ParAsked(1, item_code=unknown)], **act(stocked, "approver"))
    with pytest.raises(RuleBroken, match="Select an item from the list"), transaction():
        services.set_pars("SALISBURY", [good, ParAsked(1, item_code=unknown), stale], **act(stocked, "approver"))

    assert rows() == before


def test_the_same_form_sent_twice_sets_a_level_once(stocked: World) -> None:
    same = act(stocked, "approver")
    for _ in range(2):
        with transaction():
            services.set_par("SALISBURY", item_code="SOAP", level_count=9, **same)

    assert rows() == 4


def test_a_level_is_never_edited(stocked: World) -> None:
    change = update(ParLevel).values(level_count=77)

    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(change)
