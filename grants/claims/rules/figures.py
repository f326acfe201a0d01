"""Arithmetic of a claim on plain values (docs/adr/0009).

A claim asks for what is eligible from the start of the award to the end of its period, as known when it is signed, less
what earlier claims asked for. So a late invoice, a corrected split or an estimate that proved wrong needs no act of
its own: the next claim differs by it. Opening accruals are the closing ones as the claim before froze them, and
what a claim calls *in the ledger* is what follows: eligible + opening − closing, row by row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grants.awards.rules import percent_of
from grants.reports.rules import LineFigures


@dataclass(frozen=True)
class Carried:
    """What earlier claims say of a row: all they claimed of it, and what the last of them accrued, in pence."""

    claimed: int = 0
    closing: int = 0


@dataclass(frozen=True)
class ClaimFigures:
    """Pence of one row, or of all, on one grant line in one claim.

    Attributes:
        earlier: claimed in earlier claims.
        ledger: recognised from the ledger in this claim.
        opening: accrued by the claim before; it reverses by itself.
        closing: accrued at the end of this claim's period.
        eligible: claimed now.
    """

    earlier: int = 0
    ledger: int = 0
    opening: int = 0
    closing: int = 0
    eligible: int = 0

    def __add__(self, other: ClaimFigures) -> ClaimFigures:
        return ClaimFigures(
            self.earlier + other.earlier,
            self.ledger + other.ledger,
            self.opening + other.opening,
            self.closing + other.closing,
            self.eligible + other.eligible,
        )

    @property
    def cumulative(self) -> int:
        """Claimed from the start of the award to this claim."""
        return self.earlier + self.eligible

    def __bool__(self) -> bool:
        return any((self.ledger, self.opening, self.closing, self.eligible))


def of_row(now: LineFigures, before: Carried) -> ClaimFigures:
    """Claim what is eligible of a spending row by the end of the period and was not claimed before."""
    return _claimed(now.cumulative, now.closing, before)


def of_estimate(pence: int, before: Carried) -> ClaimFigures:
    """Claim an estimate for goods whose invoice is still to come; nothing (0) reverses the one before."""
    return _claimed(pence, pence, before)


def estimate_words(description: str, closing: int) -> str:
    """Call an estimate as a claim does that accrues it, or that reverses the one before."""
    return f"{'Accrued, no invoice yet' if closing else 'Reversed accrual'}: {description}"


def _claimed(cumulative: int, closing: int, before: Carried) -> ClaimFigures:
    eligible = cumulative - before.claimed
    return ClaimFigures(
        earlier=before.claimed,
        ledger=eligible + before.closing - closing,
        opening=before.closing,
        closing=closing,
        eligible=eligible,
    )


def known_late(now: LineFigures, claimed: ClaimFigures) -> int:
    """Give the pence of a row that the ledger dates before the period and that earlier claims did not know there.

    Below nothing where earlier claims took more from the ledger than it holds now.
    """
    return claimed.ledger - now.ledger


@dataclass(frozen=True)
class LineClaim:
    """One grant line of a claim: budget, figures and forecast, in pence.

    Attributes:
        forecast: what is expected from the end of the period to the end of the award; None while nobody said.
        explanation: why the outturn differs, where somebody said.
    """

    line_id: int
    code: str
    heading: str
    approved: int
    virement: int
    figures: ClaimFigures
    forecast: int | None = None
    explanation: str = ""

    @property
    def name(self) -> str:
        """The line as the form names it."""
        return f"{self.code} {self.heading}"

    @property
    def revised(self) -> int:
        """Approved budget and what was moved to or from it."""
        return self.approved + self.virement

    @property
    def remaining(self) -> int:
        """Budget that no claim has asked for; below nothing when the claim exceeds the line."""
        return self.revised - self.figures.cumulative

    @property
    def outturn(self) -> int:
        """Claimed so far and expected to the end."""
        return self.figures.cumulative + (self.forecast or 0)

    @property
    def variance(self) -> int:
        """Revised budget less outturn: an underspend is above nothing."""
        return self.revised - self.outturn

    @property
    def variance_words(self) -> str:
        """The variance as a share of the revised budget, such as "1.9%"; signed when the line overspends."""
        share = percent_of(self.variance, self.revised)
        return "" if share is None else f"{'−' if self.variance < 0 else ''}{share}"

    def needs_explanation(self, limit_points: int) -> bool:
        """Say whether the variance is more of the line than the award lets pass without a word."""
        return abs(self.variance) * 10_000 > limit_points * self.revised


def by_line(rows: Iterable[tuple[int, ClaimFigures]]) -> dict[int, ClaimFigures]:
    """Add rows up: grant line id → figures."""
    total: dict[int, ClaimFigures] = defaultdict(ClaimFigures)
    for line_id, figures in rows:
        total[line_id] += figures
    return dict(total)


def total_of(lines: Iterable[LineClaim]) -> ClaimFigures:
    """Add lines up."""
    total = ClaimFigures()
    for line in lines:
        total += line.figures
    return total


def sums(found: Mapping[int, int]) -> int:
    """Add pence up, whatever they belong to."""
    return sum(found.values())
