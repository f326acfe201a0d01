"""Labels of Go Bags: one, or those of a run, each with a QR code that opens the bag's page."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from core.access import Permission
from core.errors import NotFound
from core.web import page, requires, signed_in
from inventory.bags import queries
from inventory.bags.queries import BagView
from inventory.bags.routes.blueprint import bp, language_name, today
from inventory.bags.rules import MOST_BAGS_AT_ONCE


def code_of(tag: str) -> Markup:
    """Draw the QR code of a bag's page as SVG without a style or a script.

    Error correction M: a label that is scratched over a seventh of its code is still read.
    """
    # Slow to import, and nothing but a label needs it.
    import segno

    address = url_for("bags.show", tag=tag, _external=True)
    drawn = segno.make(address, error="m", micro=False).svg_inline(border=2, omitsize=True, svgclass="app-code")
    return Markup(drawn)  # made here from our own address, so it needs no escaping


def _page(bags: list[BagView]) -> ResponseReturnValue:
    if not bags:
        raise NotFound
    codes = {bag.tag: code_of(bag.tag) for bag in bags}
    return page("inventory/bags/labels.html", bags=bags, codes=codes, language_name=language_name)


@bp.route("/bags/<tag>/label")
@requires(Permission.SEE_STOCK)
def label(tag: str) -> ResponseReturnValue:
    """Show the label of one Go Bag, to print."""
    return _page([queries.bag_view(tag, scope=signed_in().scope, on=today())])


@bp.route("/bags/labels")
@requires(Permission.SEE_STOCK)
def labels() -> ResponseReturnValue:
    """Show the labels of several Go Bags, to print: ``?tag=GB-00007&tag=GB-00008``."""
    tags = request.args.getlist("tag")[:MOST_BAGS_AT_ONCE]
    if not tags:
        return redirect(url_for("bags.index"))
    return _page(queries.bags_by_tags(tags, scope=signed_in().scope, on=today()))
