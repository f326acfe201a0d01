"""Samples on pages: all of them, drawing one, its working paper, and one row with what was found of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from audit.samples import queries, services
from audit.samples.forms import DrawForm, ResultForm
from audit.samples.models import SampleRow
from audit.samples.report import WorkingPaper, freeze_paper
from audit.samples.report.making import subject_words
from audit.samples.rules import PopulationKind
from core.access import Permission
from core.db import now, transaction
from core.figures import FileKind, is_figure
from core.figures.answers import cut_off_of, issue
from core.figures.lists import listed
from core.paging import page_number
from core.trail.queries import head
from core.web import page, refusals_on, requires, signed_in
from grants.awards.queries import awards

bp = Blueprint("samples", __name__, url_prefix="/audit/samples")


@bp.route("/")
@requires(Permission.KEEP_WORKING_PAPERS)
@listed
def index() -> ResponseReturnValue:
    """List the samples that were drawn, the newest first."""
    one_page = queries.samples(number=page_number(request.args.get("page")))
    return page("audit/samples/index.html", listed=one_page, subject_words=subject_words)


@bp.route("/draw", methods=["GET", "POST"])
@requires(Permission.KEEP_WORKING_PAPERS)
def draw() -> ResponseReturnValue:
    """Draw a sample; its population is frozen with it."""
    form = DrawForm()
    form.offer([(award.code, award.title) for award in awards()], queries.signed_claims())
    if form.submitted():
        with refusals_on(form):
            with transaction():
                made = services.draw_sample(
                    form.asked(), by=signed_in(), at=now(), submission_id=form.submission_id.data
                )
                reference = made.reference
            return redirect(url_for("samples.show", reference=reference))
    return page("audit/samples/draw.html", form=form)


def _paper(reference: str) -> WorkingPaper:
    log = head()
    return freeze_paper(queries.sample_by_reference(reference, whole=True), at=cut_off_of(log), log=log)


@bp.route("/<reference>")
@requires(Permission.KEEP_WORKING_PAPERS)
def show(reference: str) -> ResponseReturnValue:
    """Show a sample's working paper: each row drawn, what was found, and what that says of the whole."""
    made = _paper(reference)
    files = tuple((kind, url_for("samples.download", reference=reference, kind=kind.value)) for kind in FileKind)
    return page("audit/samples/show.html", made=made, files=files, is_figure=is_figure)


@bp.route("/<reference>/<any(pdf, csv, xlsx):kind>")
@requires(Permission.KEEP_WORKING_PAPERS)
def download(reference: str, kind: str) -> ResponseReturnValue:
    """Take a working paper away as a file."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from audit.samples.pdf import file_of

    made = _paper(reference)
    return issue(
        made, FileKind(kind), file_of, sort="sample", filters=made.filters, by=signed_in(),
        marking="OFFICIAL-SENSITIVE", checked=made.checked_count,
    )  # fmt: skip


@bp.route("/<reference>/rows/<int:position>", methods=["GET", "POST"])
@requires(Permission.KEEP_WORKING_PAPERS)
def check(reference: str, position: int) -> ResponseReturnValue:
    """Show a drawn row with the ways to what stands behind it, and write down what was found."""
    row = queries.row_at(reference, position)
    form = ResultForm()
    if row.pence is None:
        del form.right
    if form.submitted():
        with refusals_on(form):
            right = form.right_pence if row.pence is not None else None
            with transaction():
                services.write_result(
                    reference, position, form.found(), right, form.note.data, by=signed_in(), at=now(),
                    submission_id=form.submission_id.data,
                )  # fmt: skip
            flash(f"Row {position} is written down")
            return redirect(url_for("samples.show", reference=reference, _anchor=f"row-{position}"))
    return page("audit/samples/check.html", form=form, row=row, sample=row.sample, ways=_ways(row))


def _ways(row: SampleRow) -> list[tuple[str, str]]:
    """Give the ways from a drawn row to what stands behind it: words and address."""
    record: Any = row.record
    history = ("Its history: who did what to it", url_for("trail.record", reference=record))
    if row.sample.kind is PopulationKind.ISSUES:
        followed = url_for("position.bag", tag=queries.tag_of(record))
        return [
            ("The issue and its slip", url_for("bags.slip", slip=record)),
            ("Follow the pound back", followed),
            history,
        ]
    if row.record == row.sample.subject:
        return [("The claim and its estimates", url_for("claims.show", reference=record)), history]
    found = queries.behind(record)
    first = "The row: what it cost, its grant lines, what was received of it"
    return [(first, url_for("spending.row", row_reference=record)), *_papers(record, found), history]


def _papers(record: str, found: queries.Behind) -> Iterator[tuple[str, str]]:
    """Give the ways to a spending row's papers, and along its lots to where the goods are now."""
    if found.invoice:
        yield f"Invoice {found.invoice}", url_for("spending.show", reference=found.invoice)
        yield "Paper of the invoice", url_for("evidence.papers", kind="invoice", reference=found.invoice)
    else:
        yield "Paper of this spending", url_for("evidence.papers", kind="spending-row", reference=record)
    if found.order:
        yield f"Order {found.order}", url_for("spending.order", reference=found.order)
    for delivery in found.deliveries:
        yield f"Delivery {delivery}", url_for("deliveries.show", reference=delivery)
        yield f"Paper of delivery {delivery}", url_for("evidence.papers", kind="delivery", reference=delivery)
    for lot in found.lots:
        yield f"Follow the pound: where lot {lot} went", url_for("position.lot", lot_code=lot)
