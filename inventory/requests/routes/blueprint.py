"""The blueprint that the views of requests hang on, and what several of them need."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.web import whole_actor
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


def version_of(request: RestockRequest) -> dict[str, Any]:
    """Give the first content of a form about one version of a request."""
    return {"version": str(request.version)}
