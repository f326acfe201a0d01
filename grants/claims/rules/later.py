"""What has become known since a claim was signed: each difference, its cause, and the claim that will carry it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Why a row is not what was submitted. The first that applies is named."""

    INVOICE = "its invoice came, and the estimate is no longer needed"
    NEW_SPENDING = "spending recorded since"
    REVERSED = "an apportionment was reversed"
    APPORTIONED = "apportioned since"
    DELIVERY = "a delivery was linked or unlinked"
    LEDGER = "what the ledger holds of it changed"
    OTHER = "a record behind it changed"


@dataclass(frozen=True)
class Touched:
    """Which kinds of record of a row were made after the claim was signed."""

    recorded: bool = False
    reversed: bool = False
    apportioned: bool = False
    linked: bool = False
    matched: bool = False
    estimate: bool = False


def cause_of(touched: Touched) -> Cause:
    """Name the cause of a difference by what was recorded since."""
    order = (
        (touched.estimate, Cause.INVOICE),
        (touched.recorded, Cause.NEW_SPENDING),
        (touched.reversed, Cause.REVERSED),
        (touched.apportioned, Cause.APPORTIONED),
        (touched.linked, Cause.DELIVERY),
        (touched.matched, Cause.LEDGER),
    )
    return next((cause for applies, cause in order if applies), Cause.OTHER)


@dataclass(frozen=True)
class Difference:
    """One row of one grant line that is now known otherwise than it was submitted, in pence.

    Attributes:
        submitted: claimed from the start of the award to the claim, as signed.
        known: what would be claimed of it for the same periods now.
    """

    reference: str
    description: str
    line: str
    submitted: int
    known: int
    cause: Cause

    @property
    def change(self) -> int:
        """What the next claim will carry."""
        return self.known - self.submitted


def carried_by(later_signed: Collection[str], later_open: str | None, number: int) -> str:
    """Name the claim that carries the differences: one signed since, the one that is open, or the next to be made.

    Args:
        later_signed: references of later claims that are signed, in order.
        later_open: reference of a later claim not signed yet.
        number: of the claim that was signed.
    """
    if later_signed:
        return next(iter(later_signed))
    return later_open or f"claim {number + 1}, not yet begun"
