"""Placing an order, and saying that nothing more will come of one of its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import bindparam, select

from core import trail
from core.access import Actor
from core.dates import local_day, period_text
from core.db import db
from core.errors import AlreadyDone, NotFound, RuleBroken
from core.privacy import refuse_personal_details
from core.references import next_reference
from grants.awards.models import GrantLine
from grants.awards.queries import line_by_name
from grants.awards.rules import Spent
from grants.awards.services import demand_conditions, hold_open_awards
from grants.spending import queries
from grants.spending.models import OrderLine, OrderLineEnd, PurchaseOrder
from grants.spending.rules import NewOrderLine
from inventory.catalogue.models import Item
from organisation.suppliers.models import Supplier

_ITEM_ID = select(Item.id).where(Item.code == bindparam("code"))


def place_order(
    lines: Sequence[NewOrderLine],
    *,
    supplier_code: str,
    ordered_on: date,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> PurchaseOrder:
    """Record an order sent to a supplier; its lines commit money until they are invoiced.

    Raises:
        RuleBroken: no lines, an unknown supplier, item or grant line, or a date to come.
        PeriodClosed: an award is closed.
    """
    body = {"supplier": supplier_code, "on": ordered_on, "lines": [asdict(line) for line in lines]}
    made = trail.earlier(submission_id, by=by, act="order.place", body=body)
    if made is not None:
        return queries.order_by_reference(made)
    if not lines:
        raise RuleBroken("Enter at least one line of the order")
    if ordered_on > local_day(at):
        raise RuleBroken("Enter a real date in the past", "ordered_on")
    order = PurchaseOrder(
        reference=next_reference("PO"), supplier_id=supplier_by_code(supplier_code).id,
        ordered_on=ordered_on, account_id=by.account_id,
    )  # fmt: skip
    paying = [line_by_name(each.grant_line) for each in lines]
    _demand_conditions(list(zip(paying, lines, strict=True)), ordered_on)
    order.lines = [
        _order_line(position, line, grant_line)
        for position, (grant_line, line) in enumerate(zip(paying, lines, strict=True), start=1)
    ]
    db.session.add(order)
    db.session.flush()
    trail.record(
        act="order.place", subject=order.reference, by=by, at=at, submission_id=submission_id,
        supplier=supplier_code, lines=[{"line": line.grant_line, "net": line.net_pence} for line in lines],
    )  # fmt: skip
    return order


def _demand_conditions(found: Sequence[tuple[GrantLine, NewOrderLine]], ordered_on: date) -> None:
    """Refuse what is ordered of a closed award, outside its funding period, or against a condition of it."""
    hold_open_awards(sorted({line.award_id for line, _ in found}))
    for line, _ in found:
        if not line.award.starts_on <= ordered_on <= line.award.ends_on:
            raise RuleBroken(
                f"The funding period of {line.award.code} is {period_text(line.award.starts_on, line.award.ends_on)} "
                f"(agreement {line.award.agreement_reference}). Nothing is bought for it outside",
                "ordered_on",
            )
    would_be = Counter(queries.spoken_for({line.id for line, _ in found}))
    for line, each in found:
        would_be[line.id] += each.net_pence
    demand_conditions(
        [
            (line, Spent(line.code, each.description, each.net_pence, each.unit_count, line_pence=would_be[line.id]))
            for line, each in found
        ]
    )


def supplier_by_code(code: str) -> Supplier:
    """Find the supplier money goes to.

    Raises:
        RuleBroken: there is none, or it is a donor, who sends no invoices.
    """
    supplier = db.session.scalar(select(Supplier).where(Supplier.code == code))
    if supplier is None:
        raise RuleBroken("Select a supplier you can use" if code else "Select a supplier", "supplier")
    if supplier.donor:
        raise RuleBroken(f"{supplier.name} is a donor and is not paid. Choose a supplier", "supplier")
    return supplier


def item_id_of(code: str | None) -> int | None:
    """Give the id of an item by its code, or None for no item.

    Raises:
        RuleBroken: there is no such item.
    """
    if code is None:
        return None
    item_id = db.session.scalar(_ITEM_ID, {"code": code})
    if item_id is None:
        raise RuleBroken("Select an item you can use")
    return item_id


def _order_line(position: int, line: NewOrderLine, paying: GrantLine) -> OrderLine:
    """Check one line of an order and make it."""
    refuse_personal_details(line.description)
    if line.unit_count < 1:
        raise RuleBroken(f"Line {position}: quantity must be 1 or more")
    if line.net_pence < 0:
        raise RuleBroken(f"Line {position}: enter the price as £0 or more")
    return OrderLine(
        position=position, description=line.description, item_id=item_id_of(line.item_code),
        unit_count=line.unit_count, net_pence=line.net_pence, grant_line_id=paying.id,
    )  # fmt: skip


def end_order_line(
    order_reference: str, position: int, *, reason: str, by: Actor, at: datetime, submission_id: str
) -> OrderLineEnd:
    """Record that nothing more will come of an order line; what it still committed is free again.

    Raises:
        NotFound: there is no such line.
        AlreadyDone: it was ended before, or is invoiced in full.
    """
    body = {"order": order_reference, "line": position, "reason": reason}
    subject = f"{order_reference}-{position}"
    order = queries.order_by_reference(order_reference)
    line = next((each for each in order.lines if each.position == position), None)
    if line is None:
        raise NotFound
    made = trail.earlier(submission_id, by=by, act="order.end", body=body)
    if made is not None:
        return db.session.scalars(select(OrderLineEnd).where(OrderLineEnd.order_line_id == line.id)).one()
    (committed,) = [each for each in queries.committed_lines(order_ids=[order.id]) if each.line.id == line.id]
    if committed.ended or committed.pence == 0:
        raise AlreadyDone(f"Line {position} of {order_reference} commits nothing any more")
    if not reason.strip():
        raise RuleBroken("Enter a reason", "reason")
    note = trail.note(reason, field="reason")
    end = OrderLineEnd(
        order_line_id=line.id, note_id=note.id if note else None, account_id=by.account_id, recorded_at=at
    )
    db.session.add(end)
    db.session.flush()
    trail.record(
        act="order.end", subject=subject, by=by, at=at, submission_id=submission_id, reason=note,
        freed_pence=committed.pence,
    )  # fmt: skip
    return end
