"""The page that closes a place."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.forms import Form
from core.web import page, refusals_on, requires, signed_in
from inventory.closures import queries, services

bp = Blueprint("closures", __name__, url_prefix="/places")


@bp.route("/<code>/close", methods=["GET", "POST"])
@requires(Permission.KEEP_PLACES, fresh=True)
def close(code: str) -> ResponseReturnValue:
    """Close a place, or say what keeps it open."""
    me = signed_in()
    place = queries.place_to_close(code, scope=me.scope)
    form = Form()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.close_place(code, scope=me.scope, by=me, at=now(), submission_id=form.submission_id.data)
            flash(f"{place.name} has been closed")
            return redirect(url_for("places.index"))
    keeping = queries.kept_open_by(place, on=local_day(now()))
    return page("inventory/closures/close.html", form=form, place=place, keeping=keeping)
