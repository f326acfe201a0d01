"""What grant lines have been claimed of, as signed: the figures of the position, and the rows behind them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from core.db import db
from core.money import Pence
from grants.awards.models import GrantLine
from grants.claims.models import Claim, ClaimEstimate, SignedLine, SignedRow
from grants.spending.models import SpendingRow


@dataclass(frozen=True)
class LineClaimed:
    """What signed claims say of a grant line, in pence.

    Attributes:
        claimed_pence: claimed so far.
        forecast_pence: what the newest signed claim forecast from its period to the end of the award.
        newest: reference of that claim.
    """

    claimed_pence: Pence
    forecast_pence: Pence
    newest: str

    @property
    def outturn_pence(self) -> Pence:
        """What the line is expected to come to: claimed so far and forecast."""
        return Pence(self.claimed_pence + self.forecast_pence)


def claimed_of_lines(line_ids: Collection[int]) -> dict[int, LineClaimed]:
    """Add up what signed claims ask for of lines: grant line id → claimed; lines no claim knows are left out."""
    asked = (
        select(SignedLine.grant_line_id, SignedLine.eligible_pence, SignedLine.forecast_pence, Claim.reference)
        .join(Claim, Claim.id == SignedLine.claim_id)
        .where(SignedLine.grant_line_id.in_(line_ids))
        .order_by(Claim.number)
    )
    found: dict[int, LineClaimed] = {}
    for line_id, eligible, forecast, claim in db.session.execute(asked):
        before = found[line_id].claimed_pence if line_id in found else 0
        found[line_id] = LineClaimed(Pence(before + int(eligible)), Pence(int(forecast)), claim)
    return found


def rows_claimed(line: GrantLine) -> Select[*tuple[Any, ...]]:
    """Select what signed claims took of each row on a line, the newest claim first.

    The columns: claim reference, spending row's reference or None, description, accrual's id or None, pence.
    """
    return (
        select(
            Claim.reference.label("claim"),
            SpendingRow.reference.label("row"),
            func.coalesce(SpendingRow.description, ClaimEstimate.description).label("description"),
            SignedRow.estimate_id,
            SignedRow.eligible_pence,
        )
        .join(Claim, Claim.id == SignedRow.claim_id)
        .outerjoin(SpendingRow, SpendingRow.id == SignedRow.row_id)
        .outerjoin(ClaimEstimate, ClaimEstimate.id == SignedRow.estimate_id)
        .where(SignedRow.grant_line_id == line.id, SignedRow.eligible_pence != 0)
        .order_by(Claim.number.desc(), SignedRow.id)
    )
