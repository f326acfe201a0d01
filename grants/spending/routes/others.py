"""Spending without a supplier invoice: the list, and recording it."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.figures.lists import listed
from core.paging import page_number, paged
from core.web import page, refusals_on, requires, signed_in
from grants.spending import queries, services
from grants.spending.forms import OtherSpendingForm, vat_of
from grants.spending.routes.blueprint import bp
from grants.spending.rules import SpendingKind


@bp.route("/spending/")
@requires(Permission.SEE_MONEY)
@listed
def others() -> ResponseReturnValue:
    """List journals, recharges, purchase card payments and payroll, newest first."""
    found = paged(queries.other_spending(), number=page_number(request.args.get("page")))
    return page("grants/spending/others.html", found=found, states=queries.states_of(found.rows), me=signed_in())


@bp.route("/spending/record", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING)
def record_other() -> ResponseReturnValue:
    """Record spending that no supplier invoice stands behind."""
    form = OtherSpendingForm()
    if form.submitted():
        with refusals_on(form):
            rate, recovered = vat_of(form.vat.data)
            with transaction():
                made = services.record_other_spending(
                    kind=SpendingKind(form.kind.data),
                    description=form.description.data or "",
                    net_pence=form.net.data,
                    incurred_on=form.incurred_on.day,
                    vat_rate_points=rate,
                    vat_recoverable=recovered,
                    reason=form.reason.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                ).reference
            flash(f"{made} is recorded. Now apportion it to grant lines")
            return redirect(url_for("spending.row", row_reference=made))
    return page("grants/spending/record_other.html", form=form)
