"""What there was before a period and at its end, as the database gives it and as a fold of all moves in plain Python.

The history is the random one of tests/inventory/timelines/test_past.py, in which acts are recorded up to five days
late, and some of its acts are taken back: a correction counts when what it corrects happened.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from core.access import Scope
from core.db import db, transaction
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.catalogue.models import Item
from inventory.stock.models import Balance, Lot, Move, Posting
from inventory.stock.rules import PostingKind
from inventory.usage import queries
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS, PlaceKind
from tests.factories import AT, World
from tests.inventory.shelves import SHELVES, fill_catalogue, pack, receive
from tests.inventory.timelines.test_past import STEP, move_something


@pytest.fixture
def force(world: World) -> World:
    """The story above."""
    with transaction():
        fill_catalogue(world)
    receive(world, *SHELVES)
    pack(world, 2)
    chance = Random(31)
    with transaction():
        for step in range(32):
            move_something(world, chance, step // 2)
            if step % 4 == 3:
                take_something_back(world, chance, step // 2)
    return world


def take_something_back(world: World, chance: Random, step: int) -> None:
    """Correct an act at random by its opposite, where what it moved is still there."""
    corrected = select(Posting.corrects_id).where(Posting.corrects_id.is_not(None))
    asked = select(Posting).where(
        Posting.document == "RANDOM", Posting.corrects_id.is_(None), Posting.id.not_in(corrected)
    )
    for act in chance.sample(found := list(db.session.scalars(asked.order_by(Posting.id))), len(found)):
        moves = list(db.session.scalars(select(Move).where(Move.posting_id == act.id)))
        bag_moves = list(db.session.scalars(select(BagMove).where(BagMove.posting_id == act.id)))
        taken = Counter({(move.to_place_id, move.lot_id): 0 for move in moves})
        for move in moves:
            taken[move.to_place_id, move.lot_id] += move.unit_count
        there = {key: db.session.get_one(Balance, key).unit_count for key in taken}
        stands = [db.session.get_one(BagPosition, each.bag_id).place_id == each.to_place_id for each in bag_moves]
        if all(there[key] >= units for key, units in taken.items()) and all(stands):
            break
    else:
        return
    at = AT + STEP * step + timedelta(hours=1)
    back = Posting(
        kind=PostingKind.HISTORY, document="BACK", account_id=world.actor("storekeeper").account_id, happened_at=at,
        recorded_at=at, corrects_id=act.id,
    )  # fmt: skip
    db.session.add(back)
    db.session.flush()
    for move in moves:
        ends = {"from_place_id": move.to_place_id, "to_place_id": move.from_place_id}
        opposite = Move(posting_id=back.id, lot_id=move.lot_id, unit_count=move.unit_count, corrects_id=move.id, **ends)
        db.session.add(opposite)
    for each in bag_moves:
        ends = {"from_place_id": each.to_place_id, "to_place_id": each.from_place_id}
        db.session.add(BagMove(posting_id=back.id, bag_id=each.bag_id, **ends))
    db.session.flush()
    db.session.expire_all()


class Fold:
    """Every move that counts before a moment and was known at another, folded."""

    def __init__(self, before: datetime, at: datetime) -> None:
        acts = {each.id: each for each in db.session.scalars(select(Posting))}
        counts = {each.id: acts[each.corrects_id or each.id].happened_at for each in acts.values()}
        here = {key for key, moment in counts.items() if moment < before and acts[key].recorded_at <= at}
        self.loose: Counter[tuple[int, int]] = Counter()
        self.bags: Counter[tuple[int, int]] = Counter()
        for move in db.session.scalars(select(Move)):
            if move.posting_id in here:
                self.loose[move.to_place_id, move.lot_id] += move.unit_count
                self.loose[move.from_place_id, move.lot_id] -= move.unit_count
        for each in db.session.scalars(select(BagMove)):
            if each.posting_id in here:
                self.bags[each.to_place_id, each.bag_id] += 1
                self.bags[each.from_place_id, each.bag_id] -= 1
        self.places = {each.id: each for each in db.session.scalars(select(Place))}

    def opening(self, held: Counter[tuple[int, int]]) -> dict[str, int]:
        """Give what each real place held, by name."""
        found: Counter[str] = Counter()
        for (place_id, _), count in held.items():
            if self.places[place_id].kind in REAL_KINDS:
                found[self.places[place_id].name] += count
        return {name: count for name, count in found.items() if count}

    def at_end(self) -> dict[str, tuple[int, int, int]]:
        """Give of each item what was loose, in Go Bags, and in transit."""
        names = dict(db.session.execute(select(Lot.id, Item.name).join(Item, Item.id == Lot.item_id)).all())
        own = {each.id: each.place_id for each in db.session.scalars(select(Bag))}
        stood = {
            own[bag_id]: self.places[place_id].kind for (place_id, bag_id), count in self.bags.items() if count > 0
        }
        found: dict[str, list[int]] = {}
        for (place_id, lot_id), count in self.loose.items():
            kind = self.places[place_id].kind
            where = stood.get(place_id, PlaceKind.UNMADE) if kind is PlaceKind.BAG else kind
            if count and (where in REAL_KINDS or where is PlaceKind.IN_TRANSIT):
                cell = 2 if where is PlaceKind.IN_TRANSIT else 1 if kind is PlaceKind.BAG else 0
                found.setdefault(names[lot_id], [0, 0, 0])[cell] += count
        return {name: (cells[0], cells[1], cells[2]) for name, cells in found.items() if any(cells)}


def test_what_there_was_is_what_the_moves_add_up_to_in_any_period(force: World) -> None:
    corrections = select(Posting).where(Posting.corrects_id.is_not(None))
    assert len(db.session.scalars(corrections).all()) > 4
    chance, everywhere = Random(7), Scope.everywhere()
    for _ in range(12):
        since = AT + timedelta(hours=chance.randrange(-100, 160))
        before = since + timedelta(hours=chance.randrange(1, 60))
        at = AT + timedelta(hours=chance.choice((1000, chance.randrange(0, 170))))
        opened, ended = Fold(since, at), Fold(before, at)
        bags, loose = queries.changes(scope=everywhere, since=since, before=before, at=at)
        for told, held in ((bags, opened.bags), (loose, opened.loose)):
            opening = {each.place: each.before_count for each in told if each.other is PlaceKind.UNMADE}
            assert opening == opened.opening(held), (since, at)
        assert {
            each.name: (each.loose_count, each.in_bags_count, each.in_transit_count)
            for each in queries.items_at_end(scope=everywhere, before=before, at=at)
            if each.total_count
        } == ended.at_end(), (before, at)
