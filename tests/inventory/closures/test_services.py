"""Closing a place: only once nothing stands there, nothing is on its way, and nobody works there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.access import Scope
from core.db import db, transaction
from core.errors import AlreadyDone, RuleBroken
from inventory.bags import queries as bag_queries
from inventory.closures import queries, services
from inventory.counts.rules import CountExtent
from inventory.counts.services.starting import open_count
from inventory.cupboard.models import CupboardSheet
from inventory.deliveries.rules import DeliveredLine
from inventory.phones.queries import units_standing
from inventory.stock import queries as stock_queries
from inventory.stock.models import Balance, Lot, Move
from inventory.stock.queries import outside
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post
from organisation.accounts import queries as accounts_read
from organisation.accounts import services as accounts
from organisation.places import queries as places
from organisation.places import services as place_services
from organisation.places.rules import PlaceKind
from tests.factories import AT, PASSWORD, World, submission
from tests.inventory.shelves import IMEIS, SHELVES, TODAY, carry, fill_catalogue, pack, receive
from tests.site import Site

EVERYWHERE = Scope.everywhere()
DAY = timedelta(days=1)


def close(world: World, code: str) -> None:
    with transaction():
        services.close_place(code, scope=EVERYWHERE, by=world.actor("admin"), at=AT, submission_id=submission())


def closed_on(code: str) -> date | None:
    db.session.rollback()
    return places.place_by_code(code, scope=EVERYWHERE).closed_on


def release(world: World, code: str) -> None:
    """Take away every role held at a place."""
    for name in ("sergeant", "other sergeant", "partner", "storekeeper", "approver"):
        account = accounts_read.account_by_id(world.actor(name).account_id)
        for held in accounts_read.roles_of(account.id):
            if held.place and held.place.code == code and held.ended_at is None:
                with transaction():
                    accounts.end_role(
                        account.reference, held.id, None, by=world.actor("admin"), at=AT, submission_id=submission()
                    )


def test_an_empty_place_where_nobody_works_closes_today(world: World) -> None:
    release(world, "SALISBURY")
    close(world, "SALISBURY")
    assert closed_on("SALISBURY") == TODAY
    with pytest.raises(RuleBroken, match="Salisbury was closed on 4 May 2026"):
        close(world, "SALISBURY")
    assert [each.code for each in accounts_read.open_places()] == ["STORE", "HARBOUR", "TROWBRIDGE"]


def test_a_place_where_people_work_stays_open(world: World) -> None:
    with pytest.raises(RuleBroken, match=r"Salisbury cannot close yet: 2 roles held there\. Settle these first"):
        close(world, "SALISBURY")
    assert closed_on("SALISBURY") is None


def test_a_place_whose_cupboard_sheet_is_still_out_stays_open(world: World) -> None:
    """Nobody could key it in, or write it off, at a place where nobody works."""
    place_id, sergeant = world.places["SALISBURY"], world.actor("sergeant")
    with transaction():
        db.session.add(
            CupboardSheet(reference="CS-00001", place_id=place_id, printed_by_id=sergeant.account_id, printed_at=AT)
        )
    release(world, "SALISBURY")
    with pytest.raises(RuleBroken, match="Salisbury cannot close yet: 1 cupboard sheet neither keyed in nor"):
        close(world, "SALISBURY")
    assert closed_on("SALISBURY") is None


def test_a_place_that_is_being_counted_stays_open(world: World) -> None:
    """Nobody could finish or abandon the count of a place where nobody works."""
    release(world, "SALISBURY")
    with transaction():
        open_count(
            places.place_by_code("SALISBURY", scope=EVERYWHERE), [], bags=True, extent=CountExtent.PART,
            covers="Go Bags", by=world.actor("sergeant"), at=AT,
        )  # fmt: skip
    with pytest.raises(RuleBroken, match="Salisbury cannot close yet: 1 stock count going on"):
        close(world, "SALISBURY")
    assert closed_on("SALISBURY") is None


def test_a_store_that_supplies_open_places_stays_open(world: World) -> None:
    release(world, "STORE")
    with pytest.raises(RuleBroken, match="Devizes store cannot close yet: 3 open places that it supplies"):
        close(world, "STORE")
    assert closed_on("STORE") is None


@pytest.mark.parametrize(("arrive", "why"), [(True, "1 Go Bag standing there"), (False, "1 Go Bag on its way there")])
def test_a_place_with_a_go_bag_there_or_on_its_way_stays_open(world: World, arrive: bool, why: str) -> None:
    """10 towels, 16 soaps, 4 phones and 8 booklets come to the store; one bag of 5 leaves it for Salisbury."""
    with transaction():
        fill_catalogue(world)
    receive(world, *SHELVES)
    carry(world, pack(world)[0], "SALISBURY", arrive=arrive)
    release(world, "SALISBURY")
    with pytest.raises(RuleBroken, match=f"Salisbury cannot close yet: {why}\\. Settle these first"):
        close(world, "SALISBURY")
    assert closed_on("SALISBURY") is None
    store = queries.place_to_close("STORE", scope=EVERYWHERE)
    assert queries.kept_open_by(store, on=TODAY)[0] == "33 units on its shelves"


def stand(code: str, world: World) -> dict[int, int]:
    db.session.rollback()
    lots = select(Balance.lot_id, Balance.unit_count).where(
        Balance.place_id == world.places[code], Balance.unit_count > 0
    )
    return {row.lot_id: row.unit_count for row in db.session.execute(lots)}


def only_lot() -> int:
    return db.session.scalars(select(Lot.id)).one()


def test_nothing_new_can_be_left_at_a_closed_place_whenever_it_came(world: World) -> None:
    """Salisbury closes on 4 May: 10 towels said to have come the day before would stand there for ever."""
    with transaction():
        fill_catalogue(world)
    release(world, "SALISBURY")
    close(world, "SALISBURY")
    towels = DeliveredLine("TOWEL", 10)
    for day in (TODAY, TODAY - timedelta(days=1)):
        with pytest.raises(RuleBroken, match=r"Salisbury closed on 4 May 2026\. Choose another place"):
            receive(world, towels, place_code="SALISBURY", received_on=day, scope=EVERYWHERE)
    receive(world, towels)
    lot, salisbury = only_lot(), world.places["SALISBURY"]
    sent = Movement(lot, world.places["STORE"], salisbury, 3)
    with pytest.raises(RuleBroken, match="Salisbury closed on 4 May 2026, so nothing can be left there"), transaction():
        post(PostingKind.RECEIPT, [sent], by=world.actor("storekeeper"), at=AT, happened_at=AT - DAY, document="X")
    assert (stand("STORE", world), stand("SALISBURY", world)) == ({lot: 10}, {})


def test_a_go_bag_cannot_come_to_a_closed_place(world: World) -> None:
    with transaction():
        fill_catalogue(world)
    receive(world, *SHELVES)
    bag = pack(world)[0]
    release(world, "SALISBURY")
    close(world, "SALISBURY")
    with pytest.raises(RuleBroken, match="Salisbury closed on 4 May 2026, so nothing can be left there"):
        carry(world, bag, "SALISBURY")
    db.session.rollback()
    assert queries.kept_open_by(queries.place_to_close("SALISBURY", scope=EVERYWHERE), on=TODAY) == []


def test_what_was_done_while_a_place_was_open_is_recorded_late_when_nothing_is_left_of_it(world: World) -> None:
    """
    | happened | from      | to        | towels | recorded        |
    |----------|-----------|-----------|-------:|-----------------|
    | 3 May    | store     | Salisbury |      3 | after 4 May, in |
    | 3 May    | Salisbury | issued    |      3 | one act         |
    | 5 May    | both      | again     |      3 | refused         |
    """
    with transaction():
        fill_catalogue(world)
    receive(world, DeliveredLine("TOWEL", 10))
    release(world, "SALISBURY")
    close(world, "SALISBURY")
    lot, salisbury = only_lot(), world.places["SALISBURY"]
    through = [
        Movement(lot, world.places["STORE"], salisbury, 3),
        Movement(lot, salisbury, outside(PlaceKind.ISSUED), 3),
    ]
    slip: dict[str, Any] = {"by": world.actor("storekeeper"), "at": AT + 2 * DAY, "document": "SLIP"}
    with transaction():
        post(PostingKind.ISSUE, through, happened_at=AT - DAY, **slip)
    assert (stand("STORE", world), stand("SALISBURY", world)) == ({lot: 7}, {})
    with pytest.raises(RuleBroken, match=r"Salisbury closed on 4 May 2026\. Choose a place"), transaction():
        post(PostingKind.ISSUE, through, happened_at=AT + DAY, **slip)
    assert stand("STORE", world) == {lot: 7}


def test_a_closed_store_supplies_no_new_place(world: World) -> None:
    with transaction():
        place_services.open_place(
            "SPARE", "Spare store", PlaceKind.STORE, body_code="FORCE", opened_on=TODAY, by=None, at=AT
        )
    close(world, "SPARE")
    with pytest.raises(RuleBroken, match="Choose the store that supplies this place"), transaction():
        place_services.open_place(
            "NEW", "New", PlaceKind.CUSTODY, body_code="FORCE", opened_on=TODAY, by=None, at=AT, supplied_by="SPARE"
        )


def test_an_administrator_closes_a_place_on_its_page(app: Flask, world: World) -> None:
    site = Site(app, PASSWORD).sign_in("admin@test.example")
    page = site.get("/places/SALISBURY/close")
    assert "Settle these first, from the top: 2 roles held there." in page.text
    assert not page.html.select("main form")
    release(world, "SALISBURY")
    answer = site.submit(site.get("/places/SALISBURY/close"), containing="submission_id", status=200)
    assert "Salisbury has been closed" in answer.text
    assert closed_on("SALISBURY") is not None
    assert site.get("/places/NOWHERE/close", status=404).heading == "Page not found"


def holdings(world: World, code: str) -> tuple[int, list[str]]:
    """Give the loose units at a place and the tags of the Go Bags there."""
    bags = bag_queries.bag_views([world.places[code]], scope=EVERYWHERE, on=TODAY)
    return sum(stand(code, world).values()), sorted(each.tag for each in bags)


def test_a_place_sends_all_it_holds_back_and_what_does_not_arrive_is_written_off(world: World) -> None:
    """
    | step              | store        | on its way   | Salisbury    | written off  |
    |-------------------|--------------|--------------|--------------|--------------|
    | before            | 26, GB-00003 |              | 7, two bags  |              |
    | sent back         | 26, GB-00003 | 7, two bags  |              |              |
    | one bag and one towel lost | 32, two bags |     |              | 6, GB-00001  |
    """
    with transaction():
        fill_catalogue(world)
    receive(world, *SHELVES)
    first, second, _ = pack(world, 3)
    carry(world, first, "SALISBURY")
    carry(world, second, "SALISBURY")
    sergeant, keeper, salisbury = world.actor("sergeant"), world.actor("storekeeper"), world.places["SALISBURY"]
    units = [unit.id for unit in units_standing(world.places["STORE"], [4])[4]]
    with transaction():
        loose = [
            Movement(1, world.places["STORE"], salisbury, 6),
            Movement(4, world.places["STORE"], salisbury, 1, tuple(units)),
        ]
        post(PostingKind.RECEIPT, loose, by=keeper, at=AT, happened_at=AT, document="D-1")
    assert holdings(world, "SALISBURY") == (7, ["GB-00001", "GB-00002"])
    before = holdings(world, "STORE")[0]
    told: dict[str, Any] = {"at": AT, "submission_id": submission()}
    for _ in range(2):
        with transaction():
            reference = services.send_back("SALISBURY", scope=sergeant.scope, by=sergeant, **told)
    assert reference == "SB-00001"
    assert holdings(world, "SALISBURY") == (0, [])
    with pytest.raises(RuleBroken, match="Nothing stands at Salisbury"), transaction():
        services.send_back("SALISBURY", scope=sergeant.scope, by=sergeant, at=AT, submission_id=submission())
    (waiting,) = queries.sent_back(scope=keeper.scope)
    assert (waiting.posting.document, waiting.place.code, waiting.store.code) == ("SB-00001", "SALISBURY", "STORE")
    assert queries.sent_back(scope=world.actor("other sergeant").scope) == []
    with pytest.raises(RuleBroken, match=r"Towel \(lot L-00001\): 6 were sent"), transaction():
        services.count_in(
            reference, {"L-00001": 7}, [], scope=keeper.scope, by=keeper, at=AT, submission_id=submission()
        )
    counted: dict[str, Any] = {
        "arrived": {"L-00001": 5},
        "numbers": IMEIS[3:4],
        "tags": ["GB-00002"],
        "scope": keeper.scope,
        "by": keeper,
    }
    missing = "Say what happened to what did not arrive: Go Bag GB-00001, 1 Towel"
    with pytest.raises(RuleBroken, match=missing), transaction():
        services.count_in(reference, **counted, at=AT, submission_id=submission())
    assert holdings(world, "STORE")[0] == before
    with transaction():
        counted_in = services.count_in(
            reference, **counted, reason="The van was broken into", at=AT, submission_id=submission()
        )
        assert str(counted_in.note) == "The van was broken into"
    with pytest.raises(AlreadyDone), transaction():
        services.count_in(reference, **counted, at=AT, submission_id=submission())
    assert holdings(world, "STORE") == (before + 6, ["GB-00002", "GB-00003"])
    assert stock_queries.unexplained_balances() == []
    gone = outside(PlaceKind.WRITTEN_OFF)
    lost = db.session.scalar(select(func.sum(Move.unit_count)).where(Move.to_place_id == gone))
    assert lost == 1 + 5  # a towel, and what was in the bag: a towel, two soaps, a phone, a booklet
    release(world, "SALISBURY")
    close(world, "SALISBURY")
    assert closed_on("SALISBURY") == TODAY


def test_of_what_is_counted_by_number_the_very_handsets_that_arrived_are_counted_in(world: World) -> None:
    """
    | handset | sent back | counted in | then        |
    |---------|-----------|------------|-------------|
    | 1st     | SB-00001  | yes        | store       |
    | 2nd     | SB-00001  | no         | written off |
    | 3rd     | SB-00001  | yes        | store       |
    """
    with transaction():
        fill_catalogue(world)
    receive(world, DeliveredLine("PHONE", 3, serial_numbers=IMEIS[:3]), place_code="SALISBURY", scope=EVERYWHERE)
    sergeant, keeper, lot = world.actor("sergeant"), world.actor("storekeeper"), only_lot()
    with transaction():
        sent = services.send_back("SALISBURY", scope=sergeant.scope, by=sergeant, at=AT, submission_id=submission())
    told: dict[str, Any] = {"scope": keeper.scope, "by": keeper, "at": AT}
    strange = r"number ends in 3817 was not sent"
    with pytest.raises(RuleBroken, match=strange), transaction():
        services.count_in(sent, {}, [], numbers=[*IMEIS[:3], IMEIS[3]], submission_id=submission(), **told)
    came = (IMEIS[0], IMEIS[2])
    with pytest.raises(RuleBroken, match="did not arrive: 1 Basic phone"), transaction():
        services.count_in(sent, {}, [], numbers=came, submission_id=submission(), **told)
    assert stand("STORE", world) == {}
    with transaction():
        services.count_in(sent, {}, [], numbers=came, reason="Not in the box", submission_id=submission(), **told)
    there = units_standing(world.places["STORE"], [lot])[lot]
    assert [unit.number for unit in there] == [IMEIS[0], IMEIS[2]]
    assert [unit.number for unit in units_standing(outside(PlaceKind.WRITTEN_OFF), [lot])[lot]] == [IMEIS[1]]


def test_a_place_is_closed_to_its_end_from_the_pages(app: Flask, world: World) -> None:
    with transaction():
        fill_catalogue(world)
    receive(world, *SHELVES)
    carry(world, pack(world)[0], "SALISBURY")
    admin = Site(app, PASSWORD).sign_in("admin@test.example")
    kept = admin.get("/places/SALISBURY/close")
    assert "1 Go Bag standing there. Sergeant can Send everything back to the store" in kept.text
    sergeant = Site(app, PASSWORD).sign_in("sergeant@test.example")
    assert "/places/SALISBURY/send-back" in sergeant.get("/handovers/").links
    sent = sergeant.submit(sergeant.get("/places/SALISBURY/send-back"), containing="submission_id")
    assert "SB-00001: everything is on its way to the store" in sent.text
    keeper = Site(app, PASSWORD).sign_in("storekeeper@test.example")
    assert "SB-00001 from Salisbury" in keeper.get("/requests/inbox").text
    assert "Count in SB-00001 from Salisbury all that stood there, sent today" in keeper.get("/store/").text
    done = keeper.submit(keeper.get("/places/sent-back/SB-00001"), containing="submission_id")
    assert "has been counted in at Devizes store" in done.text
    assert "GB-00001" in keeper.get("/bags/").text
    release(world, "SALISBURY")
    assert "It closes today" in admin.get("/places/SALISBURY/close").text
