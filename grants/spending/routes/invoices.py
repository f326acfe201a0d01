"""Invoices: the list, one invoice, and recording one with its rows."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.figures.lists import listed
from core.paging import page_number, paged
from core.parse import search_text
from core.privacy import refuse_personal_details
from core.web import page, refusals_on, requires, signed_in
from grants.evidence import queries as evidence
from grants.spending import queries, services
from grants.spending.forms import InvoiceForm
from grants.spending.models import PurchaseOrder, SupplierInvoice
from grants.spending.routes import choices
from grants.spending.routes.blueprint import bp

MOST_ROWS = 60


@bp.route("/invoices/")
@requires(Permission.SEE_MONEY)
@listed
def index() -> ResponseReturnValue:
    """List invoices and credit notes, newest first."""
    search = search_text(request.args.get("q"))
    refuse_personal_details(search)
    found = paged(queries.invoices(search=search), number=page_number(request.args.get("page")))
    return page(
        "grants/spending/index.html",
        found=found,
        left=queries.left_of_invoices([invoice.id for invoice in found.rows]),
        q=search,
        me=signed_in(),
    )


@bp.route("/invoices/<reference>")
@requires(Permission.SEE_MONEY)
def show(reference: str) -> ResponseReturnValue:
    """Show one invoice: its rows, how each is apportioned, and what of it has come."""
    invoice = queries.invoice_by_reference(reference)
    states = queries.states_of(invoice.rows)
    shares = queries.shares_of_rows([row.id for row in invoice.rows])
    return page(
        "grants/spending/show.html",
        invoice=invoice,
        states=states,
        shares=shares,
        names=queries.line_names(),
        cost=sum(state.row.cost_pence for state in states),
        left=sum(state.left_pence for state in states),
        papers=evidence.beside_invoice(invoice),
        me=signed_in(),
    )


@bp.route("/invoices/record", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING)
def record_invoice() -> ResponseReturnValue:
    """Record a supplier's invoice, or a credit note for one, as printed."""
    order, credited = _order_asked(), _invoice_asked()
    form = InvoiceForm(data=_filled_in(order, credited)) if request.method == "GET" else InvoiceForm()
    whats = choices.credited(credited) if credited else choices.bought()
    if "more" in request.form and len(form.rows) < MOST_ROWS:
        form.rows.append_entry()
    form.offer(choices.suppliers(), whats)
    if "more" not in request.form and form.submitted():
        with refusals_on(form):
            rows = form.new_rows(whats)
            with transaction():
                made = services.record_invoice(
                    rows,
                    supplier_code=form.supplier.data,
                    number=form.number.data or "",
                    invoiced_on=form.invoiced_on.day,
                    gross_pence=form.gross.data,
                    order_reference=form.order.data or None,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                ).reference
            flash(f"{made} is recorded. Now apportion its rows to grant lines")
            return redirect(url_for("spending.show", reference=made))
    return page("grants/spending/record_invoice.html", form=form, order=order, credited=credited)


def _order_asked() -> PurchaseOrder | None:
    """Find the order whose invoice is recorded, when the address or the form names one."""
    reference = request.form.get("order") or request.args.get("order")
    return queries.order_by_reference(reference) if reference else None


def _invoice_asked() -> SupplierInvoice | None:
    """Find the invoice that is credited, when the address or the form names one."""
    reference = request.form.get("credits") or request.args.get("credits")
    return queries.invoice_by_reference(reference) if reference else None


def _filled_in(order: PurchaseOrder | None, credited: SupplierInvoice | None) -> dict[str, Any]:
    """Fill a new form in from an order's lines that are not yet invoiced, or for a credit note."""
    if credited is not None:
        return {"supplier": credited.supplier.code, "credits": credited.reference}
    if order is None:
        return {}
    rows = []
    for each in queries.committed_lines(order_ids=[order.id]):
        if each.pence:
            left = each.line.unit_count - each.invoiced_count
            rows.append(
                {
                    "what": f"item:{each.line.item.code}" if each.line.item else "service",
                    "description": each.line.description,
                    "unit_count": left if each.line.item else None,
                    "net": each.pence,
                    "order_line": str(each.line.position),
                }
            )
    return {"supplier": order.supplier.code, "order": order.reference, "rows": rows}
