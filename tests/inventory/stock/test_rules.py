"""Numbering the units of a lot by folding its moves, against a model that follows every single unit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.stock.rules import LotMove, Movement, count_of, joined, most_for, net_effect, number_units, without

PLACES = (1, 2, 3, 4)


def spelled(units: tuple[tuple[int, int], ...]) -> list[int]:
    """Spell runs out unit by unit."""
    return [number for first, last in units for number in range(first, last + 1)]


def test_a_correction_takes_back_the_very_units_it_corrects() -> None:
    """
    | move | from | to | units | numbers | corrects |
    |-----:|-----:|---:|------:|---------|---------:|
    |    1 |    1 |  2 |     5 | 1 to 5  |          |
    |    2 |    2 |  3 |     2 | 1 to 2  |          |
    |    3 |    2 |  3 |     1 | 3       |          |
    |    4 |    3 |  2 |     1 | 3       |        3 |
    """
    moves = [LotMove(1, 1, 2, 5), LotMove(2, 2, 3, 2), LotMove(3, 2, 3, 1), LotMove(4, 3, 2, 1, 3)]
    numbering = number_units(moves, unit_count=5, source_place_id=1)
    assert numbering.carried[4] == ((3, 3),)
    assert numbering.standing[2] == ((3, 5),)
    assert numbering.standing[3] == ((1, 2),)


@given(st.integers(1, 40), st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES), st.integers(1, 9))))
def test_every_unit_is_in_one_place_and_the_lowest_go_first(unit_count: int, asked: list[tuple[int, int, int]]) -> None:
    model: dict[int, list[int]] = {place: [] for place in PLACES}
    model[1] = list(range(1, unit_count + 1))
    moves, carried = [], {}
    for number, (came_from, to, wanted) in enumerate(asked):
        units = min(wanted, len(model[came_from]))
        if came_from == to or units == 0:
            continue
        taken = sorted(model[came_from])[:units]
        model[came_from] = sorted(model[came_from])[units:]
        model[to] = sorted(model[to] + taken)
        carried[number] = taken
        moves.append(LotMove(number, came_from, to, units))
    numbering = number_units(moves, unit_count=unit_count, source_place_id=1)
    assert {place: spelled(numbering.standing.get(place, ())) for place in PLACES} == model
    assert {number: spelled(units) for number, units in numbering.carried.items()} == carried
    for runs in numbering.standing.values():
        assert all(before[1] + 1 < after[0] for before, after in pairwise(runs))


def test_runs_are_counted_joined_and_taken_apart() -> None:
    assert count_of(((1, 3), (7, 7))) == 4
    assert joined(((1, 3),), ((4, 5), (9, 9))) == ((1, 5), (9, 9))
    assert without(((1, 5),), ((2, 3),)) == ((1, 1), (4, 5))
    assert without(((1, 5),), ((5, 6),)) is None


def test_movements_of_one_act_add_up_by_place_and_lot() -> None:
    assert net_effect([Movement(7, 1, 2, 3), Movement(7, 2, 3, 1)]) == {(1, 7): -3, (2, 7): 2, (3, 7): 1}


@pytest.mark.parametrize(
    ("place_id", "promised", "most"),
    [
        (2, {}, 10),
        (2, {1: 10}, 10),
        (2, {1: 15}, 5),
        (2, {1: 12, 3: 4}, 4),
        (2, {2: 3, 1: 10}, 7),
        (1, {2: 10}, 10),
        (1, {2: 4, 3: 4}, 12),
        (4, {1: 10, 2: 10}, 5),
        (4, {1: 15, 4: 5}, 5),
        (4, {1: 15, 4: 10}, 0),
    ],
)
def test_a_place_is_promised_what_leaves_all_earlier_promises_a_lot_that_may_go_there(
    place_id: int, promised: dict[int, int], most: int
) -> None:
    """Lot 1, of 10, may go to places 1 and 4 alone; lot 2, of 10, to any but 4; lot 3, of 5, to place 4 alone."""
    barred = {(2, 1), (3, 1), (4, 2), (1, 3), (2, 3), (3, 3)}
    assert most_for(place_id, {1: 10, 2: 10, 3: 5}, promised, lambda place, lot: (place, lot) in barred) == most
