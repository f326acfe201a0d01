"""Passing a cupboard on when somebody moves post."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.references import opaque_reference
from core.web import page, refusals_on, requires, signed_in
from inventory.counts import queries, services
from inventory.counts.forms import HandOverForm, SignForm
from inventory.counts.routes.blueprint import bp, may
from inventory.counts.rules import STATE_WORDS, CountState
from organisation.places.queries import place_by_code, places


@bp.route("/handovers/")
@requires(Permission.SEE_STOCK)
def handovers() -> ResponseReturnValue:
    """List the handovers of cupboards."""
    me = signed_in()
    own = [each for each in places(scope=me.scope, open_on=local_day(now())) if may(Permission.HAND_OVER, each.id)]
    return page("inventory/counts/handovers.html", handovers=queries.handovers(scope=me.scope), own=own)


@bp.route("/handovers/new", methods=["GET", "POST"])
@requires(Permission.HAND_OVER)
def hand_over() -> ResponseReturnValue:
    """Begin to pass one's cupboard on."""
    me, today = signed_in(), local_day(now())
    own = places(scope=me.scope, open_on=today)
    code = request.values.get("place") or (own[0].code if own else "")
    place = place_by_code(code, scope=me.scope)
    form = HandOverForm(data={"place": code})
    form.place.choices = [(each.code, each.name) for each in own]
    others = [each for each in queries.who_may(Permission.HAND_OVER, place.id, on=today) if each.id != me.account_id]
    form.incoming.choices = [(each.reference, each.name) for each in others]
    if form.submitted():
        with refusals_on(form):
            with transaction():
                begun = services.begin_handover(
                    place.code,
                    incoming=form.incoming.data or "",
                    seed=opaque_reference(2),
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                reference = begun.reference
            return redirect(url_for("counts.handover", reference=reference))
    return page("inventory/counts/hand_over.html", form=form, place=place, own=own, others=others)


@bp.route("/handovers/<reference>")
@requires(Permission.SEE_STOCK)
def handover(reference: str) -> ResponseReturnValue:
    """Show a handover: its sample, what differed and whose that is, and who has signed."""
    me = signed_in()
    found = queries.handover_by_reference(reference, scope=me.scope)
    count = queries.count_by_reference(found.count.reference, scope=me.scope)
    finished = count.state in (CountState.COUNTED, CountState.APPROVED)
    reviews = queries.review(count, scope=me.scope) if finished else {}
    signed = {each.account_id: each.signed_at for each in found.signatures}
    standing = {each.account_id for each in found.standing}
    return page(
        "inventory/counts/handover.html",
        handover=found,
        count=count,
        words=STATE_WORDS,
        finished=finished,
        differing=[each for _, each in sorted(reviews.items()) if each.difference.any],
        signed=signed,
        standing=standing,
        to_sign=finished
        and len(standing) == len(signed)
        and me.account_id in {found.outgoing_id, found.incoming_id} - set(signed),
    )


@bp.route("/handovers/<reference>/sign", methods=["GET", "POST"])
@requires(Permission.HAND_OVER)
def sign(reference: str) -> ResponseReturnValue:
    """Sign a handover from one's own account."""
    me = signed_in()
    found = queries.handover_by_reference(reference, scope=me.scope)
    form = SignForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.sign_handover(
                    reference, scope=me.scope, by=me, at=now(), submission_id=form.submission_id.data
                )
            flash(f"You have signed {reference}")
            return redirect(url_for("counts.handover", reference=reference))
    return page("inventory/counts/sign.html", form=form, handover=found, hands_over=me.account_id == found.outgoing_id)
