"""Picking and dispatching, the picking list on paper, and saying that the rest will not be sent."""

from __future__ import annotations

from flask import request as sent
from flask.typing import ResponseReturnValue

from core.access import Actor, Permission
from core.dates import local_day
from core.db import now, transaction
from core.web import page, refusals_on, requires, signed_in
from inventory.requests import queries, services
from inventory.requests.forms import DispatchForm, ReasonForm, dispatch_form
from inventory.requests.models import RestockRequest
from inventory.requests.queries import PickLine
from inventory.requests.routes.blueprint import answer_reason, back_to, bp, version_of
from inventory.requests.services import PickedBag, PickedLot


def _supplied(reference: str, me: Actor) -> RestockRequest:
    """Find a request that a store of the person supplies."""
    request = queries.request_by_reference(reference, scope=me.scope)
    me.scope.demand(request.supplied_by_id)
    return request


def _picks(request: RestockRequest, me: Actor) -> dict[int, PickLine]:
    course = queries.course_of(request)
    return queries.proposed_picks(request, course, on=local_day(now()), scope=me.scope)


@bp.route("/requests/<reference>/dispatch", methods=["GET", "POST"])
@requires(Permission.DISPATCH)
def dispatch(reference: str) -> ResponseReturnValue:
    """Pick lots and Go Bags for a request and send them."""
    me = signed_in()
    request = _supplied(reference, me)
    picks = _picks(request, me)
    form = dispatch_form(picks)
    if form.version.data is None:
        form.version.data = str(request.version)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                sending = services.dispatch(
                    reference,
                    _picked(form),
                    expected_on=form.expected_on.data,
                    note=form.note.data,
                    version=form.version_shown,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                number = sending.reference
            return back_to(reference, f"Dispatch {number} is on its way")
    request = _supplied(reference, me)
    return page("inventory/requests/dispatch.html", form=form, request_=request, picks=picks)


def _picked(form: DispatchForm) -> list[PickedLot | PickedBag]:
    """Read the picks from what was sent: also those of a lot that is no longer on offer, which is then refused."""
    picked: list[PickedLot | PickedBag] = []
    for name in sent.form:
        kind, _, rest = name.partition("-")
        position, _, code = rest.partition("-")
        if not position.isdigit() or len(position) > 4:
            continue
        if kind == "lot":
            count = form[name].data if name in form else 1 if sent.form[name].strip(" 0") else 0
            picked.append(PickedLot(int(position), code, count or 0))
        elif kind == "units":
            numbers = tuple(sent.form.getlist(name))
            picked.append(PickedLot(int(position), code, len(numbers), numbers))
        elif kind == "bags":
            picked += [PickedBag(int(position), tag) for tag in sent.form.getlist(name)]
    return picked


@bp.route("/requests/<reference>/picking-list")
@requires(Permission.DISPATCH)
def picking_list(reference: str) -> ResponseReturnValue:
    """Show the picking list by lot, to be printed."""
    me = signed_in()
    request = _supplied(reference, me)
    return page("inventory/requests/picking_list.html", request_=request, picks=_picks(request, me))


@bp.route("/requests/<reference>/drop-rest", methods=["GET", "POST"])
@requires(Permission.DISPATCH)
def drop_rest(reference: str) -> ResponseReturnValue:
    """Say that what has not been sent will not be."""
    me = signed_in()
    request = _supplied(reference, me)
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
