"""Taking goods in: lots with their units, and the posting that brings them to a place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, insert, select

from core import trail
from core.access import Actor, Scope
from core.db import db
from core.references import next_reference, next_references
from inventory.cards.services import number_lot
from inventory.deliveries import queries
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.deliveries.rules import DeliveredLine, field_of
from inventory.deliveries.services.checking import (
    CheckedLine,
    checked_lines,
    moment_of,
    new_delivery_note,
    open_place,
    supplier_named,
)
from inventory.phones.models import SerialUnit
from inventory.phones.rules import NUMBER_OF
from inventory.stock.models import Lot
from inventory.stock.queries import outside
from inventory.stock.rules import LotSource, Movement, PostingKind
from inventory.stock.services import post
from organisation.places.rules import PlaceKind

_INSERT_UNIT = insert(SerialUnit)
_UNITS_OF_LOT = select(SerialUnit.id).where(SerialUnit.lot_id == bindparam("lot_id")).order_by(SerialUnit.id)


def receive_delivery(
    *,
    supplier_code: str,
    place_code: str,
    delivery_note: str,
    received_on: date,
    lines: Sequence[DeliveredLine],
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Delivery:
    """Take a delivery into stock: one lot a line, all of them or none.

    Keeps: INV-01 (balances), INV-23 (a number belongs to one unit for ever).

    Args:
        delivery_note: number of the paper that came with the goods.
        received_on: the day they came; today or earlier.
        lines: what was counted, in the order it is written down.

    Raises:
        RuleBroken: what is missing or wrong, and in which line; nothing has been taken in.
    """
    asked = (supplier_code, place_code, delivery_note, received_on, [line.plain for line in lines])
    if done := trail.earlier(submission_id, by=by, act="delivery.receive", body=asked):
        return queries.delivery_by_reference(done, scope=scope)
    supplier = supplier_named(supplier_code)
    place = open_place(place_code, received_on, scope=scope)
    note = new_delivery_note(delivery_note, supplier)
    happened_at = moment_of(received_on, at, field="received_on")
    checked = checked_lines(lines, received_on=received_on)
    delivery = Delivery(
        reference=next_reference("DEL"),
        supplier_id=supplier.id,
        place_id=place.id,
        delivery_note=note,
        received_on=received_on,
        lines=[
            DeliveryLine(position=position, item_id=each.item.id, unit_count=each.line.unit_count)
            for position, each in enumerate(checked, start=1)
        ],
    )
    db.session.add(delivery)
    db.session.flush()
    lots = _lots(checked, LotSource.DONATION if supplier.donor else LotSource.DELIVERY, delivery.lines)
    _number_cards(checked, lots, by=by, at=at)
    source = outside(PlaceKind.DONORS if supplier.donor else PlaceKind.SUPPLIERS)
    post(
        PostingKind.DONATION if supplier.donor else PostingKind.DELIVERY,
        _movements(lots, source, place.id),
        by=by,
        at=at,
        happened_at=happened_at,
        document=delivery.reference,
        submission_id=submission_id,
    )
    trail.record(
        act="delivery.receive",
        subject=delivery.reference,
        by=by,
        at=at,
        submission_id=submission_id,
        supplier=supplier.code,
        place=place.code,
        delivery_note=note,
        received_on=received_on,
        lots=_facts(checked, lots),
    )
    return delivery


def record_opening_stock(
    *,
    place_code: str,
    counted_on: date,
    lines: Sequence[DeliveredLine],
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> list[Lot]:
    """Count in what a place already held on the first day: one lot a line, all of them or none.

    What has expired is counted in too, for it is there; a bag will not take it.

    Keeps: INV-01 (balances), INV-23 (a number belongs to one unit for ever).

    Raises:
        RuleBroken: what is missing or wrong, and in which line; nothing has been counted in.
    """
    asked = (place_code, counted_on, [line.plain for line in lines])
    if done := trail.earlier(submission_id, by=by, act="stock.open", body=asked):
        return queries.lots_of_document(done)
    place = open_place(place_code, counted_on, scope=scope)
    happened_at = moment_of(counted_on, at, field="counted_on")
    checked = checked_lines(lines, received_on=None)
    reference = next_reference("OS")
    lots = _lots(checked, LotSource.OPENING, [])
    _number_cards(checked, lots, by=by, at=at)
    post(
        PostingKind.OPENING,
        _movements(lots, outside(PlaceKind.SUPPLIERS), place.id),
        by=by,
        at=at,
        happened_at=happened_at,
        document=reference,
        submission_id=submission_id,
    )
    trail.record(
        act="stock.open",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        place=place.code,
        counted_on=counted_on,
        lots=_facts(checked, lots),
    )
    return [lot for lot, _ in lots]


def _lots(
    checked: Sequence[CheckedLine], source: LotSource, lines: Sequence[DeliveryLine]
) -> list[tuple[Lot, list[int]]]:
    """Make the lot of each line, with its serial units: (lot, ids of its units)."""
    codes = next_references("L", len(checked))
    lots = [
        Lot(
            code=codes[position],
            item_id=each.item.id,
            source=source,
            delivery_line_id=lines[position].id if lines else None,
            unit_count=each.line.unit_count,
            expires_on=each.line.expires_on,
            edition_id=each.edition.id if each.edition else None,
        )
        for position, each in enumerate(checked)
    ]
    db.session.add_all(lots)
    db.session.flush()
    return [(lot, _units(lot, each)) for lot, each in zip(lots, checked, strict=True)]


def _number_cards(
    checked: Sequence[CheckedLine], lots: Sequence[tuple[Lot, list[int]]], *, by: Actor, at: datetime
) -> None:
    """Write down the numbers printed on cards, for the lots whose lines name some."""
    for position, (each, (lot, _)) in enumerate(zip(checked, lots, strict=True)):
        if each.cards:
            number_lot(lot, each.cards, by=by, at=at, field=field_of(position, "card_numbers"))


def _units(lot: Lot, each: CheckedLine) -> list[int]:
    if not each.numbers:
        return []
    rows = [{"lot_id": lot.id, "number_kind": NUMBER_OF[each.item.kind], "number": number} for number in each.numbers]
    connection = db.session.connection()
    connection.execute(_INSERT_UNIT, rows)
    return list(connection.execute(_UNITS_OF_LOT, {"lot_id": lot.id}).scalars())


def _movements(lots: Sequence[tuple[Lot, list[int]]], source: int, place_id: int) -> list[Movement]:
    return [Movement(lot.id, source, place_id, lot.unit_count, tuple(units)) for lot, units in lots]


def _facts(checked: Sequence[CheckedLine], lots: Sequence[tuple[Lot, list[int]]]) -> list[list[object]]:
    """Write the lots down for the audit leaf: code, item, units, expiry, edition, numbers of units or of cards."""
    return [
        [lot.code, each.item.code, lot.unit_count, lot.expires_on, each.line.edition_number,
         each.numbers or tuple(str(numbers) for numbers in each.cards)]
        for each, (lot, _) in zip(checked, lots, strict=True)
    ]  # fmt: skip
