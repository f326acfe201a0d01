"""Bringing an extract in: upload, say what its columns mean, look at what would happen, confirm.

Nothing is imported before it is confirmed. The file waits in the database, seen by its owner alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.errors import NotFound, RuleBroken, StaleEdit
from core.trail.rules import fingerprint
from core.web import page, refusals_on, requires, signed_in
from grants.ledgers import queries, services
from grants.ledgers.forms import ColumnsForm, ConfirmForm, ImportForm, UploadForm
from grants.ledgers.models import LedgerImport, WaitingExtract
from grants.ledgers.routes.blueprint import bp
from grants.ledgers.rules import Layout, RawTable, Role
from grants.ledgers.rules.extracts import Extract, open_table, read_extract
from grants.ledgers.rules.repeats import SortedLines

SHOWN = 20
SAMPLES = 3


@bp.route("/<ledger_code>/upload", methods=["GET", "POST"])
@requires(Permission.KEEP_LEDGERS)
def upload(ledger_code: str) -> ResponseReturnValue:
    """Upload an extract; it waits until it is confirmed."""
    ledger, me = queries.ledger_by_code(ledger_code), signed_in()
    form = UploadForm()
    if form.submitted():
        sent = form.file.data
        data = sent.read()
        with refusals_on(form):
            with transaction():
                waiting = services.keep_waiting(
                    ledger_code, data, sent.filename or "", by=me, at=now(), submission_id=form.submission_id.data
                )
                slip, layout = waiting.slip, queries.layout_of(waiting.layout_json)
            next_page = "ledgers.columns" if layout.missing or layout.doubts else "ledgers.preview"
            return redirect(url_for(next_page, ledger_code=ledger_code, slip=slip))
    return page("grants/ledgers/upload.html", form=form, ledger=ledger)


@dataclass(frozen=True)
class ColumnShown:
    """A column of a file: its name, what it seems to hold, and some of its cells."""

    heading: str
    role: Role
    samples: tuple[str, ...]


@bp.route("/<ledger_code>/uploads/<slip>/columns", methods=["GET", "POST"])
@requires(Permission.KEEP_LEDGERS)
def columns(ledger_code: str, slip: str) -> ResponseReturnValue:
    """Say what the columns of a waiting file mean."""
    waiting = _waiting(ledger_code, slip)
    before = queries.layout_of(waiting.layout_json)
    data = queries.bytes_waiting(waiting)
    table = open_table(data, waiting.filename)
    form = ColumnsForm()
    if request.method == "GET":
        form.show(before)
    if form.submitted():
        with refusals_on(form):
            layout = form.layout(before)
            with transaction():
                services.map_columns(slip, layout, by=signed_in(), at=now(), submission_id=form.submission_id.data)
            return redirect(url_for("ledgers.preview", ledger_code=ledger_code, slip=slip))
    form.name_columns(before)
    return page(
        "grants/ledgers/columns.html",
        form=form,
        waiting=waiting,
        table=table,
        layout=before,
        unreadable=_unreadable(data, waiting, before),
        columns=_columns(table, before),
    )


def _unreadable(data: bytes, waiting: WaitingExtract, layout: Layout) -> str | None:
    """Say why no row can be read through a layout that lacks nothing, or give None."""
    if layout.missing:
        return None
    try:
        read_extract(data, waiting.filename, layout)
    except RuleBroken as broken:
        return broken.message
    return None


def _columns(table: RawTable, layout: Layout) -> list[ColumnShown]:
    """Give each column with its first few different cells."""
    shown = []
    for place, heading in enumerate(table.header):
        cells = (row[place].strip() for row in table.rows[:400] if place < len(row))
        samples = tuple(dict.fromkeys(cell[:60] for cell in cells if cell))[:SAMPLES]
        shown.append(ColumnShown(heading, layout.roles[place], samples))
    return shown


@dataclass(frozen=True)
class Preview:
    """What would happen to every row of a waiting file.

    Attributes:
        before: imports of this very file.
    """

    table: RawTable
    extract: Extract
    found: SortedLines
    before: list[LedgerImport]


@bp.route("/<ledger_code>/uploads/<slip>", methods=["GET", "POST"])
@requires(Permission.KEEP_LEDGERS)
def preview(ledger_code: str, slip: str) -> ResponseReturnValue:
    """Show what would happen to every row of a waiting file, and import it."""
    waiting = _waiting(ledger_code, slip)
    data, layout = queries.bytes_waiting(waiting), queries.layout_of(waiting.layout_json)
    try:
        extract = read_extract(data, waiting.filename, layout)
    except RuleBroken:
        return redirect(url_for("ledgers.columns", ledger_code=ledger_code, slip=slip))
    form = ImportForm(seen=_fingerprint(layout))
    if form.submitted():
        with refusals_on(form):
            # As sent: WTForms would give a form that leaves it out the value it began with.
            if request.form.get("seen") != _fingerprint(layout):
                raise StaleEdit
            with transaction():
                made = services.confirm_waiting(
                    slip,
                    extract,
                    expected_pence=form.expected.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                reference, words = made.reference, _words(made)
            flash(words)
            return redirect(url_for("ledgers.show_import", reference=reference))
    form.seen.data = _fingerprint(layout)
    shown = Preview(
        open_table(data, waiting.filename),
        extract,
        queries.sorted_lines(waiting.ledger_id, extract.reading.lines),
        queries.earlier_imports_of(waiting.ledger_id, extract.file_hash),
    )
    return page("grants/ledgers/preview.html", form=form, waiting=waiting, shown=shown, most=SHOWN, layout=layout)


def _fingerprint(layout: Layout) -> str:
    """Name a layout, to tell whether it is still the one that was shown."""
    return fingerprint(layout.to_plain())


def _words(made: LedgerImport) -> str:
    """Say in a sentence what an import did."""
    if not made.imported_count:
        return f"{made.reference}: no line was added. Everything that could be read is in the ledger already"
    lines = f"{made.imported_count:,} line{'' if made.imported_count == 1 else 's'}"
    return f"{made.reference}: {lines} imported"


@bp.route("/<ledger_code>/uploads/<slip>/discard", methods=["GET", "POST"])
@requires(Permission.KEEP_LEDGERS)
def discard(ledger_code: str, slip: str) -> ResponseReturnValue:
    """Throw a waiting file away."""
    waiting = _waiting(ledger_code, slip)
    form = ConfirmForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.discard_waiting(slip, by=signed_in(), at=now(), submission_id=form.submission_id.data)
            flash("The file is thrown away. Nothing was imported")
            return redirect(url_for("ledgers.show", ledger_code=ledger_code))
    return page("grants/ledgers/discard.html", form=form, waiting=waiting)


def _waiting(ledger_code: str, slip: str) -> WaitingExtract:
    """Find a file of the signed-in person that waits for this ledger.

    Raises:
        NotFound: there is none.
    """
    waiting = queries.waiting_by_slip(slip, account_id=signed_in().account_id, at=now())
    if waiting.ledger.code != ledger_code:
        raise NotFound
    return waiting
