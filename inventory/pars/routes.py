"""The par levels of a place: those in force, how they came to be, and setting them."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.errors import NotFound, RuleBroken, StaleEdit
from core.paging import page_number
from core.web import page, refusals_on, requires, signed_in
from inventory.pars import queries, services
from inventory.pars.forms import AddParForm, AnswerForm, ParForm, par_form
from inventory.pars.queries import Answered, NamedPar, Suggested
from inventory.pars.services import ParAsked
from inventory.requests.queries import levels
from organisation.places.models import Place
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


# ---- Suggestions --------------------------------------------------------------------------------


def _yesterday() -> date:
    """The last whole day: what is known of today is not yet over."""
    return local_day(now()) - timedelta(days=1)


@bp.route("/<place_code>/suggestions")
@requires(Permission.SET_PAR)
def suggestions(place_code: str) -> ResponseReturnValue:
    """Show what each level should be by what was wanted, why, and what stands there beyond it."""
    me = signed_in()
    place = place_by_code(place_code, scope=me.scope)
    held = {each.key: each.usable_count for each in levels(place.id, scope=me.scope, on=local_day(now()))}
    return page(
        "inventory/pars/suggestions.html",
        place=place,
        rows=queries.suggestions(place, scope=me.scope, until=_yesterday()),
        held=held,
    )


@bp.route("/<place_code>/suggestions/<thing>", methods=["GET", "POST"])
@requires(Permission.SET_PAR)
def answer(place_code: str, thing: str) -> ResponseReturnValue:
    """Take a suggestion or set another level; and see which was nearer before."""
    me = signed_in()
    place = place_by_code(place_code, scope=me.scope)
    row = next(
        (each for each in queries.suggestions(place, scope=me.scope, until=_yesterday()) if each.key == thing), None
    )
    if row is None or row.suggestion is None:
        raise NotFound
    form = AnswerForm(data={"was": str(row.level_count), "suggested": str(row.suggestion.par_count)})
    if form.submitted() and _answered(form, place, row):
        flash("The par level has been saved")
        return redirect(url_for("pars.suggestions", place_code=place_code))
    return page("inventory/pars/answer.html", form=form, place=place, row=row, before=_before(place, thing))


def _before(place: Place, thing: str) -> list[Answered]:
    """List how the thing's suggestions were answered so far."""
    kind, _, code = thing.partition(":")
    found = queries.answered(place.id, scope=signed_in().scope, until=_yesterday())
    return next((each for key, each in found.items() if (key[0], queries.code_of(key)) == (kind, code)), [])


def _answered(form: AnswerForm, place: Place, row: Suggested) -> bool:
    """Save an answer; say whether that went well."""
    me = signed_in()
    assert row.suggestion is not None
    kind, _, code = row.key.partition(":")
    take = form.answer.data == "take"
    with refusals_on(form):
        if _number(form.suggested.data) != row.suggestion.par_count:
            raise StaleEdit("The suggestion has changed while you were working. Look at it and answer again")
        if not take and form.level.data is None:
            raise RuleBroken("Enter a par level", "level")
        with transaction():
            services.answer_suggestion(
                place.code,
                ParAsked(
                    level_count=row.suggestion.par_count if take else form.level.data or 0,
                    item_code=code if kind == "item" else None,
                    recipe_code=code if kind == "bag" else None,
                    was_count=_number(form.was.data),
                ),
                row.suggestion,
                reason=None if take else form.reason.data,
                scope=me.scope,
                by=me,
                at=now(),
                submission_id=form.submission_id.data,
            )
    return not form.problems
