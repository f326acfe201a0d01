"""What lots and Go Bags cost, and who paid: read through the links to invoice rows, never copied.

A late invoice, a corrected split or a credit note therefore changes the answer everywhere at once. Each question
takes a fixed number of statements, however many lots it is about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from core.db import db
from core.money import Pence
from grants.position.queries.money import lot_costs
from grants.position.rules import LotCost, PaidPart, common
from grants.spending import queries as spending
from grants.spending.models import SpendingRow, SupplierInvoice
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.numbering.queries import folded, issued_by
from inventory.stock.models import IN_STOCK, Balance, Lot, Move
from inventory.stock.queries import outside
from inventory.stock.rules import LotSource, Units, count_of, joined
from organisation.places.rules import PlaceKind


@dataclass(frozen=True)
class ThingPart:
    """Pence of one invoice row (or credit) that one grant line paid for a thing.

    Attributes:
        line: the grant line's full code, or None for what is not yet apportioned.
        document: reference of the invoice, or of the row where it has none.
    """

    row: str
    document: str
    number: str
    supplier: str
    line: str | None
    pence: Pence


@dataclass(frozen=True)
class ThingCost:
    """One lot's units in a Go Bag: what they cost and who paid."""

    lot: str
    item: str
    unit_count: int
    billed_count: int
    pence: Pence
    parts: tuple[ThingPart, ...]
    units: Units
    came: str
    """How it came, in words, where no invoice stands behind all of it; empty otherwise."""


@dataclass(frozen=True)
class BagCost:
    """What is in a Go Bag and what each thing cost; the things add up to the total, and so do the lines."""

    tag: str
    things: tuple[ThingCost, ...]

    @property
    def total_pence(self) -> Pence:
        """What everything in the bag cost."""
        return Pence(sum(thing.pence for thing in self.things))

    @property
    def by_line(self) -> dict[str | None, Pence]:
        """Who paid: grant line's full code, or None for what is not yet apportioned → pence."""
        total: dict[str | None, int] = {}
        for thing in self.things:
            for part in thing.parts:
                total[part.line] = total.get(part.line, 0) + part.pence
        return {line: Pence(total[line]) for line in sorted(total, key=lambda each: (each is None, each or ""))}


def bag_cost(bag: Bag) -> BagCost:
    """Give what is in a Go Bag and which rows and grant lines paid for each thing.

    For an issued bag it is what left with its issue; for one that stands somewhere, what is in it now.
    """
    inside = _units_of(bag)
    asked = select(Lot).where(Lot.id.in_(inside)).options(joinedload(Lot.item))
    lots = {lot.id: lot for lot in db.session.scalars(asked)}
    costs = lot_costs(inside)
    parts = {lot_id: costs[lot_id].parts_of(units) for lot_id, units in inside.items()}
    names = spending.line_names()
    rows = rows_by_id({part.row_id for each in parts.values() for part in each})
    things = [
        _thing(lots[lot_id], units, costs[lot_id], parts[lot_id], names, rows) for lot_id, units in inside.items()
    ]
    return BagCost(bag.tag, tuple(sorted(things, key=lambda thing: (thing.item, thing.lot))))


def _units_of(bag: Bag) -> dict[int, Units]:
    """Give which units are in a bag, or left with the issue of one that was handed over: lot id → units."""
    issued = outside(PlaceKind.ISSUED)
    latest = select(func.max(BagMove.posting_id)).where(BagMove.bag_id == bag.id, BagMove.to_place_id == issued)
    asked = select(BagPosition.place_id, latest.scalar_subquery()).where(BagPosition.bag_id == bag.id)
    here, posting_id = db.session.execute(asked).first() or (None, None)
    if here == issued and posting_id is not None:
        return _issued_by(posting_id, issued)
    holds = select(Balance.lot_id).where(Balance.place_id == bag.place_id, IN_STOCK)
    return {lot.lot_id: lot.standing[bag.place_id] for lot in folded(holds)}


def _issued_by(posting_id: int, issued_place_id: int) -> dict[int, Units]:
    """Give which units an issue that counts handed over: lot id → units."""
    lots = folded(select(Move.lot_id).where(Move.posting_id == posting_id))
    left = {lot.lot_id: lot.standing.get(issued_place_id, ()) for lot in lots}
    found: dict[int, Units] = {}
    for each in issued_by(posting_id, lots):
        units = common(each.units, left[each.lot_id])
        found[each.lot_id] = joined(found.get(each.lot_id, ()), units)
    return {lot_id: units for lot_id, units in found.items() if units}


def rows_by_id(row_ids: Collection[int]) -> dict[int, SpendingRow]:
    """Read a few spending rows with their invoices and suppliers: id → row."""
    return _rows(SpendingRow.id.in_(row_ids))


def rows_and_credits(rows: Select[int]) -> dict[int, SpendingRow]:
    """Read spending rows and the credits of them with their invoices and suppliers: id → row."""
    return _rows(or_(SpendingRow.id.in_(rows), SpendingRow.credits_row_id.in_(rows)))


def _rows(wanted: ColumnElement[bool]) -> dict[int, SpendingRow]:
    asked = select(SpendingRow).where(wanted)
    invoice = joinedload(SpendingRow.invoice).joinedload(SupplierInvoice.supplier)
    credited = joinedload(SpendingRow.credited).joinedload(SpendingRow.item)
    return {row.id: row for row in db.session.scalars(asked.options(invoice, joinedload(SpendingRow.item), credited))}


def _thing(
    lot: Lot,
    units: Units,
    cost: LotCost,
    parts: list[PaidPart],
    names: dict[int, str],
    rows: dict[int, SpendingRow],
) -> ThingCost:
    """Put one lot's units in a bag into words."""
    billed = cost.billed_among(units)
    return ThingCost(
        lot=lot.code,
        item=lot.item.name,
        unit_count=count_of(units),
        billed_count=billed,
        pence=cost.pence_of(units),
        parts=tuple(_part(part, names, rows[part.row_id]) for part in parts),
        units=units,
        came=came_of(lot.source, billed, count_of(units)),
    )


def _part(part: PaidPart, names: dict[int, str], row: SpendingRow) -> ThingPart:
    line = names[part.line_id] if part.line_id is not None else None
    invoice = row.invoice
    if invoice is None:
        return ThingPart(row.reference, row.reference, "", "", line, part.pence)
    return ThingPart(row.reference, invoice.reference, invoice.number, invoice.supplier.name, line, part.pence)


def parts_in_words(parts: Iterable[PaidPart]) -> tuple[ThingPart, ...]:
    """Name the rows and grant lines of parts."""
    kept = list(parts)
    names, rows = spending.line_names(), rows_by_id({part.row_id for part in kept})
    return tuple(_part(part, names, rows[part.row_id]) for part in kept)


def came_of(source: LotSource, billed: int, unit_count: int) -> str:
    """Say in words why units cost nothing that is known, or nothing at all."""
    if source is LotSource.DONATION:
        return "Donated, £0"
    if source is LotSource.OPENING:
        return "Held before the service began, £0"
    if source is LotSource.FOUND:
        return "Found on a count, £0"
    if billed == 0:
        return "Not yet invoiced"
    return "" if billed == unit_count else f"{unit_count - billed} not yet invoiced"
