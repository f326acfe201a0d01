"""Approving a request, whole or in part, from what may go to the place that asks."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask import request as sent
from flask.typing import ResponseReturnValue

from core.access import Permission, Scope
from core.dates import local_day
from core.db import now, transaction
from core.web import page, refusals_on, requires, signed_in
from grants.picking import queries, services
from grants.picking.routes.blueprint import bp
from inventory.requests import queries as requests
from inventory.requests.forms import approve_form
from inventory.requests.models import RestockRequest
from inventory.requests.queries import StockFree
from inventory.requests.services import demand_another_person


@bp.route("/requests/<reference>/approve", methods=["GET", "POST"])
@requires(Permission.APPROVE_REQUEST, fresh=True)
def approve(reference: str) -> ResponseReturnValue:
    """Approve a request whole or in part."""
    me = signed_in()
    request = requests.request_by_reference(reference, scope=me.scope)
    demand_another_person(request, by=me)
    free = _free(request)
    form = approve_form(
        {
            line.position: (line.name, line.asked_count, min(line.asked_count, free[line.position].free_count))
            for line in request.lines
        }
    )
    if form.version.data is None:
        form.version.data = str(request.version)
    if form.submitted():
        approved = {line.position: form[f"approved-{line.position}"].data for line in request.lines}
        with refusals_on(form):
            with transaction():
                services.approve(
                    reference,
                    approved,
                    note=form.note.data,
                    version=form.version_shown,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"Request {reference} has been approved")
            return redirect(url_for("requests.show", reference=reference))
    if sent.method == "POST":
        request = requests.request_by_reference(reference, scope=me.scope)  # what was refused was undone: read it again
    return page(
        "grants/picking/approve.html",
        form=form,
        request_=request,
        free=free,
        may_release=me.scope.covers(request.supplied_by_id),
    )


def _free(request: RestockRequest) -> dict[int, StockFree]:
    """Tell what the store has free for each line: position → stock."""
    on = local_day(now())
    items, recipes = requests.free_at(
        request.supplied_by_id,
        item_ids=[line.item_id for line in request.lines if line.item_id is not None],
        recipe_ids=[line.recipe_id for line in request.lines if line.recipe_id is not None],
        on=on,
        scope=Scope.of([request.supplied_by_id]),
        to_id=request.place_id,
        policies=queries.policies_for(request, on=on),
    )
    return {
        line.position: items[line.item_id] if line.item_id is not None else recipes[line.recipe_id or 0]
        for line in request.lines
    }
