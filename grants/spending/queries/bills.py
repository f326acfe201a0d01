"""Reading which delivered goods an invoice row paid for, and the days its cost counts on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from core.db import ask, db
from grants.awards.rules import Basis
from grants.spending.models import (
    BilledDelivery,
    SpendingRow,
)
from grants.spending.rules import SpendingKind
from inventory.deliveries.models import Delivery, DeliveryLine

_COUNTS = (
    select(BilledDelivery.row_id, func.sum(BilledDelivery.unit_count))
    .where(BilledDelivery.row_id.in_(bindparam("row_ids", expanding=True)))
    .group_by(BilledDelivery.row_id)
)
_COUNTS_OF_LINES = (
    select(BilledDelivery.delivery_line_id, func.sum(BilledDelivery.unit_count))
    .where(BilledDelivery.delivery_line_id.in_(bindparam("line_ids", expanding=True)))
    .group_by(BilledDelivery.delivery_line_id)
)
"""Built once: preparing them costs more than running them."""


@cache
def links_stand() -> ColumnElement[bool]:
    """Give the condition that a link between a row and a delivery line has not been taken back."""
    undone = aliased(BilledDelivery)
    taken_back = exists().where(undone.reverses_id == BilledDelivery.id)
    return and_(BilledDelivery.reverses_id.is_(None), ~taken_back)


def links_of_rows(row_ids: Collection[int]) -> list[BilledDelivery]:
    """List what rows have billed, oldest first, with deliveries, their places and lots."""
    line = joinedload(BilledDelivery.delivery_line)
    asked = select(BilledDelivery).where(links_stand(), BilledDelivery.row_id.in_(row_ids))
    return list(
        db.session.scalars(
            asked.order_by(BilledDelivery.id).options(
                line.joinedload(DeliveryLine.delivery).joinedload(Delivery.place),
                line.joinedload(DeliveryLine.lot),
                line.joinedload(DeliveryLine.item),
            )
        )
    )


def billed_counts(row_ids: Collection[int]) -> dict[int, int]:
    """Add up units received of rows: spending row id → units."""
    counted = ask(_COUNTS, row_ids=list(row_ids))
    return {row_id: int(count) for row_id, count in counted}


def billed_counts_of_lines(delivery_line_ids: Collection[int]) -> dict[int, int]:
    """Add up units billed of delivery lines: delivery line id → units."""
    counted = ask(_COUNTS_OF_LINES, line_ids=list(delivery_line_ids))
    return {line_id: int(count) for line_id, count in counted}


def unbilled_delivery_lines(*, supplier_id: int, item_id: int) -> list[tuple[DeliveryLine, int]]:
    """List a supplier's delivery lines of an item that no row bills in full: (line, units left), oldest first."""
    asked = (
        select(DeliveryLine)
        .join(Delivery)
        .where(Delivery.supplier_id == supplier_id, DeliveryLine.item_id == item_id)
        .options(joinedload(DeliveryLine.delivery).joinedload(Delivery.place), joinedload(DeliveryLine.lot))
        .order_by(Delivery.received_on, DeliveryLine.id)
    )
    lines = list(db.session.scalars(asked))
    billed = billed_counts_of_lines([line.id for line in lines])
    left = [(line, line.unit_count - billed.get(line.id, 0)) for line in lines]
    return [(line, count) for line, count in left if count > 0]


@cache
def _days_received() -> Select[date]:
    """Select the days on which what a row bills came."""
    return (
        select(Delivery.received_on)
        .select_from(BilledDelivery)
        .join(DeliveryLine, DeliveryLine.id == BilledDelivery.delivery_line_id)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(links_stand(), BilledDelivery.row_id == bindparam("row_id"))
        .distinct()
    )


def days_of_cost(row: SpendingRow, basis: Basis) -> tuple[date, ...]:
    """Give the days a row's cost counts on: on accruals when goods came, otherwise its own date."""
    if basis is Basis.ACCRUALS and row.kind is SpendingKind.GOODS:
        received = tuple(sorted(day for (day,) in ask(_days_received(), row_id=row.id)))
        if received:
            return received
    return (row.incurred_on,)
