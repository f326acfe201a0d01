"""How an award's business stands at its end: closures, repayments, holds, claims and periods.

Money is kept for the whole organisation, so no scope belongs here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, undefer

from core.db import db
from grants.awards.models import Award, AwardClosure
from grants.claims import queries as claims
from grants.claims.models import SignedLine
from grants.claims.queries import Summary
from grants.claims.rules.course import SIGNED
from grants.closing.models import AuditHold, Repayment
from grants.closing.rules import PeriodState
from grants.reconciliation import queries as reconciliation
from grants.spending import queries as spending
from grants.spending.models import Apportionment


def newest_closure(award_id: int) -> AwardClosure | None:
    """Give the last time an award was closed or reopened, its outturn included, or None."""
    asked = select(AwardClosure).where(AwardClosure.award_id == award_id).order_by(AwardClosure.id.desc()).limit(1)
    return db.session.scalar(
        asked.options(
            undefer(AwardClosure.outturn_json), joinedload(AwardClosure.account), joinedload(AwardClosure.note)
        )
    )


def repayments_of(award_id: int) -> list[Repayment]:
    """List what of an award was given back, in the order it was recorded."""
    return list(db.session.scalars(select(Repayment).where(Repayment.award_id == award_id).order_by(Repayment.id)))


def repayment_by_reference(reference: str) -> Repayment:
    """Give a repayment that a form made."""
    return db.session.scalars(select(Repayment).where(Repayment.reference == reference)).one()


def newest_hold(award_id: int) -> AuditHold | None:
    """Give the last time a hold on an award's records was placed or lifted, or None."""
    asked = select(AuditHold).where(AuditHold.award_id == award_id).order_by(AuditHold.id.desc()).limit(1)
    return db.session.scalar(asked.options(joinedload(AuditHold.account), joinedload(AuditHold.note)))


@dataclass(frozen=True)
class Standing:
    """What a close is decided on.

    Attributes:
        claims: every claim of the award, in order.
        unclaimed_pence: apportioned, less what all claims asked for.
    """

    claims: tuple[Summary, ...]
    periods: tuple[PeriodState, ...]
    committed_pence: int
    unclaimed_pence: int


def standing(award: Award) -> Standing:
    """Read how far an award's claims, reconciliations and orders have come."""
    found = sorted(claims.summaries([award.id]), key=lambda each: each.claim.number)
    signed_off = reconciliation.reconciliations([award.id])
    certified = {each.claim.first_on for each in found if each.claim.state in SIGNED}
    periods = tuple(
        PeriodState(
            each.first,
            each.last,
            each.first in certified,
            (row := signed_off.get((award.id, each.first))) is not None and row.signed is not None,
        )
        for each in reconciliation.periods_of(award)
    )
    ids = [line.id for line in award.lines]
    committed = sum(spending.commitments(ids).values())
    return Standing(tuple(found), periods, committed, _apportioned_less_claimed(ids))


def _apportioned_less_claimed(line_ids: Sequence[int]) -> int:
    given = select(func.coalesce(func.sum(Apportionment.pence), 0)).where(Apportionment.grant_line_id.in_(line_ids))
    asked = select(func.coalesce(func.sum(SignedLine.eligible_pence), 0)).where(SignedLine.grant_line_id.in_(line_ids))
    return int(db.session.scalar(select(given.scalar_subquery() - asked.scalar_subquery())) or 0)
