"""Words of a move, and the two clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from core.errors import RuleBroken
from inventory.timelines.rules import Clocks, End, clocks, move_words, recorded_late
from organisation.places.rules import PlaceKind

STORE = End(PlaceKind.STORE, "Devizes store")
BASE = End(PlaceKind.RESPONSE, "Salisbury")
ON_ITS_WAY = End(PlaceKind.IN_TRANSIT, "In transit to Salisbury")
BAG = End(PlaceKind.BAG, "Go Bag GB-00001")


def end(kind: PlaceKind) -> End:
    return End(kind, kind.value.capitalize())


@pytest.mark.parametrize(
    ("count", "came_from", "went_to", "words"),
    [
        (1_200, end(PlaceKind.SUPPLIERS), STORE, "1,200 delivered to Devizes store"),
        (3, end(PlaceKind.DONORS), STORE, "3 donated to Devizes store"),
        (3, end(PlaceKind.UNMADE), STORE, "3 recorded as opening stock at Devizes store"),
        (2, STORE, BAG, "2 packed into Go Bag GB-00001, from Devizes store"),
        (2, BAG, STORE, "2 taken out of Go Bag GB-00001, to Devizes store"),
        (1, BAG, end(PlaceKind.ISSUED), "1 issued from Go Bag GB-00001"),
        (4, STORE, ON_ITS_WAY, "4 sent from Devizes store to Salisbury"),
        (4, ON_ITS_WAY, BASE, "4 received at Salisbury"),
        (4, ON_ITS_WAY, STORE, "4 on the way to Salisbury came back to Devizes store"),
        (1, BASE, end(PlaceKind.LOST_AND_FOUND), "1 missing at Salisbury"),
        (1, end(PlaceKind.LOST_AND_FOUND), BASE, "1 found at Salisbury"),
        (5, BASE, end(PlaceKind.WRITTEN_OFF), "5 written off at Salisbury"),
        (5, BASE, STORE, "5 moved from Salisbury to Devizes store"),
    ],
)
def test_a_move_is_told_from_where_it_begins_and_ends(count: int, came_from: End, went_to: End, words: str) -> None:
    assert move_words(count, came_from, went_to) == words


def test_a_move_that_undoes_another_says_so() -> None:
    assert move_words(1, end(PlaceKind.ISSUED), BAG, undoes=True) == "Undone: 1 back from Issued to Go Bag GB-00001"


def test_a_clock_cannot_be_turned_ahead() -> None:
    today = date(2026, 5, 4)
    assert clocks(None, today, today=today) == Clocks(None, today)
    with pytest.raises(
        RuleBroken, match=r"5 May 2026 has not come yet\. Enter 4 May 2026 or an earlier day"
    ) as refused:
        clocks(date(2026, 5, 5), None, today=today)
    assert refused.value.field == "as_at"


def test_the_clocks_are_said_in_words() -> None:
    assert Clocks().words == "as at now"
    assert Clocks(date(2026, 5, 4)).words == "as at the end of 4 May 2026"
    assert (
        Clocks(date(2026, 5, 4), date(2026, 5, 6)).words
        == "as at the end of 4 May 2026, as known at the end of 6 May 2026"
    )


def test_an_act_recorded_within_the_hour_is_not_late() -> None:
    at = datetime(2026, 5, 4, 3, tzinfo=UTC)
    assert not recorded_late(at, at + timedelta(hours=1))
    assert recorded_late(at, at + timedelta(hours=1, seconds=1))
