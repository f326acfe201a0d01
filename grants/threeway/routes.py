"""Where order, delivery and invoice differ: the list, and giving a reason."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.figures.lists import listed
from core.paging import page_number, paged_rows
from core.web import page, refusals_on, requires, signed_in
from grants.spending.queries import row_by_reference
from grants.threeway import queries, services
from grants.threeway.forms import ExplainForm

bp = Blueprint("threeway", __name__, url_prefix="/three-way-match")

DAYS = 400
"""Invoices so far back are looked at: those of an award's year and of the weeks after it."""


@bp.route("/")
@requires(Permission.SEE_MONEY)
@listed
def index() -> ResponseReturnValue:
    """List the rows of invoices whose order, delivery and invoice differ, those without a reason first."""
    since = local_day(now()) - timedelta(days=DAYS)
    found = queries.rows_that_differ(since)
    return page(
        "grants/threeway/index.html",
        found=paged_rows(found, number=page_number(request.args.get("page"))),
        open_count=sum(each.reason is None for each in found),
        total=len(found),
        since=since,
        me=signed_in(),
    )


@bp.route("/<row_reference>", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING)
def explain(row_reference: str) -> ResponseReturnValue:
    """Give the reason for which order, delivery and invoice of a row differ; one that comes late is told what moved."""
    found = queries.row_that_differs(row_reference)
    row = row_by_reference(row_reference)
    if found is None and request.method == "GET":
        flash(f"Order, delivery and invoice of {row_reference} agree, so no reason is needed")
        return redirect(url_for("threeway.index"))
    form = ExplainForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.explain(
                    row_reference,
                    form.seen.data or "",
                    reason=form.reason.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"The reason is recorded beside {row_reference}")
            return redirect(url_for("threeway.index"))
    form.seen.data = found.words if found else ""
    return page("grants/threeway/explain.html", form=form, row=row, found=found)
