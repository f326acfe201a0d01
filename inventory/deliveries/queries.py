"""Reading deliveries. Rows belong to the place that received them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from core.access import Scope
from core.db import db
from core.errors import NotFound
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.phones.models import SerialUnit
from inventory.stock.models import Lot, Move, Posting


@dataclass(frozen=True)
class DeliveryTotals:
    """How many lines and units a delivery had."""

    line_count: int
    unit_count: int


def deliveries(
    *,
    scope: Scope,
    place_id: int | None = None,
    supplier_id: int | None = None,
    since: date | None = None,
    until: date | None = None,
    search: str = "",
) -> Select[Delivery]:
    """Select deliveries received at places in scope, newest first, for a page of them.

    Args:
        since: first day received, included.
        until: last day received, included.
        search: part of a reference or delivery note, taken literally.
    """
    asked = select(Delivery).options(joinedload(Delivery.supplier), joinedload(Delivery.place))
    if scope.place_ids is not None:
        asked = asked.where(Delivery.place_id.in_(scope.place_ids))
    if place_id is not None:
        asked = asked.where(Delivery.place_id == place_id)
    if supplier_id is not None:
        asked = asked.where(Delivery.supplier_id == supplier_id)
    if since is not None:
        asked = asked.where(Delivery.received_on >= since)
    if until is not None:
        asked = asked.where(Delivery.received_on <= until)
    if search:
        asked = asked.where(
            or_(
                Delivery.reference.icontains(search, autoescape=True),
                Delivery.delivery_note.icontains(search, autoescape=True),
            )
        )
    return asked.order_by(Delivery.received_on.desc(), Delivery.id.desc())


def totals_of(delivery_ids: list[int]) -> dict[int, DeliveryTotals]:
    """Add up the lines of deliveries: delivery id → lines and units."""
    rows = db.session.execute(
        select(DeliveryLine.delivery_id, func.count(), func.sum(DeliveryLine.unit_count))
        .where(DeliveryLine.delivery_id.in_(delivery_ids))
        .group_by(DeliveryLine.delivery_id)
    )
    return {delivery: DeliveryTotals(int(lines), int(units)) for delivery, lines, units in rows}


def delivery_by_reference(reference: str, *, scope: Scope) -> Delivery:
    """Find a delivery with its lines and their lots.

    Raises:
        NotFound: there is none for this person.
    """
    found = db.session.scalar(
        select(Delivery)
        .where(Delivery.reference == reference)
        .options(
            joinedload(Delivery.supplier),
            joinedload(Delivery.place),
            joinedload(Delivery.posting),
            selectinload(Delivery.lines).joinedload(DeliveryLine.item),
            selectinload(Delivery.lines).joinedload(DeliveryLine.lot).joinedload(Lot.edition),
        )
    )
    if found is None or not scope.covers(found.place_id):
        raise NotFound
    return found


def units_of_lots(lot_ids: list[int]) -> dict[int, list[SerialUnit]]:
    """List the handsets and SIMs of lots: lot id → units."""
    found: dict[int, list[SerialUnit]] = {}
    asked = select(SerialUnit).where(SerialUnit.lot_id.in_(lot_ids)).order_by(SerialUnit.id)
    for unit in db.session.scalars(asked):
        found.setdefault(unit.lot_id, []).append(unit)
    return found


def same_note(supplier_id: int, delivery_note: str) -> Delivery | None:
    """Find a delivery that came with the same delivery note from the same supplier."""
    asked = select(Delivery).where(
        Delivery.supplier_id == supplier_id, func.upper(Delivery.delivery_note) == delivery_note.upper()
    )
    return db.session.scalars(asked.order_by(Delivery.id.desc()).limit(1)).first()


def known_number(numbers: list[str]) -> SerialUnit | None:
    """Find the first unit that already has one of the numbers."""
    asked = select(SerialUnit).where(SerialUnit.number.in_(numbers)).options(joinedload(SerialUnit.lot))
    return db.session.scalars(asked.order_by(SerialUnit.id).limit(1)).first()


def lots_of_document(document: str) -> list[Lot]:
    """List the lots that a document's postings moved, in the order they were made."""
    asked = select(Lot).join(Move, Move.lot_id == Lot.id).join(Posting, Posting.id == Move.posting_id)
    return list(db.session.scalars(asked.where(Posting.document == document).order_by(Lot.id)))
