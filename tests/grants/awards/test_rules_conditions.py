"""Conditions of a grant on plain values: what breaks them, and the clause that is quoted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import RuleBroken
from grants.awards.rules import (
    Condition,
    ConditionKind,
    Spent,
    breaches,
    demand_sound_condition,
    places_allowed,
)

CAP = Condition(
    ConditionKind.UNIT_CAP, "5.2", "No item above £30", line_code="B", pence=30_00, agreement="HO/MS/2026/017"
)
CEILING = Condition(ConditionKind.CEILING, "8", "At most £2,000 for audit", "F", 2_000_00, agreement="HO/MS/2026/017")
KIND = Condition(ConditionKind.EXCLUDED_KIND, "6.3", "No salaries", excluded="payroll", agreement="HO/MS/2026/017")
HALF = Condition(ConditionKind.SHARE, "4.1", "We meet half of the cost", share_points=5_000, agreement="HO/MS/2026/017")
PAID = Condition(ConditionKind.PAPERS, "9", "Keep proof of payment", admitted="proof of payment, invoice")
TOWNS = Condition(ConditionKind.PLACES, "2", "For Salisbury and Swindon", "A", admitted="SAL, SWI")
WORDS = Condition(ConditionKind.EXCLUDED_WORDS, "6.1", "No entertaining", excluded="refreshment, gift")


def broken(spent: Spent) -> list[str]:
    return [breach.condition.clause for breach in breaches(spent, (CAP, CEILING, KIND, WORDS))]


def test_a_unit_at_its_cap_passes_and_a_penny_more_in_all_does_not() -> None:
    handsets = Spent("B", "Handsets", 300_00, unit_count=10)
    assert broken(handsets) == []
    (breach,) = breaches(replace(handsets, pence=300_01), [CAP])
    assert breach.message == (
        "One of Handsets costs £30.01, and £30.00 is the most. Clause 5.2 of HO/MS/2026/017: “No item above £30”"
    )


def test_a_condition_of_one_line_does_not_hold_for_another() -> None:
    assert broken(Spent("A", "Coats", 900_00, unit_count=1)) == []


def test_a_line_at_its_ceiling_passes_and_a_penny_more_does_not() -> None:
    assert broken(Spent("F", "Audit", 1, line_pence=2_000_00)) == []
    (breach,) = breaches(Spent("F", "Audit", 1, line_pence=2_000_01), [CEILING])
    assert breach.words == "Line F would come to £2,000.01, £0.01 over its ceiling"


@pytest.mark.parametrize(
    ("description", "kind", "clauses"),
    [
        ("Launch refreshments", "service", ["6.1"]),
        ("GIFTS for partners", "service", ["6.1"]),
        ("Gifted programme", "service", []),
        ("Coordinator, March", "payroll", ["6.3"]),
        ("Refreshment", "payroll", ["6.3", "6.1"]),
    ],
)
def test_kinds_and_words_that_are_not_paid_are_found_whole(description: str, kind: str, clauses: list[str]) -> None:
    assert broken(Spent("A", description, 50_00, kind=kind)) == clauses


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (replace(CAP, pence=None), "Enter the amount of the limit, more than £0"),
        (replace(CEILING, line_code=None), "Choose the line the ceiling is of"),
        (replace(WORDS, excluded=" , "), "Enter what is not paid"),
        (replace(KIND, clause=" "), "Enter the number of the clause"),
        (replace(HALF, share_points=10_000), "Enter the share the grant pays, more than 0% and less than 100%"),
        (replace(HALF, share_points=None), "Enter the share the grant pays, more than 0% and less than 100%"),
        (replace(PAID, admitted=" ,"), "Enter what alone will do"),
    ],
)
def test_a_condition_that_could_not_be_tested_is_refused(condition: Condition, message: str) -> None:
    with pytest.raises(RuleBroken, match=message):
        demand_sound_condition(condition)


def test_a_grant_that_pays_half_pays_half_of_an_odd_penny_less_and_not_a_penny_more() -> None:
    coats = Spent("A", "Coats", 100_01, share_pence=50_00)
    assert list(breaches(coats, [HALF])) == []
    (breach,) = breaches(replace(coats, share_pence=50_01), [HALF])
    assert breach.words == (
        "The grant pays at most 50% of what a thing costs: £50.00 of the £100.01 of Coats. This would make it £50.01"
    )
    assert list(breaches(replace(coats, share_pence=None), [HALF])) == []


def test_any_one_of_the_papers_asked_for_will_do_and_none_will_not() -> None:
    coats = Spent("A", "Coats", 100_00)
    assert list(breaches(coats, [PAID])) == []
    assert list(breaches(replace(coats, papers=frozenset({"invoice", "order"})), [PAID])) == []
    (breach,) = breaches(replace(coats, papers=frozenset({"order"})), [PAID])
    assert breach.words == "Coats has none of the papers asked for: proof of payment or invoice"


def test_goods_of_a_line_go_to_the_places_named_and_to_no_other() -> None:
    conditions = (CAP, TOWNS)
    assert places_allowed(conditions, {"A"}, "SAL") is None
    assert places_allowed(conditions, {"A", "B"}, "DEV") is TOWNS
    assert places_allowed(conditions, {"B"}, "DEV") is None


@pytest.mark.parametrize(
    ("condition", "words"), [(CAP, "£30.00"), (HALF, "50%"), (TOWNS, "SAL, SWI"), (KIND, "payroll")]
)
def test_a_condition_says_in_a_list_what_it_limits_to(condition: Condition, words: str) -> None:
    assert condition.limit_words == words
