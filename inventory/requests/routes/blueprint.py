"""The blueprint that the views of requests hang on, and what several of them need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.web import page, refusals_on, signed_in, whole_actor
from inventory.requests.forms import CancelForm, ReasonForm
from inventory.requests.models import RestockRequest

bp = Blueprint("requests", "inventory.requests.routes")


def may(permission: Permission, *place_ids: int) -> bool:
    """Say whether the person may do something at any of some places."""
    me = whole_actor()
    if me is None or not me.may(permission):
        return False
    scope = me.acting_under(permission).scope
    return any(scope.covers(place_id) for place_id in place_ids)


def back_to(reference: str, message: str) -> ResponseReturnValue:
    """Go to a request's page with a word about what was done."""
    flash(message)
    return redirect(url_for("requests.show", reference=reference))


def answer_reason(
    reference: str, form: ReasonForm | CancelForm, act: Callable[..., RestockRequest], *, done: str, **words: str
) -> ResponseReturnValue:
    """Answer a page that asks for a reason before an act on a request, such as refusing it.

    Args:
        act: the service: it is told the reference, the reason, the version shown, who acts and when.
        done: what to say when it is done.
        words: the page's heading, its lead, and the text of its button.
    """
    me = signed_in()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                act(
                    reference,
                    reason=form.reason.data,
                    version=form.version_shown,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            return back_to(reference, done)
    return page(
        "inventory/requests/give_reason.html",
        form=form,
        reference=reference,
        back=url_for("requests.show", reference=reference),
        **words,
    )


def version_of(request: RestockRequest) -> dict[str, Any]:
    """Give the first content of a form about one version of a request."""
    return {"version": str(request.version)}
