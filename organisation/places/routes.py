"""Places: the list, opening one, and recording the body it belongs to.

Closing one depends on the stock it holds, so that page lives above, in ``inventory/closures``.
"""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission, Scope
from core.dates import local_day
from core.db import now, transaction
from core.figures.lists import listed
from core.paging import page_number, paged_rows
from core.parse import reference, search_text
from core.privacy import refuse_personal_details
from core.web import page, refusals_on, requires, signed_in
from organisation.places import queries, services
from organisation.places.forms import BodyForm, OpenPlaceForm, TownForm
from organisation.places.rules import BodyKind, PlaceKind

bp = Blueprint("places", __name__, url_prefix="/places")

PAGE_SIZE = 50


@bp.route("/")
@requires(Permission.KEEP_PLACES)
@listed
def index() -> ResponseReturnValue:
    """List the places, open ones first."""
    search = search_text(request.args.get("q"))
    refuse_personal_details(search)
    wanted = search.casefold()
    everywhere = queries.places(scope=Scope.everywhere())
    found = [each for each in everywhere if wanted in each.name.casefold() or wanted in each.code.casefold()]
    found.sort(key=lambda each: (each.closed_on is not None, each.name))
    shown = paged_rows(found, number=page_number(request.args.get("page")), size=PAGE_SIZE)
    return page(
        "organisation/places/index.html",
        places=shown.rows,
        total=shown.total,
        towns=queries.towns_of_places(),
        bodies={body.id: body.name for body in queries.bodies()},
        stores={each.id: each.name for each in everywhere},
        q=search,
        page=shown.number,
        pages=shown.pages,
        today=local_day(now()),
        can_close="closures.close" in current_app.view_functions,
    )


@bp.route("/open", methods=["GET", "POST"])
@requires(Permission.KEEP_PLACES)
def open_place() -> ResponseReturnValue:
    """Open a place."""
    form = OpenPlaceForm(opened_on=local_day(now()))
    stores = queries.places(scope=Scope.everywhere(), kinds=[PlaceKind.STORE], open_on=local_day(now()))
    form.offer(queries.bodies(), stores)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                place = services.open_place(
                    reference(form.code.data, noun="Code", most=20, field="code"),
                    form.name.data,
                    PlaceKind(form.kind.data),
                    body_code=form.body.data,
                    opened_on=form.first_day,
                    supplied_by=form.store.data or None,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                name = place.name
            flash(f"{name} has been opened")
            return redirect(url_for("places.index"))
    return page("organisation/places/open_place.html", form=form)


@bp.route("/bodies/add", methods=["GET", "POST"])
@requires(Permission.KEEP_PLACES)
def add_body() -> ResponseReturnValue:
    """Record a body, such as a partner charity, before its first place is opened."""
    form = BodyForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                body = services.found_body(
                    reference(form.code.data, noun="Code", most=20, field="code"),
                    form.name.data,
                    BodyKind(form.kind.data),
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                name = body.name
            flash(f"{name} has been added")
            return redirect(url_for("places.open_place"))
    return page("organisation/places/add_body.html", form=form)


@bp.route("/<place_code>/town", methods=["GET", "POST"])
@requires(Permission.KEEP_PLACES)
def locate(place_code: str) -> ResponseReturnValue:
    """Record the town a place is drawn at on the map."""
    place = queries.place_by_code(place_code, scope=Scope.everywhere())
    name, known = place.name, queries.towns_of_places().get(place.id)
    form = TownForm(town=known.name if known else "")
    form.offer(queries.towns())
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.locate_place(
                    place_code,
                    town=form.town.data or None,
                    new=form.entered(),
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{name} is drawn at its town")
            return redirect(url_for("places.index"))
    return page("organisation/places/locate.html", form=form, place=place, known=known)
