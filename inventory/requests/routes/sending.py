"""Saying that the rest will not be sent. What is picked, ``grants/picking`` answers: it heeds who paid for it."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from core.access import Permission
from core.web import requires, signed_in
from inventory.requests import queries, services
from inventory.requests.forms import ReasonForm
from inventory.requests.routes.blueprint import answer_reason, bp, version_of


@bp.route("/requests/<reference>/drop-rest", methods=["GET", "POST"])
@requires(Permission.DISPATCH)
def drop_rest(reference: str) -> ResponseReturnValue:
    """Say that what has not been sent will not be."""
    me = signed_in()
    request = queries.supplied_request(reference, scope=me.scope)
    form = ReasonForm(data=version_of(request))
    return answer_reason(
        reference,
        form,
        services.drop_rest,
        done=f"The rest of {reference} will not be sent",
        heading=f"Do not send the rest of {reference}",
        lead=f"What is approved and not yet sent is free again. {request.place.name} will see the reason.",
        button="Do not send the rest",
    )
