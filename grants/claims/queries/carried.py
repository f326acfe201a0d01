"""What earlier claims carry over to the next: all they claimed of each row, and what the last of them accrued."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core.db import db
from grants.claims.models import Claim, ClaimEstimate, SignedLine, SignedRow
from grants.claims.rules.figures import Carried


@dataclass(frozen=True)
class CarriedOver:
    """What the claims before one say.

    Attributes:
        rows: (spending row id, grant line id) → carried.
        estimates: estimate id → carried; only those not yet reversed.
        estimated: those estimates.
        lines: grant line id → claimed in earlier claims, in pence.
    """

    rows: dict[tuple[int, int], Carried] = field(default_factory=dict)
    estimates: dict[int, Carried] = field(default_factory=dict)
    estimated: dict[int, ClaimEstimate] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)

    def of_row(self, row_id: int, line_id: int) -> Carried:
        """Give what is carried of a row on a line; nothing of one that no claim knows."""
        return self.rows.get((row_id, line_id), Carried())


def carried_over(claim: Claim) -> CarriedOver:
    """Read what the claims before one carry over to it."""
    rows, estimates = _rows(claim)
    open_estimates = {key: carried for key, carried in estimates.items() if carried != Carried()}
    return CarriedOver(rows, open_estimates, _estimated(list(open_estimates)), _lines(claim))


def _rows(claim: Claim) -> tuple[dict[tuple[int, int], Carried], dict[int, Carried]]:
    asked = (
        select(
            SignedRow.row_id, SignedRow.estimate_id, SignedRow.grant_line_id,
            SignedRow.eligible_pence, SignedRow.closing_pence, Claim.number,
        )
        .join(Claim, Claim.id == SignedRow.claim_id)
        .where(Claim.award_id == claim.award_id, Claim.number < claim.number)
    )  # fmt: skip
    rows: dict[tuple[int, int], Carried] = defaultdict(Carried)
    estimates: dict[int, Carried] = defaultdict(Carried)
    for row_id, estimate_id, line_id, eligible, closing, number in db.session.execute(asked):
        newest = int(closing) if number == claim.number - 1 else 0
        if row_id is not None:
            before = rows[(row_id, line_id)]
            rows[(row_id, line_id)] = Carried(before.claimed + int(eligible), before.closing + newest)
        elif estimate_id is not None:
            before = estimates[estimate_id]
            estimates[estimate_id] = Carried(before.claimed + int(eligible), before.closing + newest)
    return dict(rows), dict(estimates)


def _estimated(estimate_ids: list[int]) -> dict[int, ClaimEstimate]:
    asked = select(ClaimEstimate).where(ClaimEstimate.id.in_(estimate_ids)).order_by(ClaimEstimate.id)
    found = db.session.scalars(asked.options(joinedload(ClaimEstimate.grant_line)))
    return {each.id: each for each in found}


def _lines(claim: Claim) -> dict[int, int]:
    asked = (
        select(SignedLine.grant_line_id, func.sum(SignedLine.eligible_pence))
        .join(Claim, Claim.id == SignedLine.claim_id)
        .where(Claim.award_id == claim.award_id, Claim.number < claim.number)
        .group_by(SignedLine.grant_line_id)
    )
    return {line_id: int(pence) for line_id, pence in db.session.execute(asked)}


def signed_rows_of(claim: Claim) -> dict[tuple[int, int], int]:
    """Give what was claimed by the end of a signed claim: (spending row id, grant line id) → pence.

    Estimates are left out: the invoice that replaces one is a row of its own.
    """
    asked = (
        select(SignedRow.row_id, SignedRow.grant_line_id, func.sum(SignedRow.eligible_pence))
        .join(Claim, Claim.id == SignedRow.claim_id)
        .where(Claim.award_id == claim.award_id, Claim.number <= claim.number, SignedRow.row_id.is_not(None))
        .group_by(SignedRow.row_id, SignedRow.grant_line_id)
    )
    return {(row_id, line_id): int(pence) for row_id, line_id, pence in db.session.execute(asked) if row_id is not None}
