"""Numberings as text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inventory.numbering.rules import read, read_units, written, written_units

RUNS = st.lists(st.tuples(st.integers(1, 9_999), st.integers(1, 9_999)), min_size=1).map(tuple)


def test_a_numbering_is_written_in_one_way_and_places_without_units_are_left_out() -> None:
    assert written({7: ((4, 5),), 3: ((1, 2), (9, 9)), 5: ()}) == '{"3":[[1,2],[9,9]],"7":[[4,5]]}'


@given(st.dictionaries(st.integers(1, 99), RUNS))
def test_what_is_written_is_read_again(standing: dict[int, tuple[tuple[int, int], ...]]) -> None:
    assert read(written(standing)) == standing
    for units in standing.values():
        assert read_units(written_units(units)) == units
