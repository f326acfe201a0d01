"""When a SIM lapses, and how the task is worded; no database."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import RuleBroken
from inventory.bags.rules import Content, Readiness, Wanted, readiness
from inventory.catalogue.rules import ItemKind
from inventory.phones import rules
from inventory.phones.rules import LapseRule, SimState, UseKind

TODAY = date(2026, 11, 22)  # a Sunday
RULE = LapseRule("Northway Mobile", 90, frozenset({UseKind.TEXT, UseKind.TOP_UP}))


def sim(lapses_on: date | None, end: str = "4826") -> SimState:
    return SimState(1, f"894450010219830{end}", "Northway Mobile", date(2026, 5, 4), None, lapses_on)


def test_a_sim_lapses_so_many_days_after_its_activation_or_its_last_use_the_later() -> None:
    began = date(2026, 1, 1)
    assert rules.lapses_on(RULE, activated_on=began, last_used_on=None) == date(2026, 4, 1)
    assert rules.lapses_on(RULE, activated_on=began, last_used_on=date(2026, 2, 1)) == date(2026, 5, 2)
    assert rules.lapses_on(RULE, activated_on=began, last_used_on=date(2025, 12, 1)) == date(2026, 4, 1)


def test_a_rule_is_told_in_words() -> None:
    assert RULE.words == "lapses after 90 days without a text sent or a top-up"


def test_a_sim_is_due_for_three_weeks_and_lapsed_from_its_day_on() -> None:
    assert not sim(date(2026, 12, 14)).due(TODAY)
    assert sim(date(2026, 12, 13)).due(TODAY)
    assert sim(date(2026, 11, 23)).due(TODAY)
    assert not sim(date(2026, 11, 22)).due(TODAY)
    assert sim(date(2026, 11, 22)).lapsed(TODAY)
    assert not sim(date(2026, 11, 23)).lapsed(TODAY)
    assert not sim(None).lapsed(TODAY)


@pytest.mark.parametrize(
    ("first_lapse", "by"),
    [
        (date(2026, 12, 1), date(2026, 11, 27)),  # the Friday before
        (date(2026, 11, 28), date(2026, 11, 27)),  # a Friday is the eve itself
        (date(2026, 11, 27), date(2026, 11, 26)),  # lapses on the Friday: the eve
        (date(2026, 11, 25), date(2026, 11, 24)),  # no Friday is left
        (date(2026, 11, 23), date(2026, 11, 22)),  # today
    ],
)
def test_the_day_to_text_by_is_the_last_friday_before_the_first_lapses(first_lapse: date, by: date) -> None:
    assert rules.text_by([first_lapse, date(2026, 12, 10)], today=TODAY) == by


def test_one_task_is_worded_for_all_phones_of_a_place() -> None:
    due = [sim(date(2026, 12, 1)), sim(date(2026, 12, 8)), sim(date(2026, 12, 11)), sim(date(2026, 12, 2))]
    fine, lapsed, unknown = sim(date(2027, 3, 1)), sim(date(2026, 11, 1)), sim(None)

    def task(*states: SimState) -> str | None:
        return rules.texting_task(states, today=TODAY)

    assert task(*due, fine, lapsed, unknown) == "Text from these 4 phones by Friday 27 November"
    assert task(due[0]) == "Text from this phone by Friday 27 November"
    assert task(fine, lapsed, lapsed) == "See whether 2 lapsed phones work"
    assert task(fine, unknown) is None
    turn = rules.texting_task([sim(date(2027, 1, 3))], today=date(2026, 12, 27))
    assert turn == "Text from this phone by Friday 1 January 2027"


def test_a_lapsed_sim_keeps_a_bag_from_being_issued_and_says_what_to_do() -> None:
    wanted = [Wanted("SIM", 1, item_id=7)]
    contents = [Content(1, "L-00001", 7, "SIM", ItemKind.SIM, 1)]
    verdict = readiness(wanted, contents, on=TODAY, sims=[sim(date(2026, 11, 3))])
    assert verdict.readiness is Readiness.NOT_ISSUABLE
    assert verdict.reasons == (
        "The SIM ending 4826 lapsed on 3 November 2026. Text from it: record that if the text went, or put another "
        "SIM in",
    )
    assert readiness(wanted, contents, on=TODAY, sims=[sim(date(2026, 11, 23))]).readiness is Readiness.READY


def test_a_sim_nothing_is_known_of_is_said_and_stops_nothing() -> None:
    contents = [Content(1, "L-00001", 7, "SIM", ItemKind.SIM, 1)]
    verdict = readiness([Wanted("SIM", 1, item_id=7)], contents, on=TODAY, sims=[sim(None)])
    assert verdict.readiness is Readiness.READY
    assert verdict.warnings == (
        "When the SIM ending 4826 lapses is not known: its operator and activation are missing",
    )


@pytest.mark.parametrize(("days", "counts"), [(0, RULE.counts), (731, RULE.counts), (90, [UseKind.CREDIT_READ])])
def test_a_rule_without_days_or_without_a_use_that_counts_is_refused(days: int, counts: list[UseKind]) -> None:
    with pytest.raises(RuleBroken):
        rules.checked_rule(days, counts)
