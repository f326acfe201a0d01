"""A grant for the small force: the award of the worked claim, a catalogue, suppliers, and short words for acts.

Source: the invented grant of £22,460.00 in six lines that the worked claim of our grant notes uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from core.access import Scope
from core.db import db, transaction
from core.money import Pence, vat_on
from grants.awards import services as awards
from grants.awards.models import Award
from grants.awards.rules import AwardTerms, Basis, Cadence, NewLine
from grants.spending import services as spending
from grants.spending.models import SpendingRow, SupplierInvoice
from grants.spending.rules import NewRow, Share, SpendingKind
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind
from inventory.deliveries import services as deliveries
from inventory.deliveries.models import Delivery
from inventory.deliveries.rules import DeliveredLine
from organisation.suppliers.models import Supplier
from tests.factories import AT, World, submission

STARTS, ENDS = date(2026, 4, 1), date(2027, 3, 31)
TERMS = AwardTerms(
    code="GB2026",
    title="Go Bags for victims of modern slavery",
    funder="Home Office",
    agreement_reference="HO/MS/2026/017",
    body_code="OPCC",
    project_code="P4471",
    amount_pence=Pence(22_460_00),
    offered_on=date(2026, 3, 2),
    starts_on=STARTS,
    ends_on=ENDS,
    cadence=Cadence.QUARTERLY,
    basis=Basis.ACCRUALS,
)
LINES = tuple(
    NewLine(code, heading, f"{heading}, as in schedule 1", Pence(pence))
    for code, heading, pence in (
        ("A", "Contents and clothing", 9_600_00),
        ("B", "Phones, SIMs, credit", 4_400_00),
        ("C", "Security cards", 2_160_00),
        ("D", "Booklets", 4_300_00),
        ("E", "Storage, distribution", 1_000_00),
        ("F", "Briefing", 1_000_00),
    )
)


def add_award(world: World, terms: AwardTerms = TERMS, lines: Sequence[NewLine] = LINES) -> Award:
    """Record the award as the grant officer."""
    with transaction():
        return awards.record_award(terms, lines, by=world.actor("grants"), at=AT, submission_id=submission())


def add_award_and_catalogue(world: World) -> None:
    """Record the award and fill the catalogue, with two suppliers."""
    add_award(world)
    add_catalogue(world)


def add_catalogue(world: World) -> None:
    """Add towels, soap, clothing and a booklet, two suppliers and a donor."""
    keeper = world.actor("storekeeper")
    with transaction():
        for code, name, kind, expires in (
            ("TOWEL", "Towel", ItemKind.CONTENT, False),
            ("SOAP", "Soap", ItemKind.CONTENT, True),
            ("TOP-M", "Tracksuit top M", ItemKind.CLOTHING, False),
        ):
            catalogue.add_item(
                code=code, name=name, kind=kind, expires=expires, by=keeper, at=AT, submission_id=submission()
            )
        db.session.add_all(
            [
                Supplier(code="BULK", name="Bulk Hygiene Ltd"),
                Supplier(code="PRINT", name="Moonraker Print"),
                Supplier(code="CHURCH", name="St Mark's", donor=True),
            ]
        )


def towels(count: int, net_pence: int, **changed: object) -> NewRow:
    """Give an invoice row of towels at the standard rate, its VAT recovered."""
    facts: dict[str, Any] = {"description": "Towels", "net_pence": Pence(net_pence), "item_code": "TOWEL"}
    return NewRow(**{**facts, "unit_count": count, **changed})


def courier(net_pence: int) -> NewRow:
    """Give an invoice row of a delivery charge at the standard rate."""
    return NewRow("Delivery charge", Pence(net_pence), kind=SpendingKind.SERVICE)


def credit(row_reference: str, net_pence: int) -> NewRow:
    """Give a row of a credit note; ``net_pence`` is negative."""
    return NewRow("Credit", Pence(net_pence), kind=SpendingKind.CREDIT, credits=row_reference)


def gross(rows: Sequence[NewRow]) -> Pence:
    """Add up what an invoice of these rows prints at its foot."""
    return Pence(sum(row.net_pence + row.printed_vat_pence for row in rows))


def add_invoice(
    world: World,
    *rows: NewRow,
    number: str = "SI-1001",
    supplier: str = "BULK",
    on: date = date(2026, 4, 20),
    gross_pence: int | None = None,
    order: str | None = None,
) -> SupplierInvoice:
    """Record an invoice as the grant officer."""
    with transaction():
        return spending.record_invoice(
            rows,
            supplier_code=supplier,
            number=number,
            invoiced_on=on,
            gross_pence=gross(rows) if gross_pence is None else Pence(gross_pence),
            order_reference=order,
            by=world.actor("grants"),
            at=AT,
            submission_id=submission(),
        )


def split(world: World, row_reference: str, **pence: int) -> SpendingRow:
    """Apportion a row to lines of the award by their codes, such as A=60_00."""
    shares = [Share(f"GB2026/{code}", Pence(each)) for code, each in pence.items()]
    with transaction():
        return spending.apportion(row_reference, shares, by=world.actor("grants"), at=AT, submission_id=submission())


def deliver(
    world: World, *lines: DeliveredLine, supplier: str = "BULK", note: str = "DN-1", on: date = date(2026, 4, 22)
) -> Delivery:
    """Receive goods at the store as its storekeeper."""
    with transaction():
        return deliveries.receive_delivery(
            supplier_code=supplier,
            place_code="STORE",
            delivery_note=note,
            received_on=on,
            lines=lines,
            scope=Scope.everywhere(),
            by=world.actor("storekeeper"),
            at=AT,
            submission_id=submission(),
        )


def bill(world: World, row_reference: str, delivery: Delivery, count: int, position: int = 1) -> int:
    """Link units of a delivery line to an invoice row as the grant officer; give the link's id."""
    with transaction():
        line = next(line for line in delivery.lines if line.position == position)
        link = spending.bill_delivery(
            row_reference, line.id, count, by=world.actor("grants"), at=AT, submission_id=submission()
        )
        return link.id


def acting(world: World, name: str = "grants", at: datetime = AT) -> dict[str, Any]:
    """Give the arguments that say who, when and by which form."""
    return {"by": world.actor(name), "at": at, "submission_id": submission()}


__all__ = [
    "ENDS",
    "LINES",
    "STARTS",
    "TERMS",
    "acting",
    "add_award",
    "add_catalogue",
    "add_invoice",
    "bill",
    "courier",
    "credit",
    "deliver",
    "gross",
    "split",
    "towels",
    "vat_on",
]
