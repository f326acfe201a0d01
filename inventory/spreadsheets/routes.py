"""The pages that bring a spreadsheet in: the templates, what a file would do, and doing it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Actor, Permission
from core.db import now, rehearsal, transaction
from core.errors import NotFound
from core.figures import FileKind
from core.figures.answers import CONTENT_TYPES
from core.paging import page_number, paged
from core.sheets import Column, Sheet, csv_bytes, xlsx_bytes
from core.web import download, page, refusals_on, requires, signed_in
from inventory.spreadsheets import queries, services
from inventory.spreadsheets.forms import ConfirmSheetForm, SheetForm
from inventory.spreadsheets.rules import (
    HEADINGS,
    NEEDS,
    PURPOSE,
    WORDS,
    Problem,
    SheetRead,
    SheetRefused,
    Sort,
    from_text,
    read_sheet,
    to_text,
)

bp = Blueprint("spreadsheets", __name__, url_prefix="/spreadsheets")

_ANY = (Permission.KEEP_CATALOGUE, Permission.KEEP_PLACES, Permission.RECEIVE_DELIVERY, Permission.SET_PAR)
SHOWN = 20
"""How many rows of a file the preview shows."""


def _own(me: Actor) -> list[Sort]:
    """List the sorts a person may bring in."""
    return [sort for sort in Sort if me.may(NEEDS[sort])]


@bp.route("/", methods=["GET", "POST"])
@requires(*_ANY)
def start() -> ResponseReturnValue:
    """Choose a spreadsheet, and see what it would do or what is wrong with it."""
    form = _form()
    problems: tuple[Problem, ...] = ()
    if form.submitted():
        sent = form.file.data
        with refusals_on(form):
            try:
                sheet = read_sheet(sent.read(), sent.filename or "", Sort(form.sort.data))
                _rehearse(sheet, form.submission_id.data)
                return _preview(sheet)
            except SheetRefused as refused:
                problems = refused.problems
                raise
    return _page(form, problems)


def _form() -> SheetForm:
    form = SheetForm()
    form.offer(_own(signed_in()))
    return form


def _rehearse(sheet: SheetRead, submission_id: str) -> None:
    """Do what a spreadsheet asks and keep nothing of it.

    Raises:
        Refusal: what would be refused.
    """
    with rehearsal():
        services.bring_in(sheet, by=signed_in(), at=now(), submission_id=submission_id)


def _page(form: SheetForm, problems: tuple[Problem, ...]) -> ResponseReturnValue:
    own = _own(signed_in())
    return page(
        "inventory/spreadsheets/start.html",
        form=form,
        problems=problems,
        own=own,
        words=WORDS,
        purpose=PURPOSE,
        headings=HEADINGS,
        listed=paged(queries.brought_in(own), number=page_number(request.args.get("page"))),
    )


def _preview(sheet: SheetRead) -> ResponseReturnValue:
    form = ConfirmSheetForm(formdata=None, sort=sheet.sort.value, rows=to_text(sheet), file_title=sheet.filename)
    return page(
        "inventory/spreadsheets/preview.html",
        form=form,
        sheet=sheet,
        words=WORDS[sheet.sort],
        headings=HEADINGS[sheet.sort],
        shown=sheet.rows[:SHOWN],
    )


@bp.route("/confirm", methods=["POST"])
@requires(*_ANY)
def confirm() -> ResponseReturnValue:
    """Record every row of a spreadsheet that was looked at."""
    sent, form = ConfirmSheetForm(), SheetForm(formdata=None)
    form.offer(_own(signed_in()))
    problems: tuple[Problem, ...] = ()
    if sent.submitted():
        with refusals_on(form):
            try:
                sheet = from_text(sent.rows.data or "", sent.file_title.data or "", sent.sort.data or "")
                with transaction():
                    reference = services.bring_in(
                        sheet, by=signed_in(), at=now(), submission_id=sent.submission_id.data
                    )
            except SheetRefused as refused:
                problems = refused.problems
                raise
            rows = "1 row of {} has" if len(sheet.rows) == 1 else f"{len(sheet.rows):,} rows of {{}} have"
            flash(f"{reference}: {rows.format(WORDS[sheet.sort])} been recorded")
            return redirect(url_for("spreadsheets.start"))
    return _page(form, problems)


@bp.route("/template-<sort>.<any(csv, xlsx):kind>")
@requires(*_ANY)
def template(sort: str, kind: str) -> ResponseReturnValue:
    """Give an empty spreadsheet with the headings to fill in below."""
    if sort not in list(Sort):
        raise NotFound
    asked, file_kind = Sort(sort), FileKind(kind)
    columns = [Column(heading.title, note=heading.note) for heading in HEADINGS[asked]]
    if file_kind is FileKind.CSV:
        data = csv_bytes(columns, [])
    else:
        title = f"Template for {WORDS[asked]}"
        data = xlsx_bytes([Sheet(WORDS[asked], columns, [])], title=title, marking="OFFICIAL", created_at=now())
    return download(data, filename=f"template-{asked}.{kind}", content_type=CONTENT_TYPES[file_kind])
