"""Days without a Go Bag, sums by area, what may be told of unmet need, and the map; no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.errors import RuleBroken
from core.pdf import Mark, MarkMap, svg
from core.suppression import HIDDEN
from grants.partnership.rules import NO_TOWN, Covered, by_area, check_briefing, check_due, dry_days, told_unmet

DAY = timedelta(days=1)
FIRST, TODAY = date(2026, 6, 1), date(2026, 6, 10)
SALISBURY = Covered("Salisbury", "South", "Salisbury", 414, 130, 2, 3, 0, 6, FIRST)


def test_days_without_a_go_bag_are_counted_back_from_what_stands_there_today() -> None:
    """Two came on the 3rd, both left on the 5th, one came on the 9th: none on 1, 2, 5, 6, 7 and 8 June."""
    changes = {date(2026, 6, 3): 2, date(2026, 6, 5): -2, date(2026, 6, 9): 1}
    assert dry_days(1, changes, FIRST, TODAY, TODAY) == 6
    assert dry_days(1, changes, FIRST, date(2026, 6, 4), TODAY) == 2
    assert dry_days(0, {}, FIRST, TODAY, TODAY) == 10


def test_places_are_added_up_by_area_and_those_without_one_come_last() -> None:
    bare = replace(SALISBURY, name="Tidworth", bag_count=0, dry_days=4, given_count=0, unmet_count=1)
    nowhere = replace(SALISBURY, name="New", area=NO_TOWN, town="")
    south, other = by_area([nowhere, SALISBURY, bare])
    assert (south.name, south.place_count, south.without_count, south.ran_out_count) == ("South", 2, 1, 1)
    assert (south.bag_count, south.given_count, south.unmet_count) == (2, 3, 7)
    assert other.name == NO_TOWN


def test_a_small_unmet_need_is_hidden_and_cannot_be_subtracted_from_the_whole() -> None:
    def told(*counts: int) -> tuple[list[int | str], int | str]:
        named = [replace(SALISBURY, area=f"Area {number}", unmet_count=count) for number, count in enumerate(counts)]
        return told_unmet(by_area(named), 5)

    assert told(8, 9, 0) == ([8, 9, 0], 17)
    cells, whole = told(2, 9, 8)
    assert cells[0] == HIDDEN
    assert HIDDEN in (whole, *cells[1:])
    assert told(0, 0) == ([0, 0], 0)
    # The area of 9 knows its own: whole less 9 less 8 must not be the 2.
    assert whole == HIDDEN or cells.count(HIDDEN) == 3


@pytest.mark.parametrize(
    ("briefed_on", "count", "corrects", "words"),
    [
        (TODAY + DAY, 4, False, "not a day to come"),
        (TODAY - timedelta(days=1_200), 4, False, "last three years"),
        (TODAY, 0, False, "1 or more"),
        (TODAY, 2_001, True, "2,000 or fewer"),
    ],
)
def test_a_briefing_that_cannot_have_been_is_refused(briefed_on: date, count: int, corrects: bool, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        check_briefing(briefed_on, count, today=TODAY, corrects=corrects)
    check_briefing(TODAY, 0, today=TODAY, corrects=True)


def test_an_action_is_due_from_today_on() -> None:
    with pytest.raises(RuleBroken, match="10 June 2026 or a later day"):
        check_due(TODAY - DAY, today=TODAY)
    check_due(TODAY, today=TODAY)


def test_the_map_says_everything_in_words_and_names_no_town_over_another() -> None:
    marks = tuple(
        Mark(town, east, north, town != "Swindon", f"place of {town}")
        for town, east, north in (("Bradford on Avon", 382, 161), ("Trowbridge", 383, 161), ("Swindon", 418, 186))
    )
    drawn = MarkMap("Places", marks, "a Go Bag stands there", "none stands there")
    assert "Swindon: place of Swindon, none stands there." in drawn.words()
    painted = svg(drawn, "places")
    assert all(f">{mark.label}</text>" in painted for mark in marks)
    names = [
        shape for shape in drawn.drawing().contents if getattr(shape, "text", "") in {"Bradford on Avon", "Trowbridge"}
    ]
    assert len({(round(name.x), round(name.y)) for name in names}) == 2
    assert "style=" not in painted
