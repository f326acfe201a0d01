"""Keeping phones ringing: the one list of those to text from, with a tap for each and one for all."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.errors import RuleBroken
from core.web import page, refusals_on, requires, signed_in, whole_actor
from inventory.phones import queries, rules, services
from inventory.phones.forms import TextingForm, texting_form
from inventory.phones.queries import Ringing
from inventory.phones.routes.blueprint import bp, today
from organisation.places.models import Place
from organisation.places.queries import place_by_code

ALL = "all"


@bp.route("/texting/<place_code>", methods=["GET", "POST"])
@requires(Permission.TEXT_PHONES)
def texting(place_code: str) -> ResponseReturnValue:
    """List the phones of a place to text from, and record the texts with a tap."""
    me, day, whole = signed_in(), today(), whole_actor()
    place = place_by_code(place_code, scope=me.scope)
    sims = queries.sims_at(place.id, on=day)
    due = [each for each in sims if each.state.due(day)]
    lapsed = [each for each in sims if each.state.lapsed(day)]
    form = texting_form((each.state.unit_id, each.words) for each in (*due, *lapsed))
    if form.submitted():
        with refusals_on(form):
            chosen = _tapped(due, lapsed)
            sound = [sim_id for sim_id in chosen if form.readable(sim_id)]
            if sound:
                count = _record(form, place, sound)
                flash(f"Recorded: a text from {count:,} {'phone' if count == 1 else 'phones'}")
                # What was typed beside the others goes along, so that no tap costs another phone's entry.
                return redirect(url_for("phones.texting", place_code=place.code, **form.typed(but=sound)))
    elif request.method == "GET":
        form.show_again(request.args)
    return page(
        "inventory/phones/texting.html",
        form=form,
        place=place,
        task=rules.texting_task([each.state for each in due], today=day),
        due=due,
        lapsed=lapsed,
        day=day,
        next_on=min((s.state.lapses_on for s in sims if s.state.lapses_on and s.state.lapses_on > day), default=None),
        done=queries.uses_of_day(place.id, on=day),
        known={each.state.number: each for each in sims},
        unknown_count=sum(each.state.lapses_on is None for each in sims),
        may_record=bool(whole and whole.may(Permission.KEEP_PHONES)),
    )


def _tapped(due: list[Ringing], lapsed: list[Ringing]) -> list[int]:
    """Give the SIMs whose button was tapped: one, or all that are due.

    Raises:
        RuleBroken: what was sent names no phone of the list.
    """
    tapped = request.form.get("text", "")
    offered = [each.state.unit_id for each in (*due, *lapsed)]
    chosen = [each.state.unit_id for each in due] if tapped == ALL else [i for i in offered if str(i) == tapped]
    if not chosen:
        raise RuleBroken("Tap “Texted” beside a phone of the list. Somebody may have texted from that one already")
    return chosen


def _record(form: TextingForm, place: Place, chosen: list[int]) -> int:
    """Record a text from each of these; give how many."""
    me, at = signed_in(), now()
    with transaction():
        uses = services.record_uses(
            place.code,
            form.credits(chosen),
            used_on=today(),
            scope=me.scope,
            by=me,
            at=at,
            submission_id=form.submission_id.data,
        )
    return len(uses)
