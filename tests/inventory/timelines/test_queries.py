"""Timelines of lots, units and places, on two clocks.

On 4 May 2026 six towels (L-00001) and four phones come to the store; three Go Bags are packed with one of each;
GB-00001 goes to Salisbury and is issued two hours later, GB-00002 is on its way there.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Executable

from core.access import Scope
from core.db import db, transaction
from core.errors import NotFound
from inventory.phones import queries as phones
from inventory.phones.models import SerialUnit
from inventory.stock.models import Lot
from inventory.timelines import queries
from inventory.timelines.rules import Clocks
from tests.factories import AT, World
from tests.inventory.shelves import IMEIS, LATER, SHELVES, carry, fill_catalogue, issue, pack, receive

EVERYWHERE = Scope.everywhere()
NOW = Clocks()


@pytest.fixture
def force(world: World) -> World:
    """The story above; the issue is recorded a day after it happened."""
    with transaction():
        fill_catalogue(world)
    receive(world, *SHELVES)
    first, second, _ = pack(world, 3)
    carry(world, first, "SALISBURY")
    carry(world, second, "SALISBURY", arrive=False)
    issue(world, "GB-00001", at=LATER + timedelta(days=1))
    return world


def towels() -> Lot:
    return db.session.query(Lot).filter(Lot.item.has(code="TOWEL")).one()


def told(asked: Executable) -> list[str]:
    return [queries.as_event(*row).words for row in db.session.execute(asked)]


def lots_held(place_id: int, clocks: Clocks) -> list[queries.HeldThen]:
    return list(queries.held_at(place_id, clocks=clocks).lots.rows)


def test_every_unit_of_a_lot_is_somewhere(force: World) -> None:
    lot = towels()
    spots = [*queries.standing(lot.id, scope=EVERYWHERE), *queries.gone(lot.id)]
    assert [(spot.place_name, spot.bag_tag, spot.unit_count) for spot in spots] == [
        ("Devizes store", None, lot.unit_count - 3),
        ("Devizes store", "GB-00003", 1),
        ("In transit to Salisbury", "GB-00002", 1),
        ("Issued", None, 1),
    ]
    assert sum(spot.unit_count for spot in spots) == lot.unit_count


def test_a_lot_tells_what_happened_to_it_newest_first(force: World) -> None:
    lot = towels()
    assert told(queries.lot_events(lot.id, scope=EVERYWHERE, clocks=NOW)) == [
        "1 issued from Go Bag GB-00001",
        "1 packed into Go Bag GB-00003, from Devizes store",
        "1 packed into Go Bag GB-00002, from Devizes store",
        "1 packed into Go Bag GB-00001, from Devizes store",
        f"{lot.unit_count} delivered to Devizes store",
    ]


def test_a_sergeant_sees_of_a_lot_only_what_touched_the_station(force: World) -> None:
    lot, sergeant, partner = towels(), force.actor("sergeant").scope, force.actor("partner").scope
    assert told(queries.lot_events(lot.id, scope=sergeant, clocks=NOW)) == ["1 issued from Go Bag GB-00001"]
    assert [spot.bag_tag for spot in queries.standing(lot.id, scope=sergeant)] == ["GB-00002"]
    assert queries.lot_by_code(lot.code, scope=sergeant) is lot
    with pytest.raises(NotFound):
        queries.lot_by_code(lot.code, scope=partner)


def test_a_late_act_is_told_at_its_true_time_and_unknown_before_it_was_recorded(force: World) -> None:
    lot = towels()
    (row, *_) = db.session.execute(queries.lot_events(lot.id, scope=EVERYWHERE, clocks=NOW)).all()
    event = queries.as_event(*row)
    assert (event.happened_at, event.recorded_at, event.late) == (LATER, LATER + timedelta(days=1), True)
    that_day = Clocks(as_known=date(2026, 5, 4))
    assert "1 issued from Go Bag GB-00001" not in told(queries.lot_events(lot.id, scope=EVERYWHERE, clocks=that_day))


def test_a_place_is_shown_as_at_a_day_and_as_known_on_a_day(force: World) -> None:
    here, day = force.places["SALISBURY"], date(2026, 5, 4)
    assert AT.date() == day
    assert queries.held_at(here, clocks=NOW).bag_count == 0
    assert lots_held(here, NOW) == []
    as_known = Clocks(day, day)
    assert queries.held_at(here, clocks=as_known).bag_count == 1
    assert {(held.item_name, held.loose_count, held.in_bags_count) for held in lots_held(here, as_known)} >= {
        ("Towel", 0, 1),
        ("Soap", 0, 2),
    }
    assert lots_held(here, Clocks(as_at=day)) == []


def test_kept_balances_and_summed_moves_agree(force: World) -> None:
    for code in ("STORE", "SALISBURY"):
        place_id = force.places[code]
        assert lots_held(place_id, NOW) == lots_held(place_id, Clocks(as_known=date(2026, 5, 30)))


def test_the_acts_of_a_place_say_what_went_in_and_out(force: World) -> None:
    here = force.places["SALISBURY"]
    acts = db.session.scalars(queries.place_acts(here, clocks=NOW)).all()
    assert [event.words for event in queries.acts_in_words(acts, here)] == ["−1 Go Bag", "+1 Go Bag"]


def test_a_phone_tells_its_own_story_and_only_to_those_who_may_see_it(force: World) -> None:
    unit = db.session.query(SerialUnit).filter_by(number=IMEIS[0]).one()
    assert told(queries.unit_events(unit.id, scope=EVERYWHERE, clocks=NOW)) == [
        "1 issued from Go Bag GB-00001",
        "1 packed into Go Bag GB-00001, from Devizes store",
        "4 delivered to Devizes store",
    ]
    assert phones.unit_held(unit.id, scope=EVERYWHERE).place_name == "Issued"
    with pytest.raises(NotFound):
        phones.unit_held(unit.id, scope=force.actor("sergeant").scope)
