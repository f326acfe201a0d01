"""Drawing and evaluating, against programs written apart from them and against figures worked out by hand."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from audit.samples.rules import (
    Found,
    Limits,
    Listed,
    Method,
    Outcome,
    Whole,
    digest_of_population,
    draw,
    population_of,
    project,
    read_population,
    text_of_population,
)
from audit.samples.rules.bounds import most_wrong, poisson_limit, student_factor
from core.errors import RuleBroken

PAPER = Path(__file__).resolve().parents[3] / "docs" / "SAMPLES.md"
ROWS = [Listed(f"INV-{number:05d}-1", "", "", pence) for number, pence in enumerate((900, 40, 25_000, 310, 1, 77), 1)]
AGREED, ERROR, NOT_CHECKED = Outcome.AGREED, Outcome.ERROR, Outcome.NOT_CHECKED


def populations() -> Iterator[tuple[list[Listed], str, int]]:
    """Make populations, seeds and numbers of rows to draw; the same on every run."""
    chance = Random(4261)
    for number in range(60):
        amounts = [chance.choice((1, 99, 5_000, 80_000)) + chance.randrange(50) for _ in range(chance.randint(2, 30))]
        rows = [Listed(f"R-{at:03d}", "", "", pence) for at, pence in enumerate(amounts)]
        yield rows, f"SEED {number}", chance.randint(2, len(rows))


def documented() -> dict[str, Any]:
    """Run the program that the documentation gives to auditors."""
    (program,) = re.findall(r"```python\n(.*?)```", PAPER.read_text(), re.S)
    made: dict[str, Any] = {}
    exec(program, made)  # our own documentation, which must do what it says
    return made


def plain(rows: list[Listed]) -> list[tuple[str, int | None]]:
    return [(row.reference, row.pence) for row in rows]


# ---- Drawing ------------------------------------------------------------------------------------


def test_whoever_follows_the_documentation_draws_the_same_rows() -> None:
    theirs = documented()
    for rows, seed, count in populations():
        ours = [each.row.reference for each in draw(rows, Method.RANDOM, seed, count)]
        assert ours == theirs["random_sample"](plain(rows), seed, count)
        ours_by_value = {each.row.reference: each.hits for each in draw(rows, Method.BY_VALUE, seed, count)}
        assert ours_by_value == theirs["value_sample"](plain(rows), seed, count)


def test_a_seed_draws_these_rows_for_ever() -> None:
    # As `sha256sum` gives them for "DICE-4261 INV-00004-1" and its like.
    random = draw(ROWS, Method.RANDOM, "DICE-4261", 3)
    assert [(each.row.reference, each.mark) for each in random] == [
        ("INV-00004-1", "1316f79b307e"), ("INV-00005-1", "1c118856987a"), ("INV-00001-1", "3e6fa4e3957d"),
    ]  # fmt: skip
    # The start is 5,157 of 26,328 pence, so the hits are pence 1,289, 7,871, 14,453 and 21,035.
    by_value = draw(ROWS, Method.BY_VALUE, "DICE-4261", 4)
    assert [(each.row.reference, each.hits, each.mark) for each in by_value] == [("INV-00003-1", 4, "1,289")]


def test_a_row_as_large_as_the_interval_is_certain_and_each_hit_is_counted() -> None:
    for rows, seed, count in populations():
        drawn = {each.row.reference: each.hits for each in draw(rows, Method.BY_VALUE, seed, count)}
        total = sum(row.pence or 0 for row in rows)
        assert sum(drawn.values()) == count
        for row in rows:
            whole, rest = divmod((row.pence or 0) * count, total)
            assert whole <= drawn.get(row.reference, 0) <= whole + bool(rest)


def test_over_many_seeds_rows_are_drawn_as_likely_as_they_should_be() -> None:
    random, by_value = Counter[str](), Counter[str]()
    for seed in range(3_000):
        random.update(each.row.reference for each in draw(ROWS, Method.RANDOM, str(seed), 2))
        by_value.update({each.row.reference: each.hits for each in draw(ROWS, Method.BY_VALUE, str(seed), 2)})
    assert all(abs(random[row.reference] - 1_000) < 90 for row in ROWS)
    total = sum(row.pence or 0 for row in ROWS)
    for row in ROWS:
        assert abs(by_value[row.reference] - 6_000 * (row.pence or 0) / total) < 60


def test_a_population_has_one_order_one_text_and_one_digest() -> None:
    kept, left_out = population_of([*reversed(ROWS), Listed("CR-1", "", "", -500)], Method.BY_VALUE)
    assert kept == ROWS
    assert [row.reference for row in left_out] == ["CR-1"]
    text = text_of_population(kept)
    assert text.startswith("INV-00001-1\t900\nINV-00002-1\t40\n")
    assert read_population(text) == plain(ROWS)
    assert digest_of_population(text) == digest_of_population(text_of_population(ROWS))


@pytest.mark.parametrize(
    ("rows", "method", "words"),
    [
        ([], Method.RANDOM, "nothing to draw from"),
        ([Listed("A", "", "", -1)], Method.BY_VALUE, "nothing to draw from"),
        ([Listed("A", "", "", None)], Method.BY_VALUE, "no amounts to draw by"),
        ([Listed(str(number), "", "", 1) for number in range(50_001)], Method.RANDOM, "50,001 rows"),
    ],
)
def test_what_cannot_be_drawn_from_is_refused(rows: list[Listed], method: Method, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        population_of(rows, method)
    with pytest.raises(RuleBroken, match="There are 6 rows, so at most 6"):
        draw(ROWS, Method.RANDOM, "S", 7)


# ---- Distributions ------------------------------------------------------------------------------


def test_poisson_limits_are_those_the_printed_tables_round_up() -> None:
    # AICPA Audit Sampling, reliability factors: 3.00, 4.75, 6.30, 7.76, 9.16 at 95%; 2.31, 3.89, 5.33 at 90%.
    table = {95: [3.00, 4.75, 6.30, 7.76, 9.16], 90: [2.31, 3.89, 5.33], 99: [4.61, 6.64, 8.41]}
    for confidence, factors in table.items():
        for errors, factor in enumerate(factors):
            assert 0 <= factor - float(poisson_limit(errors, confidence)) < 0.011
    for errors in (0, 3, 40):
        mean = float(poisson_limit(errors, 95))
        chance = sum(math.exp(-mean + each * math.log(mean) - math.lgamma(each + 1)) for each in range(errors + 1))
        assert abs(chance - 0.05) < 1e-9


@pytest.mark.parametrize(
    ("freedom", "confidence", "factor"),
    [(1, 95, 12.706), (2, 95, 4.303), (5, 90, 2.015), (9, 95, 2.262), (30, 99, 2.750), (499, 95, 1.965)],
)
def test_students_factors_are_those_of_the_printed_tables(freedom: int, confidence: int, factor: float) -> None:
    assert abs(float(student_factor(freedom, confidence)) - factor) < 0.0006


def test_how_many_rows_can_be_wrong_is_counted_sample_by_sample() -> None:
    for wrong in range(4):
        most = most_wrong(9, 4, wrong, 90)
        for number in range(wrong, 9 - 4 + wrong + 1):
            samples = list(combinations(range(9), 4))
            few = sum(sum(row < number for row in sample) <= wrong for sample in samples)
            assert (Fraction(few, len(samples)) > Fraction(1, 10)) == (number <= most)


# ---- Projecting ---------------------------------------------------------------------------------


def test_a_random_sample_is_carried_over_by_pound_and_by_row() -> None:
    """Four of ten rows, £100.00 of £300.00.

    | book | right | error | e − b/10 | e − 2.50 |
    |---|---|---|---|---|
    | 40.00 | 30.00 | 10.00 | 6.00 | 7.50 |
    | 30.00 | 30.00 | 0 | −3.00 | −2.50 |
    | 20.00 | 20.00 | 0 | −2.00 | −2.50 |
    | 10.00 | 10.00 | 0 | −1.00 | −2.50 |

    By pound: 300 × 10/100 = 30.00; squares 36 + 9 + 4 + 1 = 50, s² = 50/3; 10 × √(0.6 × 50/3 ÷ 4) = 15.8114;
    t(3) = 3.182447 → ± 50.32. By row: 10 × 2.50 = 25.00; squares 75, s² = 25; 10 × √(0.6 × 25/4) = 19.3649 → ± 61.63.
    """
    found = [Found(40_00, ERROR, 30_00), Found(30_00, AGREED), Found(20_00, AGREED), Found(10_00, AGREED)]
    made = project(Whole(Method.RANDOM, 10, 300_00, 4, 95), found)
    assert made.ways == (
        Limits("Error of each pound", 30_00, 30_00 - 50_32, 30_00 + 50_32),
        Limits("Mean error of a row", 25_00, 25_00 - 61_63, 25_00 + 61_63),
    )
    assert (made.wrong, made.known, made.likely_wrong, made.most_wrong) == (1, 10_00, 3, 6)
    assert made.sentence == (
        "4 of 10 rows were checked, £100.00 of £300.00. 1 does not agree, by £10.00 too much in all. The most likely "
        "error of the whole is £30.00 too much; with 95% confidence the whole is not more than £80.32 too much nor "
        "more than £20.32 too little. Likely 3 of the 10 rows are wrong, and with 95% confidence at most 6."
    )


def test_a_random_sample_that_agrees_limits_rows_and_no_pounds() -> None:
    made = project(Whole(Method.RANDOM, 100, 5_000_00, 10, 95), [Found(50_00, AGREED)] * 10)
    assert {(way.likely, way.least, way.most) for way in made.ways} == {(0, None, None)}
    assert made.most_wrong == 24
    assert "the sample sets no limit to it in pounds. Likely none of the 100 rows are wrong" in made.sentence
    everything = project(Whole(Method.RANDOM, 2, 100_00, 2, 95), [Found(50_00, AGREED)] * 2)
    assert everything.ways[0] == Limits("Error of each pound", 0, 0, 0)
    assert "every row that could matter was checked" in everything.sentence


def test_go_bags_are_counted_and_not_priced() -> None:
    made = project(Whole(Method.RANDOM, 64, None, 4, 90), [Found(None, ERROR), *[Found(None, AGREED)] * 3])
    assert (made.ways, made.known, made.likely_wrong) == ((), None, 16)
    assert made.sentence == (
        "4 of 64 rows were checked. 1 does not agree. Likely 16 of the 64 rows are wrong, and with 90% confidence at "
        f"most {most_wrong(64, 4, 1, 90)}."
    )


def test_a_sample_by_value_is_carried_over_by_stringers_bound() -> None:
    """£10,000.00 in ten hits: an interval of £1,000.00 at 95%.

    | book | right | taint | |
    |---|---|---|---|
    | 1,500.00 | 1,480.00 | | as large as the interval: £20.00 is known |
    | 400.00 | 300.00 | 0.25 | |
    | 200.00 | 0 | 1 | could not be checked |
    | 100.00 | 150.00 | −0.5 | too little |

    Likely: 20 + 1,000 × 1.25 − 500 = £770.00. Above: 20 + 1,000 × (2.995732 + 1.748132 × 1 + 1.551929 × 0.25) =
    £5,151.85. Below: 1,000 × (2.995732 + 1.748132 × 0.5) = £3,869.80.
    """
    found = [
        Found(1_500_00, ERROR, 1_480_00), Found(400_00, ERROR, 300_00), Found(200_00, NOT_CHECKED),
        Found(100_00, ERROR, 150_00), *[Found(500_00, AGREED)] * 5,
    ]  # fmt: skip
    made = project(Whole(Method.BY_VALUE, 80, 10_000_00, 10, 95, 8_500_00), found)
    assert made.ways == (Limits("Error of each pound hit", 770_00, -3_869_80, 5_151_85),)
    assert "(1 of them could not be checked, and counts as wholly wrong)" in made.sentence
    assert "not more than £5,151.85 too much nor more than £3,869.80 too little." in made.sentence


def test_nothing_is_left_to_chance_where_every_row_was_certain_to_be_drawn() -> None:
    made = project(Whole(Method.BY_VALUE, 2, 200_00, 2, 95, 0), [Found(100_00, AGREED), Found(100_00, ERROR, 99_00)])
    assert made.ways == (Limits("Error of each pound hit", 1_00, 0, 1_00),)
