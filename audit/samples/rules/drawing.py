"""Drawing rows from a frozen population, so that the same seed draws the same rows for everybody.

No generator of random numbers is asked: chance is the SHA-256 of the seed and a row's reference, which a spreadsheet or
twenty lines of any language repeat (docs/SAMPLES.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.errors import RuleBroken

SMALLEST_SAMPLE, LARGEST_SAMPLE = 2, 500
LARGEST_POPULATION = 50_000


class PopulationKind(StrEnum):
    """What rows are drawn from."""

    SPENDING = "spending apportioned to an award"
    CLAIMED = "rows of a signed claim"
    ISSUES = "Go Bags issued"


class Method(StrEnum):
    """How rows are drawn."""

    RANDOM = "random"
    BY_VALUE = "by value"


@dataclass(frozen=True)
class Asked:
    """What an auditor wants a sample of.

    Attributes:
        subject: code of the award or reference of the claim; nothing for Go Bags issued.
        first, last: days the rows are of; None where the subject has its own.
        seed: what chance is made from, as somebody chose it; nothing to have it made.
        confidence: per cent of confidence the evaluation is to have.
    """

    kind: PopulationKind
    subject: str
    first: date | None
    last: date | None
    method: Method
    count: int
    confidence: int
    seed: str = ""


@dataclass(frozen=True)
class Listed:
    """One row of a population.

    Attributes:
        reference: no other row of the population has it.
        record: reference of the record it leads to.
        about: what it is, in words.
        pence: its amount; None in a population without amounts.
    """

    reference: str
    record: str
    about: str
    pence: int | None


@dataclass(frozen=True)
class Drawn:
    """A row that was drawn.

    Attributes:
        hits: how often; a row larger than the interval can be hit more than once.
        mark: what drew it: the first digits of its ticket, or the first penny that hit it.
    """

    row: Listed
    hits: int
    mark: str


def population_of(rows: Iterable[Listed], method: Method) -> tuple[list[Listed], list[Listed]]:
    """Put a population in the order of its references, and give apart what cannot be drawn by value: credits.

    Raises:
        RuleBroken: there is nothing to draw from, or too much, or no amounts to draw by.
    """
    listed = sorted(rows, key=lambda row: row.reference.encode())
    if len(listed) > LARGEST_POPULATION:
        raise RuleBroken(
            f"There are {len(listed):,} rows, and a sample is drawn from {LARGEST_POPULATION:,} at most. "
            "Choose a shorter period"
        )
    if method is Method.BY_VALUE and any(row.pence is None for row in listed):
        raise RuleBroken("Go Bags issued have no amounts to draw by. Draw a random sample", "method")
    kept = [row for row in listed if method is Method.RANDOM or (row.pence or 0) > 0]
    left_out = [row for row in listed if method is Method.BY_VALUE and (row.pence or 0) <= 0]
    if not kept:
        raise RuleBroken("Nothing is recorded there in those days, so there is nothing to draw from")
    return kept, left_out


def text_of_population(rows: Sequence[Listed]) -> str:
    """Write a population down: a line for each row, its reference, a tab, its pence (nothing without an amount)."""
    return "".join(f"{row.reference}\t{'' if row.pence is None else row.pence}\n" for row in rows)


def read_population(text: str) -> list[tuple[str, int | None]]:
    """Read a population that was written down: reference and pence of each row."""
    lines = (line.split("\t") for line in text.splitlines())
    return [(reference, int(pence) if pence else None) for reference, pence in lines]


def digest_of_population(text: str) -> str:
    """Give the SHA-256 of a population as it is written down, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def draw(rows: Sequence[Listed], method: Method, seed: str, count: int) -> list[Drawn]:
    """Draw a sample.

    Args:
        rows: the population, in the order of its references.
        count: how many rows (random), or how many pennies of the total (by value).

    Raises:
        RuleBroken: more rows are asked for than there are.
    """
    if count > len(rows):
        raise RuleBroken(f"There are {len(rows):,} rows, so at most {len(rows):,} can be drawn", "count")
    return _random(rows, seed, count) if method is Method.RANDOM else _by_value(rows, seed, count)


def ticket(seed: str, word: str) -> str:
    """Give what chance gives a word under a seed: SHA-256 of seed, space, word, as 64 hexadecimal digits."""
    return hashlib.sha256(f"{seed} {word}".encode()).hexdigest()


def _random(rows: Sequence[Listed], seed: str, count: int) -> list[Drawn]:
    """Draw the rows with the smallest tickets: each set of rows is as likely as any other."""
    by_ticket = sorted((ticket(seed, row.reference), row.reference, row) for row in rows)
    return [Drawn(row, 1, each[:12]) for each, _, row in by_ticket[:count]]


def _by_value(rows: Sequence[Listed], seed: str, count: int) -> list[Drawn]:
    """Draw every n-th penny from a start made by chance: a row is as likely as it is large.

    The pence of all rows are numbered in the order of the rows. Hit number k (from nought) is penny
    ⌊(start + k × total) / count⌋, so no fraction of an interval is lost.
    """
    total = sum(row.pence or 0 for row in rows)
    start = int(ticket(seed, "start"), 16) % total
    hits = iter([(start + number * total) // count for number in range(count)])
    drawn: list[Drawn] = []
    penny, below = next(hits, None), 0
    for row in rows:
        below += row.pence or 0
        first, times = penny, 0
        while penny is not None and penny < below:
            times, penny = times + 1, next(hits, None)
        if times:
            drawn.append(Drawn(row, times, f"{first:,}"))
    return drawn
