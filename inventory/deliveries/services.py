"""Receiving: goods become lots, each with its count, expiry, edition and numbers, at one place.

A delivery is taken in whole or not at all. A donor's goods come from the donors place, a supplier's from the
suppliers place; opening stock, which somebody once supplied, comes from there too, under its own kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from core import parse, trail
from core.access import Actor, Scope
from core.dates import day_text, local_day, moment_on
from core.db import db
from core.errors import NotFound, RuleBroken
from core.references import next_reference
from inventory.catalogue import queries as catalogue
from inventory.catalogue.models import Edition, Item
from inventory.deliveries import queries
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.deliveries.rules import MOST_LINES, DeliveredLine, check_edition_named, check_expiry, field_of
from inventory.phones.models import SerialUnit
from inventory.phones.rules import NUMBER_OF, NUMBER_WORDS, check_numbers
from inventory.stock.models import Lot
from inventory.stock.queries import outside
from inventory.stock.rules import LotSource, Movement, PostingKind
from inventory.stock.services import post
from organisation.places.models import Place
from organisation.places.queries import chosen_place
from organisation.places.rules import PlaceKind
from organisation.suppliers import queries as suppliers
from organisation.suppliers.models import Supplier

MOST_UNITS = 100_000
_MIDDAY = time(12)


@dataclass(frozen=True)
class _Checked:
    """A line that may be taken in: what it names, looked up."""

    line: DeliveredLine
    item: Item
    edition: Edition | None
    numbers: tuple[str, ...]


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
    supplier = _supplier(supplier_code)
    place = _open_place(place_code, received_on, scope=scope)
    note = _delivery_note(delivery_note, supplier)
    happened_at = _moment(received_on, at, field="received_on")
    checked = _checked(lines, received_on=received_on)
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
    place = _open_place(place_code, counted_on, scope=scope)
    happened_at = _moment(counted_on, at, field="counted_on")
    checked = _checked(lines, received_on=None)
    reference = next_reference("OS")
    lots = _lots(checked, LotSource.OPENING, [])
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


def _supplier(code: str) -> Supplier:
    try:
        return suppliers.supplier_by_code(code)
    except NotFound:
        raise RuleBroken("Choose who it came from", "supplier") from None


def _open_place(code: str, day: date, *, scope: Scope) -> Place:
    """Find the place that takes the goods in; it must have been open on the day."""
    place = chosen_place(code, scope=scope, field="place")
    if place.opened_on is not None and day < place.opened_on:
        raise RuleBroken(f"{place.name} opened on {day_text(place.opened_on)}. Enter that day or later", "place")
    if place.closed_on is not None and day > place.closed_on:
        raise RuleBroken(f"{place.name} closed on {day_text(place.closed_on)}. Choose another place", "place")
    return place


def _delivery_note(text: str, supplier: Supplier) -> str:
    """Read the number of the delivery note, and refuse one this supplier has already sent.

    Donors rarely number their notes, so for them the same words may come again.
    """
    note = parse.one_line(text, most=40, field="delivery_note", required="Enter the number on the delivery note")
    earlier = None if supplier.donor else queries.same_note(supplier.id, note)
    if earlier is not None:
        raise RuleBroken(
            f"Delivery note {note} from {supplier.name} was received on {day_text(earlier.received_on)} "
            f"as {earlier.reference}. Nothing has been recorded",
            "delivery_note",
        )
    return note


def _moment(day: date, at: datetime, *, field: str) -> datetime:
    """Give the moment something of a day happened: now for today, midday for an earlier day."""
    if day > local_day(at):
        raise RuleBroken("Enter a real date in the past", field)
    return at if day == local_day(at) else moment_on(day, _MIDDAY)


def _checked(lines: Sequence[DeliveredLine], *, received_on: date | None) -> list[_Checked]:
    """Look every line up and refuse what cannot be taken in, before anything is written."""
    if not lines:
        raise RuleBroken("Enter at least one item that was delivered")
    if len(lines) > MOST_LINES:
        raise RuleBroken(f"Enter {MOST_LINES} lines or fewer at a time; this has {len(lines)}")
    items = catalogue.items_by_code(line.item_code for line in lines)
    checked = [
        _check_line(line, items.get(line.item_code), received_on=received_on, position=position)
        for position, line in enumerate(lines)
    ]
    _refuse_known_numbers(checked)
    return checked


def _check_line(line: DeliveredLine, item: Item | None, *, received_on: date | None, position: int) -> _Checked:
    if item is None:
        raise RuleBroken(f"Choose the item of line {position + 1}", field_of(position, "item"))
    if not 1 <= line.unit_count <= MOST_UNITS:
        raise RuleBroken(_out_of_range(line.unit_count), field_of(position, "unit_count"))
    check_expiry(line, name=item.name, expires=item.expires, received_on=received_on, position=position)
    check_edition_named(line, name=item.name, kind=item.kind, position=position)
    return _Checked(line, item, _edition(line, item, position), _numbers(line, item, position))


def _out_of_range(unit_count: int) -> str:
    return "Quantity must be 1 or more" if unit_count < 1 else f"Quantity must be {MOST_UNITS:,} or fewer"


def _edition(line: DeliveredLine, item: Item, position: int) -> Edition | None:
    if line.edition_number is None:
        return None
    edition = catalogue.edition(item.id, line.edition_number)
    if edition is None:
        known = ", ".join(str(each.number) for each in reversed(catalogue.editions_of(item.id)))
        raise RuleBroken(
            f"{item.name} has no edition {line.edition_number}. "
            + (f"Editions in the catalogue: {known}" if known else "Add the edition to the catalogue first"),
            field_of(position, "edition_number"),
        )
    return edition


def _numbers(line: DeliveredLine, item: Item, position: int) -> tuple[str, ...]:
    field = field_of(position, "serial_numbers")
    if item.kind not in NUMBER_OF:
        if line.serial_numbers:
            raise RuleBroken(f"{item.name} is not counted by number. Remove the numbers", field)
        return ()
    return check_numbers(
        NUMBER_OF[item.kind],
        line.serial_numbers,
        unit_count=line.unit_count,
        item_name=item.name,
        field=field,
    )


def _refuse_known_numbers(checked: Sequence[_Checked]) -> None:
    """Refuse a number that another line, or any earlier delivery, already brought."""
    seen: dict[str, int] = {}
    for position, each in enumerate(checked):
        for number in each.numbers:
            if number in seen:
                raise RuleBroken(
                    f"{number} is entered on line {seen[number] + 1} as well",
                    field_of(position, "serial_numbers"),
                )
            seen[number] = position
    known = queries.known_number(list(seen))
    if known is not None:
        name = NUMBER_WORDS[known.number_kind]
        raise RuleBroken(
            f"{name} {known.number} is already known: it came with lot {known.lot.code}. Each number is received once",
            field_of(seen[known.number], "serial_numbers"),
        )


def _lots(checked: Sequence[_Checked], source: LotSource, lines: Sequence[DeliveryLine]) -> list[tuple[Lot, list[int]]]:
    """Make the lot of each line, with its serial units: (lot, ids of its units)."""
    made: list[tuple[Lot, list[int]]] = []
    for position, each in enumerate(checked):
        lot = Lot(
            code=next_reference("L"),
            item_id=each.item.id,
            source=source,
            delivery_line_id=lines[position].id if lines else None,
            unit_count=each.line.unit_count,
            expires_on=each.line.expires_on,
            edition_id=each.edition.id if each.edition else None,
        )
        db.session.add(lot)
        db.session.flush()
        made.append((lot, _units(lot, each)))
    return made


def _units(lot: Lot, each: _Checked) -> list[int]:
    if not each.numbers:
        return []
    kind = NUMBER_OF[each.item.kind]
    units = [SerialUnit(lot_id=lot.id, number_kind=kind, number=number) for number in each.numbers]
    db.session.add_all(units)
    db.session.flush()
    return [unit.id for unit in units]


def _movements(lots: Sequence[tuple[Lot, list[int]]], source: int, place_id: int) -> list[Movement]:
    return [Movement(lot.id, source, place_id, lot.unit_count, tuple(units)) for lot, units in lots]


def _facts(checked: Sequence[_Checked], lots: Sequence[tuple[Lot, list[int]]]) -> list[list[object]]:
    """Write the lots down for the audit leaf: code, item, units, expiry, edition, numbers."""
    return [
        [lot.code, each.item.code, lot.unit_count, lot.expires_on, each.line.edition_number, each.numbers]
        for each, (lot, _) in zip(checked, lots, strict=True)
    ]
