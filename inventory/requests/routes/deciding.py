"""Refusing a request. Approving heeds what lots were bought with, so its page is in ``grants.picking``."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from core.access import Permission
from core.web import requires, signed_in
from inventory.requests import queries, services
from inventory.requests.forms import ReasonForm
from inventory.requests.routes.blueprint import answer_reason, bp, version_of


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
