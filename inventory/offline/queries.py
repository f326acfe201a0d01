"""Reading what a person may do without signal: the Go Bags that stand at their places, and what is still to count."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from core.access import Scope
from core.db import db
from inventory.counts.models import CountLine, StockCount
from inventory.counts.rules import CountState


def counts_going_on(*, scope: Scope) -> list[StockCount]:
    """List the counts in scope that are being counted, with their lines and what was seen."""
    lines = selectinload(StockCount.lines)
    asked = (
        select(StockCount)
        .where(StockCount.state == CountState.COUNTING)
        .options(joinedload(StockCount.place), lines.joinedload(CountLine.item), lines.selectinload(CountLine.entries))
        .order_by(StockCount.id)
    )
    if scope.place_ids is not None:
        asked = asked.where(StockCount.place_id.in_(scope.place_ids))
    return list(db.session.scalars(asked))
