"""Holding awards while their money changes, and refusing what is closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, select

from core.dates import day_text, local_day
from core.db import ask, db
from core.errors import PeriodClosed
from grants.awards.models import Award, AwardClosure
from grants.awards.queries import award_by_code
from grants.awards.rules import ClosingAct

_AWARDS: BindParameter[Any] = bindparam("award_ids", expanding=True)
_LOCKED = select(Award.id).where(Award.id.in_(_AWARDS)).order_by(Award.id).with_for_update()
_NEWEST = select(func.max(AwardClosure.id)).where(AwardClosure.award_id == Award.id).correlate(Award).scalar_subquery()
_HELD = (
    select(Award.code, AwardClosure.act, AwardClosure.recorded_at)
    .outerjoin(AwardClosure, AwardClosure.id == _NEWEST)
    .where(Award.id.in_(_AWARDS))
    .order_by(Award.id)
    .with_for_update(of=Award)
)
"""Built once: preparing them costs more than running them."""


def lock_awards(award_ids: Sequence[int]) -> None:
    """Make changes to the same awards' money queue, in one order so that none deadlock (PostgreSQL)."""
    ask(_LOCKED, award_ids=list(award_ids))


def hold_open_awards(award_ids: Sequence[int]) -> None:
    """Hold awards as ``lock_awards`` does, and refuse when one of them is closed.

    Raises:
        PeriodClosed: one is closed; it says when, and how it is opened again.
    """
    for code, act, moment in ask(_HELD, award_ids=list(award_ids)):
        if act is ClosingAct.CLOSED:
            raise PeriodClosed(
                f"Award {code} was closed on {day_text(local_day(moment))}, so nothing of its money changes. Whoever "
                "certifies its claims can reopen it, with a reason"
            )


def hold_open_award(code: str) -> Award:
    """Hold an award that is open, and read it and its lines as they are now, though they were read before.

    Raises:
        NotFound: there is no such award.
        PeriodClosed: it is closed.
    """
    hold_open_awards([award_by_code(code).id])
    read_again()
    return award_by_code(code)


def read_again() -> None:
    """Forget what was read before something was held: whoever held it meanwhile may have changed it (PostgreSQL)."""
    db.session.expire_all()
