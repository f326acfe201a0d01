"""Fund-aware picking: what the grant ends for goes first, what a grant bought for other places stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update

from core.db import db, transaction
from core.errors import NotEnoughStock, RuleBroken
from core.money import Pence
from core.trail import AuditLeaf
from grants.awards import services as awards
from grants.awards.models import GrantLine
from grants.awards.rules import Condition, ConditionKind
from grants.picking import queries, services
from grants.spending import services as spending
from grants.spending.models import Apportionment
from grants.spending.rules import Share
from inventory.bags import queries as bags
from inventory.bags.rules import PackedLine
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import NewLine
from inventory.requests import queries as requests
from inventory.requests.models import Dispatch
from inventory.requests.queries import PickLine
from inventory.requests.services import PickedLot
from inventory.stock.models import Move
from inventory.stock.rules import UseBy
from organisation.places.models import Place
from tests.factories import AT, World, submission
from tests.grants.factories import TERMS, acting, add_award
from tests.grants.picking.conditions import only_for
from tests.inventory.restock import EVERYWHERE, act, approve, ask, asked

GIVEN_SOAP, GRANT_SOAP, GIVEN_TOWELS, GRANT_TOWELS = "L-00001", "L-00002", "L-00003", "L-00004"
TODAY = AT.date()
GRANT_ENDS = UseBy(date(2027, 3, 31), "grant GB2026 ends")


def approve_towels(world: World, count: int, place: str = "SALISBURY", person: str = "sergeant") -> None:
    """Ask for towels and approve all of them as the page of an approver does."""
    reference = ask(world, asked("TOWEL", count, sure=True), person=person, place=place).reference
    with transaction():
        services.approve(reference, {1: count}, **act(world, "approver"))


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


def test_of_a_lot_two_awards_paid_for_the_one_that_keeps_it_at_home_counts(store: World) -> None:
    """The towels: £20.00 and £5.00 of GB2026, and 1p of a second award, which is for Trowbridge only."""
    add_award(store, replace(TERMS, code="HP2026", agreement_reference="HP/1"))
    with transaction():
        spending.reverse_apportionment(_apportioned("E"), **acting(store))
    shares = [Share("GB2026/E", Pence(4_99)), Share("HP2026/A", Pence(1))]
    with transaction():
        spending.apportion("INV-00001-2", shares, **acting(store))
        only = Condition(ConditionKind.PLACES, "3", "For Trowbridge", "A", admitted="TROWBRIDGE")
        awards.record_condition("HP2026", only, **acting(store))
    found = picks(promised(store, 12, 6))
    assert (found[1].left_out, found[2].proposed) == ([], {GIVEN_TOWELS: 5})
    assert found[2].left_out == [
        f"5 of lot {GRANT_TOWELS} left out: HP2026/A paid for it, which is for TROWBRIDGE only. "
        "Clause 3 of HP/1: “For Trowbridge”"
    ]


def _apportioned(line: str) -> int:
    asked = select(Apportionment.id).join(GrantLine).where(GrantLine.code == line)
    return db.session.scalars(asked).one()


def test_goods_go_to_a_place_their_clause_names(store: World) -> None:
    reference = promised(store, 12, 6)
    only_for(store, "HARBOUR, SALISBURY", line=None)

    assert [line.left_out for line in picks(reference).values()] == [[], []]
    send(store, reference, PickedLot(1, GRANT_SOAP, 10))


def test_goods_bought_for_other_places_are_not_promised_and_the_clause_says_why(store: World) -> None:
    """
    | place      | towels that may go there | promised | free |
    | ---------- | ------------------------ | -------- | ---- |
    | Salisbury  | 5 given                  |          | 5    |
    | Trowbridge | 5 given, 5 of the grant  | 4        | 6    |
    | Salisbury  | 5 given                  | 3        | 2    |
    | Trowbridge | 5 given, 5 of the grant  | 4        | 3    |
    """
    only_for(store, "TROWBRIDGE, HARBOUR", line="E")
    with pytest.raises(NotEnoughStock) as refused:
        approve_towels(store, 6)
    assert refused.value.message == (
        "Only 5 of Towel free at Devizes store (10 in date there). 5 of lot L-00004 left out: GB2026/A, GB2026/E paid "
        "for it, which is for TROWBRIDGE, HARBOUR only. Clause 2.1 of HO/MS/2026/017: “For the custody centres”. "
        "Approve 5 or fewer. Nothing has been recorded"
    )
    approve_towels(store, 4, "TROWBRIDGE", "other sergeant")
    approve_towels(store, 3)
    with pytest.raises(
        NotEnoughStock, match=r"Only 2 of Towel free at Devizes store \(10 in date there and 7 promised"
    ):
        approve_towels(store, 3)
    with pytest.raises(NotEnoughStock, match="Only 3 of Towel free"):
        approve_towels(store, 4, "TROWBRIDGE", "other sergeant")
    approve_towels(store, 3, "TROWBRIDGE", "other sergeant")


def test_go_bags_are_packed_from_what_their_places_may_have_and_what_its_grant_ends_for_first(store: World) -> None:
    keeper: dict[str, Any] = {"by": store.actor("storekeeper"), "at": AT, "submission_id": submission()}
    with transaction():
        catalogue.write_recipe_version(
            "WASH",
            name="Wash bag",
            in_use_from=TODAY,
            lines=[NewLine(1, item_code=x) for x in ("SOAP", "TOWEL")],
            **keeper,
        )

    def proposal(for_code: str = "") -> bags.Proposal:
        policy = queries.packing_policy(db.session.get_one(Place, store.places["STORE"]), for_code, on=TODAY)
        return bags.proposed_contents(
            "WASH", store.places["STORE"], bag_count=6, on=TODAY, policy=policy, scope=EVERYWHERE
        )

    soap, towel = proposal().lines
    assert [(lot.content.lot_code, lot.proposed_count) for lot in soap.lots] == [(GRANT_SOAP, 6), (GIVEN_SOAP, 0)]
    assert [lot.use_by for lot in soap.lots] == [GRANT_ENDS, None]
    assert [(lot.content.lot_code, lot.proposed_count) for lot in towel.lots] == [(GRANT_TOWELS, 5), (GIVEN_TOWELS, 1)]

    only_for(store, "TROWBRIDGE, HARBOUR", line="E")
    assert proposal("TROWBRIDGE").short == ()
    assert [(line.wanted.name, line.short_count) for line in proposal().short] == [("Towel", 1)]
    assert proposal("SALISBURY").lines[1].left_out == proposal().lines[1].left_out
    assert proposal().lines[1].left_out[0].startswith(f"5 of lot {GRANT_TOWELS} left out: GB2026/A, GB2026/E paid for")
    with pytest.raises(RuleBroken, match="Select a place that Devizes store supplies"):
        proposal("STORE")
    before, contents = rows(), [PackedLine(GRANT_SOAP, 1), PackedLine(GRANT_TOWELS, 1)]
    with pytest.raises(RuleBroken, match=rf"Lot {GRANT_TOWELS} of Towel may not go into these Go Bags: .* Clause 2\.1"):
        pack(store, contents, "SALISBURY")
    assert rows() == before
    key = submission()
    packed = pack(store, contents, "HARBOUR", key)
    _close("HARBOUR")
    before = rows()
    assert pack(store, contents, "HARBOUR", key) == packed  # the same form once more, its place closed since
    assert rows() == before
    with pytest.raises(RuleBroken, match="Select a place that Devizes store supplies"):
        pack(store, contents, "HARBOUR", seal="S-2")


def _close(code: str) -> None:
    with transaction():
        db.session.execute(update(Place).where(Place.code == code).values(closed_on=date(2026, 1, 1)))


def pack(
    world: World, contents: list[PackedLine], for_code: str, key: str | None = None, seal: str = "S-1"
) -> list[str]:
    facts: dict[str, Any] = act(world, "storekeeper")
    if key:
        facts["submission_id"] = key
    with transaction():
        made = services.pack_run(
            "WASH",
            place_code="STORE",
            for_code=for_code,
            seal_numbers=[seal],
            contents=contents,
            happened_at=AT,
            **facts,
        )
        return [bag.tag for bag in made]
