"""A store's surge reserve is not promised, picked, packed or sent until an approver releases it; on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from core.access import Scope
from core.db import db, transaction
from core.errors import NotEnoughStock, NotFound, RuleBroken
from inventory.bags import services as bags
from inventory.bags.rules import PackedLine
from inventory.requests.queries import levels
from inventory.reserve import queries, services
from inventory.stock.models import ReserveLevel
from inventory.stock.queries import items_held
from tests.factories import AT, World
from tests.inventory.restock import act, approve, ask, asked


def keep(world: World, key: str, count: int, person: str = "storekeeper") -> int:
    """Put some of a thing into the reserve, in a transaction of its own."""
    with transaction():
        return services.keep_back("STORE", key, count, **act(world, person))


def free_up(world: World, key: str, count: int, reason: str = "A raid at the docks") -> int:
    """Release some of a thing, in a transaction of its own."""
    with transaction():
        return services.release("STORE", key, count, reason=reason, **act(world, "approver"))


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(ReserveLevel)) or 0


def test_what_is_in_the_reserve_is_promised_only_once_an_approver_released_it(stocked: World) -> None:
    """
    | step          | soap on hand, in date | promised | reserve | free |
    | ------------- | --------------------- | -------- | ------- | ---- |
    | kept back     | 30                    | 0        | 27      | 3    |
    | 6 asked for   |                       | refused  |         |      |
    | 3 released    | 30                    | 0        | 24      | 6    |
    | 6 approved    | 30                    | 6        | 24      | 0    |
    """
    assert keep(stocked, "item:SOAP", 20) == 20
    assert keep(stocked, "item:SOAP", 7) == 27
    reference = ask(stocked, asked("SOAP", 6)).reference
    with pytest.raises(NotEnoughStock) as refused:
        approve(stocked, reference, 6)
    assert refused.value.message.startswith(
        "Only 3 of Soap free at Devizes store (30 in date there, 27 in the surge reserve). Approve 3 or fewer."
    )
    assert free_up(stocked, "item:SOAP", 3) == 24
    approve(stocked, reference, 6)
    store = stocked.places["STORE"]
    soap = {each.key: each for each in levels(store, scope=Scope.everywhere(), on=AT.date())}["item:SOAP"]
    assert (soap.on_hand_count, soap.kept_count, soap.reserve_count, soap.usable_count) == (30, 6, 24, 0)
    assert "24 of them in the surge reserve" in soap.reason
    held = next(each for each in items_held(store, scope=Scope.everywhere()).values() if each.reserved_count)
    assert (held.promised_count, held.reserved_count) == (6, 24)
    assert [(thing.name, count) for thing, count in queries.in_reserve(store)] == [("Soap", 24)]


def test_nothing_ordinary_goes_below_the_reserve(stocked: World) -> None:
    keep(stocked, "item:TOWEL", 12)
    keep(stocked, "bag:ADULT-M", 3)
    with (
        pytest.raises(NotEnoughStock, match="Only 11 of Towel would be left and 12 are in the surge reserve"),
        transaction(),
    ):
        bags.pack_run(
            "ADULT-M",
            place_code="STORE",
            seal_numbers=["S-900"],
            contents=[PackedLine("L-00002", 1), PackedLine("L-00004", 1)],
            happened_at=AT,
            **act(stocked, "storekeeper"),
        )
    reference = ask(stocked, asked("ADULT-M", 1)).reference
    with pytest.raises(NotEnoughStock, match="Only 0 of Go Bag, Adult M free at Devizes store"):
        approve(stocked, reference, 1)
    free_up(stocked, "bag:ADULT-M", 1)
    approve(stocked, reference, 1)


def test_a_reserve_is_refused_in_words_and_nothing_changes(stocked: World) -> None:
    keep(stocked, "item:SOAP", 20)
    with pytest.raises(NotEnoughStock, match=r"Only 10 of Soap free at Devizes store\. Put 10 or fewer"):
        keep(stocked, "item:SOAP", 11)
    with pytest.raises(NotEnoughStock, match="Only 20 of Soap in the reserve of Devizes store"):
        free_up(stocked, "item:SOAP", 21)
    for count in (0, -1):
        with pytest.raises(RuleBroken, match="Quantity must be between 1 and 100,000"):
            keep(stocked, "item:SOAP", count)
    with pytest.raises(RuleBroken, match="Enter a reason"):
        free_up(stocked, "item:SOAP", 1, reason=" ")
    with pytest.raises(RuleBroken, match="Select what it is from the list"):
        keep(stocked, "item:NOTHING", 1)
    with pytest.raises(NotFound), transaction():
        services.keep_back("SALISBURY", "item:SOAP", 1, **act(stocked, "approver"))
    with pytest.raises(NotFound), transaction():
        services.keep_back("STORE", "item:SOAP", 1, **act(stocked, "sergeant"))
    assert rows() == 1
    told = act(stocked, "storekeeper")
    for _ in range(2):
        with transaction():
            assert services.keep_back("STORE", "item:SOAP", 1, **told) == 21
    assert rows() == 2
