"""Budget changes on plain values."""

from dataclasses import replace

import pytest

from core.errors import RuleBroken
from core.money import Pence
from grants.awards.rules import (
    NewLine,
    Side,
    consent_needed,
    demand_sound_terms,
    percent_of,
    points_text,
)
from tests.grants.factories import LINES, TERMS


def side(name: str, approved: int, moved: int) -> Side:
    return Side(name, Pence(approved), Pence(moved))


def test_both_sides_of_the_worked_virement_are_tested_and_the_larger_counts() -> None:
    """£400.00 from C (£2,160.00) to D (£4,300.00): 18.5% of C, 9.3% of D."""
    giving, taking = side("line C", 2_160_00, -400_00), side("line D", 4_300_00, 400_00)
    assert (giving.percent, taking.percent) == ("18.5%", "9.3%")
    assert consent_needed([giving, taking], 1_000) is giving
    assert consent_needed([taking, giving], 930) is giving
    assert consent_needed([giving, taking], 1_852) is None


def test_exactly_the_limit_needs_no_consent_and_a_penny_more_does() -> None:
    assert not side("A", 1_000_00, 100_00).beyond(1_000)
    assert side("A", 1_000_00, 100_01).beyond(1_000)
    assert side("A", 1_000_00, -100_01).beyond(1_000)


def test_any_money_onto_a_line_of_nothing_is_beyond_every_limit() -> None:
    empty = side("line G", 0, 1)
    assert empty.beyond(10_000)
    assert empty.percent == "more than all"
    assert consent_needed([side("line A", 100_00, -1), empty], 1_000) is empty


def test_percentages_round_half_up_to_one_decimal() -> None:
    assert percent_of(5, 1_000) == "0.5%"
    assert percent_of(15, 10_000) == "0.2%"
    assert percent_of(-400_00, 2_160_00) == "18.5%"
    assert percent_of(1, 0) is None


def test_basis_points_are_written_as_a_percentage() -> None:
    assert [points_text(points) for points in (1_000, 750, 5, 0)] == ["10%", "7.5%", "0.05%", "0%"]


def test_lines_may_add_up_to_the_award_and_not_a_penny_more() -> None:
    demand_sound_terms(TERMS, LINES)
    with pytest.raises(RuleBroken) as refused:
        demand_sound_terms(TERMS, [*LINES, NewLine("G", "More", "More", Pence(1))])
    assert refused.value.message == (
        "Lines add up to £22,460.01, £0.01 more than the award of £22,460.00. Lower a line or correct the award"
    )


def test_terms_that_contradict_themselves_are_refused() -> None:
    for terms, lines in (
        (replace(TERMS, ends_on=TERMS.starts_on.replace(year=2025)), LINES),
        (TERMS, []),
        (TERMS, [LINES[0], LINES[0]]),
        (replace(TERMS, amount_pence=Pence(0)), LINES),
    ):
        with pytest.raises(RuleBroken):
            demand_sound_terms(terms, lines)
