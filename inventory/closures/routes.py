"""The page that closes a place, and those that send its stock back to the store and count it in there."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.forms import Form
from core.web import page, refusals_on, requires, signed_in
from inventory.bags import queries as bags
from inventory.closures import queries, services
from inventory.closures.forms import count_in_form
from inventory.counts.queries import who_may
from inventory.stock.queries import lots_held

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
    today = local_day(now())
    return page(
        "inventory/closures/close.html",
        form=form,
        place=place,
        keeping=queries.keeping(place, on=today),
        keepers=[each.name for each in who_may(Permission.HAND_OVER, place.id, on=today)],
    )


@bp.route("/<code>/send-back", methods=["GET", "POST"])
@requires(Permission.HAND_OVER)
def send_back(code: str) -> ResponseReturnValue:
    """Send everything that stands at a place back to its store."""
    me, today = signed_in(), local_day(now())
    place = queries.place_to_close(code, scope=me.scope)
    form = Form()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                reference = services.send_back(
                    code, scope=me.scope, by=me, at=now(), submission_id=form.submission_id.data
                )
            flash(f"{reference}: everything is on its way to the store, which counts it in")
            return redirect(url_for("desk.station", place_code=code))
    return page(
        "inventory/closures/send_back.html",
        form=form,
        place=place,
        lots=lots_held(place.id),
        bags=bags.bag_views([place.id], scope=me.scope, on=today),
    )


@bp.route("/sent-back/<reference>", methods=["GET", "POST"])
@requires(Permission.RECEIVE_DELIVERY)
def count_in(reference: str) -> ResponseReturnValue:
    """Count in at the store what a place sent back."""
    me = signed_in()
    sent = queries.sent_back_as(reference, scope=me.scope)
    lots, tagged = queries.lots_sent(sent.posting.id), queries.bags_sent(sent.posting.id)
    form = count_in_form(lots, tagged)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.count_in(
                    reference,
                    form.arrived,
                    form.bags_arrived,
                    numbers=form.numbers,
                    reason=form.reason.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{reference} has been counted in")
            return redirect(url_for("closures.count_in", reference=reference))
    return page("inventory/closures/count_in.html", form=form, sent=sent, lots=lots, bags=tagged)
