"""Asked for, not given: one tap for what a place has none of, and a form for the rest."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.languages import known_languages
from core.languages import language as language_named
from core.paging import page_number, paged
from core.web import page, refusals_on, requires, signed_in
from inventory.requests.queries import catalogue_choices, levels
from inventory.unmet import queries, services
from inventory.unmet.forms import TakeBackForm, TapForm, UnmetForm
from inventory.unmet.rules import REASON_WORDS, UnmetReason, offered
from organisation.places.queries import place_by_code

bp = Blueprint("unmet", __name__, url_prefix="/asked-for-not-given")


@bp.route("/<place_code>", methods=["GET", "POST"])
@requires(Permission.ISSUE_BAG)
def show(place_code: str) -> ResponseReturnValue:
    """Record what was asked for and not given, and list what was before."""
    me, today = signed_in(), local_day(now())
    place = place_by_code(place_code, scope=me.scope)
    form = UnmetForm(data={"wanted_on": today, "unit_count": 1})
    form.thing.choices = [("", "Choose"), *((each.key, each.name) for each in catalogue_choices(on=today))]
    form.language.choices = [("", "Choose"), *((each.code, each.english) for each in known_languages())]
    if form.submitted():
        kind, _, code = (form.thing.data or "").partition(":")
        with refusals_on(form):
            with transaction():
                services.record_unmet(
                    place_code,
                    item_code=code if kind == "item" else None,
                    recipe_code=code if kind == "bag" else None,
                    language=form.language.data or None,
                    reason=UnmetReason(form.reason.data),
                    unit_count=form.unit_count.data,
                    wanted_on=form.wanted_on.data or today,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("It has been noted. Nothing about a person was")
            return redirect(url_for("unmet.show", place_code=place_code))
    return page(
        "inventory/unmet/show.html",
        form=form,
        tap=TapForm(),
        place=place,
        offered=offered(levels(place.id, scope=me.scope, on=today)),
        listed=paged(queries.entries(place.id), number=page_number(request.args.get("page"))),
        words=REASON_WORDS,
        language=language_named,
    )


@bp.route("/<place_code>/tap", methods=["POST"])
@requires(Permission.ISSUE_BAG)
def tap(place_code: str) -> ResponseReturnValue:
    """Record with one tap that none were left of a thing."""
    me = signed_in()
    place = place_by_code(place_code, scope=me.scope)
    kind, _, code = request.form.get("thing", "").partition(":")
    form = TapForm()
    if form.submitted():
        with transaction():
            services.record_unmet(
                place_code,
                item_code=code if kind == "item" else None,
                recipe_code=code if kind == "bag" else None,
                reason=UnmetReason.NONE_LEFT,
                wanted_on=local_day(now()),
                scope=me.scope,
                by=me,
                at=now(),
                submission_id=form.submission_id.data,
            )
        flash("Noted: asked for, none left")
    return redirect(url_for("unmet.show", place_code=place.code))


@bp.route("/entries/<int:entry_id>/take-back", methods=["GET", "POST"])
@requires(Permission.ISSUE_BAG)
def take_back(entry_id: int) -> ResponseReturnValue:
    """Take back an entry that was a mistake."""
    me = signed_in()
    entry = queries.entry(entry_id, scope=me.scope)
    form = TakeBackForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.take_back(entry_id, scope=me.scope, by=me, at=now(), submission_id=form.submission_id.data)
            flash("The entry has been taken back")
            return redirect(url_for("unmet.show", place_code=entry.place.code))
    return page("inventory/unmet/take_back.html", form=form, entry=entry, words=REASON_WORDS, language=language_named)
