"""Goods received that no invoice bills yet, each with the order it most likely answers and that order's price.

A delivery names no order. What it brought is set against the supplier's open order lines for the same item, oldest
first, as a person at a desk would; where none is open the amount has to be typed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core.db import db
from core.money import Pence, units_cost
from core.periods import Period
from grants.awards.models import Award
from grants.spending.models import BilledDelivery, OrderLine, OrderLineEnd, SpendingRow
from inventory.deliveries.models import Delivery, DeliveryLine
from organisation.suppliers.models import Supplier


@dataclass(frozen=True)
class Uninvoiced:
    """Units of one delivery line that no invoice bills.

    Attributes:
        grant_line_id: the line it was ordered for, None where no order was found.
        proposed_pence: the order's price of the units, None where no order was found.
        order: reference of the order, or nothing.
    """

    delivery_line_id: int
    delivery: str
    received_on: date
    supplier: str
    item: str
    unit_count: int
    grant_line_id: int | None
    proposed_pence: Pence | None
    order: str

    @property
    def subject(self) -> str:
        """How estimates of it are found again."""
        return f"delivery-line-{self.delivery_line_id}"


@dataclass
class _Open:
    """An order line with the units that neither an invoice nor an earlier delivery has taken."""

    line: OrderLine
    taken: int

    @property
    def left(self) -> int:
        return self.line.unit_count - self.taken


def uninvoiced(award: Award, until: date) -> list[Uninvoiced]:
    """List what was received by a day, within the funding period, and is not invoiced, oldest first.

    What was ordered for another award is left out.
    """
    funded = Period(award.starts_on, min(award.ends_on, until))
    left = [(line, count) for line, count in _unbilled(until) if funded.holds(line.delivery.received_on)]
    orders = _open_orders({line.item_id for line, _ in left})
    ours = {line.id for line in award.lines}
    found = [each for line, count in left for each in _answering(line, count, orders)]
    return [each for each in found if each.grant_line_id is None or each.grant_line_id in ours]


def _unbilled(until: date) -> list[tuple[DeliveryLine, int]]:
    """List delivery lines of suppliers with the units no row bills (links that were taken back add up to none)."""
    billed = (
        select(BilledDelivery.delivery_line_id, func.sum(BilledDelivery.unit_count).label("units"))
        .group_by(BilledDelivery.delivery_line_id)
        .subquery()
    )
    units = DeliveryLine.unit_count - func.coalesce(billed.c.units, 0)
    asked = (
        select(DeliveryLine, units)
        .join(Delivery)
        .join(Supplier)
        .outerjoin(billed, billed.c.delivery_line_id == DeliveryLine.id)
        .where(Delivery.received_on <= until, units > 0, ~Supplier.donor)
        .options(joinedload(DeliveryLine.delivery).joinedload(Delivery.supplier), joinedload(DeliveryLine.item))
        .order_by(Delivery.received_on, DeliveryLine.id)
    )
    return [(line, int(count)) for line, count in db.session.execute(asked)]


def _open_orders(item_ids: set[int]) -> dict[tuple[int, int], list[_Open]]:
    """List order lines of items that are not invoiced in full: (supplier id, item id) → lines, oldest first."""
    invoiced = (
        select(SpendingRow.order_line_id, func.sum(SpendingRow.unit_count).label("units"))
        .group_by(SpendingRow.order_line_id)
        .subquery()
    )
    asked = (
        select(OrderLine, func.coalesce(invoiced.c.units, 0))
        .outerjoin(invoiced, invoiced.c.order_line_id == OrderLine.id)
        .outerjoin(OrderLineEnd, OrderLineEnd.order_line_id == OrderLine.id)
        .where(OrderLine.item_id.in_(item_ids), OrderLineEnd.id.is_(None))
        .options(joinedload(OrderLine.order))
        .order_by(OrderLine.id)
    )
    found: dict[tuple[int, int], list[_Open]] = defaultdict(list)
    for line, units in db.session.execute(asked):
        if line.item_id is not None and int(units) < line.unit_count:
            found[(line.order.supplier_id, line.item_id)].append(_Open(line, int(units)))
    return found


def _answering(line: DeliveryLine, count: int, orders: dict[tuple[int, int], list[_Open]]) -> Sequence[Uninvoiced]:
    """Set units received against the oldest open order lines; one delivery line is one proposal.

    Where several order lines answer together, the one with most of the units names the grant line, and their prices
    are added up.
    """
    left, pence = count, 0
    parts: list[tuple[int, OrderLine]] = []
    for order in orders.get((line.delivery.supplier_id, line.item_id), []):
        if order.line.order.ordered_on > line.delivery.received_on or order.left == 0 or left == 0:
            continue
        units = min(left, order.left)
        price = Pence(order.line.net_pence)
        pence += units_cost(price, order.line.unit_count, order.taken + 1, order.taken + units)
        order.taken += units
        left -= units
        parts.append((units, order.line))
    main = max(parts, key=lambda part: part[0], default=None)
    known = main is not None and left == 0
    return [
        Uninvoiced(
            line.id, line.delivery.reference, line.delivery.received_on, line.delivery.supplier.name, line.item.name,
            count, main[1].grant_line_id if main else None, Pence(pence) if known else None,
            main[1].order.reference if main else "",
        )
    ]  # fmt: skip
