"""Past moves brought in from an earlier system."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.db import db, transaction
from core.errors import NotEnoughStock, RuleBroken
from inventory.catalogue.models import Item
from inventory.catalogue.rules import ItemKind
from inventory.history.rules import PastMove
from inventory.history.services import import_moves
from inventory.stock import queries
from inventory.stock.models import Lot, Move
from inventory.stock.rules import LotSource
from organisation.places.models import Place
from organisation.places.rules import PlaceKind
from tests.factories import AT, World, submission
from tests.inventory.restock import approve, ask, asked, fill_store

LATE = AT + timedelta(days=1)


def soap(units: int) -> int:
    """Put a lot of soap on the books."""
    item = Item(code="SOAP", name="Soap", kind=ItemKind.CONTENT)
    db.session.add(item)
    db.session.flush()
    lot = Lot(code="L-1", item_id=item.id, source=LotSource.OPENING, unit_count=units)
    db.session.add(lot)
    db.session.flush()
    return lot.id


def past(world: World, lot: int, came_from: int, to: int, units: int, days_ago: int) -> PastMove:
    return PastMove(AT - timedelta(days=days_ago), f"OLD-{days_ago}", lot, came_from, to, units)


def test_balances_follow_past_moves(world: World) -> None:
    """
    | days ago | from      | to        | soap |
    |---------:|-----------|-----------|-----:|
    |      300 | suppliers | store     |   40 |
    |      200 | store     | Salisbury |   25 |
    |      100 | Salisbury | issued    |    4 |
    """
    store, salisbury = world.places["STORE"], world.places["SALISBURY"]
    with transaction():
        lot = soap(40)
        moves = [
            past(world, lot, queries.outside(PlaceKind.SUPPLIERS), store, 40, 300),
            past(world, lot, store, salisbury, 25, 200),
            past(world, lot, salisbury, queries.outside(PlaceKind.ISSUED), 4, 100),
        ]
        key = submission()
        first = import_moves(moves, by=world.actor("storekeeper"), at=AT, submission_id=key)
    with transaction():
        again = import_moves(moves, by=world.actor("storekeeper"), at=AT, submission_id=key)
    assert again == first == "HIST-00001"
    assert [sum(queries.on_hand(place).values()) for place in (store, salisbury)] == [15, 21]
    assert queries.unexplained_balances() == []


def test_a_past_move_of_what_was_not_there_imports_nothing(world: World) -> None:
    store, salisbury = world.places["STORE"], world.places["SALISBURY"]
    with transaction():
        lot = soap(5)
    moves = [
        past(world, lot, queries.outside(PlaceKind.SUPPLIERS), store, 5, 300),
        past(world, lot, store, salisbury, 6, 200),
    ]
    with pytest.raises(NotEnoughStock, match="more than its place held"), transaction():
        import_moves(moves, by=world.actor("storekeeper"), at=AT, submission_id=submission())
    assert db.session.scalar(select(func.count()).select_from(Move)) == 0


def test_a_past_move_in_the_future_is_refused(world: World) -> None:
    moves = [PastMove(AT + timedelta(days=1), "OLD", 1, 1, 2, 1)]
    with pytest.raises(RuleBroken, match="cannot lie in the future"), transaction():
        import_moves(moves, by=world.actor("storekeeper"), at=AT, submission_id=submission())


def test_ordinary_postings_go_on_after_an_import(world: World) -> None:
    from inventory.stock.rules import Movement, PostingKind
    from inventory.stock.services import post

    store = world.places["STORE"]
    with transaction():
        lot = soap(40)
        came_from = queries.outside(PlaceKind.SUPPLIERS)
        import_moves(
            [past(world, lot, came_from, store, 40, 300)],
            by=world.actor("storekeeper"),
            at=AT,
            submission_id=submission(),
        )
    with transaction():
        post(
            PostingKind.DISPATCH,
            [Movement(lot, store, world.places["SALISBURY"], 3)],
            by=world.actor("storekeeper"),
            at=AT,
            happened_at=AT,
            document="T-1",
        )
    assert sum(queries.on_hand(store).values()) == 37


def test_past_moves_cannot_take_what_is_promised(world: World) -> None:
    """15 towels stand at the store, 10 of them promised to Salisbury: past moves may take 5, not 6."""
    fill_store(world)
    made = ask(world, asked("TOWEL", 10, sure=True))
    approve(world, made.reference, 10)
    lot = db.session.scalars(select(Lot.id).join(Item).where(Item.code == "TOWEL")).one()
    store, issued = world.places["STORE"], queries.outside(PlaceKind.ISSUED)
    free = queries.on_hand(store)[db.session.get_one(Lot, lot).item_id] - 10
    before = db.session.scalar(select(func.count()).select_from(Move))
    words = "9 of Towel would be left and 10 are promised"
    moves = [past(world, lot, store, issued, free + 1, 3)]
    with pytest.raises(NotEnoughStock, match=words), transaction():
        import_moves(moves, by=world.actor("storekeeper"), at=LATE, submission_id=submission())
    assert db.session.scalar(select(func.count()).select_from(Move)) == before
    with transaction():
        moves = [past(world, lot, store, issued, free, 3)]
        import_moves(moves, by=world.actor("storekeeper"), at=LATE, submission_id=submission())


def test_past_moves_leave_nothing_at_a_place_that_is_closed_by_now(world: World) -> None:
    with transaction():
        lot = soap(40)
        db.session.get_one(Place, world.places["TROWBRIDGE"]).closed_on = AT.date()
    came, place = queries.outside(PlaceKind.SUPPLIERS), world.places["TROWBRIDGE"]
    arrived = past(world, lot, came, place, 40, 300)
    gone = past(world, lot, place, queries.outside(PlaceKind.ISSUED), 40, 200)
    with pytest.raises(RuleBroken, match="Trowbridge closed on 4 May 2026, so nothing can be left"), transaction():
        import_moves([arrived], by=world.actor("storekeeper"), at=AT, submission_id=submission())
    with transaction():
        import_moves([arrived, gone], by=world.actor("storekeeper"), at=AT, submission_id=submission())
    assert queries.on_hand(place) == {}
