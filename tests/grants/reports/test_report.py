"""The statement of grant usage, from facts recorded through the services."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import NotFound
from grants.reports.report import freeze_statement
from tests.factories import World
from tests.grants.reports.story import LATE, QUARTER_1, QUARTER_2, begin


def test_the_second_quarter_adds_up_by_hand(quarters: World) -> None:
    """
    | line | earlier | ledger | opening | closing | eligible |                                    |
    |------|--------:|-------:|--------:|--------:|---------:|------------------------------------|
    | A    |  410.40 | 417.90 |  410.40 |   −2.51 |     4.99 | 2 of 3 towels: 6.66 less B's 1.66  |
    """
    statement = freeze_statement("GB2026", QUARTER_2, at=LATE)
    by_code = {line.code: line.figures for line in statement.lines}
    assert (by_code["A"].earlier, by_code["A"].ledger, by_code["A"].opening) == (410_40, 417_90, 410_40)
    assert by_code["A"].eligible + by_code["B"].eligible == 6_66
    assert by_code["A"].closing_prepaid + by_code["B"].closing_prepaid == 3_34
    assert by_code["D"].closing_accrual == by_code["D"].eligible == 312_00
    assert by_code["E"].eligible == by_code["E"].ledger == 25_00
    assert statement.total.eligible == 6_66 + 312_00 + 25_00
    assert [line.revised for line in statement.lines if line.code in "CD"] == [2_060_00, 4_400_00]


def test_the_walk_goes_from_the_extract_to_the_total_of_the_table(quarters: World) -> None:
    statement = freeze_statement("GB2026", QUARTER_2, at=LATE)
    steps = [(step.label.split(":")[0], step.pence) for step in statement.walk]
    assert steps == [
        ("Finance extract for project P4471, lines dated in the period", 1_005_35),
        ("Less lines that no spending explains yet", -500_00),
        ("Less spending charged to no grant", -84_95),
        ("Plus spending of this grant booked under codes other than P4471", 25_00),
        ("In the ledger for this grant", 445_40),
        ("Less opening accruals", -410_40),
        ("Plus closing accruals", 312_00),
        ("Less in the ledger and not received by the end of the period", -3_34),
        ("Eligible this period", 343_66),
    ]
    assert statement.walk[-1].pence == statement.total.eligible
    assert statement.walk[4].pence == statement.total.ledger
    assert [row.reference for row in statement.walk[1].rows] == ["AP104"]


def test_what_was_eligible_in_one_quarter_is_eligible_earlier_in_the_next(quarters: World) -> None:
    first, second = (freeze_statement("GB2026", quarter, at=LATE) for quarter in (QUARTER_1, QUARTER_2))
    assert first.total.eligible == second.total.earlier == 410_40
    assert first.total.closing == second.total.opening == 410_40
    assert first.walk[-1].pence == 410_40


def test_cumulative_awaited_and_later_add_up_to_all_that_is_apportioned(quarters: World) -> None:
    statement = freeze_statement("GB2026", QUARTER_2, at=LATE)
    assert statement.total.apportioned == 410_40 + 10_00 + 312_00 + 25_00
    assert statement.agreement_table.total == ("Apportioned to the grant", 757_40)


def test_a_grant_without_spending_has_a_statement_of_noughts(world: World) -> None:
    begin(world)
    statement = freeze_statement("GB2026", QUARTER_2, at=LATE)
    assert statement.total.cumulative == 0
    assert statement.remaining == 22_460_00
    assert statement.walk[-1].pence == 0


def test_what_was_recorded_later_is_not_in_an_earlier_statement(quarters: World) -> None:
    statement = freeze_statement("GB2026", QUARTER_2, at=LATE - timedelta(seconds=1))
    assert statement.total.cumulative == 0
    assert statement.walk[0].pence == 0


def test_there_is_no_statement_of_an_award_that_is_not_there(world: World) -> None:
    with pytest.raises(NotFound):
        freeze_statement("NONE", QUARTER_2, at=LATE)
