"""Posting: the one writer of stock."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from core.access import Scope
from core.db import db, transaction
from core.errors import NotEnoughStock, RuleBroken
from inventory.catalogue.models import Item
from inventory.catalogue.rules import ItemKind
from inventory.stock import queries
from inventory.stock.models import IN_STOCK, Balance, Lot, Move
from inventory.stock.rules import LotSource, Movement, PostingKind
from inventory.stock.services import post
from organisation.places.rules import PlaceKind
from tests.factories import AT, World


def a_lot(units: int, code: str = "L-1", expires_on: date | None = None) -> int:
    """Put a lot of soap on the books, still outside every place."""
    item = db.session.scalar(select(Item).where(Item.code == "SOAP"))
    if item is None:
        item = Item(code="SOAP", name="Soap", kind=ItemKind.CONTENT)
        db.session.add(item)
        db.session.flush()
    lot = Lot(code=code, item_id=item.id, source=LotSource.OPENING, unit_count=units, expires_on=expires_on)
    db.session.add(lot)
    db.session.flush()
    return lot.id


def opening(world: World, lot: int, place: str, units: int) -> None:
    """Record opening stock of a lot at a place."""
    move = Movement(lot, queries.outside(PlaceKind.SUPPLIERS), world.places[place], units)
    post(PostingKind.OPENING, [move], by=world.actor("storekeeper"), at=AT, happened_at=AT, document="OPENING")


def transfer(world: World, lot: int, came_from: str, to: str, units: int) -> None:
    """Move units of a lot between two places."""
    move = Movement(lot, world.places[came_from], world.places[to], units)
    post(PostingKind.DISPATCH, [move], by=world.actor("storekeeper"), at=AT, happened_at=AT, document="T-1")


def held(world: World, place: str) -> int:
    """Count the soap at a place."""
    return sum(queries.on_hand(world.places[place]).values())


def test_balances_follow_the_moves(world: World) -> None:
    """
    | posting  | from      | to        | soap |
    |----------|-----------|-----------|-----:|
    | opening  | suppliers | store     |   12 |
    | transfer | store     | Salisbury |    5 |
    | transfer | Salisbury | Trowbridge|    2 |
    """
    with transaction():
        lot = a_lot(12)
        opening(world, lot, "STORE", 12)
        transfer(world, lot, "STORE", "SALISBURY", 5)
        transfer(world, lot, "SALISBURY", "TROWBRIDGE", 2)
    assert [held(world, place) for place in ("STORE", "SALISBURY", "TROWBRIDGE")] == [7, 3, 2]
    assert queries.unexplained_balances() == []


def test_taking_more_than_is_there_is_refused_and_changes_nothing(world: World) -> None:
    with transaction():
        lot = a_lot(3)
        opening(world, lot, "STORE", 3)
    with (
        pytest.raises(NotEnoughStock, match=r"Only 3 left\. Nothing has been recorded: 4 of Soap"),
        transaction(),
    ):
        transfer(world, lot, "STORE", "SALISBURY", 4)
    assert [held(world, "STORE"), held(world, "SALISBURY")] == [3, 0]
    assert db.session.scalar(select(db.func.count()).select_from(Move)) == 1


def test_lines_of_one_act_are_judged_together(world: World) -> None:
    with transaction():
        lot = a_lot(5)
        opening(world, lot, "STORE", 5)
    movements = [
        Movement(lot, world.places["STORE"], world.places["SALISBURY"], 3),
        Movement(lot, world.places["STORE"], world.places["TROWBRIDGE"], 3),
    ]
    with pytest.raises(NotEnoughStock, match="Only 5 left"), transaction():
        post(
            PostingKind.DISPATCH,
            movements,
            by=world.actor("storekeeper"),
            at=AT,
            happened_at=AT,
            document="T-1",
        )
    assert held(world, "STORE") == 5


def test_an_act_in_the_future_is_refused(world: World) -> None:
    with pytest.raises(RuleBroken, match="4 May 2026 at 10:01am is later than now"), transaction():
        post(
            PostingKind.DISPATCH,
            [Movement(1, 1, 2, 1)],
            by=world.actor("storekeeper"),
            at=AT,
            happened_at=AT + timedelta(minutes=1),
            document="T-1",
        )


def test_units_keep_their_numbers_through_transfers(world: World) -> None:
    """
    | from      | to         | units | numbers |
    |-----------|------------|------:|---------|
    | suppliers | store      |    10 | 1 to 10 |
    | store     | Salisbury  |     4 | 1 to 4  |
    | store     | Trowbridge |     3 | 5 to 7  |
    | Salisbury | Trowbridge |     2 | 1 to 2  |
    """
    with transaction():
        lot = a_lot(10)
        opening(world, lot, "STORE", 10)
        transfer(world, lot, "STORE", "SALISBURY", 4)
        transfer(world, lot, "STORE", "TROWBRIDGE", 3)
        transfer(world, lot, "SALISBURY", "TROWBRIDGE", 2)
    standing = queries.numbering_of([lot])[lot].standing
    assert standing[world.places["STORE"]] == ((8, 10),)
    assert standing[world.places["SALISBURY"]] == ((3, 4),)
    assert standing[world.places["TROWBRIDGE"]] == ((1, 2), (5, 7))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE balance SET unit_count = 99",
        "UPDATE balance SET unit_count = 99, explained_by_move_id = explained_by_move_id + 1",
        "DELETE FROM balance",
        "UPDATE move SET unit_count = 99",
        "DELETE FROM move",
        "UPDATE posting SET document = 'X'",
        "DELETE FROM audit_leaf",
        "UPDATE log_entry SET leaf_hash = leaf_hash",
    ],
)
def test_the_database_itself_refuses_to_bend_the_ledger(world: World, statement: str) -> None:
    with transaction():
        lot = a_lot(5)
        opening(world, lot, "STORE", 5)
    with pytest.raises(DatabaseError), transaction():
        db.session.execute(text(statement))
    assert held(world, "STORE") == 5
    assert queries.unexplained_balances() == []


def test_the_database_refuses_a_balance_the_moves_do_not_explain(world: World) -> None:
    with transaction():
        lot = a_lot(5)
        opening(world, lot, "STORE", 5)
    forged = {"place_id": world.places["SALISBURY"], "lot_id": lot, "unit_count": 2, "explained_by_move_id": 10_000}
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(insert(Balance), forged)
    assert held(world, "SALISBURY") == 0


def test_stock_outside_the_scope_does_not_exist(world: World) -> None:
    from core.errors import NotFound

    with pytest.raises(NotFound):
        queries.items_held(world.places["STORE"], scope=Scope.of([world.places["SALISBURY"]]))


def test_what_a_place_holds_is_found_without_passing_what_it_ever_held(world: World) -> None:
    engine = db.engine
    asked = select(Balance.lot_id).where(Balance.place_id == world.places["STORE"], IN_STOCK)
    words = str(asked.compile(engine, compile_kwargs={"literal_binds": True}))
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # Of a table this small it would otherwise read every row.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        plan = " ".join(str(row) for row in connection.exec_driver_sql(f"{explain} {words}"))
    assert "ix_balance_in_stock" in plan
