"""Splitting what a row costs, on plain values."""

import pytest

from core.errors import RuleBroken
from core.money import Pence
from grants.spending.rules import shares_by_units, vat_by_rate


def test_units_split_a_cost_by_largest_remainder() -> None:
    """1.00 for 3: 33, 33 and 34 pence at most once; what no line takes stays out."""
    assert shares_by_units(Pence(1_00), 3, (1, 1, 1), "R") == (34, 33, 33)
    assert shares_by_units(Pence(1_00), 3, (1, 1), "R") == (34, 33)
    assert shares_by_units(Pence(100_00), 3, (2,), "R") == (66_67,)
    assert shares_by_units(Pence(1_900_00), 100, (60, 40), "R") == (1_140_00, 760_00)


@pytest.mark.parametrize(
    ("unit_count", "units", "said"),
    [
        (None, (1,), "R bills nothing that is counted. Split it by pounds or by percentage"),
        (3, (), "Enter 1 unit or more for each line"),
        (3, (1, 0), "Enter 1 unit or more for each line"),
        (3, (-1,), "Enter 1 unit or more for each line"),
        (3, (2, 2), "Units add up to 4 and R bills 3, 1 fewer. Lower them"),
    ],
)
def test_units_that_are_not_there_are_refused(unit_count: int | None, units: tuple[int, ...], said: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        shares_by_units(Pence(1_00), unit_count, units, "R")
    assert refused.value.message == said


@pytest.mark.parametrize(
    ("net", "vat", "units", "found"),
    [(100_00, 20_00, None, None), (100_00, 19_95, None, None), (100_00, 19_94, None, 20_00),
     (100_00, 5_00, 10, 20_00), (100_00, 20_30, 30, None), (100_00, 20_31, 30, 20_00),
     (-60_00, -12_00, None, None), (-60_00, -3_00, None, -12_00)],
)  # fmt: skip
def test_vat_further_from_its_rate_than_rounding_each_unit_is_told(
    net: int, vat: int, units: int | None, found: int | None
) -> None:
    assert vat_by_rate(net, 2000, vat, units) == found
