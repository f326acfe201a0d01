"""Pages of deliveries: receiving one, opening stock, the list, and one delivery with its lots."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core import parse
from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.figures.lists import listed
from core.paging import page_number, paged
from core.web import page, refusals_on, requires, signed_in, whole_actor
from inventory.cards import queries as cards
from inventory.catalogue import queries as catalogue
from inventory.catalogue.rules import PRINTED, ItemKind
from inventory.deliveries import queries, services
from inventory.deliveries.forms import (
    DETAILS,
    ITEMS,
    DeliveryForm,
    GoodsForm,
    ItemFacts,
    OpeningStockForm,
    delivery_form,
)
from inventory.phones.rules import NUMBER_OF, NUMBER_WORDS, masked, sees_whole_numbers
from organisation.places.queries import place_by_code, places
from organisation.suppliers import queries as suppliers

bp = Blueprint("deliveries", __name__, url_prefix="/deliveries")


@bp.route("/")
@requires(Permission.SEE_STOCK)
@listed
def index() -> ResponseReturnValue:
    """List deliveries received at the person's places, newest first."""
    me = signed_in()
    filters = {name: request.args.get(name, "") for name in ("q", "place", "supplier", "since", "until")}
    place = place_by_code(filters["place"], scope=me.scope) if filters["place"] else None
    supplier = suppliers.supplier_by_code(filters["supplier"]) if filters["supplier"] else None
    asked = queries.deliveries(
        scope=me.scope,
        place_id=place.id if place else None,
        supplier_id=supplier.id if supplier else None,
        since=parse.iso_date(filters["since"], field="since") if filters["since"] else None,
        until=parse.iso_date(filters["until"], field="until") if filters["until"] else None,
        search=parse.search_text(filters["q"]),
    )
    one_page = paged(asked, number=page_number(request.args.get("page")))
    whole = whole_actor()
    return page(
        "inventory/deliveries/index.html",
        listed=one_page,
        totals=queries.totals_of([delivery.id for delivery in one_page.rows]),
        filters=filters,
        places=places(scope=me.scope),
        suppliers=suppliers.all_suppliers(),
        may_receive=bool(whole and whole.may(Permission.RECEIVE_DELIVERY)),
    )


@bp.route("/<reference>")
@requires(Permission.SEE_STOCK)
def show(reference: str) -> ResponseReturnValue:
    """Show one delivery: what came, and the lot each line became."""
    me = signed_in()
    delivery = queries.delivery_by_reference(reference, scope=me.scope)
    whole = sees_whole_numbers(me, delivery.place_id)
    units = queries.units_of_lots([line.lot.id for line in delivery.lines])
    numbers = {
        lot_id: [unit.number if whole else masked(unit.number) for unit in found] for lot_id, found in units.items()
    }
    return page(
        "inventory/deliveries/show.html",
        delivery=delivery,
        numbers=numbers,
        cards=cards.ranges_of([line.lot.id for line in delivery.lines]),
    )


@bp.route("/receive", methods=["GET", "POST"])
@requires(Permission.RECEIVE_DELIVERY)
def receive() -> ResponseReturnValue:
    """Receive a delivery: what came, then what each line still has to say."""
    me = signed_in()
    today = local_day(now())
    open_places = places(scope=me.scope, open_on=today)
    form = delivery_form(today=today, place_codes=[place.code for place in open_places])
    form.offer(
        suppliers=[(each.code, each.name) for each in suppliers.all_suppliers()],
        places=[(place.code, place.name) for place in open_places],
        items=item_facts(),
    )
    if _ready(form):
        with refusals_on(form):
            return redirect(url_for("deliveries.show", reference=_received(form)))
    return page("inventory/deliveries/receive.html", form=form, places=open_places, details=form.step.data == DETAILS)


def _ready(form: GoodsForm) -> bool:
    """Take the form a step on, or say that both its steps are done and passed."""
    if request.method == "POST" and ("more" in request.form or "back" in request.form):
        form.step.data = ITEMS
        if "more" in request.form:
            form.add_line()
    elif form.submitted():
        if form.step.data == DETAILS:
            return True
        form.begin_details()
    return False


@bp.route("/opening-stock", methods=["GET", "POST"])
@requires(Permission.RECEIVE_DELIVERY)
def opening_stock() -> ResponseReturnValue:
    """Count in what a place already held before it used the service."""
    me = signed_in()
    today = local_day(now())
    open_places = places(scope=me.scope, open_on=today)
    only = open_places[0].code if len(open_places) == 1 else ""
    form = OpeningStockForm(counted_on=today, place=only)
    form.offer_goods(places=[(place.code, place.name) for place in open_places], items=item_facts())
    if _ready(form):
        with refusals_on(form):
            _count_in(form)
            return redirect(url_for("deliveries.index"))
    return page(
        "inventory/deliveries/opening_stock.html", form=form, places=open_places, details=form.step.data == DETAILS
    )


def _count_in(form: OpeningStockForm) -> None:
    """Record the opening stock and say which lots it became."""
    me, at = signed_in(), now()
    with transaction():
        lots = services.record_opening_stock(
            place_code=form.place.data,
            counted_on=form.counted_on.day,
            lines=form.delivered_lines(),
            scope=me.scope,
            by=me,
            at=at,
            submission_id=form.submission_id.data,
        )
        codes = [lot.code for lot in lots]
    flash(f"Counted in as {', '.join(codes[:5])}{' and more' if len(codes) > 5 else ''}")


def _received(form: DeliveryForm) -> str:
    """Take the delivery in and give its reference."""
    me, at = signed_in(), now()
    with transaction():
        delivery = services.receive_delivery(
            supplier_code=form.supplier.data,
            place_code=form.place.data,
            delivery_note=form.delivery_note.data,
            received_on=form.received_on.day,
            lines=form.delivered_lines(),
            scope=me.scope,
            by=me,
            at=at,
            submission_id=form.submission_id.data,
        )
        reference = delivery.reference
    flash(f"{reference} has been received")
    return reference


def item_facts() -> list[ItemFacts]:
    """Give what the form must know of each item in use."""
    found = catalogue.items()
    current = catalogue.current_editions(on=local_day(now()))
    return [
        ItemFacts(
            code=item.code,
            name=item.name,
            unit=item.unit,
            expires=item.expires,
            printed=item.kind in PRINTED,
            edition_number=current[item.id].number if item.id in current else None,
            number_words=NUMBER_WORDS[NUMBER_OF[item.kind]] if item.kind in NUMBER_OF else None,
            card=item.kind is ItemKind.SECURITY_CARD,
        )
        for item in found
    ]
