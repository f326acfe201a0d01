"""The page of handsets and SIMs: where each one is, its number masked for whoever does not count it."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from core.access import Permission, Scope
from core.figures.lists import listed
from core.paging import page_number, paged
from core.parse import one_of, search_text
from core.web import page, requires, signed_in
from inventory.phones import queries
from inventory.phones.routes.blueprint import bp
from inventory.phones.rules import NUMBER_WORDS, NumberKind, masked, sees_whole_numbers
from organisation.places.queries import place_by_code, places


@bp.route("/")
@requires(Permission.SEE_STOCK)
@listed
def index() -> ResponseReturnValue:
    """List the handsets and SIMs at the person's places."""
    me = signed_in()
    filters = {name: request.args.get(name, "") for name in ("q", "place", "kind", "gone")}
    place = place_by_code(filters["place"], scope=me.scope) if filters["place"] else None
    kind = one_of(filters["kind"], list(NumberKind), noun="kind")
    everywhere = me.scope.place_ids is None
    asked = queries.units(
        scope=me.scope,
        place_id=place.id if place else None,
        number_kind=NumberKind(kind) if kind else None,
        search=_digits(search_text(filters["q"])),
        gone=bool(one_of(filters["gone"], ["yes"] if everywhere else [], noun="choice of where")),
    )
    one_page = paged(asked, number=page_number(request.args.get("page")))
    held = [queries.as_held(*row) for row in one_page.rows]
    return page(
        "inventory/phones/index.html",
        listed=one_page,
        units=held,
        shown={
            unit.unit_id: unit.number if sees_whole_numbers(me, unit.place_id) else masked(unit.number) for unit in held
        },
        filters=filters,
        places=places(scope=me.scope),
        number_words=NUMBER_WORDS,
        everywhere=everywhere,
        may={"keep": me.may(Permission.KEEP_PHONES), "operators": me.may(Permission.KEEP_OPERATORS)},
        unknown_count=queries.without_activation_count(scope=_keeps()) if me.may(Permission.KEEP_PHONES) else 0,
    )


def _keeps() -> Scope:
    """Give the places whose phones the person keeps."""
    return signed_in().acting_under(Permission.KEEP_PHONES).scope


def _digits(search: str) -> str:
    """Look for a number without the spaces and dashes it is printed with."""
    digits = search.replace(" ", "").replace("-", "")
    return digits if digits.isdecimal() else search
