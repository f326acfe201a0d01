"""Picking and dispatching, and the picking list on paper: what money ends for goes first, what is for others stays."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask import request as sent
from flask.typing import ResponseReturnValue

from core.access import Actor, Permission
from core.dates import local_day
from core.db import now, transaction
from core.web import page, refusals_on, requires, signed_in
from grants.picking import queries, services
from grants.picking.routes.blueprint import bp
from inventory.requests import queries as requests
from inventory.requests.forms import DispatchForm, dispatch_form
from inventory.requests.models import RestockRequest
from inventory.requests.queries import PickLine
from inventory.requests.services import PickedBag, PickedLot


def _picks(request: RestockRequest, me: Actor) -> dict[int, PickLine]:
    on = local_day(now())
    policy = queries.policy_for(request, on=on)
    return requests.proposed_picks(request, requests.course_of(request), on=on, scope=me.scope, policy=policy)


@bp.route("/requests/<reference>/dispatch", methods=["GET", "POST"])
@requires(Permission.DISPATCH)
def dispatch(reference: str) -> ResponseReturnValue:
    """Pick lots and Go Bags for a request and send them."""
    me = signed_in()
    request = requests.supplied_request(reference, scope=me.scope)
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
            flash(f"Dispatch {number} is on its way")
            return redirect(url_for("requests.show", reference=reference))
    if sent.method == "POST":
        request = requests.supplied_request(reference, scope=me.scope)  # what was refused was undone: read it again
    return page("grants/picking/dispatch.html", form=form, request_=request, picks=picks)


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
    request = requests.supplied_request(reference, scope=me.scope)
    return page("grants/picking/picking_list.html", request_=request, picks=_picks(request, me))
