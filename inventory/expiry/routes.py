"""The list of what expires, and the page that writes it off."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission, Scope
from core.dates import local_day
from core.db import now, transaction
from core.figures.lists import listed
from core.paging import page_number, paged
from core.web import page, refusals_on, requires, signed_in, whole_actor
from inventory.expiry import queries, services
from inventory.expiry.forms import WriteOffForm
from inventory.expiry.rules import WITHIN, Step, days_asked, last_day
from inventory.stock.models import Lot
from organisation.places.queries import place_by_code, places

bp = Blueprint("expiry", __name__, url_prefix="/expiring")

_P = Permission


def _acts_at() -> Scope:
    """Give the places where the person may open bags and write things off."""
    whole = whole_actor()
    covered: set[int] = set()
    for permission in (_P.ISSUE_BAG, _P.PACK_BAG):
        if whole is not None and whole.may(permission):
            covered |= whole.acting_under(permission).scope.place_ids or frozenset()
    return Scope.of(covered)


@bp.route("/")
@requires(Permission.SEE_STOCK)
@listed
def index() -> ResponseReturnValue:
    """List what expires soon at the person's places, inside Go Bags too, with what to do next."""
    me, today = signed_in(), local_day(now())
    days, chosen = days_asked(request.args.get("days")), request.args.get("place", "")
    place = place_by_code(chosen, scope=me.scope) if chosen else None
    until = last_day(today, days)
    one_page = paged(
        queries.expiring(scope=me.scope, until=until, place_id=place.id if place else None),
        number=page_number(request.args.get("page")),
        size=50,
    )
    return page(
        "inventory/expiry/index.html",
        listed=one_page,
        rows=[queries.as_expiring(*row) for row in one_page.rows],
        own=places(scope=me.scope, open_on=today),
        place=place,
        days=days,
        within=WITHIN,
        until=until,
        today=today,
        Step=Step,
        acts_at=_acts_at(),
    )


def _list_of(lot: Lot, place_code: str, *, today: date) -> str:
    """Give the list that a lot which may no longer be used stood on: what has expired, or what is to be swapped."""
    if lot.expires_on is not None and lot.expires_on < today:
        return url_for("expiry.index", place=place_code)
    return url_for("editions.index", place=place_code, _anchor="swap")


@bp.route("/<place_code>/<lot_code>/write-off", methods=["GET", "POST"])
@requires(Permission.ISSUE_BAG, Permission.PACK_BAG)
def write_off(place_code: str, lot_code: str) -> ResponseReturnValue:
    """Write off what has expired on a shelf, or whose edition has been replaced."""
    me = signed_in()
    place = place_by_code(place_code, scope=me.scope)
    lot, here_count = queries.loose(place.id, lot_code)
    form = WriteOffForm(unit_count=here_count)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.write_off(
                    place_code,
                    lot_code,
                    form.unit_count.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{form.unit_count.data:,} of lot {lot_code} have been written off")
            return redirect(_list_of(lot, place.code, today=local_day(now())))
    return page(
        "inventory/expiry/write_off.html",
        form=form,
        place=place,
        lot=lot,
        here_count=here_count,
        why=queries.why_unfit(lot, on=local_day(now())),
    )
