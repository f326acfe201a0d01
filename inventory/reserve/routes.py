"""The pages of a store's surge reserve."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.figures.lists import listed
from core.paging import page_number, paged
from core.web import page, refusals_on, requires, signed_in, whole_actor
from inventory.requests.queries import catalogue_choices, levels
from inventory.reserve import queries, services
from inventory.reserve.forms import KeepForm, ReleaseForm
from organisation.places.models import Place

bp = Blueprint("reserve", __name__, url_prefix="/places")


def _may(permission: Permission, place: Place) -> bool:
    me = whole_actor()
    if me is None or not me.may(permission):
        return False
    return me.acting_under(permission).scope.covers(place.id)


@bp.route("/<place_code>/reserve")
@requires(Permission.SEE_STOCK)
@listed
def show(place_code: str) -> ResponseReturnValue:
    """Show what a store keeps in its surge reserve, apart from what is promised and free, and every change of it."""
    me = signed_in()
    store = queries.store_by_code(place_code, scope=me.scope)
    rows = {level.key: level for level in levels(store.id, scope=me.scope, on=local_day(now()))}
    return page(
        "inventory/reserve/show.html",
        place=store,
        held=[(thing, rows.get(thing.key), count) for thing, count in queries.in_reserve(store.id)],
        found=paged(queries.changes(store.id), number=page_number(request.args.get("page"))),
        may_keep=_may(Permission.SET_PAR, store),
        may_release=_may(Permission.APPROVE_REQUEST, store),
    )


@bp.route("/<place_code>/reserve/keep", methods=["GET", "POST"])
@requires(Permission.SET_PAR)
def keep(place_code: str) -> ResponseReturnValue:
    """Put stock of a store into its surge reserve."""
    me = signed_in()
    store = queries.store_by_code(place_code, scope=me.scope)
    form = KeepForm()
    form.thing.choices = {"": "Choose"} | {each.key: each.name for each in catalogue_choices(on=local_day(now()))}
    if form.submitted():
        with refusals_on(form):
            with transaction():
                count = services.keep_back(
                    place_code,
                    form.thing.data or "",
                    form.unit_count.data,
                    reason=form.reason.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{count:,} {'is' if count == 1 else 'are'} in the reserve now")
            return redirect(url_for("reserve.show", place_code=place_code))
    return page("inventory/reserve/keep.html", form=form, place=store)


@bp.route("/<place_code>/reserve/release", methods=["GET", "POST"])
@requires(Permission.APPROVE_REQUEST)
def release(place_code: str) -> ResponseReturnValue:
    """Release stock from a store's surge reserve, with a reason."""
    me = signed_in()
    store = queries.store_by_code(place_code, scope=me.scope)
    form = ReleaseForm()
    held = queries.in_reserve(store.id)
    form.thing.choices = {"": "Choose"} | {thing.key: f"{thing.name} ({count:,})" for thing, count in held}
    if form.submitted():
        with refusals_on(form):
            with transaction():
                count = services.release(
                    place_code,
                    form.thing.data or "",
                    form.unit_count.data,
                    reason=form.reason.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"Released. {count:,} {'is' if count == 1 else 'are'} in the reserve still")
            return redirect(url_for("reserve.show", place_code=place_code))
    return page("inventory/reserve/release.html", form=form, place=store)
