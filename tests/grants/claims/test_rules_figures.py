"""The arithmetic of a claim: what is known now, less what was claimed before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grants.claims.rules.figures import Carried, ClaimFigures, LineClaim, by_line, of_estimate, of_row, total_of
from grants.reports.rules import LineFigures

WORKED = (
    # line, approved, virement, Q1, ledger, opening, closing, eligible, cumulative, forecast, outturn, variance, share
    ("A", 9_600_00, 0, 2_310_40, 2_806_00, 410_40, 312_00, 2_707_60, 5_018_00, 4_400_00, 9_418_00, 182_00, "1.9%"),
    ("B", 4_400_00, 0, 980_00, 1_260_00, 0, 0, 1_260_00, 2_240_00, 2_100_00, 4_340_00, 60_00, "1.4%"),
    ("C", 2_160_00, -400_00, 1_240_00, 0, 0, 0, 0, 1_240_00, 500_00, 1_740_00, 20_00, "1.1%"),
    ("D", 4_300_00, 400_00, 0, 1_890_00, 0, 640_00, 2_530_00, 2_530_00, 2_100_00, 4_630_00, 70_00, "1.5%"),
    ("E", 1_000_00, 0, 150_00, 180_00, 0, 0, 180_00, 330_00, 600_00, 930_00, 70_00, "7.0%"),
    ("F", 1_000_00, 0, 0, 0, 0, 0, 0, 0, 900_00, 900_00, 100_00, "10.0%"),
)
"""The worked claim for Quarter 2 of our grant notes, in pence."""


def _worked_lines() -> list[LineClaim]:
    """Make the worked claim from what each line has become eligible and accrued, and from the claim before."""
    lines = []
    for number, (code, approved, virement, earlier, ledger, opening, closing, *rest) in enumerate(WORKED):
        forecast = int(str(rest[2]))
        before = Carried(claimed=earlier, closing=opening)
        now = LineFigures(earlier=earlier, eligible=ledger - opening + closing, closing_accrual=closing)
        lines.append(LineClaim(number, code, code, approved, virement, of_row(now, before), forecast))
    return lines


def test_the_worked_claim_comes_out_to_the_penny() -> None:
    for line, row in zip(_worked_lines(), WORKED, strict=True):
        own = line.figures
        assert (
            line.code, line.approved, line.virement, own.earlier, own.ledger, own.opening, own.closing, own.eligible,
            own.cumulative, line.forecast, line.outturn, line.variance, line.variance_words,
        ) == row  # fmt: skip


def test_the_worked_claims_totals_come_out_to_the_penny() -> None:
    lines = _worked_lines()
    total = total_of(lines)
    assert total == ClaimFigures(4_680_40, 6_136_00, 410_40, 952_00, 6_677_60)
    assert total.cumulative == 11_358_00
    assert sum(line.revised for line in lines) == 22_460_00
    assert sum(line.outturn for line in lines) == 21_958_00
    assert sum(line.variance for line in lines) == 502_00


def test_a_variance_of_exactly_the_limit_needs_no_explanation_and_a_penny_more_does() -> None:
    exact = LineClaim(6, "F", "Briefing", 1_000_00, 0, ClaimFigures(), 900_00)
    beyond = LineClaim(6, "F", "Briefing", 1_000_00, 0, ClaimFigures(), 899_99)
    over = LineClaim(6, "F", "Briefing", 1_000_00, 0, ClaimFigures(), 1_100_01)
    assert [line.needs_explanation(1_000) for line in (exact, beyond, over)] == [False, True, True]
    assert over.variance_words == "−10.0%"


def test_an_estimate_reverses_by_itself_and_the_invoice_that_came_takes_its_place() -> None:
    """| claim | estimate 640.00              | invoice 655.00 (ledger 655.00 in claim 2) |
    |-------|------------------------------|--------------------------------------------|
    | 1     | closing 640.00, claimed 640  |                                            |
    | 2     | opening 640.00, claimed −640 | ledger 655.00, claimed 655                 |"""
    first = of_estimate(640_00, Carried())
    assert first == ClaimFigures(0, 0, 0, 640_00, 640_00)
    back = of_estimate(0, Carried(claimed=640_00, closing=640_00))
    assert back == ClaimFigures(640_00, 0, 640_00, 0, -640_00)
    invoice = of_row(LineFigures(earlier=655_00), Carried())
    assert invoice == ClaimFigures(0, 655_00, 0, 0, 655_00)
    assert (back + invoice).eligible == 15_00


def test_a_split_reversed_after_signing_is_given_back_by_the_next_claim() -> None:
    assert of_row(LineFigures(), Carried(claimed=312_00, closing=0)) == ClaimFigures(312_00, -312_00, 0, 0, -312_00)


def test_what_the_ledger_held_before_it_was_received_is_claimed_when_it_is() -> None:
    """Paid in quarter 1, received in quarter 2: a negative closing accrual, reversed."""
    first = of_row(LineFigures(ledger=50_00, closing_prepaid=50_00), Carried())
    assert first == ClaimFigures(0, 50_00, 0, -50_00, 0)
    second = of_row(LineFigures(eligible=50_00), Carried(claimed=0, closing=-50_00))
    assert second == ClaimFigures(0, 0, -50_00, 0, 50_00)


@given(
    st.lists(st.tuples(st.integers(-10_000, 10_000), st.integers(-10_000, 10_000)), min_size=1, max_size=6),
)
def test_whatever_becomes_known_every_claim_balances_and_no_penny_is_claimed_twice(
    known: list[tuple[int, int]],
) -> None:
    """Each claim knows a cumulative and a closing figure of its own; the claims add up to the last one's."""
    claimed, closing = 0, 0
    for cumulative, accrued in known:
        now = LineFigures(earlier=cumulative, closing_accrual=accrued)
        figures = of_row(now, Carried(claimed, closing))
        assert figures.eligible == figures.ledger - figures.opening + figures.closing
        assert figures.opening == closing
        claimed, closing = claimed + figures.eligible, figures.closing
    assert claimed == known[-1][0]


def test_rows_add_up_by_line() -> None:
    rows = [(1, ClaimFigures(1, 2, 3, 4, 3)), (2, ClaimFigures(eligible=5)), (1, ClaimFigures(1, 1, 1, 1, 1))]
    assert by_line(rows) == {1: ClaimFigures(2, 3, 4, 5, 4), 2: ClaimFigures(eligible=5)}
