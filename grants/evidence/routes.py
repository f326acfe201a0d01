"""Pages of evidence: the papers beside a record, keeping one, taking one home, and what is missing."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core import trail
from core.access import Permission, Scope
from core.db import db, now, transaction
from core.errors import NotFound, NotPermitted
from core.figures.lists import listed
from core.paging import page_number, paged_rows
from core.web import asks_for_head, download, page, refusals_on, requires, signed_in, whole_actor
from grants.evidence import queries, services
from grants.evidence.forms import PaperForm, SetAsideForm
from grants.evidence.models import Evidence
from grants.evidence.rules import EXPECTED, RecordKind, checked_file, record_named

bp = Blueprint("evidence", __name__, url_prefix="/evidence")

ADDRESSES = {
    RecordKind.AWARD: ("awards.show", "award_code"),
    RecordKind.ORDER: ("spending.order", "reference"),
    RecordKind.DELIVERY: ("deliveries.show", "reference"),
    RecordKind.INVOICE: ("spending.show", "reference"),
    RecordKind.SPENDING_ROW: ("spending.row", "row_reference"),
}
"""Kind of record → its page, and the name its reference goes by there. A budget change has no page of its own."""


@bp.route("/")
@requires(Permission.SEE_MONEY)
@listed
def missing() -> ResponseReturnValue:
    """List the records without the paper that they should have, the dearest first."""
    lacking = queries.lacking()
    return page(
        "grants/evidence/missing.html",
        listed=paged_rows(lacking, number=page_number(request.args.get("page"))),
        cost_pence=sum(each.cost_pence for each in lacking),
        expected=EXPECTED,
        scanner=bool(current_app.config.get("VIRUS_SCANNER")),
    )


@bp.route("/<kind>/<reference>")
@requires(Permission.SEE_MONEY, Permission.RECEIVE_DELIVERY)
def papers(kind: str, reference: str) -> ResponseReturnValue:
    """Show the papers beside a record."""
    record = _record(kind, reference)
    return page(
        "grants/evidence/papers.html",
        record=record,
        papers=queries.papers(record.kind, record.reference),
        expected=EXPECTED[record.kind],
        may_keep=_may_keep(record),
        may_set_aside=_may(Permission.KEEP_SPENDING),
        back=_address(record),
    )


@bp.route("/<kind>/<reference>/keep", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING, Permission.RECEIVE_DELIVERY)
def keep(kind: str, reference: str) -> ResponseReturnValue:
    """Keep a paper beside a record."""
    record = _record(kind, reference)
    if not _may_keep(record):
        raise NotPermitted
    form = PaperForm()
    form.offer(record.kind)
    home = url_for("evidence.papers", kind=kind, reference=reference)
    if form.submitted():
        with refusals_on(form):
            flash(_kept(record, form), "success")
            return redirect(home)
    return page("grants/evidence/keep.html", form=form, record=record, expected=EXPECTED[record.kind], back=home)


def _record(kind: str, reference: str) -> queries.Record:
    """Find the record an address names.

    Raises:
        NotFound: there is none for this person.
    """
    named = record_named(kind)
    return queries.record_of(named, reference, scope=_demanded(named))


def _kept(record: queries.Record, form: PaperForm) -> str:
    """Check the file that was sent, keep it, and say so."""
    sent = form.file.data
    file = checked_file(sent.filename or "", sent.read(), field="file")
    services.scan(file.data, scanner=_scanner())
    with transaction():
        kept = services.keep_paper(
            record.kind,
            record.reference,
            form.chosen,
            file,
            folder=_folder(),
            scope=_demanded(record.kind),
            by=signed_in(),
            at=now(),
            submission_id=form.submission_id.data,
        )
        return f"Kept {kept.file_name} as {kept.reference}"


@bp.route("/papers/<reference>/file")
@requires(Permission.SEE_MONEY, Permission.RECEIVE_DELIVERY)
def file(reference: str) -> ResponseReturnValue:
    """Give a paper's file to take home, and note who took it."""
    kept = _seen(reference)
    digest, kind = kept.sha256, kept.file_kind
    data = _folder().read(kept.stored_name, sha256=digest)
    db.session.rollback()  # SQLite lets nobody write, the access log neither, while this request still reads
    if not asks_for_head():
        trail.record_access(act="evidence.view", subject=reference, by=signed_in(), at=now(), sha256=digest)
    answer: Response = download(data, filename=f"{reference}.{kind}", content_type=kind.content_type)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@bp.route("/papers/<reference>/set-aside", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING)
def set_aside(reference: str) -> ResponseReturnValue:
    """Say that a paper does not count, and why."""
    me = signed_in()
    kept, form = _seen(reference), SetAsideForm()
    home = url_for("evidence.papers", kind=kept.record_kind, reference=kept.record_reference)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.set_aside(
                    reference,
                    form.reason.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            return redirect(home)
    return page("grants/evidence/set_aside.html", form=form, paper=kept, back=home)


def _seen(reference: str) -> Evidence:
    """Find a paper whose record the person may see.

    Raises:
        NotFound: there is none.
    """
    kept = queries.paper(reference)
    queries.record_of(kept.record_kind, kept.record_reference, scope=_demanded(kept.record_kind))
    return kept


def _demanded(kind: RecordKind) -> Scope:
    """Give the places in which the person may see papers of a kind.

    Raises:
        NotFound: it is a record of money, and the person, a storekeeper, sees those of deliveries alone.
    """
    whole = whole_actor()
    if whole is not None and whole.may(Permission.SEE_MONEY):
        return whole.acting_under(Permission.SEE_MONEY).scope
    if kind is not RecordKind.DELIVERY:
        raise NotFound
    return signed_in().scope


def _may(permission: Permission) -> bool:
    whole = whole_actor()
    return whole is not None and whole.may(permission)


def _may_keep(record: queries.Record) -> bool:
    """Say whether the person may add a paper: the grant officer anywhere, a storekeeper to own deliveries."""
    if _may(Permission.KEEP_SPENDING):
        return True
    if record.place_id is None or not _may(Permission.RECEIVE_DELIVERY):
        return False
    whole = whole_actor()
    return whole is not None and whole.acting_under(Permission.RECEIVE_DELIVERY).scope.covers(record.place_id)


def _folder() -> services.Folder:
    return services.Folder(Path(current_app.config["EVIDENCE_DIR"]))


def _scanner() -> Path | None:
    named = current_app.config.get("VIRUS_SCANNER")
    return Path(named) if named else None


def _address(record: queries.Record) -> str | None:
    """Give the record's own page, or None where it has none."""
    if record.kind not in ADDRESSES:
        return None
    endpoint, name = ADDRESSES[record.kind]
    return url_for(endpoint, **{name: record.reference})  # type: ignore[arg-type]  # the name varies by page
