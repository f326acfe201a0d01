"""Pages of card numbers: those of a lot and where its cards are, recording them, taking a range back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.errors import NotFound
from core.figures.lists import listed
from core.web import page, refusals_on, requires, signed_in, whole_actor
from inventory.cards import queries, services
from inventory.cards.forms import NumbersForm, TakeBackForm
from inventory.cards.rules import as_printed, in_order, number_in, numbers_of_units, total_of, unit_of, whereabouts
from inventory.catalogue.rules import ItemKind
from inventory.stock.models import Lot
from inventory.timelines.queries import lot_by_code

bp = Blueprint("cards", __name__, url_prefix="/stock")


@bp.route("/lots/<lot_code>/cards")
@requires(Permission.SEE_STOCK)
@listed
def show(lot_code: str) -> ResponseReturnValue:
    """Show the numbers of a lot's cards, where its cards are, and what is known of one number."""
    me = signed_in()
    lot = _lot_of_cards(lot_code)
    recorded = queries.recorded(lot.id)
    ranges = in_order(each.numbers for each in recorded if each.taken_back is None)
    spots = queries.spots(lot.id, scope=me.scope)
    asked = number_in(request.args.get("number", ""))
    unit = unit_of(asked, ranges) if asked else None
    whole = whole_actor()
    return page(
        "inventory/cards/show.html",
        lot=lot,
        recorded=recorded,
        spots=[(spot, numbers_of_units(spot.units, ranges)) for spot in spots if spot.shown],
        elsewhere_count=sum(spot.count for spot in spots if not spot.shown),
        number_count=total_of(ranges),
        asked=asked,
        printed=as_printed(asked, ranges) if asked else None,
        answer=whereabouts(unit, spots) if unit else None,
        may_record=bool(whole and whole.may(Permission.RECEIVE_DELIVERY)),
    )


@bp.route("/lots/<lot_code>/cards/record", methods=["GET", "POST"])
@requires(Permission.RECEIVE_DELIVERY)
def record(lot_code: str) -> ResponseReturnValue:
    """Record the numbers of a lot that came without them."""
    me = signed_in()
    lot = _lot_of_cards(lot_code)
    form = NumbersForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                made = services.record_numbers(
                    lot_code, form.ranges.data, scope=me.scope, by=me, at=now(), submission_id=form.submission_id.data
                )
                count = total_of(each.numbers for each in made)
            flash(f"Lot {lot_code} has {count:,} more card numbers" if count > 1 else f"Lot {lot_code} has its number")
            return redirect(url_for("cards.show", lot_code=lot_code))
    known = queries.ranges_of([lot.id]).get(lot.id, [])
    return page("inventory/cards/record.html", form=form, lot=lot, known=known, number_count=total_of(known))


@bp.route("/card-numbers/<reference>/take-back", methods=["GET", "POST"])
@requires(Permission.RECEIVE_DELIVERY)
def take_back(reference: str) -> ResponseReturnValue:
    """Take back a range that was recorded by mistake."""
    me = signed_in()
    found = queries.range_by_reference(reference)
    lot = _lot_of_cards(found.lot.code)
    form = TakeBackForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.take_back(
                    reference,
                    reason=form.reason.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{found.numbers} no longer belong to lot {lot.code}")
            return redirect(url_for("cards.show", lot_code=lot.code))
    return page("inventory/cards/take_back.html", form=form, range=found, lot=lot)


def _lot_of_cards(lot_code: str) -> Lot:
    """Find a lot of cards.

    Raises:
        NotFound: there is none for this person.
    """
    lot = lot_by_code(lot_code, scope=signed_in().scope)
    if lot.item.kind is not ItemKind.SECURITY_CARD:
        raise NotFound
    return lot
