"""The page that asks for labels, and the sheet as a PDF."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now
from core.errors import RuleBroken
from core.figures import FileKind
from core.figures.answers import CONTENT_TYPES
from core.parse import whole_number
from core.web import download, page, requires, signed_in
from inventory.labels import queries
from inventory.labels.forms import LabelForm
from inventory.labels.rules import MOST_LABELS, LabelKind, Labelled
from organisation.places.queries import place_by_code, places

bp = Blueprint("labels", __name__, url_prefix="/labels")


@bp.route("/")
@requires(Permission.SEE_STOCK)
def ask() -> ResponseReturnValue:
    """Ask which labels to print."""
    own = places(scope=signed_in().scope, open_on=local_day(now()))
    form = LabelForm.reading(request.args, [(each.code, each.name) for each in own])
    if request.args and form.validate():
        return redirect(url_for("labels.sheet", **form.asked()))
    return page("inventory/labels/ask.html", form=form, own=own)


@bp.route("/<place_code>/<any(bags, shelves, boxes):kind>.pdf")
@requires(Permission.SEE_STOCK)
def sheet(place_code: str, kind: str) -> ResponseReturnValue:
    """Give sheets of labels, to print on label paper of three by seven."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from core.pdf.labels import ON_A_SHEET, Label
    from inventory.labels.pdf import paint_labels

    me, at = signed_in(), now()
    place, asked = place_by_code(place_code, scope=me.scope), LabelKind(kind)
    first = whole_number(request.args.get("first", "1"), noun="First label", most=ON_A_SHEET)
    found = queries.labelled(asked, place, scope=me.scope, on=local_day(at))
    if not found:
        raise RuleBroken(f"Nothing at {place.name} can bear such a label today")
    if len(found) > MOST_LABELS:
        raise RuleBroken(f"{place.name} has {len(found):,} of these, and {MOST_LABELS} labels are made at once")
    labels = [
        Label(each.title, each.says, opens := _opens(asked, each), f"QR code that opens {opens}") for each in found
    ]
    data = paint_labels(labels, title=f"Labels of {place.name}", at=at, skipped=first - 1)
    return download(data, filename=f"labels-{kind}-{place.code.lower()}.pdf", content_type=CONTENT_TYPES[FileKind.PDF])


def _opens(kind: LabelKind, thing: Labelled) -> str:
    """Give the address that a label's code leads to."""
    if kind is LabelKind.BAGS:
        return url_for("bags.show", tag=thing.key, _external=True)
    if kind is LabelKind.SHELVES:
        return url_for("catalogue.show", code=thing.key, _external=True)
    return url_for("timelines.lot", lot_code=thing.key, _external=True)
