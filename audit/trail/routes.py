"""The audit trail on pages: a log, one record's history, one entry with what proves it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from audit.trail import queries
from audit.trail.forms import TrailForm
from core import trail
from core.access import Permission
from core.db import db, now
from core.errors import NotFound
from core.paging import page_number
from core.trail import Log, proofs
from core.web import asks_for_head, download, page, requires, signed_in

bp = Blueprint("trail", __name__, url_prefix="/audit/trail")


@bp.route("/")
@requires(Permission.SEE_TRAIL)
def index() -> ResponseReturnValue:
    """Show a page of a log, newest first."""
    form = TrailForm.reading(request.args)
    form.offer(queries.people(), queries.places())
    number = page_number(request.args.get("page"))
    found: list[queries.Sentence] = []
    more = False
    if not request.args or form.validate():
        found, more = queries.sentences(form.asked(), page=number)
    if number > 1 and not found:
        raise NotFound
    return page(
        "audit/trail/index.html",
        form=form,
        sentences=found,
        earlier=_at_page(number + 1) if more else None,
        later=_at_page(number - 1) if number > 1 else None,
        filtered=bool(request.args),
        extract=_with_filters("makings.index"),
    )


def _at_page(number: int) -> str:
    """Give the address of another page of the same search."""
    return _with_filters("trail.index", ("page", number))


def _with_filters(endpoint: str, *more: tuple[str, Any]) -> str:
    """Give the address of a page with the filters of this search."""
    kept: list[tuple[str, Any]] = [pair for pair in request.args.items(multi=True) if pair[0] != "page"]
    asked = urlencode([*kept, *more])
    return f"{url_for(endpoint)}?{asked}" if asked else url_for(endpoint)


@bp.route("/record")
@requires(Permission.SEE_TRAIL)
def record() -> ResponseReturnValue:
    """Show everything that was done to a record, oldest first."""
    reference = request.args.get("reference", "").strip()[:80]
    found = queries.history(reference) if reference else []
    return page("audit/trail/record.html", reference=reference, sentences=found)


@bp.route("/<any(changes, access):log>/<int:sequence>")
@requires(Permission.SEE_TRAIL)
def entry(log: str, sequence: int) -> ResponseReturnValue:
    """Show one entry as it was sealed, with the hashes anybody can recompute."""
    found = queries.entry(Log(log), sequence) if sequence < 2**62 else None
    if found is None:
        raise NotFound
    return page("audit/trail/entry.html", sentence=found, covering=proofs.covering(found.log, sequence))


@bp.route("/<any(changes, access):log>/<int:sequence>/proof")
@requires(Permission.SEE_TRAIL)
def proof(log: str, sequence: int) -> ResponseReturnValue:
    """Give the proof that an entry is in the log which the newest checkpoint signs, as text."""
    words = proofs.proof_of(Log(log), sequence) if sequence < 2**62 else None
    if words is None:
        raise NotFound
    if not asks_for_head():
        db.session.rollback()  # a reader of its own would keep the access log's short transaction waiting
        trail.record_access(act="proof.take", subject=f"{log} {sequence}", by=signed_in(), at=now())
    name = f"proof-{log}-{sequence:09}.txt"
    return download(words.encode(), filename=name, content_type="text/plain; charset=utf-8")
