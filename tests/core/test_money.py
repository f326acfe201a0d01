"""Pence: printing, splits that add up, the pence of indivisible lots, VAT."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    Pence,
    funding_of_pence,
    plain_pounds,
    pounds,
    pounds_short,
    share,
    units_cost,
    units_funding,
    vat_on,
)

totals = st.integers(-10_000_000, 10_000_000).map(Pence)
weights = st.lists(st.integers(0, 1_000_000), min_size=1, max_size=8).filter(any)
parts = st.lists(st.integers(0, 100_000).map(Pence), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("pence", "long", "short", "plain"),
    [
        (0, "£0.00", "£0", "0.00"),
        (5, "£0.05", "£0.05", "0.05"),
        (6_000, "£60.00", "£60", "60.00"),
        (123_450, "£1,234.50", "£1,234.50", "1234.50"),
        (-6_000, "\u2212£60.00", "\u2212£60", "-60.00"),
        (-1, "\u2212£0.01", "\u2212£0.01", "-0.01"),
        (100_000_000_099, "£1,000,000,000.99", "£1,000,000,000.99", "1000000000.99"),
    ],
)
def test_an_amount_is_printed_for_a_table_a_sentence_and_a_machine(
    pence: int, long: str, short: str, plain: str
) -> None:
    assert (pounds(pence), pounds_short(pence), plain_pounds(pence)) == (long, short, plain)


@pytest.mark.parametrize(
    ("total", "by", "expected"),
    [
        (1000, [1, 1, 1], (334, 333, 333)),
        (100, [50, 30, 20], (50, 30, 20)),
        (5, [1, 1], (3, 2)),
        (1, [1, 2], (0, 1)),
        (1000, [0, 1, 1], (0, 500, 500)),
        (0, [3, 4], (0, 0)),
        (2_246_000, [6000, 2500, 1500], (1_347_600, 561_500, 336_900)),
    ],
)
def test_a_split_gives_left_over_pence_to_the_largest_remainders_first_come_first(
    total: int, by: list[int], expected: tuple[int, ...]
) -> None:
    assert share(Pence(total), by) == expected
    assert share(Pence(-total), by) == tuple(-part for part in expected)


@pytest.mark.parametrize("by", [[], [0, 0], [2, -1], [-1, -1]])
def test_a_split_by_no_weight_or_a_negative_one_is_refused(by: list[int]) -> None:
    with pytest.raises(ValueError, match="Weights must not be negative"):
        share(Pence(100), by)


@given(totals, weights)
def test_a_split_adds_up_and_is_never_a_penny_from_its_exact_share(total: Pence, by: list[int]) -> None:
    split = share(total, by)
    assert sum(split) == total
    for part, weight in zip(split, by, strict=True):
        assert abs(part * sum(by) - total * weight) < sum(by)
        assert weight or part == 0


def test_three_units_of_ten_pounds_cost_333_333_and_334_pence() -> None:
    """
    unit | ⌊1000·b/3⌋ | cost
    1    | 333        | 333
    2    | 666        | 333
    3    | 1000       | 334
    """
    assert [units_cost(Pence(1000), 3, unit, unit) for unit in (1, 2, 3)] == [333, 333, 334]
    assert units_cost(Pence(1000), 3, 2, 3) == 667
    assert units_cost(Pence(-1000), 3, 2, 3) == -667


@pytest.mark.parametrize(("count", "first", "last"), [(3, 0, 1), (3, 2, 1), (3, 3, 4), (0, 1, 1), (-1, 1, 1)])
def test_units_outside_a_lot_have_no_cost(count: int, first: int, last: int) -> None:
    with pytest.raises(ValueError, match="are not in a lot"):
        units_cost(Pence(1000), count, first, last)
    with pytest.raises(ValueError, match="are not in a lot"):
        units_funding([Pence(1000)], count, first, last)


def test_the_first_pence_of_a_total_come_from_its_shares_in_turn() -> None:
    """Of £0.10 paid 3p by one line and 7p by another: F1(c) = ⌊3c/10⌋.

    pence | 0 1 2 3 4 5 6 7 8 9 10
    first | 0 0 0 0 1 1 1 2 2 2 3
    """
    funding = [funding_of_pence([Pence(3), Pence(7)], upto) for upto in range(11)]
    assert [first for first, _ in funding] == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3]
    assert [sum(both) for both in funding] == list(range(11))
    assert funding_of_pence([Pence(-3), Pence(-7)], -4) == (-1, -3)


def test_a_share_of_nothing_pays_nothing() -> None:
    assert funding_of_pence([Pence(0), Pence(5), Pence(0)], 3) == (0, 3, 0)
    assert funding_of_pence([Pence(0)], 0) == (0,)
    assert funding_of_pence([], 0) == ()


@pytest.mark.parametrize(("shares", "upto"), [([5, -1], 2), ([5], 6), ([5], -1), ([-5], 1), ([-5], -6)])
def test_funding_refuses_mixed_signs_and_pence_that_are_not_there(shares: list[int], upto: int) -> None:
    with pytest.raises(ValueError, match=r"Shares must be|There are"):
        funding_of_pence([Pence(part) for part in shares], upto)


@given(parts, st.data())
def test_each_penny_belongs_to_exactly_one_share_for_good(shares: list[Pence], data: st.DataObject) -> None:
    total = sum(shares)
    upto = data.draw(st.integers(0, total))
    here = funding_of_pence(shares, upto)
    assert sum(here) == upto
    assert all(0 <= part <= most for part, most in zip(here, shares, strict=True))
    if upto < total:
        after = funding_of_pence(shares, upto + 1)
        assert sorted(b - a for a, b in zip(here, after, strict=True)) == [0] * (len(shares) - 1) + [1]
    assert funding_of_pence(shares, total) == tuple(shares)
    mirrored = funding_of_pence([Pence(-part) for part in shares], -upto)
    assert mirrored == tuple(-part for part in here)


@given(parts, st.integers(1, 60), st.sampled_from([1, -1]), st.data())
def test_runs_of_units_cost_and_are_funded_as_the_whole_lot(
    shares: list[Pence], unit_count: int, sign: int, data: st.DataObject
) -> None:
    signed = [Pence(sign * part) for part in shares]
    total = Pence(sum(signed))
    ends = sorted(data.draw(st.sets(st.integers(1, unit_count))) | {unit_count})
    runs = list(zip([1, *(end + 1 for end in ends)], ends, strict=False))
    costs = [units_cost(total, unit_count, first, last) for first, last in runs]
    funded = [units_funding(signed, unit_count, first, last) for first, last in runs]
    assert sum(costs) == total
    assert [sum(by_share) for by_share in funded] == costs
    assert all(sign * part >= 0 for by_share in funded for part in by_share)
    assert [sum(column) for column in zip(*funded, strict=True)] == signed


def test_units_are_funded_to_the_penny_by_two_lines() -> None:
    """Three units cost £10.00; line A pays £6.00 and line B £4.00.

    unit | cost | upto | A: ⌊600·c/1000⌋ | A   | B
    1    | 333  | 333  | 199             | 199 | 134
    2    | 333  | 666  | 399             | 200 | 133
    3    | 334  | 1000 | 600             | 201 | 133
    """
    lot = [Pence(600), Pence(400)]
    assert [units_funding(lot, 3, unit, unit) for unit in (1, 2, 3)] == [(199, 134), (200, 133), (201, 133)]


@pytest.mark.parametrize(
    ("net", "rate", "expected"),
    [
        (1000, 2000, 200),
        (2, 2000, 0),
        (3, 2000, 1),
        (5, 1000, 1),
        (-5, 1000, -1),
        (4, 1000, 0),
        (999, 500, 50),
    ],
)
def test_vat_rounds_half_a_penny_away_from_nothing(net: int, rate: int, expected: int) -> None:
    assert vat_on(Pence(net), rate) == expected


def test_a_negative_vat_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        vat_on(Pence(100), -1)
