"""What places held then, and the acts at them, as the database keeps them and as a fold of all moves in plain Python.

Towels, soaps, phones and booklets come to the store on 4 May 2026 and two Go Bags are packed; then lots and Go Bags
move about at random, each recorded up to five days after it happened, some at one moment, some at the end of a day.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from core.db import db, transaction
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.history.rules import PastMove
from inventory.history.services import import_moves
from inventory.stock import queries as stock
from inventory.stock.models import Balance, Lot, Move, PastBalance, Posting
from inventory.stock.rules import PostingKind
from inventory.timelines import queries
from inventory.timelines.rules import Clocks, end_of
from tests.factories import AT, World, submission
from tests.inventory.shelves import SHELVES, fill_catalogue, pack, receive

HERE = ("STORE", "SALISBURY", "TROWBRIDGE")
DAYS = (None, *(date(2026, 4, 30) + timedelta(days=days) for days in (0, 4, 5, 8, 12)))
STEP = timedelta(hours=7)
"""Moments lie so far apart, from 9am in UTC on: the second of a day is 11pm there and midnight in London."""


@pytest.fixture
def force(world: World) -> World:
    """The story above."""
    with transaction():
        fill_catalogue(world)
    receive(world, *SHELVES)
    pack(world, 2)
    chance = Random(29)
    with transaction():
        for step in range(60):
            move_something(world, chance, step // 3)
    return world


def move_something(world: World, chance: Random, step: int) -> None:
    """Do one act at random: of a lot twice over, of a Go Bag, or of both; where too little is there, none.

    The rows are written as they are: what is tested is what the database makes of them.
    """
    came_from, to = chance.sample([world.places[code] for code in HERE], 2)
    bag = chance.choice(list(db.session.scalars(select(BagPosition).order_by(BagPosition.bag_id))))
    there = select(Balance).where(Balance.place_id == came_from, Balance.unit_count > 3).order_by(Balance.lot_id)
    loose = list(db.session.scalars(there))
    at, happened_at = AT + STEP * step, AT + STEP * (step - chance.choice((0, 0, 1, 5, 17)))
    act = Posting(
        kind=PostingKind.HISTORY, document="RANDOM", account_id=world.actor("storekeeper").account_id,
        happened_at=happened_at, recorded_at=at,
    )  # fmt: skip
    db.session.add(act)
    db.session.flush()
    ends = {"posting_id": act.id, "from_place_id": came_from, "to_place_id": to}
    if loose:
        lot_id = chance.choice(loose).lot_id
        db.session.add_all(Move(lot_id=lot_id, unit_count=chance.randrange(1, 3), **ends) for _ in range(2))
    if bag.place_id != to and (not loose or step % 3 == 0):
        db.session.add(BagMove(bag_id=bag.bag_id, **ends | {"from_place_id": bag.place_id}))
    db.session.flush()
    db.session.expire_all()


def folded(place_id: int, clocks: Clocks) -> tuple[dict[str, tuple[int, int]], int, list[int]]:
    """Fold every move: lot code → loose and in Go Bags there; how many of these; and the acts there, newest first."""
    known = [
        each
        for each in db.session.scalars(select(Posting).order_by(Posting.happened_at.desc(), Posting.id.desc()))
        if (clocks.as_at is None or each.happened_at < end_of(clocks.as_at))
        and (clocks.as_known is None or each.recorded_at < end_of(clocks.as_known))
    ]
    ids = {each.id for each in known}
    moves = [each for each in db.session.scalars(select(Move)) if each.posting_id in ids]
    bag_moves = [each for each in db.session.scalars(select(BagMove)) if each.posting_id in ids]
    standing: Counter[int] = Counter()
    for each in bag_moves:
        standing[each.bag_id] += (each.to_place_id == place_id) - (each.from_place_id == place_id)
    bags = {each.place_id for each in db.session.scalars(select(Bag)) if standing[each.id] > 0}
    loose: Counter[int] = Counter()
    inside: Counter[int] = Counter()
    for move in moves:
        for end, sign in ((move.to_place_id, 1), (move.from_place_id, -1)):
            loose[move.lot_id] += sign * move.unit_count * (end == place_id)
            inside[move.lot_id] += sign * move.unit_count * (end in bags)
    codes = {lot.id: lot.code for lot in db.session.scalars(select(Lot))}
    held = {code: (loose[lot], inside[lot]) for lot, code in codes.items() if loose[lot] or inside[lot]}
    ends = [(each.posting_id, each.to_place_id, each.from_place_id) for each in moves]
    ends += [(each.posting_id, each.to_place_id, each.from_place_id) for each in bag_moves]
    touching = {posting_id for posting_id, *places in ends if place_id in places}
    return held, len(bags), [each.id for each in known if each.id in touching]


def kept(place_id: int, clocks: Clocks) -> tuple[dict[str, tuple[int, int]], int, list[int]]:
    """Ask the same of what the database keeps."""
    held = queries.held_at(place_id, clocks=clocks)
    lots = held.lots.rows
    assert (held.lots.total, held.loose_count) == (len(lots), sum(each.loose_count for each in lots))
    acts = db.session.scalars(queries.place_acts(place_id, clocks=clocks)).all()
    return {each.lot_code: (each.loose_count, each.in_bags_count) for each in lots}, held.bag_count, list(acts)


def test_as_at_and_as_known_are_what_the_moves_add_up_to(force: World) -> None:
    late = [each for each in db.session.scalars(select(Posting)) if each.recorded_at > each.happened_at]
    assert len(late) > 10, "acts recorded late are what this is about"
    for code in HERE[:2]:
        for clocks in [Clocks(as_at, as_known) for as_at in DAYS for as_known in DAYS]:
            assert kept(force.places[code], clocks) == folded(force.places[code], clocks), (code, clocks)
    assert stock.unexplained_balances() == []
    assert stock.unexplained_past(1) == []
    assert stock.unexplained_acts(1) == []


def past(place_id: int, lot_id: int) -> list[tuple[int, int]]:
    """Give the past balances of a lot at a place: days from ``AT`` and units."""
    rows = db.session.execute(
        select(PastBalance.happened_at, PastBalance.unit_count)
        .where(PastBalance.place_id == place_id, PastBalance.lot_id == lot_id)
        .order_by(PastBalance.happened_at)
    )
    return [((at - AT).days, count) for at, count in rows]


def test_a_move_recorded_late_changes_every_later_moment_of_its_places(world: World) -> None:
    """
    | recorded | days ago | from  | to        | towels |
    |---------:|---------:|-------|-----------|-------:|
    |        1 |       30 | store | Salisbury |      2 |
    |        2 |       10 | store | Salisbury |      1 |
    |        3 |       20 | store | Salisbury |      4 |
    |        4 |       20 | store | Salisbury |      1 |
    """
    with transaction():
        fill_catalogue(world)
    receive(world, *SHELVES)
    store, salisbury = world.places["STORE"], world.places["SALISBURY"]
    lot = db.session.scalars(select(Lot.id).where(Lot.code == "L-00001")).one()
    for days, units in ((30, 2), (10, 1), (20, 4), (20, 1)):
        with transaction():
            moved = PastMove(AT - timedelta(days=days), f"OLD-{days}", lot, store, salisbury, units)
            import_moves([moved], by=world.actor("storekeeper"), at=AT, submission_id=submission())
    assert past(salisbury, lot) == [(-30, 2), (-20, 7), (-10, 8)]
    assert past(store, lot) == [(-30, -2), (-20, -7), (-10, -8), (0, 2)]


@pytest.mark.parametrize(
    "words",
    [
        "DELETE FROM past_balance",
        "UPDATE past_balance SET explained_by_move_id = 0",
        "DELETE FROM place_act",
        "UPDATE place_act SET posting_id = posting_id + 1",
    ],
)
def test_the_database_lets_nothing_kept_of_the_past_go_back(world: World, words: str) -> None:
    with transaction():
        fill_catalogue(world)
    receive(world, *SHELVES[:1])
    with pytest.raises(DatabaseError), transaction():
        db.session.execute(text(words))
    assert stock.unexplained_past(1) == []
    assert stock.unexplained_acts(1) == []
