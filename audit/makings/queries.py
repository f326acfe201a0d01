"""Reading makings, and what left of them. Whoever asked for one sees it, and nobody else does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import undefer

from audit.makings.models import Making
from audit.makings.rules import UNDER_WAY, State
from core.db import db
from core.errors import NotFound
from core.register import IssuedFile, IssuedReport


def own_makings(account_id: int, *, most: int) -> Sequence[Making]:
    """List what somebody asked for, the newest first."""
    asked = select(Making).where(Making.account_id == account_id).order_by(Making.id.desc()).limit(most)
    return db.session.scalars(asked).all()


def own_making(reference: str, *, account_id: int) -> Making:
    """Find a making of somebody's.

    Raises:
        NotFound: they asked for none of this reference.
    """
    found = making_by_reference(reference)
    if found.account_id != account_id:
        raise NotFound
    return found


def making_by_reference(reference: str) -> Making:
    """Find a making, whoever asked for it.

    Raises:
        NotFound: there is none of this reference.
    """
    found = db.session.scalar(select(Making).where(Making.reference == reference))
    if found is None:
        raise NotFound
    return found


def kept(account_id: int, *, at: datetime) -> Sequence[str]:
    """Give the references of somebody's makings whose files are kept at a moment, the newest first."""
    asked = select(Making.reference).where(
        Making.account_id == account_id, Making.state == State.READY, Making.kept_until > at
    )
    return db.session.scalars(asked.order_by(Making.id.desc())).all()


def issued_among(digests: Collection[str]) -> set[str]:
    """Give those of some SHA-256 of which a file left the service."""
    return set(db.session.scalars(select(IssuedFile.sha256).where(IssuedFile.sha256.in_(digests))))


def issued_report(reference: str) -> IssuedReport:
    """Find a report in the register, with its frozen figures.

    Raises:
        NotFound: nothing was issued under this reference.
    """
    asked = select(IssuedReport).where(IssuedReport.reference == reference)
    found = db.session.scalar(asked.options(undefer(IssuedReport.frozen_json)))
    if found is None:
        raise NotFound
    return found


def under_way() -> Sequence[Making]:
    """List what the rows say is being made, whoever asked for it."""
    return db.session.scalars(select(Making).where(Making.state.in_(UNDER_WAY)).order_by(Making.id)).all()


def with_files(*, at: datetime) -> set[str]:
    """Give the references of the makings whose files must stay: under way, or ready and kept still."""
    ready = (Making.state == State.READY) & (Making.kept_until > at)
    return set(db.session.scalars(select(Making.reference).where(or_(Making.state.in_(UNDER_WAY), ready))))
