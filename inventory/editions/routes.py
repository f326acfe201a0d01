"""Pages of editions across languages, what to swap, and cover by language."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission, Scope
from core.dates import local_day
from core.db import now
from core.figures.lists import listed
from core.paging import page_number, paged_rows
from core.web import page, requires, signed_in, whole_actor
from inventory.catalogue.rules import KIND_WORDS
from inventory.editions import queries
from inventory.editions.rules import PERIODS, Swap, days_asked, gaps
from organisation.places.queries import place_by_code, places

bp = Blueprint("editions", __name__, url_prefix="/editions")

_P = Permission
PAGE_SIZE = 100


def _acts_at(*permissions: Permission) -> Scope:
    """Give the places where the person may do one of these things."""
    whole = whole_actor()
    covered: set[int] = set()
    for permission in permissions:
        if whole is not None and whole.may(permission):
            covered |= whole.acting_under(permission).scope.place_ids or frozenset()
    return Scope.of(covered)


@bp.route("/")
@requires(Permission.SEE_STOCK)
@listed
def index() -> ResponseReturnValue:
    """Show each booklet and card in its languages, which translation is behind, and what to swap where."""
    me, today, chosen = signed_in(), local_day(now()), request.args.get("place", "")
    place = place_by_code(chosen, scope=me.scope) if chosen else None
    found = queries.swaps(scope=me.scope, on=today, place_id=place.id if place else None)
    swaps = paged_rows(found, number=page_number(request.args.get("page")), size=PAGE_SIZE)
    return page(
        "inventory/editions/index.html",
        works=queries.works_printed(found, on=today),
        swaps=swaps,
        own=places(scope=me.scope, open_on=today),
        place=place,
        today=today,
        kinds=KIND_WORDS,
        steps=[_step(each) for each in swaps.rows],
        asks=place is not None and _acts_at(_P.REQUEST_RESTOCK).covers(place.id),
    )


def _step(swap: Swap) -> tuple[str, str | None]:
    """Say the next step about a superseded edition, with its page for whoever may do it."""
    acts = _acts_at(_P.ISSUE_BAG, _P.PACK_BAG).covers(swap.place_id)
    if swap.bag_tag is None:
        href = url_for("expiry.write_off", place_code=swap.place_code, lot_code=swap.lot_code)
        return "Take it off the shelf", href if acts else None
    if swap.fresh_count:
        return "Open, swap and seal", url_for("bags.top_up", tag=swap.bag_tag) if acts else None
    if _acts_at(_P.REQUEST_RESTOCK).covers(swap.place_id):
        thing = f"item:{swap.item_code}"
        return "Ask the store first", url_for("requests.ask", place=swap.place_code, thing=thing, count=swap.unit_count)
    return "Get the new edition first", None


@bp.route("/cover")
@requires(Permission.SEE_STOCK)
@listed
def cover() -> ResponseReturnValue:
    """Compare the languages each place holds with those it was asked for, gaps first."""
    me, today, chosen = signed_in(), local_day(now()), request.args.get("place", "")
    days = days_asked(request.args.get("days"))
    place = place_by_code(chosen, scope=me.scope) if chosen else None
    lines = queries.cover(scope=me.scope, on=today, days=days, place_id=place.id if place else None)
    return page(
        "inventory/editions/cover.html",
        lines=lines,
        gap_count=gaps(lines),
        own=places(scope=me.scope, open_on=today),
        place=place,
        days=days,
        periods=PERIODS,
    )
