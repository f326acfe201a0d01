"""When order, delivery and invoice agree, and in which words they do not."""

from dataclasses import replace

import pytest

from grants.threeway.rules import Billed, Tolerance, exceptions

AGREES = Billed("INV-00001-1", "Towels", 100_00, 20, 20, 100_00, received_count=20)


def test_what_was_ordered_came_and_is_billed_agrees() -> None:
    assert exceptions(AGREES) == ()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (replace(AGREES, ordered_count=None, ordered_pence=None), ["No order stands behind £100.00"]),
        (replace(AGREES, received_count=12), ["20 are billed and 12 have come"]),
        (replace(AGREES, billed_before=5), ["25 are billed and 20 were ordered"]),
        (replace(AGREES, net_pence=101_01), ["£101.01 is billed, £1.01 more than the order’s £100.00"]),
        (replace(AGREES, net_pence=98_99), ["£98.99 is billed, £1.01 less than the order’s £100.00"]),
        (
            replace(AGREES, unit_count=25, net_pence=125_00, received_count=20),
            ["25 are billed and 20 were ordered", "25 are billed and 20 have come"],
        ),
    ],
)
def test_each_difference_is_said_with_its_figures(row: Billed, words: list[str]) -> None:
    assert list(exceptions(row)) == words


def test_a_price_may_differ_by_one_per_cent_or_one_pound_where_the_award_says_nothing_else() -> None:
    assert (Tolerance().of(20_00), Tolerance().of(1_000_00)) == (1_00, 10_00)
    assert exceptions(replace(AGREES, net_pence=101_00)) == ()
    assert exceptions(replace(AGREES, net_pence=99_00)) == ()


def test_the_award_says_by_how_much_a_price_may_differ() -> None:
    """5% of 100.00 lets 5.00 pass and not 5.01; nothing at all lets not a penny."""
    wide, none = Tolerance(500, 0), Tolerance(0, 0)
    assert exceptions(replace(AGREES, net_pence=105_00, tolerance=wide)) == ()
    assert exceptions(replace(AGREES, net_pence=105_01, tolerance=wide)) != ()
    assert exceptions(replace(AGREES, net_pence=100_01, tolerance=none)) == (
        "£100.01 is billed, £0.01 more than the order’s £100.00",
    )
    assert exceptions(replace(AGREES, tolerance=none)) == ()


def test_a_credit_note_settles_what_did_not_come_or_cost_too_much() -> None:
    """20 billed at £5.00, 12 came: £40.00 back. 20 billed at £6.00 for £5.00: £20.00 back."""
    short = replace(AGREES, received_count=12)
    assert exceptions(replace(short, credited_pence=40_00)) == ()
    assert exceptions(replace(short, credited_pence=38_00)) != ()
    assert exceptions(replace(AGREES, credited_pence=10_00)) == ()
    dear = replace(AGREES, net_pence=120_00)
    assert exceptions(replace(dear, credited_pence=20_00)) == ()


def test_carriage_needs_no_order() -> None:
    assert exceptions(Billed("INV-00001-2", "Carriage", 8_00)) == ()


def test_a_service_that_was_ordered_is_held_to_its_price() -> None:
    assert exceptions(Billed("INV-1-1", "Briefing", 950_00, None, 1, 900_00)) == (
        "£950.00 is billed, £50.00 more than the order’s £900.00",
    )
