"""What has become known since a claim was signed: each difference, its cause, and the claim that will carry it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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
        carried_by: the claim that takes the difference up.
    """

    reference: str
    description: str
    line: str
    submitted: int
    known: int
    cause: Cause
    carried_by: str

    @property
    def change(self) -> int:
        """What the claim named carries."""
        return self.known - self.submitted


@dataclass(frozen=True)
class LaterClaim:
    """A later claim of the same award; ``cut_off`` is None until it is signed."""

    reference: str
    cut_off: datetime | None


def carried_by(recorded_at: datetime | None, later: Sequence[LaterClaim], *, last_of_award: bool) -> str:
    """Name the claim that carries a difference: the first that was not yet signed when it became known."""
    for claim in later:
        if claim.cut_off is None or (recorded_at is not None and recorded_at <= claim.cut_off):
            return claim.reference
    if last_of_award:
        return "no claim: this was the final one. Tell the funder"
    return "the next claim, not yet begun"
