"""A grant line's budget as parts of one length, for the eye; the table beside it holds every figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.money import Pence, pounds
from grants.position.queries import LinePosition

BAR_LENGTH = 400


@dataclass(frozen=True)
class BarPart:
    """One part of a bar.

    Attributes:
        kind: "ledger", "apportioned", "committed", "remaining" or "over".
        start, length: of ``BAR_LENGTH``.
    """

    kind: str
    words: str
    pence: Pence
    start: int
    length: int


@dataclass(frozen=True)
class Bar:
    """A line's budget as parts of one length, and the same in words."""

    parts: tuple[BarPart, ...]

    @property
    def words(self) -> str:
        """The parts in a sentence."""
        return ", ".join(f"{pounds(part.pence)} {part.words}" for part in self.parts) or "No budget and no spending"


def bar_of(line: LinePosition) -> Bar:
    """Lay a line's budget out as parts of one length; what is beyond the budget is a part of its own."""
    spent = line.apportioned_pence
    confirmed = min(line.ledger_pence, spent)
    parts = [
        ("ledger", "in the ledger", confirmed),
        ("apportioned", "apportioned and not yet in the ledger", spent - confirmed),
        ("committed", "ordered and not yet invoiced", line.committed_pence),
        ("remaining", "remaining", line.remaining_pence),
    ]
    if line.remaining_pence < 0:
        parts[3] = ("over", "more than the budget", -line.remaining_pence)
    shown = [(kind, words, Pence(pence)) for kind, words, pence in parts if pence > 0]
    # What is over the budget lies within the parts before it, so they make the whole length.
    whole = sum(pence for kind, _, pence in shown if kind != "over")
    return Bar(tuple(_laid_out(shown, max(whole, 1))))


def _laid_out(shown: Sequence[tuple[str, str, Pence]], whole: int) -> list[BarPart]:
    """Give each part its place; ends are rounded, so that lengths add up to the whole bar."""
    laid, before = [], 0
    for kind, words, pence in shown:
        if kind == "over":
            length = BAR_LENGTH * pence // whole
            laid.append(BarPart(kind, words, pence, BAR_LENGTH - length, length))
            continue
        start, end = BAR_LENGTH * before // whole, BAR_LENGTH * (before + pence) // whole
        laid.append(BarPart(kind, words, pence, start, end - start))
        before += pence
    return laid
