"""Carrying what was found in a sample over to its population, with how far that may be off.

Amounts are exact fractions of pence until the last step, which rounds a likely figure half up and a limit outwards. An
error is what the books say less what is right: above nothing the books say too much. A row that could not be checked
counts as wholly wrong, since nothing shows that it is right.

Source: AUD-1, AUD-2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import isqrt

from audit.samples.rules.bounds import most_wrong, poisson_limit, student_factor
from audit.samples.rules.drawing import Method
from core.money import pounds


class Outcome(StrEnum):
    """What an auditor found of a row."""

    AGREED = "agreed"
    ERROR = "error"
    NOT_CHECKED = "could not be checked"


@dataclass(frozen=True)
class Found:
    """A drawn row with its result.

    Attributes:
        pence: what the books say; None without an amount.
        right_pence: what is right, where the outcome is an error.
    """

    pence: int | None
    outcome: Outcome
    right_pence: int | None = None

    @property
    def is_wrong(self) -> bool:
        """Whether it does not agree."""
        return self.outcome is not Outcome.AGREED

    @property
    def error_pence(self) -> int:
        """What the books say too much; below nothing, too little."""
        if self.pence is None or not self.is_wrong:
            return 0
        return self.pence - (self.right_pence or 0) if self.outcome is Outcome.ERROR else self.pence


@dataclass(frozen=True)
class Limits:
    """What is likely, and between which amounts it lies at the confidence asked for, in pence.

    ``least`` and ``most`` are None where rows that were not drawn may be wrong and the sample does not say how much: a
    random sample without a difference between its rows.
    """

    way: str
    likely: int
    least: int | None
    most: int | None


@dataclass(frozen=True)
class Projection:
    """What a wholly checked sample says of its population.

    Attributes:
        wrong: rows that do not agree.
        known: what was found too much in the rows themselves, in pence; None without amounts.
        ways: the estimates, the one that is relied on first; none without amounts.
        likely_wrong, most_wrong: how many rows of the population are likely wrong and at most; None by value.
        sentence: all of it in plain words.
    """

    wrong: int
    known: int | None
    ways: tuple[Limits, ...]
    likely_wrong: int | None
    most_wrong: int | None
    sentence: str


@dataclass(frozen=True)
class Whole:
    """The population and how it was drawn from.

    Attributes:
        drawn: rows that were drawn (random), or hits (by value).
        confidence: per cent.
        small_pence: what the rows smaller than an interval come to; the others were certain to be drawn.
    """

    method: Method
    count: int
    pence: int | None
    drawn: int
    confidence: int
    small_pence: int = 0


def project(whole: Whole, found: Sequence[Found]) -> Projection:
    """Carry the results of a sample over to its population; every drawn row has one."""
    if whole.method is Method.BY_VALUE:
        return _by_value(whole, found)
    wrong = sum(each.is_wrong for each in found)
    likely = _half_up(Fraction(whole.count * wrong, len(found)))
    most = most_wrong(whole.count, len(found), wrong, whole.confidence)
    if whole.pence is None:
        said = f"{_checked(whole, found)} {_rows_wrong(whole, likely, most)}".strip()
        return Projection(wrong, None, (), likely, most, said)
    ways = _random_ways(whole, found)
    sentence = f"{_checked(whole, found)} {_money(whole, ways[0])} {_rows_wrong(whole, likely, most)}".strip()
    return Projection(wrong, sum(each.error_pence for each in found), ways, likely, most, sentence)


# ---- Random samples -----------------------------------------------------------------------------


def _random_ways(whole: Whole, found: Sequence[Found]) -> tuple[Limits, ...]:
    """Estimate by the error of each pound (ratio) and by the error of each row (mean)."""
    books = [each.pence or 0 for each in found]
    errors = [each.error_pence for each in found]
    mean = Fraction(sum(errors), len(found))
    of_rows = _interval("Mean error of a row", whole, mean * whole.count, [error - mean for error in errors])
    if sum(books) <= 0 or not whole.pence or whole.pence <= 0:
        return (of_rows,)
    ratio = Fraction(sum(errors), sum(books))
    left = [error - ratio * book for error, book in zip(errors, books, strict=True)]
    return (_interval("Error of each pound", whole, ratio * whole.pence, left), of_rows)


def _interval(way: str, whole: Whole, likely: Fraction, residuals: Sequence[Fraction]) -> Limits:
    """Give an estimate and its two-sided interval, corrected for a population that is not endless."""
    drawn = len(residuals)
    variance = sum((each * each for each in residuals), Fraction(0)) / (drawn - 1)
    spread = whole.count**2 * (1 - Fraction(drawn, whole.count)) * variance / drawn
    if not spread and drawn < whole.count:
        return Limits(way, _half_up(likely), None, None)
    half = _root(student_factor(drawn - 1, whole.confidence) ** 2 * spread)
    return Limits(way, _half_up(likely), _half_up(likely) - half, _half_up(likely) + half)


def _root(square: Fraction) -> int:
    """Give the square root, rounded up to a whole number."""
    whole = -(-square.numerator // square.denominator)
    root = isqrt(whole)
    return root if root * root == whole else root + 1


# ---- Samples by value ---------------------------------------------------------------------------


def _by_value(whole: Whole, found: Sequence[Found]) -> Projection:
    """Evaluate a monetary-unit sample: most likely error, and the limit beyond it either way (Stringer)."""
    total = whole.pence or 0
    interval = Fraction(total, whole.drawn)
    too_much = _stringer(interval, whole, found, 1)
    too_little = _stringer(interval, whole, found, -1)
    likely = _half_up(too_much[0] - too_little[0])
    limits = Limits("Error of each pound hit", likely, -_up(too_little[1]), min(_up(too_much[1]), total))
    wrong, known = sum(each.is_wrong for each in found), sum(each.error_pence for each in found)
    return Projection(wrong, known, (limits,), None, None, f"{_checked(whole, found)} {_money(whole, limits)}")


def _stringer(interval: Fraction, whole: Whole, found: Sequence[Found], sign: int) -> tuple[Fraction, Fraction]:
    """Give the most likely error of one direction and its upper limit, both above nothing.

    A row as large as the interval was certain to be drawn, so its error is known and not projected. Of the others,
    each stands for one interval, and its share that is wrong (the taint) for that share of it.
    """
    known = Fraction(0)
    taints: list[Fraction] = []
    for each in found:
        book, error = each.pence or 0, sign * each.error_pence
        if error > 0 and book >= interval:
            known += error
        elif error > 0:
            taints.append(Fraction(error, book))
    taints.sort(reverse=True)
    limit = poisson_limit(0, whole.confidence) if whole.small_pence else Fraction(0)
    for number, taint in enumerate(taints, start=1):
        step = poisson_limit(number, whole.confidence) - poisson_limit(number - 1, whole.confidence)
        limit += step * taint
    return known + sum(taints, Fraction(0)) * interval, known + limit * interval


# ---- Words --------------------------------------------------------------------------------------


def _checked(whole: Whole, found: Sequence[Found]) -> str:
    """Say what was looked at and what was found in it."""
    drawn = len(found)
    book = sum(each.pence or 0 for each in found)
    amounts = "" if whole.pence is None else f", {pounds(book)} of {pounds(whole.pence)}"
    opened = f"{drawn:,} of {whole.count:,} rows {'were' if drawn > 1 else 'was'} checked{amounts}."
    wrong = sum(each.is_wrong for each in found)
    if not wrong:
        return f"{opened} All agree."
    unseen = sum(each.outcome is Outcome.NOT_CHECKED for each in found)
    aside = f" ({unseen:,} of them could not be checked, and {_counts(unseen)} as wholly wrong)" if unseen else ""
    error = sum(each.error_pence for each in found)
    by = "" if whole.pence is None else f", by {_amount(error)} in all"
    return f"{opened} {wrong:,} {'do' if wrong > 1 else 'does'} not agree{aside}{by}."


def _counts(number: int) -> str:
    return "count" if number > 1 else "counts"


def _money(whole: Whole, limits: Limits) -> str:
    """Say the most likely error of the whole and its limits."""
    likely = f"The most likely error of the whole is {_amount(limits.likely)}"
    if limits.least is None or limits.most is None:
        return f"{likely}; as the rows do not differ in that, the sample sets no limit to it in pounds."
    if limits.least == limits.most == limits.likely:
        return f"{likely}: every row that could matter was checked."
    return (
        f"{likely}; with {whole.confidence}% confidence the whole is not more than {_bound(limits.most, 1)} nor more "
        f"than {_bound(-limits.least, -1)}."
    )


def _amount(pence: int) -> str:
    """Write an error as people say it."""
    if not pence:
        return "nothing"
    return f"{pounds(abs(pence))} too {'much' if pence > 0 else 'little'}"


def _bound(pence: int, sign: int) -> str:
    return f"{pounds(max(pence, 0))} too {'much' if sign > 0 else 'little'}"


def _rows_wrong(whole: Whole, likely: int, most: int) -> str:
    """Say how many rows of the whole are likely wrong, and how many at most."""
    if likely == most:
        return f"Of all {whole.count:,} rows {most:,} {'are' if most > 1 else 'is'} wrong." if most else ""
    few = f"{likely:,}" if likely else "none"
    return (
        f"Likely {few} of the {whole.count:,} rows {'is' if likely == 1 else 'are'} wrong, and with "
        f"{whole.confidence}% confidence at most {most:,}."
    )


def _half_up(value: Fraction) -> int:
    """Round to a whole number, half away from nothing."""
    size = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return -size if value < 0 else size


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
