"""The par levels of a place: those in force, how they came to be, and setting them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.errors import NotFound
from core.paging import page_number
from core.web import page, refusals_on, requires, signed_in
from inventory.pars import queries, services
from inventory.pars.forms import AddParForm, ParForm, par_form
from inventory.pars.queries import NamedPar
from inventory.pars.services import ParAsked
from organisation.places.queries import place_by_code, places

bp = Blueprint("pars", __name__, url_prefix="/par-levels")

PAGE_SIZE = 25


@bp.route("/")
@requires(Permission.SET_PAR)
def index() -> ResponseReturnValue:
    """List the places whose par levels a person sets."""
    return page("inventory/pars/index.html", own=places(scope=signed_in().scope, open_on=local_day(now())))


@bp.route("/<place_code>", methods=["GET", "POST"])
@requires(Permission.SET_PAR)
def show(place_code: str) -> ResponseReturnValue:
    """Show the par levels of a place and set them."""
    me = signed_in()
    place = place_by_code(place_code, scope=me.scope)
    rows = queries.named_pars(place.id)
    form = par_form({number: (row.name, row.level_count) for number, row in enumerate(rows, 1)})
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.set_pars(
                    place_code,
                    _asked(form, rows),
                    reason=form.reason.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("The par levels have been saved")
            return redirect(url_for("pars.show", place_code=place_code))
    return _page(place_code, form, rows)


def _asked(form: ParForm, rows: list[NamedPar]) -> list[ParAsked]:
    """Read the levels of the form, each with the one the person saw."""
    return [
        ParAsked(
            level_count=form[f"level-{number}"].data,
            item_code=row.code if not row.is_bag else None,
            recipe_code=row.code if row.is_bag else None,
            was_count=_number(form[f"was-{number}"].data),
        )
        for number, row in enumerate(rows, 1)
    ]


def _number(text: str | None) -> int:
    """Read the level the person saw; anything else than a number counts as one that never was."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1


def _page(place_code: str, form: ParForm, rows: list[NamedPar]) -> ResponseReturnValue:
    place = place_by_code(place_code, scope=signed_in().scope)
    number = page_number(request.args.get("page"))
    history, count = queries.par_history(place.id, most=PAGE_SIZE, skipped=(number - 1) * PAGE_SIZE)
    pages = max(1, -(-count // PAGE_SIZE))
    if number > pages:
        raise NotFound
    return page(
        "inventory/pars/show.html",
        form=form,
        place=place,
        rows=rows,
        history=history,
        number=number,
        pages=pages,
        count=count,
    )


@bp.route("/<place_code>/add", methods=["GET", "POST"])
@requires(Permission.SET_PAR)
def add(place_code: str) -> ResponseReturnValue:
    """Set a level for a thing that has none at a place."""
    me = signed_in()
    place = place_by_code(place_code, scope=me.scope)
    form = AddParForm()
    form.thing.choices = [("", "Choose"), *queries.things_without_par(place.id, on=local_day(now()))]
    if form.submitted():
        kind, _, code = (form.thing.data or "").partition(":")
        with refusals_on(form):
            with transaction():
                services.set_par(
                    place_code,
                    level_count=form.level.data,
                    item_code=code if kind == "item" else None,
                    recipe_code=code if kind == "bag" else None,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("The par level has been saved")
            return redirect(url_for("pars.show", place_code=place_code))
    return page("inventory/pars/add.html", form=form, place=place)
