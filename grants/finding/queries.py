"""Finding money records by what is printed on them, all kinds in one statement.

The money half has no places: whoever may see money sees all of it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, exists, func, literal, or_, select, union_all

from core.db import db
from grants.awards.models import Award, GrantLine
from grants.claims.models import Claim, ClaimEvent
from grants.finding.rules import MoneyKind
from grants.ledgers.models import LedgerLine
from grants.spending.models import PurchaseOrder, SpendingRow, SupplierInvoice
from inventory.finding.queries import begins, holds
from inventory.finding.rules import MOST_OF_A_KIND, Found, Sought
from organisation.suppliers.models import Supplier

Strand = Select[Any, Any, Any, Any, Any]
"""One kind's select: kind, key, title, detail, exact."""


def find(asked: Sought) -> list[Found]:
    """Find money records, whole references first, then kind by kind; at most one more of each than is listed."""
    strands = (_awards, _lines, _invoices, _rows, _orders, _claims, _ledger_lines)
    found = db.session.execute(union_all(*(_some(strand(asked)) for strand in strands)))
    order = list(MoneyKind)
    listed = [Found(kind, key, title, detail, bool(exact)) for kind, key, title, detail, exact in found]
    return sorted(listed, key=lambda each: (not each.exact, order.index(MoneyKind(each.kind)), each.title))


def _some(strand: Strand) -> Select[Any]:
    """Keep the best few of a kind: SQLite takes a limit only inside."""
    few = strand.order_by(strand.selected_columns[4].desc(), strand.selected_columns[2])
    return select(few.limit(MOST_OF_A_KIND + 1).subquery())


def _strand(kind: MoneyKind, key: Any, title: Any, detail: Any, exact: ColumnElement[bool]) -> Strand:
    return select(
        literal(kind.value).label("kind"),
        cast(key, String).label("key"),
        cast(title, String).label("title"),
        cast(detail, String).label("detail"),
        case((exact, 1), else_=0).label("exact"),
    )


def _awards(asked: Sought) -> Strand:
    exact = or_(
        func.upper(Award.code) == asked.text.upper(), func.upper(Award.agreement_reference) == asked.text.upper()
    )
    return _strand(MoneyKind.AWARD, Award.code, Award.title, Award.funder, exact).where(
        holds(asked, Award.code, Award.title, Award.funder, Award.agreement_reference)
    )


def _lines(asked: Sought) -> Strand:
    """Find a grant line; its key is the award's code, a slash and the line's."""
    whole = Award.code + "/" + GrantLine.code
    exact = func.upper(whole) == asked.text.upper()
    return (
        _strand(MoneyKind.LINE, whole, GrantLine.code + " " + GrantLine.heading, Award.title, exact)
        .join_from(GrantLine, Award, Award.id == GrantLine.award_id)
        .where(or_(holds(asked, GrantLine.heading, GrantLine.purpose), exact))
    )


def _invoices(asked: Sought) -> Strand:
    number = func.upper(SupplierInvoice.number) == asked.text.upper()
    exact = or_(SupplierInvoice.reference == asked.reference, number)
    title = SupplierInvoice.reference + ", number " + SupplierInvoice.number
    return (
        _strand(MoneyKind.INVOICE, SupplierInvoice.reference, title, Supplier.name, exact)
        .join_from(SupplierInvoice, Supplier, Supplier.id == SupplierInvoice.supplier_id)
        .where(or_(begins(SupplierInvoice.reference, asked), holds(asked, SupplierInvoice.number, Supplier.name)))
    )


def _rows(asked: Sought) -> Strand:
    exact = SpendingRow.reference == asked.reference
    return _strand(MoneyKind.ROW, SpendingRow.reference, SpendingRow.reference, SpendingRow.description, exact).where(
        or_(begins(SpendingRow.reference, asked), holds(asked, SpendingRow.description))
    )


def _orders(asked: Sought) -> Strand:
    reference = PurchaseOrder.reference
    return (
        _strand(MoneyKind.ORDER, reference, reference, Supplier.name, reference == asked.reference)
        .join_from(PurchaseOrder, Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .where(or_(begins(reference, asked), holds(asked, Supplier.name)))
    )


def _claims(asked: Sought) -> Strand:
    """Find a claim by its reference, or by the funder's own of what was sent or paid."""
    events = exists().where(
        ClaimEvent.claim_id == Claim.id, func.upper(ClaimEvent.outside_reference) == asked.text.upper()
    )
    title = Claim.reference + ", claim " + cast(Claim.number, String)
    exact = or_(Claim.reference == asked.reference, events)
    return (
        _strand(MoneyKind.CLAIM, Claim.reference, title, Award.title, exact)
        .join_from(Claim, Award, Award.id == Claim.award_id)
        .where(or_(begins(Claim.reference, asked), events))
    )


def _ledger_lines(asked: Sought) -> Strand:
    """Find a ledger line by its transaction number or the reference it carries, or by our own name for it."""
    number, typed = LedgerLine.transaction_number, asked.text.upper()
    exact = or_(func.upper(number) == typed, func.upper(LedgerLine.reference) == typed, _named(asked))
    return _strand(
        MoneyKind.LEDGER_LINE, literal("L-") + cast(LedgerLine.id, String), number, LedgerLine.supplier_name, exact
    ).where(exact)


def _named(asked: Sought) -> ColumnElement[bool]:
    digits = asked.text.upper().removeprefix("L-")
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 18 else -1
    return LedgerLine.id == (number if digits != asked.text.upper() else -1)
