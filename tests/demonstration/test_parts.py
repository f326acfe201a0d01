"""The parts the demonstration is made of: its days, its diary, its clock, its numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from stdnum import imei, luhn

from core.access import Actor, Scope
from demonstration.acts import Acts
from demonstration.calendar import Calendar
from demonstration.diary import Diary
from demonstration.serials import handset, sim

CALENDAR = Calendar(date(2026, 11, 22))


def test_the_year_is_the_365_days_before_it_is_loaded() -> None:
    assert (CALENDAR.first, CALENDAR.last) == (date(2025, 11, 22), date(2026, 11, 21))
    assert (CALENDAR.day(0), CALENDAR.day(364)) == (CALENDAR.first, CALENDAR.last)


@pytest.mark.parametrize(
    ("today", "first", "last", "label"),
    [
        (date(2026, 11, 22), date(2026, 4, 1), date(2027, 3, 31), "2026 to 2027"),
        (date(2026, 12, 22), date(2026, 4, 1), date(2027, 3, 31), "2026 to 2027"),
        (date(2026, 12, 23), date(2026, 7, 1), date(2027, 6, 30), "2026 to 2027"),
        (date(2026, 4, 15), date(2025, 10, 1), date(2026, 9, 30), "2025 to 2026"),
        (date(2026, 7, 15), date(2026, 1, 1), date(2026, 12, 31), "2026"),
    ],
)
def test_the_main_award_begins_with_the_first_quarter_after_a_hundred_days(
    today: date, first: date, last: date, label: str
) -> None:
    year = Calendar(today).award_year
    assert (year.first, year.last, year.label) == (first, last, label)


def test_on_whatever_day_it_is_loaded_the_awards_change_at_the_same_part_of_the_story() -> None:
    for days in range(4 * 366):
        calendar = Calendar(date(2026, 1, 1) + timedelta(days=days))
        award, earlier = calendar.award_year, calendar.earlier_award_year
        assert award.first.day == 1
        assert award.first.month in (1, 4, 7, 10)
        assert 100 <= (award.first - calendar.first).days <= 191
        assert calendar.last < award.last
        assert earlier.last == award.first - timedelta(days=1)
        assert earlier.first < calendar.first


def test_its_clock_is_that_of_london() -> None:
    assert CALENDAR.at(date(2026, 7, 1), 9) == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert CALENDAR.at(date(2026, 1, 1), 9, 30) == datetime(2026, 1, 1, 9, 30, tzinfo=UTC)


def test_the_clock_of_the_acts_never_goes_back() -> None:
    acts = Acts(CALENDAR)
    noon = acts.go_to(date(2026, 1, 5), 12)
    assert acts.go_to(date(2026, 1, 5), 9) == noon.replace(second=1)
    assert acts.go_on(minutes=4) == noon.replace(minute=4, second=1)


def test_a_person_acts_with_their_own_scope_at_the_moment_and_with_a_form_of_its_own(database: None) -> None:
    def service(word: str, *, by: Actor, at: datetime, scope: Scope, submission_id: str) -> tuple[object, ...]:
        return word, by, at, scope, submission_id

    def sparing(*, by: Actor) -> Actor:
        return by

    def told() -> list[tuple[object, ...]]:
        acts = Acts(CALENDAR)
        acts.people["sergeant"] = _SERGEANT
        acts.go_to(date(2026, 1, 5), 12)
        assert acts.do("sergeant", sparing) is _SERGEANT
        return [acts.do("sergeant", service, "issue") for _ in range(2)]

    first, second = told()
    assert first[:4] == second[:4] == ("issue", _SERGEANT, datetime(2026, 1, 5, 12, tzinfo=UTC), _SERGEANT.scope)
    assert first[4] != second[4]
    assert told() == [first, second], "another load of the same day sends the same forms"


_SERGEANT = Actor(account_id=7, name="Sgt 1182", appointments=())


def test_the_diary_is_lived_through_in_order_and_grows_while_it_is(database: None) -> None:
    diary, lived = Diary(Acts(CALENDAR), CALENDAR), list[tuple[str, datetime]]()

    def does(word: str) -> None:
        lived.append((word, diary.acts.at))
        if word == "order":
            diary.enter(14, lambda: does("invoice"), hour=9)

    diary.enter(9, lambda: does("late"), hour=17)
    diary.enter(9, lambda: does("order"), hour=8, minute=30)
    diary.enter(9, lambda: does("order's neighbour"), hour=8, minute=30)
    diary.enter(2, lambda: does("first"), hour=23)
    diary.enter(365, lambda: does("after the year"), hour=9)
    diary.enter(-1, lambda: does("before the year"), hour=9)
    assert list(diary.live()) == [6, 13, 20]
    assert [word for word, _ in lived] == ["first", "order", "order's neighbour", "late", "invoice"]
    assert [at.date() for _, at in lived] == [CALENDAR.day(number) for number in (2, 9, 9, 9, 14)]
    assert [at for _, at in lived] == sorted({at for _, at in lived})


def test_handsets_and_sims_have_numbers_of_nobody_that_pass_their_check_digits() -> None:
    handsets, sims = ({make(number) for number in range(400)} for make in (handset, sim))
    assert len(handsets) == len(sims) == 400
    assert handset(0) == "004401264100005"
    assert all(imei.is_valid(number) and number.startswith("00") for number in handsets)
    assert all(luhn.is_valid(number) and number.startswith("8944000") and len(number) == 19 for number in sims)
