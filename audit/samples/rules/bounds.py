"""The three distributions an evaluation needs, computed and not copied from a printed table.

Factors carry no unit; money is only ever multiplied by them as an exact fraction.
"""

from __future__ import annotations

import math
from decimal import ROUND_UP, Decimal, localcontext
from fractions import Fraction
from functools import cache

_HALVINGS = 120


@cache
def poisson_limit(errors: int, confidence: int) -> Fraction:
    """Give the mean at which so few errors, or fewer, are seen in (100 − confidence) per cent of samples.

    It is the reliability factor of value-weighted samples: 3.00 for no error at 95%, 4.75 for one (rounded up).

    Source: AUD-1.
    """
    with localcontext() as context:
        context.prec = 40
        low, high, left = Decimal(0), Decimal(20 + 10 * errors), Decimal(100 - confidence) / 100
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if _at_most(errors, middle) > left else (low, middle)
        return Fraction(high.quantize(Decimal("1E-12"), rounding=ROUND_UP))


def _at_most(errors: int, mean: Decimal) -> Decimal:
    """Give the chance of so many events or fewer."""
    term = total = (-mean).exp()
    for number in range(1, errors + 1):
        term *= mean / number
        total += term
    return total


@cache
def student_factor(freedom: int, confidence: int) -> Fraction:
    """Give Student's t for a two-sided interval, to six decimals rounded up.

    The chance of lying within is a finite sum for a whole number of degrees of freedom.

    Source: AUD-3, 26.7.3 and 26.7.4.
    """
    low, high = 0.0, 1e6
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) * 100 < confidence else (low, middle)
    return Fraction(math.ceil(high * 1_000_000), 1_000_000)


def _within(t: float, freedom: int) -> float:
    """Give the chance that Student's t lies within ±t."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = total = (cosine if odd else 1.0) if freedom > 1 else 0.0
    for number in range(2 + odd, freedom - 1, 2):
        term *= cosine * cosine * (number - 1) / number
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


def most_wrong(population: int, drawn: int, wrong: int, confidence: int) -> int:
    """Give the most rows of a population that may be wrong, when so many of a random sample are.

    It is the largest number under which so few wrong rows, or fewer, are drawn in more than (100 − confidence) per
    cent of samples; exact, for rows drawn without putting any back.

    Source: AUD-1.
    """
    low, high = wrong, population - drawn + wrong
    ways = math.comb(population, drawn)
    while low < high:
        middle = (low + high + 1) // 2
        few = sum(
            math.comb(middle, each) * math.comb(population - middle, drawn - each)
            for each in range(min(wrong, middle) + 1)
        )
        low, high = (middle, high) if few * 100 > ways * (100 - confidence) else (low, middle - 1)
    return low
