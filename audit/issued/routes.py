"""The register of issued reports, and the public page that says whether a document is the one that was issued."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from audit.issued import queries, services
from audit.issued.forms import NO_REFERENCE, RegisterForm, VerifyForm
from audit.issued.report import SORTS, figures_stand, judge_file, judge_reference, made_again, proofs, words_of
from audit.issued.rules import LARGEST_FILE, Answer, typed_reference
from core import trail
from core.access import Permission
from core.db import db, now, transaction
from core.errors import NotFound, RuleBroken
from core.figures import FileKind
from core.figures.answers import CONTENT_TYPES
from core.figures.lists import listed
from core.paging import page_number
from core.web import download, page, public, refusals_on, requires, signed_in

bp = Blueprint("issued", __name__)

TOO_LARGE = (
    "The file is larger than 40MB and was not compared. Choose one volume where it is a ZIP of volumes; else give its "
    "reference, or ask whoever runs the service to check it"
)
MOST_DOWNLOADS, MOST_VERSIONS = 50, 20
"""How many times it left, and how many versions, the page of a report lists."""


@bp.route("/issued-reports/")
@requires(Permission.DOWNLOAD_REPORTS)
@listed
def index() -> ResponseReturnValue:
    """Show a page of the register, newest first."""
    form = RegisterForm.reading(request.args, [(name, sort.words.capitalize()) for name, sort in SORTS.items()])
    found = None
    if form.validate():
        found = queries.reports(form.asked(), page=page_number(request.args.get("page")))
    kept = {name: values for name, values in request.args.to_dict(flat=False).items() if name != "page"}
    return page(
        "audit/issued/index.html",
        form=form,
        listed=found,
        kept=kept,
        filtered=bool(kept),
        words_of=words_of,
        filters_of=queries.filters_of,
    )


@bp.route("/issued-reports/<reference>")
@requires(Permission.DOWNLOAD_REPORTS)
def show(reference: str) -> ResponseReturnValue:
    """Show one entry: what it rests on, its files with their digests, who took them, and its other versions."""
    report = queries.report_by_reference(reference)
    return page("audit/issued/show.html", **_facts(report), proofs=None)


def _facts(report: Any) -> dict[str, Any]:
    sort = SORTS.get(report.sort)
    return {
        "report": report,
        "words": words_of(report.sort),
        "filters": queries.filters_of(report),
        "downloads": queries.downloads(report, most=MOST_DOWNLOADS),
        "signatures": queries.signatures(report),
        "versions": queries.versions(report, most=MOST_VERSIONS),
        "can_be_made": sort is not None and sort.again is not None,
        "is_extract": report.sort == "extract",
        "kinds": tuple(FileKind),
    }


@bp.route("/issued-reports/<reference>/prove")
@requires(Permission.DOWNLOAD_REPORTS)
def prove(reference: str) -> ResponseReturnValue:
    """Make every form of a report again from its frozen figures, and compare the bytes."""
    report = queries.report_by_reference(reference, whole=True)
    found = proofs(report)
    if not found:
        raise NotFound
    stands = figures_stand(report)
    answer = page("audit/issued/show.html", **_facts(report), proofs=found, figures_stand=stands)
    agree = stands and all(each.agrees for each in found)
    db.session.rollback()  # a reader of its own would keep the log's short transaction waiting
    trail.record_access(act="report.prove", subject=reference, by=signed_in(), at=now(), agrees=agree)
    return answer


@bp.route("/issued-reports/<reference>/<any(pdf, csv, xlsx):kind>")
@requires(Permission.DOWNLOAD_REPORTS)
def again(reference: str, kind: str) -> ResponseReturnValue:
    """Take a report that was issued once more, made again from its frozen figures."""
    report = queries.report_by_reference(reference, whole=True)
    wanted, name = FileKind(kind), report.document
    data = made_again(report, wanted, by=signed_in())
    return download(data, filename=f"{name}.{wanted}", content_type=CONTENT_TYPES[wanted])


# ---- The public page ----------------------------------------------------------------------------


@bp.route("/verify", methods=["GET", "POST"])
@public
def verify() -> ResponseReturnValue:
    """Say whether a document is the one that was issued, to anybody, in words. Nothing of it is kept."""
    form = VerifyForm()
    answer: Answer | None = None
    if form.submitted():
        with refusals_on(form):
            _count()
            answer = _judged(form)
    return page("audit/issued/verify.html", form=form, answer=answer)


@bp.route("/verify/<reference>")
@public
def verify_reference(reference: str) -> ResponseReturnValue:
    """Say what was issued under the reference that a code on paper leads to, and ask for the file."""
    _count()
    form = VerifyForm(formdata=None)
    known = typed_reference(reference)
    if known is None:
        form.refuse(NO_REFERENCE, "reference")
    return page("audit/issued/verify.html", form=form, answer=judge_reference(known) if known else None)


def _count() -> None:
    with transaction():
        services.count_asking(request.remote_addr or "unknown", at=now())


def _judged(form: VerifyForm) -> Answer:
    """Judge the file, or the reference where there is no file.

    Raises:
        RuleBroken: the file is empty or too large.
    """
    if not form.has_file:
        return judge_reference(typed_reference(form.reference.data) or "")
    data = form.sent()
    if len(data) > LARGEST_FILE:
        raise RuleBroken(TOO_LARGE, "file")
    if not data:
        raise RuleBroken("The file is empty: nothing of the document is in it", "file")
    return judge_file(data)
