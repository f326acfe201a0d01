"""Counting a dispatch in, and settling what was short."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.errors import NotFound
from core.web import page, refusals_on, requires, signed_in
from inventory.requests import queries, services
from inventory.requests.forms import ReceiveForm, SentRow, SettleForm, receive_form
from inventory.requests.models import Dispatch
from inventory.requests.routes.blueprint import back_to, bp, version_of
from inventory.requests.rules import ShortageOutcome, ShortReason
from inventory.requests.services import Counted


@bp.route("/dispatches/<reference>/receive", methods=["GET", "POST"])
@requires(Permission.RECEIVE_DISPATCH)
def receive(reference: str) -> ResponseReturnValue:
    """Count a dispatch in, line by line."""
    me = signed_in()
    sending = queries.dispatch_by_reference(reference, scope=me.scope)
    me.scope.demand(sending.request.place_id)
    rows = _rows(sending)
    form = receive_form(rows)
    if form.version.data is None:
        form.version.data = str(sending.request.version)
    if form.submitted():
        number = sending.request.reference
        with refusals_on(form):
            with transaction():
                services.receive(
                    reference,
                    [_counted(form, each, row) for each, row in rows.items()],
                    version=form.version_shown,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            return back_to(number, f"Dispatch {reference} has been counted in")
    sending = queries.dispatch_by_reference(reference, scope=me.scope)
    done = all(line.receipt is not None for line in sending.lines)
    return page("inventory/requests/receive.html", form=form, sending=sending, rows=rows, done=done)


def _rows(sending: Dispatch) -> dict[int, SentRow]:
    """Give the lines to count: number of the line → what was sent."""
    numbers = queries.serials_of([sending])
    return {
        number: SentRow(
            name=f"Go Bag {line.bag.tag}" if line.bag else line.request_line.name,
            unit_count=line.unit_count,
            serial_numbers=tuple(numbers.get(line.id, ())),
            is_bag=line.bag is not None,
        )
        for number, line in enumerate(sending.lines, 1)
    }


def _counted(form: ReceiveForm, number: int, row: SentRow) -> Counted:
    """Read one line of the form."""
    value, reason = form[f"received-{number}"].data, form[f"reason-{number}"].data
    ticked = tuple(value or ()) if row.serial_numbers else ()
    return Counted(
        number=number,
        received_count=len(ticked) if row.serial_numbers else int(value),
        serial_numbers=ticked,
        short_reason=ShortReason(reason) if reason else None,
        note=form[f"note-{number}"].data,
    )


@bp.route("/dispatches/<reference>/<int:number>/settle", methods=["GET", "POST"])
@requires(Permission.DISPATCH)
def settle(reference: str, number: int) -> ResponseReturnValue:
    """Say how a shortage ended."""
    me = signed_in()
    sending = queries.dispatch_by_reference(reference, scope=me.scope)
    me.scope.demand(sending.request.supplied_by_id)
    if not 1 <= number <= len(sending.lines):
        raise NotFound
    form = SettleForm(data=version_of(sending.request))
    if form.submitted():
        request_reference = sending.request.reference
        with refusals_on(form):
            with transaction():
                services.settle_shortage(
                    reference,
                    number,
                    outcome=ShortageOutcome(form.outcome.data),
                    note=form.note.data,
                    version=form.version_shown,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            return back_to(request_reference, "The shortage has been settled")
    line = dict(enumerate(queries.dispatch_by_reference(reference, scope=me.scope).lines, 1))[number]
    if line.receipt is not None and line.receipt.short_count == 1:
        form.speak_of(f"Go Bag {line.bag.tag}" if line.bag else f"the one {line.request_line.name}")
    return page(
        "inventory/requests/settle.html",
        form=form,
        line=line,
        sending=line.dispatch,
        back=url_for("requests.show", reference=line.dispatch.request.reference),
    )
