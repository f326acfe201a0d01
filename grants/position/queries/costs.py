"""What lots and Go Bags cost, and who paid: read through the links to invoice rows, never copied.

A late invoice, a corrected split or a credit note therefore changes the answer everywhere at once. Each question
takes a fixed number of statements, however many lots it is about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from core.db import db
from core.money import Pence
from grants.position.rules import End, Link, LotCost, PaidPart, Source, ends_of, link_up, source_of
from grants.spending import queries as spending
from grants.spending.models import BilledDelivery, SpendingRow, SupplierInvoice
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.stock.models import Lot, Move
from inventory.stock.queries import numbering_of, outside
from inventory.stock.rules import LotSource, Units, count_of
from organisation.places.rules import PlaceKind


def lot_costs(lot_ids: Iterable[int]) -> dict[int, LotCost]:
    """Give what lots cost and who paid: lot id → its cost, £0 where no invoice stands behind it."""
    lots = {
        lot_id: int(count)
        for lot_id, count in db.session.execute(select(Lot.id, Lot.unit_count).where(Lot.id.in_(list(lot_ids))))
    }
    links = links_behind(lots)
    return link_up(lots, links, sources_of({link.row_id for link in links}))


def links_behind(lot_ids: Collection[int]) -> list[Link]:
    """List every standing link of every row behind the lots, in the order they were made."""
    rows = (
        select(BilledDelivery.row_id)
        .join(Lot, Lot.delivery_line_id == BilledDelivery.delivery_line_id)
        .where(spending.links_stand(), Lot.id.in_(lot_ids))
    )
    asked = (
        select(BilledDelivery.row_id, Lot.id, BilledDelivery.unit_count)
        .join(Lot, Lot.delivery_line_id == BilledDelivery.delivery_line_id)
        .where(spending.links_stand(), BilledDelivery.row_id.in_(rows))
        .order_by(BilledDelivery.id)
    )
    return [Link(row_id, lot_id, int(count)) for row_id, lot_id, count in db.session.execute(asked)]


def sources_of(row_ids: Collection[int]) -> dict[int, tuple[Source, ...]]:
    """Give rows with their credits as sources: spending row id → the row, then its credits."""
    asked = select(SpendingRow).where(or_(SpendingRow.id.in_(row_ids), SpendingRow.credits_row_id.in_(row_ids)))
    rows = list(db.session.scalars(asked.order_by(SpendingRow.id)))
    shares = spending.shares_of_rows([row.id for row in rows])
    counts = {row.id: row.unit_count or 1 for row in rows if row.credits_row_id is None}
    found: dict[int, list[Source]] = {row_id: [] for row_id in row_ids}
    for row in rows:
        behind = row.credits_row_id or row.id
        source = source_of(row.id, row.reference, row.cost_pence, counts[behind], shares[row.id])
        found[behind].append(source)
    return {row_id: tuple(sources) for row_id, sources in found.items()}


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


def ends_of_lots(lot_ids: Collection[int]) -> dict[int, dict[End, Units]]:
    """Part lots' units by where they are and by which issue they left: lot id → end → units."""
    issued = outside(PlaceKind.ISSUED)
    issued_by: dict[int, dict[int, int]] = {lot_id: {} for lot_id in lot_ids}
    asked = select(Move.lot_id, Move.id, Move.posting_id).where(Move.lot_id.in_(lot_ids), Move.to_place_id == issued)
    for lot_id, move_id, posting_id in db.session.execute(asked):
        issued_by[lot_id][move_id] = posting_id
    return {
        lot_id: ends_of(numbering, issued_place_id=issued, issued_by=issued_by[lot_id])
        for lot_id, numbering in numbering_of(lot_ids).items()
    }


def bag_cost(bag: Bag) -> BagCost:
    """Give what is in a Go Bag and which rows and grant lines paid for each thing.

    For an issued bag it is what left with its issue; for one that stands somewhere, what is in it now.
    """
    end, lots = _end_of(bag)
    ends = ends_of_lots(lots)
    inside = {lot_id: ends[lot_id][end] for lot_id in lots if end in ends[lot_id]}
    costs = lot_costs(inside)
    parts = {lot_id: costs[lot_id].parts_of(units) for lot_id, units in inside.items()}
    names = spending.line_names()
    rows = rows_by_id({part.row_id for each in parts.values() for part in each})
    things = [
        _thing(lots[lot_id], units, costs[lot_id], parts[lot_id], names, rows) for lot_id, units in inside.items()
    ]
    return BagCost(bag.tag, tuple(sorted(things, key=lambda thing: (thing.item, thing.lot))))


def _end_of(bag: Bag) -> tuple[End, dict[int, Lot]]:
    """Give where the units of a bag are, and the lots that may be there."""
    issued = outside(PlaceKind.ISSUED)
    here = db.session.scalar(select(BagPosition.place_id).where(BagPosition.bag_id == bag.id))
    if here != issued:
        return End(bag.place_id), _lots_moved(Move.to_place_id == bag.place_id)
    latest = select(func.max(BagMove.posting_id)).where(BagMove.bag_id == bag.id, BagMove.to_place_id == issued)
    posting_id = db.session.scalar(latest)
    return End(issued, posting_id), _lots_moved(Move.posting_id == posting_id)


def _lots_moved(moved: ColumnElement[bool]) -> dict[int, Lot]:
    """Find the lots of moves: lot id → lot."""
    asked = select(Lot).where(Lot.id.in_(select(Move.lot_id).where(moved)))
    return {lot.id: lot for lot in db.session.scalars(asked.options(joinedload(Lot.item)))}


def rows_by_id(row_ids: Collection[int]) -> dict[int, SpendingRow]:
    """Read spending rows with their invoices and suppliers: id → row."""
    asked = select(SpendingRow).where(SpendingRow.id.in_(row_ids))
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
