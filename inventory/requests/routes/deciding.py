"""Approving a request, whole or in part, and refusing it."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from core.access import Permission, Scope
from core.dates import local_day
from core.db import now, transaction
from core.web import page, refusals_on, requires, signed_in
from inventory.requests import queries, services
from inventory.requests.forms import ReasonForm, approve_form
from inventory.requests.models import RestockRequest
from inventory.requests.queries import StockFree
from inventory.requests.routes.blueprint import answer_reason, back_to, bp, version_of


@bp.route("/requests/<reference>/approve", methods=["GET", "POST"])
@requires(Permission.APPROVE_REQUEST, fresh=True)
def approve(reference: str) -> ResponseReturnValue:
    """Approve a request whole or in part."""
    me = signed_in()
    request = queries.request_by_reference(reference, scope=me.scope)
    services.demand_another_person(request, by=me)
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
            return back_to(reference, f"Request {reference} has been approved")
    request = queries.request_by_reference(reference, scope=me.scope)
    return page("inventory/requests/approve.html", form=form, request_=request, free=free)


def _free(request: RestockRequest) -> dict[int, StockFree]:
    """Tell what the store has free for each line: position → stock."""
    items, recipes = queries.free_at(
        request.supplied_by_id,
        item_ids=[line.item_id for line in request.lines if line.item_id is not None],
        recipe_ids=[line.recipe_id for line in request.lines if line.recipe_id is not None],
        on=local_day(now()),
        scope=Scope.of([request.supplied_by_id]),
    )
    return {
        line.position: items[line.item_id] if line.item_id is not None else recipes[line.recipe_id or 0]
        for line in request.lines
    }


@bp.route("/requests/<reference>/refuse", methods=["GET", "POST"])
@requires(Permission.APPROVE_REQUEST)
def refuse(reference: str) -> ResponseReturnValue:
    """Refuse a whole request, saying why."""
    me = signed_in()
    request = queries.request_by_reference(reference, scope=me.scope)
    services.demand_another_person(request, by=me)
    form = ReasonForm(data=version_of(request))
    return answer_reason(
        reference,
        form,
        services.refuse,
        done=f"Request {reference} has been refused",
        heading=f"Refuse request {reference}",
        lead=f"{request.place.name} will see the reason. To send only part of it, approve it in part instead.",
        button="Refuse the request",
    )
