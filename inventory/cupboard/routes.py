"""The pages of cupboard sheets: those of a place, printing one, keying it in, writing it off."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission, Role
from core.db import now, transaction
from core.figures import FileKind
from core.figures.answers import CONTENT_TYPES
from core.figures.lists import listed
from core.languages import language
from core.paging import page_number, paged
from core.web import download, page, refusals_on, requires, signed_in, whole_actor
from inventory.cupboard import queries, services
from inventory.cupboard.forms import KeyForm, PrintForm, WriteOffForm, key_form
from inventory.cupboard.models import CupboardSheet
from inventory.cupboard.rules import letter_of
from organisation.places.models import Place
from organisation.places.queries import place_by_code

bp = Blueprint("cupboard", __name__)


def _may_issue(place: Place) -> bool:
    me = whole_actor()
    if me is None or not me.may(Permission.ISSUE_BAG):
        return False
    return me.acting_under(Permission.ISSUE_BAG).scope.covers(place.id)


@bp.route("/places/<place_code>/cupboard-sheets")
@requires(Permission.SEE_STOCK)
@listed
def sheets(place_code: str) -> ResponseReturnValue:
    """List the cupboard sheets of a place, newest first."""
    place = place_by_code(place_code, scope=signed_in().scope)
    return _sheets(place, PrintForm())


def _sheets(place: Place, form: PrintForm) -> ResponseReturnValue:
    return page(
        "inventory/cupboard/sheets.html",
        form=form,
        place=place,
        found=paged(queries.sheets_of(place.id), number=page_number(request.args.get("page"))),
        slips_of=queries.slips_of,
        letter_of=letter_of,
        may_issue=_may_issue(place),
    )


@bp.route("/places/<place_code>/cupboard-sheets/print", methods=["POST"])
@requires(Permission.ISSUE_BAG)
def print_sheet(place_code: str) -> ResponseReturnValue:
    """Number a sheet of what stands at a place now."""
    me = signed_in()
    place = place_by_code(place_code, scope=me.scope)
    form = PrintForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                made = services.print_sheet(
                    place_code, scope=me.scope, by=me, at=now(), submission_id=form.submission_id.data
                )
                reference = made.reference
            flash(f"{reference} is ready. Print it and hang it in the cupboard")
            return redirect(url_for("cupboard.sheets", place_code=place_code))
    return _sheets(place_by_code(place.code, scope=me.scope), form)


@bp.route("/cupboard-sheets/<reference>.pdf")
@requires(Permission.SEE_STOCK)
def paper(reference: str) -> ResponseReturnValue:
    """Give a sheet as a PDF, to print."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from inventory.cupboard.pdf import paint_sheet

    sheet = queries.sheet_by_reference(reference, scope=signed_in().scope)
    data = paint_sheet(sheet, key_at=url_for("cupboard.key", reference=reference, _external=True))
    return download(data, filename=f"{reference}.pdf", content_type=CONTENT_TYPES[FileKind.PDF])


@bp.route("/cupboard-sheets/<reference>", methods=["GET", "POST"])
@requires(Permission.ISSUE_BAG)
def key(reference: str) -> ResponseReturnValue:
    """Key in what is written on a sheet, all of it or line by line."""
    me = signed_in()
    sheet = queries.sheet_by_reference(reference, scope=me.scope)
    form = _form(sheet, partner=me.role is Role.PARTNER)
    if form.submitted():
        with refusals_on(form):
            place_code = sheet.place.code
            with transaction():
                slips = services.key_in(
                    reference,
                    form.written_lines(),
                    finished=form.finished.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{reference}: {len(slips)} {'line has' if len(slips) == 1 else 'lines have'} been recorded")
            return redirect(url_for("cupboard.sheets", place_code=place_code))
    return page("inventory/cupboard/key.html", form=form, sheet=sheet, letter_of=letter_of)


def _form(sheet: CupboardSheet, *, partner: bool) -> KeyForm:
    """Make the form of every line, of those keyed in meanwhile too: what is sent of one must be refused, not lost."""
    lines = [
        (line.position, [(code, language(code).english) for code in queries.languages_of(line)]) for line in sheet.lines
    ]
    return key_form(lines, partner=partner)


@bp.route("/cupboard-sheets/<reference>/write-off", methods=["GET", "POST"])
@requires(Permission.ISSUE_BAG)
def write_off(reference: str) -> ResponseReturnValue:
    """Say that a sheet will not be keyed in, and why."""
    me = signed_in()
    sheet = queries.sheet_by_reference(reference, scope=me.scope)
    form = WriteOffForm()
    if form.submitted():
        with refusals_on(form):
            place_code = sheet.place.code
            with transaction():
                services.write_off(
                    reference,
                    reason=form.reason.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{reference} has been written off")
            return redirect(url_for("cupboard.sheets", place_code=place_code))
    return page("inventory/cupboard/write_off.html", form=form, sheet=sheet)
