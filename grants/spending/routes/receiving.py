"""Goods received against an invoice: a storekeeper's pages, with no figure of what anything costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import FieldList

from core import parse
from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.errors import NotFound, RuleBroken
from core.figures.lists import listed
from core.paging import page_number, paged
from core.web import page, refusals_on, requires, signed_in
from grants.spending import queries, services
from grants.spending.forms import ReceiveForm
from grants.spending.models import SupplierInvoice
from grants.spending.routes.blueprint import bp
from grants.spending.rules import SpendingKind
from grants.spending.services import ReceivedRow
from inventory.catalogue.models import Item
from inventory.catalogue.queries import editions_of
from inventory.catalogue.rules import PRINTED
from organisation.places.queries import places


@dataclass(frozen=True)
class Expected:
    """An invoice row still to come, as the storekeeper sees it: no price."""

    reference: str
    description: str
    item: Item
    billed_count: int
    received_count: int
    editions: Mapping[str, str]

    @property
    def left_count(self) -> int:
        """Units billed and not yet received."""
        return self.billed_count - self.received_count


@bp.route("/invoices/to-receive")
@requires(Permission.RECEIVE_DELIVERY, Permission.SEE_MONEY)
@listed
def to_receive() -> ResponseReturnValue:
    """List invoices whose goods have not all come, oldest first."""
    found = paged(queries.invoices_to_receive(), number=page_number(request.args.get("page")))
    rows = [row for invoice in found.rows for row in invoice.rows if row.kind is SpendingKind.GOODS]
    billed = queries.billed_counts([row.id for row in rows])
    return page("grants/spending/to_receive.html", found=found, billed=billed, me=signed_in())


@bp.route("/invoices/<reference>/receive", methods=["GET", "POST"])
@requires(Permission.RECEIVE_DELIVERY)
def receive(reference: str) -> ResponseReturnValue:
    """Count goods in against the invoice that bills them."""
    me = signed_in()
    invoice = queries.invoice_by_reference(reference)
    expected = _expected(invoice)
    form = _form(expected)
    if "split" in request.form:
        _split(form.lines, request.form["split"])
    form.offer(
        [(place.code, place.name) for place in places(scope=me.scope, open_on=local_day(now()))],
        {row: each.editions for row, each in expected.items()},
    )
    if "split" not in request.form and form.submitted():
        with refusals_on(form):
            received = _received(form, expected)
            with transaction():
                made = services.receive_against_invoice(
                    reference,
                    received,
                    place_code=form.place.data,
                    delivery_note=form.delivery_note.data or "",
                    received_on=form.received_on.day,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                ).reference
            flash(f"{made} is in stock")
            return redirect(url_for("deliveries.show", reference=made))
    return page("grants/spending/receive.html", form=form, invoice=invoice, expected=expected)


def _expected(invoice: SupplierInvoice) -> dict[str, Expected]:
    """Give the invoice's goods by row reference, those received in full left out."""
    goods = [row for row in invoice.rows if row.kind is SpendingKind.GOODS]
    billed = queries.billed_counts([row.id for row in goods])
    found = {}
    for row in goods:
        assert row.item is not None
        received = billed.get(row.id, 0)
        editions = _editions(row.item) if received < (row.unit_count or 0) else {}
        found[row.reference] = Expected(
            row.reference, row.description, row.item, row.unit_count or 0, received, editions
        )
    return found


def _editions(item: Item) -> dict[str, str]:
    if item.kind not in PRINTED:
        return {}
    return {str(each.number): f"Edition {each.number}" for each in editions_of(item.id)}


def _form(expected: dict[str, Expected]) -> ReceiveForm:
    """Make the form with one line for each row still to come, its units filled in."""
    if request.method == "POST":
        return ReceiveForm()
    today = local_day(now())
    lines = [
        {"row": each.reference, "unit_count": each.left_count, "edition": next(iter(each.editions), "")}
        for each in expected.values()
        if each.left_count
    ]
    return ReceiveForm(data={"received_on": today, "lines": lines})


def _split(lines: FieldList, position: str) -> None:
    """Add a line for the same row, below it: goods that came with two expiry dates or editions."""
    wanted = parse.carried(position)
    if wanted is None or wanted >= len(lines) or len(lines) >= 100:
        raise NotFound
    lines.append_entry({"row": lines[wanted].form.row.data, "edition": lines[wanted].form.edition.data})


def _received(form: ReceiveForm, expected: dict[str, Expected]) -> list[ReceivedRow]:
    """Read what was counted.

    Raises:
        RuleBroken: nothing was, or a row is not one of the invoice's.
    """
    counted = form.counted()
    if not counted:
        raise RuleBroken("Enter how many came of at least one row")
    if any(line.row.data not in expected for line in counted):
        raise RuleBroken("Choose a row of this invoice")
    return [ReceivedRow(line.row.data, line.delivered(expected[line.row.data].item.code)) for line in counted]
