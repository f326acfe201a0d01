"""One spending row: what it costs, how it is split over grant lines, which deliveries it bills."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.errors import NotFound
from core.figures.lists import listed
from core.money import Pence, plain_pounds, pounds, share
from core.paging import page_number, paged
from core.web import page, refusals_on, requires, signed_in
from grants.evidence import queries as evidence
from grants.spending import queries, services
from grants.spending.forms import ApportionForm, ConfirmForm, LinkForm
from grants.spending.models import Apportionment, BilledDelivery, SpendingRow
from grants.spending.queries import RowState
from grants.spending.routes import choices
from grants.spending.routes.blueprint import bp


@bp.route("/spending/to-apportion")
@requires(Permission.SEE_MONEY)
@listed
def open_rows() -> ResponseReturnValue:
    """List the rows that are not apportioned to the penny, the largest remainder first."""
    found = paged(queries.rows_to_apportion(), number=page_number(request.args.get("page")))
    states = queries.states_of(found.rows)
    return page("grants/spending/open_rows.html", found=found, states=states, me=signed_in())


@bp.route("/spending/<row_reference>")
@requires(Permission.SEE_MONEY)
def row(row_reference: str) -> ResponseReturnValue:
    """Show a spending row with everything that hangs on it."""
    found = queries.row_by_reference(row_reference)
    (state,) = queries.states_of([found])
    given, links = queries.apportionments_of(found.id), queries.links_of_rows([found.id])
    return page(
        "grants/spending/row.html",
        state=state,
        row=found,
        given=given,
        reversed_ids={each.reverses_id for each in given},
        links=links,
        papers=evidence.beside_row(found, links),
        credits=queries.states_of(queries.credits_of([found.id])[found.id]),
        me=signed_in(),
    )


@bp.route("/spending/<row_reference>/apportion", methods=["GET", "POST"])
@requires(Permission.APPORTION)
def apportion(row_reference: str) -> ResponseReturnValue:
    """Split a spending row over grant lines, by pounds, by percentage or by its units."""
    found = queries.row_by_reference(row_reference)
    (state,) = queries.states_of([found])
    lines = choices.lines_for(found)
    form = _apportion_form(state, lines)
    form.offer(found.unit_count)
    if form.submitted():
        with refusals_on(form):
            act = _entered(form, row_reference)
            with transaction():
                act(by=signed_in(), at=now(), submission_id=form.submission_id.data)
            left = queries.states_of([queries.row_by_reference(row_reference)])[0].left_pence
            flash(
                f"{pounds(left)} of {row_reference} remains to apportion"
                if left
                else f"{row_reference} is apportioned in full"
            )
            return redirect(url_for("spending.row", row_reference=row_reference))
    return page("grants/spending/apportion.html", form=form, state=state, row=found, lines=lines)


def _entered(form: ApportionForm, row_reference: str) -> Callable[..., SpendingRow]:
    """Give what was asked for, read as it is measured: it still wants who, when and which form."""
    match form.by.data:
        case "percentage":
            return partial(services.apportion_by_percentage, row_reference, form.percentages())
        case "units":
            return partial(services.apportion_by_units, row_reference, form.units())
        case _:
            return partial(services.apportion, row_reference, form.pounds())


def _apportion_form(state: RowState, lines: dict[str, str]) -> ApportionForm:
    """Make the form with one amount for each line, the likely ones filled in."""
    if request.method == "POST":
        return ApportionForm()
    likely = _likely_shares(state)
    return ApportionForm(
        data={
            "by": "pounds",
            "shares": [
                {"line": line, "amount": plain_pounds(likely[line]) if line in likely else ""} for line in lines
            ],
        }
    )


def _likely_shares(state: RowState) -> dict[str, Pence]:
    """Suggest where a row belongs: the line it was ordered for, or for a credit the lines that paid."""
    names, row = queries.line_names(), state.row
    if state.apportioned_pence:
        return {}
    if row.credits_row_id is not None:
        paid = queries.shares_of_rows([row.credits_row_id])[row.credits_row_id]
        parts = share(state.left_pence, list(paid.values())) if paid else ()
        return {names[line_id]: part for line_id, part in zip(paid, parts, strict=False) if part}
    line_id = queries.ordered_for(row)
    return {names[line_id]: state.left_pence} if line_id is not None else {}


@bp.route("/spending/<row_reference>/apportionments/<int:apportionment_id>/reverse", methods=["GET", "POST"])
@requires(Permission.APPORTION)
def reverse(row_reference: str, apportionment_id: int) -> ResponseReturnValue:
    """Take an apportionment back."""
    found = queries.row_by_reference(row_reference)
    original = _of_row(found, apportionment_id)
    form = ConfirmForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.reverse_apportionment(
                    apportionment_id, by=signed_in(), at=now(), submission_id=form.submission_id.data
                )
            flash("The apportionment is reversed. Both rows stay on record")
            return redirect(url_for("spending.row", row_reference=row_reference))
    return page("grants/spending/reverse.html", form=form, row=found, original=original)


def _of_row(row: SpendingRow, apportionment_id: int) -> Apportionment:
    """Find one of the row's apportionments."""
    found = next((each for each in queries.apportionments_of(row.id) if each.id == apportionment_id), None)
    if found is None:
        raise NotFound
    return found


@bp.route("/spending/<row_reference>/link", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING)
def link(row_reference: str) -> ResponseReturnValue:
    """Link a row to a delivery that came before its invoice."""
    found = queries.row_by_reference(row_reference)
    if found.item is None or found.invoice is None:
        raise NotFound
    offered = queries.unbilled_delivery_lines(supplier_id=found.invoice.supplier_id, item_id=found.item.id)
    (state,) = queries.states_of([found])
    form = LinkForm(unit_count=min([state.left_count, *(left for _, left in offered[:1])]))
    form.delivery_line.choices = {str(line.id): choices.delivery_words(line, left) for line, left in offered}
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.bill_delivery(
                    row_reference,
                    int(form.delivery_line.data),
                    form.unit_count.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("The delivery is linked. Its lots now cost what the row says")
            return redirect(url_for("spending.row", row_reference=row_reference))
    return page("grants/spending/link.html", form=form, row=found, state=state, offered=offered)


@bp.route("/spending/<row_reference>/links/<int:link_id>/undo", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING)
def unlink(row_reference: str, link_id: int) -> ResponseReturnValue:
    """Take back a wrong link between a row and a delivery."""
    found = queries.row_by_reference(row_reference)
    linked = _link_of(found, link_id)
    form = ConfirmForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.unbill_delivery(link_id, by=signed_in(), at=now(), submission_id=form.submission_id.data)
            flash("The link is taken back. The lots are no longer paid for by this row")
            return redirect(url_for("spending.row", row_reference=row_reference))
    return page("grants/spending/unlink.html", form=form, row=found, linked=linked)


def _link_of(row: SpendingRow, link_id: int) -> BilledDelivery:
    """Find one of the row's standing links."""
    found = next((each for each in queries.links_of_rows([row.id]) if each.id == link_id), None)
    if found is None:
        raise NotFound
    return found
