"""Fund-aware picking: what the grant ends for goes first, what a grant bought for other places stays.

| lot     | thing | units | expires      | paid by                              |
| ------- | ----- | ----- | ------------ | ------------------------------------ |
| L-00001 | Soap  |    10 | 31 May 2027  | a donor                              |
| L-00002 | Soap  |    10 | 31 July 2028 | GB2026/A, which ends 31 March 2027   |
| L-00003 | Towel |     5 | none         | a donor                              |
| L-00004 | Towel |     5 | none         | GB2026/A and GB2026/E                |
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from core.db import db, transaction
from core.errors import RuleBroken
from core.trail import AuditLeaf
from grants.awards import services as awards
from grants.awards.rules import Condition, ConditionKind
from grants.picking import queries, services
from inventory.deliveries.rules import DeliveredLine
from inventory.requests import queries as requests
from inventory.requests.models import Dispatch
from inventory.requests.queries import PickLine
from inventory.requests.rules import UseBy
from inventory.requests.services import PickedLot
from inventory.stock.models import Move
from tests.factories import AT, World
from tests.grants.factories import acting, add_award_and_catalogue, add_invoice, bill, deliver, split, towels
from tests.inventory.restock import EVERYWHERE, act, approve, ask, asked

GIVEN_SOAP, GRANT_SOAP, GIVEN_TOWELS, GRANT_TOWELS = "L-00001", "L-00002", "L-00003", "L-00004"
TODAY = AT.date()
GRANT_ENDS = UseBy(date(2027, 3, 31), "grant GB2026 ends")


@pytest.fixture
def store(world: World) -> World:
    """The store with the lots of the table above."""
    add_award_and_catalogue(world)
    early, late = date(2027, 5, 31), date(2028, 7, 31)
    deliver(world, DeliveredLine("SOAP", 10, expires_on=early), supplier="CHURCH", note="G-1")
    bought = deliver(world, DeliveredLine("SOAP", 10, expires_on=late), note="DN-1")
    deliver(world, DeliveredLine("TOWEL", 5), supplier="CHURCH", note="G-2")
    more = deliver(world, DeliveredLine("TOWEL", 5), note="DN-2")
    soap, towel = add_invoice(world, towels(10, 30_00, item_code="SOAP"), towels(5, 25_00)).rows
    bill(world, soap.reference, bought, 10)
    bill(world, towel.reference, more, 5)
    split(world, soap.reference, A=30_00)
    split(world, towel.reference, A=20_00, E=5_00)
    return world


def only_for(world: World, codes: str, line: str | None = "A") -> None:
    condition = Condition(ConditionKind.PLACES, "2.1", "For the custody centres", line, admitted=codes)
    with transaction():
        awards.record_condition("GB2026", condition, **acting(world))


def promised(world: World, soap: int, towel: int) -> str:
    reference = ask(world, asked("SOAP", soap, sure=True), asked("TOWEL", towel, sure=True)).reference
    approve(world, reference, soap, towel)
    return reference


def picks(reference: str, on: date = TODAY) -> dict[int, PickLine]:
    request = requests.request_by_reference(reference, scope=EVERYWHERE)
    policy = queries.policy_for(request, on=on)
    return requests.proposed_picks(request, requests.course_of(request), on=on, scope=EVERYWHERE, policy=policy)


def rows() -> list[int]:
    found = [db.session.scalar(select(func.count()).select_from(each)) or 0 for each in (Dispatch, Move, AuditLeaf)]
    db.session.rollback()
    return found


def send(world: World, reference: str, *chosen: PickedLot) -> Dispatch:
    facts: dict[str, Any] = act(world, "storekeeper")
    with transaction():
        return services.dispatch(reference, list(chosen), **facts)


def test_what_a_grant_paid_for_goes_before_what_only_expires_later_than_the_grant_ends(store: World) -> None:
    found = picks(promised(store, 12, 6))

    assert list(found[1].proposed.items()) == [(GRANT_SOAP, 10), (GIVEN_SOAP, 2)]
    assert list(found[2].proposed.items()) == [(GRANT_TOWELS, 5), (GIVEN_TOWELS, 1)]
    assert found[1].use_by == {GRANT_SOAP: GRANT_ENDS}
    assert GRANT_ENDS.words == "use by 31 March 2027, when grant GB2026 ends"


def test_a_grant_that_is_over_presses_nobody(store: World) -> None:
    found = picks(promised(store, 12, 1), on=date(2027, 4, 1))

    assert list(found[1].proposed.items()) == [(GIVEN_SOAP, 10), (GRANT_SOAP, 2)]
    assert found[1].use_by == {}


def test_goods_bought_for_other_places_are_left_out_and_refused_with_the_clause(store: World) -> None:
    reference = promised(store, 12, 6)
    only_for(store, "TROWBRIDGE, HARBOUR", line="E")

    found = picks(reference)
    assert found[1].left_out == []
    why = (
        "GB2026/A, GB2026/E paid for it, which is for TROWBRIDGE, HARBOUR only. "
        "Clause 2.1 of HO/MS/2026/017: “For the custody centres”"
    )
    assert (found[2].proposed, found[2].left_out) == ({GIVEN_TOWELS: 5}, [f"5 of lot {GRANT_TOWELS} left out: {why}"])
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        send(store, reference, PickedLot(1, GRANT_SOAP, 1), PickedLot(2, GRANT_TOWELS, 1))
    assert refused.value.message == (
        f"Lot {GRANT_TOWELS} of Towel may not go to Salisbury: {why}. Pick another. Nothing has been recorded"
    )
    assert rows() == before
    send(store, reference, PickedLot(1, GRANT_SOAP, 1), PickedLot(2, GIVEN_TOWELS, 1))
    assert rows()[0] == before[0] + 1


def test_goods_go_to_a_place_their_clause_names(store: World) -> None:
    reference = promised(store, 12, 6)
    only_for(store, "HARBOUR, SALISBURY", line=None)

    assert [line.left_out for line in picks(reference).values()] == [[], []]
    send(store, reference, PickedLot(1, GRANT_SOAP, 10))
