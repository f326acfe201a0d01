"""Kept numberings equal those folded from the first move, whatever moved, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from core.db import db, transaction
from inventory.catalogue.models import Item
from inventory.catalogue.rules import ItemKind
from inventory.history.rules import PastMove
from inventory.history.services import import_moves
from inventory.numbering import queries, services
from inventory.numbering.models import IssuedRuns, LotNumbering
from inventory.numbering.rules import written
from inventory.stock.models import Lot, Move, Posting
from inventory.stock.queries import numbering_of, outside
from inventory.stock.rules import LotSource, Movement, PostingKind
from inventory.stock.services import post
from organisation.places.rules import PlaceKind
from tests.factories import AT, World, submission

HERE = ("STORE", "SALISBURY", "TROWBRIDGE")


def a_lot(world: World, code: str, units: int) -> int:
    """Receive a lot at the store."""
    item = db.session.scalar(select(Item).where(Item.code == "SOAP"))
    if item is None:
        item = Item(code="SOAP", name="Soap", kind=ItemKind.CONTENT)
        db.session.add(item)
        db.session.flush()
    lot = Lot(code=code, item_id=item.id, source=LotSource.OPENING, unit_count=units)
    db.session.add(lot)
    db.session.flush()
    act(world, PostingKind.OPENING, Movement(lot.id, outside(PlaceKind.SUPPLIERS), world.places["STORE"], units))
    return lot.id


def act(world: World, kind: PostingKind, *movements: Movement, corrects: Posting | None = None) -> Posting:
    """Post one act; a correction takes back the moves of what it corrects, one for one."""
    taken_back = []
    if corrects is not None:
        taken_back = list(db.session.scalars(select(Move.id).where(Move.posting_id == corrects.id).order_by(Move.id)))
    return post(
        kind, movements, by=world.actor("storekeeper"), at=AT, happened_at=AT, document="D", corrects=corrects,
        corrected_moves=taken_back,
    )  # fmt: skip


def standing(lot: int) -> dict[int, tuple[tuple[int, int], ...]]:
    """Read what is kept of a lot."""
    (found,) = queries.folded([lot])
    assert found.kept_to == found.last_move_id
    return dict(found.standing)


def issued(lot: int) -> list[tuple[int, tuple[tuple[int, int], ...]]]:
    """Read what issues carried of a lot: posting id and units."""
    return [(each.posting_id, each.units) for each in queries.issued_units([lot])]


def test_the_numbering_is_kept_with_the_moves(world: World) -> None:
    """
    | posting  | from      | to        | soap | numbers |
    |----------|-----------|-----------|-----:|---------|
    | opening  | suppliers | store     |   10 | 1 to 10 |
    | dispatch | store     | Salisbury |    4 | 1 to 4  |
    | issue    | Salisbury | issued    |    1 | 1       |
    | undone   | issued    | Salisbury |    1 | 1       |
    | issue    | Salisbury | issued    |    3 | 1 to 3  |
    """
    store, station, gone = world.places["STORE"], world.places["SALISBURY"], outside(PlaceKind.ISSUED)
    with transaction():
        lot = a_lot(world, "L-1", 10)
        act(world, PostingKind.DISPATCH, Movement(lot, store, station, 4))
        first = act(world, PostingKind.ISSUE, Movement(lot, station, gone, 1))
    assert standing(lot) == {store: ((5, 10),), station: ((2, 4),), gone: ((1, 1),)}
    with transaction():
        act(world, PostingKind.CORRECTION, Movement(lot, gone, station, 1), corrects=first)
        second = act(world, PostingKind.ISSUE, Movement(lot, station, gone, 3))
    assert standing(lot) == {store: ((5, 10),), station: ((4, 4),), gone: ((1, 3),)}
    assert issued(lot) == [(first.id, ((1, 1),)), (second.id, ((1, 3),))]


def test_what_is_brought_in_from_the_past_is_numbered_and_names_no_issue(world: World) -> None:
    store, gone = world.places["STORE"], outside(PlaceKind.ISSUED)
    with transaction():
        lot = a_lot(world, "L-1", 10)
        moves = [PastMove(AT - timedelta(days=1), "OLD", lot, store, gone, 2)] * 3
        import_moves(moves, by=world.actor("storekeeper"), at=AT, submission_id=submission())
    assert standing(lot) == {store: ((7, 10),), gone: ((1, 6),)}
    assert issued(lot) == []


def test_a_reader_folds_what_was_written_past_the_keeper(world: World) -> None:
    store, station = world.places["STORE"], world.places["SALISBURY"]
    with transaction():
        lot = a_lot(world, "L-1", 10)
        posting = act(world, PostingKind.DISPATCH, Movement(lot, store, station, 1))
        row = {"posting_id": posting.id, "lot_id": lot, "from_place_id": store, "to_place_id": station}
        db.session.execute(insert(Move).values(**row, unit_count=2))
    (found,) = queries.folded([lot])
    assert found.last_move_id > (found.kept_to or 0)
    assert dict(found.standing) == {store: ((4, 10),), station: ((1, 3),)}
    with transaction():
        assert services.keep([lot]) == 1
        assert services.keep([lot]) == 0
    assert standing(lot) == {store: ((4, 10),), station: ((1, 3),)}


def test_a_kept_numbering_that_was_changed_is_found_and_made_anew(world: World) -> None:
    with transaction():
        lots = [a_lot(world, f"L-{n}", 10) for n in range(3)]
    assert list(queries.kept_wrongly()) == []
    with transaction():
        wrong = written({world.places["SALISBURY"]: ((1, 10),)})
        db.session.execute(update(LotNumbering).where(LotNumbering.lot_id == lots[1]).values(standing=wrong))
    assert list(queries.kept_wrongly()) == [lots[1]]
    with transaction():
        assert services.renumber() == [lots[1]]
    assert list(queries.kept_wrongly()) == []
    assert standing(lots[1]) == {world.places["STORE"]: ((1, 10),)}


def test_the_command_numbers_what_moved_before_numberings_were_kept(world: World, app: Flask) -> None:
    store, gone = world.places["STORE"], outside(PlaceKind.ISSUED)
    with transaction():
        lot = a_lot(world, "L-1", 10)
        row = {"lot_id": lot, "from_place_id": store, "to_place_id": gone, "unit_count": 2}
        issue = Posting(
            kind=PostingKind.ISSUE, document="D", account_id=world.actor("storekeeper").account_id,
            happened_at=AT, recorded_at=AT,
        )  # fmt: skip
        db.session.add(issue)
        db.session.flush()
        issue_id = issue.id
        db.session.execute(insert(Move).values(posting_id=issue_id, **row))
    said = app.test_cli_runner().invoke(args=["numbering", "keep"]).output
    assert said == "Lots numbered up to their last move: 1. Made anew: 0.\n"
    assert standing(lot) == {store: ((3, 10),), gone: ((1, 2),)}
    assert issued(lot) == [(issue_id, ((1, 2),))]


@pytest.mark.parametrize(
    "words", ["UPDATE lot_numbering SET folded_to_move_id = 0", "DELETE FROM lot_numbering", "DELETE FROM issued_runs"]
)
def test_the_database_lets_nothing_kept_go_back(world: World, words: str) -> None:
    store, gone = world.places["STORE"], outside(PlaceKind.ISSUED)
    with transaction():
        lot = a_lot(world, "L-1", 10)
        act(world, PostingKind.ISSUE, Movement(lot, store, gone, 1))
    with pytest.raises(DatabaseError), transaction():
        db.session.execute(text(words))
    assert standing(lot) == {store: ((2, 10),), gone: ((1, 1),)}
    assert db.session.scalar(select(func.count()).select_from(IssuedRuns)) == 1


STEPS = st.lists(
    st.tuples(st.sampled_from((*HERE, "ISSUED", "BACK")), st.sampled_from(HERE), st.integers(1, 6), st.booleans()),
    max_size=12,
)


@settings(
    max_examples=12, deadline=None, phases=[Phase.generate, Phase.shrink], derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(steps=STEPS)
def test_what_is_kept_is_what_is_folded_whatever_moved(world: World, steps: list[tuple[str, str, int, bool]]) -> None:
    gone = outside(PlaceKind.ISSUED)
    issues: list[Posting] = []
    with transaction():
        number = (db.session.scalar(select(func.max(Lot.id))) or 0) + 1
        lot = a_lot(world, f"L-{number}", 20)
        for to, came_from, wanted, twice in steps:
            place = world.places[came_from]
            if to == "BACK":
                if issues:
                    undone = issues.pop(wanted % len(issues))
                    moves = db.session.scalars(select(Move).where(Move.posting_id == undone.id).order_by(Move.id))
                    back = [Movement(lot, gone, each.from_place_id, each.unit_count) for each in moves]
                    act(world, PostingKind.CORRECTION, *back, corrects=undone)
                continue
            (found,) = queries.folded([lot])
            units = min(wanted, sum(b - a + 1 for a, b in found.standing.get(place, ())) // (1 + twice))
            if units == 0 or to == came_from:
                continue
            target = gone if to == "ISSUED" else world.places[to]
            kind = PostingKind.ISSUE if to == "ISSUED" else PostingKind.DISPATCH
            posting = act(world, kind, *[Movement(lot, place, target, units)] * (1 + twice))
            issues += [posting] if to == "ISSUED" else []
    afresh = numbering_of([lot])[lot]
    assert standing(lot) == {place_id: units for place_id, units in afresh.standing.items() if units}
    moved = dict(db.session.execute(select(Move.id, Move.posting_id).where(Move.lot_id == lot)).all())
    kept = {each.move_id: each for each in queries.issued_units([lot])}
    assert {each.move_id: each.units for each in kept.values()} == {
        move_id: units for move_id, units in afresh.carried.items() if move_id in kept
    }
    assert all(moved[each.move_id] == each.posting_id for each in kept.values())
    assert list(queries.kept_wrongly()) == []
