"""Twins: rows of one invoice with one amount, which only their wording tells apart.

A line's reference, supplier, date and amount speak for each of them alike, so nothing but what the line and the
rows are called can decide. It decides only where it leaves no doubt: the line shares more words with one twin than
with any other, and no other line shares as many with that one.
"""

import re
from collections.abc import Iterable, Sequence

from grants.ledgers.rules.matching.evidence import LineView, Target

_WORD = re.compile(r"[a-z0-9]{2,}")
_SHORTEST_CUT = 4


def are_twins(one: Target, other: Target) -> bool:
    """Say whether two targets are rows of one invoice with one amount."""
    return len(one.rows) == len(other.rows) == 1 and bool(one.key) and _likeness(one) == _likeness(other)


def _likeness(target: Target) -> tuple[str, str, int, int, int]:
    return target.facts.supplier, target.key, target.day, target.pence, target.gross


def told_apart(line: LineView, twins: Sequence[Target], rivals: Iterable[LineView]) -> Target | None:
    """Give the twin that the wording of a line names, or None where it leaves a doubt.

    Args:
        rivals: other lines that could book the same row.
    """
    shared = sorted(((_shared_words(line, twin), -twin.position, twin) for twin in twins), reverse=True)
    most, _, chosen = shared[0]
    if most == 0 or (len(shared) > 1 and shared[1][0] == most):
        return None
    return None if any(_shared_words(rival, chosen) >= most for rival in rivals) else chosen


def _shared_words(line: LineView, target: Target) -> int:
    """Count the words of a row that a line says too, be it cut short: finance systems keep some thirty signs."""
    said = set(_WORD.findall(line.facts.description.lower()))
    return sum(any(_same_word(word, each) for each in said) for word in set(_words_of(target)))


def _words_of(target: Target) -> list[str]:
    return _WORD.findall(target.facts.description.lower())


def _same_word(word: str, said: str) -> bool:
    return word == said or (len(said) >= _SHORTEST_CUT and word.startswith(said))
