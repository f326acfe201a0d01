"""Pages that tell what happened: a lot, a handset or SIM, a place, each with both clocks in its address."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from core import parse
from core.access import Permission
from core.dates import local_day
from core.db import now
from core.figures.lists import listed
from core.paging import MOST_COUNTED, page_number, paged
from core.web import page, requires, signed_in, whole_actor
from inventory.cards import queries as cards
from inventory.catalogue.rules import ItemKind
from inventory.phones import queries as phones
from inventory.phones.queries import UnitHeld
from inventory.phones.rules import NUMBER_WORDS, NumberKind, masked, sees_whole_numbers
from inventory.recalls.queries import recall_over
from inventory.timelines import queries
from inventory.timelines.rules import Clocks, clocks
from organisation.places.queries import place_by_code

bp = Blueprint("timelines", __name__, url_prefix="/stock")

LOTS = "lots"
"""The part of an address that says which page of a place's lots is shown; ``page`` is of its timeline."""


@bp.route("/lots/<lot_code>")
@requires(Permission.SEE_STOCK)
@listed
def lot(lot_code: str) -> ResponseReturnValue:
    """Show one lot: where its units are now, and everything that happened to them."""
    me = signed_in()
    found = queries.lot_by_code(lot_code, scope=me.scope)
    turned = _clocks()
    everywhere = me.scope.place_ids is None
    one_page = paged(queries.lot_events(found.id, scope=me.scope, clocks=turned), number=_page())
    return page(
        "inventory/timelines/lot.html",
        lot=found,
        standing=queries.standing(found.id, scope=me.scope),
        gone=queries.gone(found.id) if everywhere else [],
        everywhere=everywhere,
        recall=recall_over(found.id),
        cards=cards.ranges_of([found.id]).get(found.id, []) if found.item.kind is ItemKind.SECURITY_CARD else None,
        may_recall=bool((whole := whole_actor()) and whole.may(Permission.RECALL_STOCK)),
        listed=one_page,
        events=[queries.as_event(*row) for row in one_page.rows],
        **_shown(turned),
    )


@bp.route("/units/<int:unit_id>")
@requires(Permission.SEE_STOCK)
@listed
def unit(unit_id: int) -> ResponseReturnValue:
    """Show one handset or SIM: where it is, and everything that happened to it."""
    me = signed_in()
    held = phones.unit_held(unit_id, scope=me.scope)
    whole = sees_whole_numbers(me, held.place_id)
    turned = _clocks()
    one_page = paged(queries.unit_events(unit_id, scope=me.scope, clocks=turned), number=_page())
    return page(
        "inventory/timelines/unit.html",
        unit=held,
        number_word=NUMBER_WORDS[held.number_kind],
        number=held.number if whole else masked(held.number),
        facts=phones.told(held, whole=whole, on=local_day(now())),
        may={
            "keep": _acts_at(Permission.KEEP_PHONES, held),
            "pair": any(_acts_at(each, held) for each in (Permission.KEEP_PHONES, Permission.TEXT_PHONES)),
            "use": _acts_at(Permission.TEXT_PHONES, held) and held.number_kind is NumberKind.ICCID,
        },
        listed=one_page,
        events=[queries.as_event(*row) for row in one_page.rows],
        **_shown(turned),
    )


def _acts_at(permission: Permission, unit: UnitHeld) -> bool:
    """Say whether the person may do something with a unit where it stands."""
    me = signed_in()
    if unit.place_id is None or not me.may(permission):
        return False
    return me.acting_under(permission).scope.covers(unit.place_id)


@bp.route("/places/<place_code>")
@requires(Permission.SEE_STOCK)
@listed
def place(place_code: str) -> ResponseReturnValue:
    """Show what a place held on a day, as it was known on a day, and the acts that made it so."""
    me = signed_in()
    found = place_by_code(place_code, scope=me.scope)
    turned = _clocks()
    one_page = paged(queries.place_acts(found.id, clocks=turned), number=_page(), most=MOST_COUNTED)
    held = queries.held_at(found.id, clocks=turned, number=page_number(request.args.get(LOTS)))
    return page(
        "inventory/timelines/place.html",
        place=found,
        held=held,
        listed=one_page,
        events=queries.acts_in_words(one_page.rows, found.id),
        **_shown(turned),
    )


def _page() -> int:
    return page_number(request.args.get("page"))


def _clocks() -> Clocks:
    """Read both clocks from the address.

    Raises:
        RuleBroken: a day is no day, or lies ahead.
    """
    return clocks(_day("as_at"), _day("as_known"), today=local_day(now()))


def _day(name: str) -> date | None:
    asked = request.args.get(name, "")
    return parse.iso_date(asked, field=name) if asked else None


def _shown(turned: Clocks) -> dict[str, object]:
    """Give templates the clocks, the filters that stay while paging, and where the page is without them."""
    return {
        "clocks": turned,
        "filters": {name: request.args.get(name, "") for name in ("as_at", "as_known")},
        "address": dict(request.view_args or {}),
        "endpoint": request.endpoint,
        "plain": url_for(str(request.endpoint), **(request.view_args or {})),
    }
