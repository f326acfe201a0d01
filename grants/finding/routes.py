"""The search box: one question, answered with what the person may open."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.parse import search_text
from core.privacy import refuse_personal_details
from core.web import page, requires, signed_in, whole_actor
from grants.finding import queries as money
from grants.finding.rules import MoneyKind
from inventory.finding import queries as stock
from inventory.finding.rules import MOST_OF_A_KIND, Found, FoundKind, is_number_of_a_unit, only_one, sought

bp = Blueprint("finding", __name__, url_prefix="/find")

ADDRESSES: dict[str, Callable[[str], str]] = {
    FoundKind.BAG: lambda key: url_for("bags.show", tag=key),
    FoundKind.UNIT: lambda key: url_for("timelines.unit", unit_id=int(key)),
    FoundKind.LOT: lambda key: url_for("timelines.lot", lot_code=key),
    FoundKind.CARD: lambda key: _card_address(*key.split("/", 1)),
    FoundKind.REQUEST: lambda key: url_for("requests.show", reference=key),
    FoundKind.DISPATCH: lambda key: url_for("requests.show", reference=key),
    FoundKind.DELIVERY: lambda key: url_for("deliveries.show", reference=key),
    FoundKind.ISSUE: lambda key: url_for("bags.slip", slip=key),
    FoundKind.RECALL: lambda key: url_for("recalls.show", reference=key),
    FoundKind.PLACE: lambda key: url_for("desk.station", place_code=key),
    FoundKind.STORE: lambda key: url_for("desk.store", place_code=key),
    FoundKind.ITEM: lambda key: url_for("catalogue.show", code=key),
    MoneyKind.AWARD: lambda key: url_for("awards.show", award_code=key),
    MoneyKind.LINE: lambda key: _line_address(*key.rsplit("/", 1)),
    MoneyKind.INVOICE: lambda key: url_for("spending.show", reference=key),
    MoneyKind.ROW: lambda key: url_for("spending.row", row_reference=key),
    MoneyKind.ORDER: lambda key: url_for("spending.order", reference=key),
    MoneyKind.CLAIM: lambda key: url_for("claims.show", reference=key),
    MoneyKind.LEDGER_LINE: lambda key: url_for("ledgers.line", line_name=key),
}
"""Kind → the address of one record's page, from its key."""


def _card_address(lot_code: str, number: str) -> str:
    return url_for("cards.show", lot_code=lot_code, number=number)


def _line_address(award_code: str, line_code: str) -> str:
    return url_for("position.line", award_code=award_code, line_code=line_code)


@bp.route("/")
@requires(Permission.SEE_STOCK)
def show() -> ResponseReturnValue:
    """Find what was typed; a whole reference that one record bears leads straight to its page."""
    typed = search_text(request.args.get("q"), field="q")
    found = _find(typed) if typed else []
    only = only_one(found)
    if only is not None:
        return redirect(ADDRESSES[only.kind](only.key))
    if typed and not any(each.exact for each in found) and not is_number_of_a_unit(sought(typed)):
        # A number of the finance system may look like one of the NHS; what no record bears is a person's own words.
        # An IMEI that begins with 0044 looks like a telephone number, and its handset may stand at another place.
        refuse_personal_details(typed, field="q")
    groups = [(kind, list(some)) for kind, some in groupby(_by_kind(found), key=lambda each: each.kind)]
    return page(
        "grants/finding/show.html",
        typed=typed,
        groups=groups,
        address=lambda each: ADDRESSES[each.kind](each.key),
        most=MOST_OF_A_KIND,
    )


def _find(typed: str) -> list[Found]:
    """Look in the stock half, and in the money half where the person may see money."""
    asked = sought(typed)
    found = stock.find(asked, scope=signed_in().scope)
    whole = whole_actor()
    return found + (money.find(asked) if whole is not None and whole.may(Permission.SEE_MONEY) else [])


def _by_kind(found: list[Found]) -> list[Found]:
    """Put records of a kind together, kinds with a whole reference first."""
    first: dict[str, int] = {}
    for position, each in enumerate(sorted(found, key=lambda one: not one.exact)):
        first.setdefault(each.kind, position)
    return sorted(found, key=lambda each: first[each.kind])
