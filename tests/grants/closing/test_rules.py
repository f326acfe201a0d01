"""What stands between an award and its close, what is owed, and how long records are kept: plain values."""

from __future__ import annotations

from datetime import date

from grants.closing.rules import PeriodState, Settlement, hindrances, kept_until

Q1 = (date(2026, 4, 1), date(2026, 6, 30))
Q2 = (date(2026, 7, 1), date(2026, 9, 30))


def test_an_award_that_is_claimed_and_signed_off_has_nothing_left_to_do() -> None:
    assert hindrances([PeriodState(*Q1, True, True)], 0) == ()


def test_what_is_left_to_do_is_named_with_its_figures() -> None:
    periods = [PeriodState(*Q1, True, False), PeriodState(*Q2, False, False)]
    assert hindrances(periods, 12_50, 3) == (
        "The claim for 1 July to 30 September 2026 is not certified. Certify every claim",
        "The reconciliation of 1 April to 30 June 2026 is not signed off, nor 1 more. Have every period signed off",
        "£12.50 is ordered and not invoiced. Record the invoices, or end what is still to come",
    )
    assert hindrances([], 0, 3) == ("£0.03 is apportioned and was not claimed. Reverse what the award does not pay",)
    assert hindrances([], 0, -3) == ("£0.03 more was claimed than is apportioned. Record what stands behind it",)


def test_the_worked_outturn_settles_to_the_penny() -> None:
    """Award 22,460.00; eligible 21,958.00; received 17,142.10, final claim 4,815.90; not drawn 502.00."""
    owed = Settlement(22_460_00, 21_958_00, 17_142_10, 0)
    assert (owed.underspend, owed.to_come, owed.to_repay) == (502_00, 4_815_90, 0)
    overpaid = Settlement(22_460_00, 21_958_00, 22_000_00, 40_00)
    assert (overpaid.underspend, overpaid.to_come, overpaid.to_repay) == (502_00, 0, 2_00)


def test_records_are_kept_so_many_years_after_the_funding_period() -> None:
    assert kept_until(date(2027, 3, 31), 7) == date(2034, 3, 31)
    assert kept_until(date(2028, 2, 29), 7) == date(2035, 2, 28)
