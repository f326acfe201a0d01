"""What must be done before an award is closed, and until when its records are kept. Plain values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.dates import period_text
from core.money import pounds
from grants.awards.rules import percent_of


class HoldAct(StrEnum):
    """What an auditor or officer does with an award's records beyond their date."""

    PLACED = "placed"
    LIFTED = "lifted"


@dataclass(frozen=True)
class PeriodState:
    """A claim period of an award: whether its claim is certified, and its reconciliation signed off."""

    first: date
    last: date
    claimed: bool
    reconciled: bool

    @property
    def words(self) -> str:
        """The period's days."""
        return period_text(self.first, self.last)


def hindrances(periods: Sequence[PeriodState], committed_pence: int, unfunded_pence: int = 0) -> tuple[str, ...]:
    """Say what stands between an award and its close, each with what to do; nothing when it can be closed.

    Args:
        committed_pence: ordered and not invoiced; nothing can be apportioned after the close.
        unfunded_pence: eligible cost that no claim asked for.
    """
    found = []
    unclaimed = [each for each in periods if not each.claimed]
    unsigned = [each for each in periods if not each.reconciled]
    if unclaimed:
        found.append(f"The claim for {unclaimed[0].words} is not certified{_more(unclaimed)}. Certify every claim")
    if unsigned:
        found.append(
            f"The reconciliation of {unsigned[0].words} is not signed off{_more(unsigned)}. Have every period signed "
            "off"
        )
    if committed_pence:
        found.append(
            f"{pounds(committed_pence)} is ordered and not invoiced. Record the invoices, or end what is still to come"
        )
    if unfunded_pence and not unclaimed:
        found.append(
            f"{pounds(unfunded_pence)} is apportioned and was not claimed. Reverse what the award does not pay"
            if unfunded_pence > 0
            else f"{pounds(-unfunded_pence)} more was claimed than is apportioned. Record what stands behind it"
        )
    return tuple(found)


def _more(rest: Sequence[PeriodState]) -> str:
    return f", nor {len(rest) - 1} more" if len(rest) > 1 else ""


def variance_words(variance: int, revised: int) -> str:
    """Write a variance as a share of the revised budget, such as "2.2%"; signed where it overspends."""
    share = percent_of(variance, revised)
    return "" if share is None else f"{'−' if variance < 0 else ''}{share}"


def kept_until(ends_on: date, retention_years: int) -> date:
    """Give the last day an award's records are kept: so many years after its funding period ends."""
    try:
        return ends_on.replace(year=ends_on.year + retention_years)
    except ValueError:  # 29 February
        return date(ends_on.year + retention_years, 2, 28)


@dataclass(frozen=True)
class Settlement:
    """What is owed between funder and recipient at the end, in pence.

    Attributes:
        claimed: asked for in all claims.
        paid: received on them.
        repaid: given back.
    """

    award: int
    claimed: int
    paid: int
    repaid: int

    @property
    def underspend(self) -> int:
        """What of the award was never claimed."""
        return self.award - self.claimed

    @property
    def to_come(self) -> int:
        """What the funder still has to pay."""
        return max(0, self.claimed - self.paid + self.repaid)

    @property
    def to_repay(self) -> int:
        """What was paid and is not due, and not given back yet."""
        return max(0, self.paid - self.repaid - self.claimed)
