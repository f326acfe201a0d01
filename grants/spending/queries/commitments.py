"""Reading what orders still commit: their lines less what was invoiced against them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Subquery, exists, func, select
from sqlalchemy.orm import joinedload

from core.db import db
from core.money import Pence
from grants.spending.models import (
    OrderLine,
    OrderLineEnd,
    PurchaseOrder,
    SpendingRow,
)
from grants.spending.queries.shares import apportioned_by_line
from grants.spending.rules import still_committed


@dataclass(frozen=True)
class Committed:
    """What one order line still commits."""

    line: OrderLine
    pence: Pence
    invoiced_pence: Pence
    invoiced_count: int
    ended: bool


def committed_lines(
    *, grant_line_ids: Collection[int] | None = None, order_ids: Collection[int] | None = None
) -> list[Committed]:
    """Give what order lines still commit, in the order they were placed."""
    asked = select(OrderLine).options(
        joinedload(OrderLine.order).joinedload(PurchaseOrder.supplier), joinedload(OrderLine.item)
    )
    if grant_line_ids is not None:
        asked = asked.where(OrderLine.grant_line_id.in_(grant_line_ids))
    if order_ids is not None:
        asked = asked.where(OrderLine.order_id.in_(order_ids))
    invoiced = _invoiced()
    counted = asked.outerjoin(invoiced, invoiced.c.order_line_id == OrderLine.id).add_columns(
        func.coalesce(invoiced.c.net_pence, 0),
        func.coalesce(invoiced.c.unit_count, 0),
        exists().where(OrderLineEnd.order_line_id == OrderLine.id),
    )
    rows = db.session.execute(counted.order_by(OrderLine.id))
    return [_committed(line, Pence(int(net)), int(count), bool(ended)) for line, net, count, ended in rows]


def _committed(line: OrderLine, invoiced: Pence, count: int, ended: bool) -> Committed:
    left = still_committed(Pence(line.net_pence), line.unit_count, count, invoiced, ended=ended)
    return Committed(line, left, invoiced, count, ended)


def _invoiced() -> Subquery:
    """Add up what rows bill of order lines: net pence and units."""
    return (
        select(
            SpendingRow.order_line_id,
            func.sum(SpendingRow.net_pence).label("net_pence"),
            func.sum(SpendingRow.unit_count).label("unit_count"),
        )
        .where(SpendingRow.order_line_id.is_not(None))
        .group_by(SpendingRow.order_line_id)
        .subquery()
    )


def commitments(grant_line_ids: Collection[int]) -> dict[int, Pence]:
    """Add up what orders still commit: grant line id → pence."""
    total: dict[int, int] = defaultdict(int)
    for committed in committed_lines(grant_line_ids=grant_line_ids):
        total[committed.line.grant_line_id] += committed.pence
    return {line_id: Pence(pence) for line_id, pence in total.items()}


def spoken_for(grant_line_ids: Collection[int]) -> dict[int, Pence]:
    """Add up what is apportioned to lines and what orders still commit of them: grant line id → pence."""
    apportioned, committed = apportioned_by_line(grant_line_ids), commitments(grant_line_ids)
    return {line_id: Pence(apportioned.get(line_id, 0) + committed.get(line_id, 0)) for line_id in grant_line_ids}


def ordered_for(row: SpendingRow) -> int | None:
    """Give the grant line a row's order line was placed for, or None when it answers no order."""
    if row.order_line_id is None:
        return None
    return db.session.scalar(select(OrderLine.grant_line_id).where(OrderLine.id == row.order_line_id))


@dataclass(frozen=True)
class OrderSums:
    """What an order came to and what it still commits."""

    ordered_pence: Pence
    committed_pence: Pence


def order_sums(order_ids: Collection[int]) -> dict[int, OrderSums]:
    """Add up orders' lines: order id → sums."""
    ordered: dict[int, int] = dict.fromkeys(order_ids, 0)
    committed: dict[int, int] = dict.fromkeys(order_ids, 0)
    for each in committed_lines(order_ids=order_ids):
        ordered[each.line.order_id] += each.line.net_pence
        committed[each.line.order_id] += each.pence
    return {order_id: OrderSums(Pence(ordered[order_id]), Pence(committed[order_id])) for order_id in order_ids}
