"""Approving a finished count, having things counted again, and taking a difference back."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.errors import NotFound
from core.web import page, refusals_on, requires, signed_in
from inventory.catalogue import queries as catalogue
from inventory.catalogue.rules import PRINTED
from inventory.counts import queries, services
from inventory.counts.forms import AgainForm, DifferenceRow, ReasonForm, approve_form, decision_of
from inventory.counts.models import StockCount
from inventory.counts.queries import Review
from inventory.counts.routes.blueprint import bp


@bp.route("/counts/<reference>/approve", methods=["GET", "POST"])
@requires(Permission.APPROVE_COUNT)
def approve(reference: str) -> ResponseReturnValue:
    """Approve a count: each difference with its reason and its lots."""
    me = signed_in()
    count = queries.count_by_reference(reference, scope=me.scope)
    reviews = queries.review(count, scope=me.scope)
    rows = [_row(each) for _, each in sorted(reviews.items()) if each.difference.any]
    form = approve_form(rows)
    if not form.is_submitted():
        form.version.data = str(count.version)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.approve(
                    reference,
                    [decision_of(form, row) for row in rows],
                    note=form.note.data,
                    version=form.version_shown,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"Count {reference} has been approved and the stock set right")
            return redirect(url_for("counts.show", reference=reference))
    return page(
        "inventory/counts/approve.html",
        form=form,
        count=count,
        rows=rows,
        reviews=reviews,
        counted_it=queries.counted_by(count, me),
        described=[line for line in count.lines if line.note_id is not None],
        agreeing=sum(not each.difference.any for each in reviews.values()),
    )


def _row(each: Review) -> DifferenceRow:
    """Give what the form needs for one difference; what is found is proposed to expire as the earliest here."""
    item, over = each.line.item, each.difference.over_count
    opens_lot = bool(over) and item is not None and (not item.serial or any(extra.new for extra in each.extras))
    expiries = [lot.expires_on for lot in each.lots if lot.expires_on is not None]
    editions = catalogue.editions_of(item.id) if opens_lot and item is not None and item.kind in PRINTED else []
    return DifferenceRow(
        each.line.position,
        each.line.name,
        each.difference,
        each.there if each.difference.short_count and not each.line.by_number else (),
        each.proposed,
        expires=opens_lot and item is not None and item.expires,
        expires_on=min(expiries, default=None),
        editions=[edition.number for edition in editions],
    )


@bp.route("/counts/<reference>/again", methods=["GET", "POST"])
@requires(Permission.APPROVE_COUNT)
def again(reference: str) -> ResponseReturnValue:
    """Have some things of a finished count counted once more, by somebody else."""
    me = signed_in()
    count = queries.count_by_reference(reference, scope=me.scope)
    form = AgainForm(data={"version": str(count.version)})
    form.lines.choices = [(str(line.position), line.name) for line in count.lines if line.note_id is None]
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.ask_again(
                    reference,
                    _positions(form, count),
                    version=form.version_shown,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("Somebody who has not counted them counts them again")
            return redirect(url_for("counts.show", reference=reference))
    return page("inventory/counts/again.html", form=form, count=count)


def _positions(form: AgainForm, count: StockCount) -> list[int]:
    known = {str(line.position): line.position for line in count.lines}
    return [known.get(text, 0) for text in form.lines.data or ()]


@bp.route("/counts/<reference>/things/<int:position>/take-back", methods=["GET", "POST"])
@requires(Permission.APPROVE_COUNT)
def take_back(reference: str, position: int) -> ResponseReturnValue:
    """Take back what one line of an approved count changed."""
    me = signed_in()
    count = queries.count_by_reference(reference, scope=me.scope)
    line = next((each for each in count.lines if each.position == position and each.result is not None), None)
    if line is None:
        raise NotFound
    form = ReasonForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.take_back(
                    reference,
                    position,
                    reason=form.reason.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"The difference of {line.name} has been taken back")
            return redirect(url_for("counts.show", reference=reference))
    return page(
        "inventory/counts/give_reason.html",
        form=form,
        count=count,
        heading=f"Take back the difference of {line.name}",
        lead=f"The stock of {line.name} is as it was before count {reference} was approved. Do this when something "
        "recorded later explains what was missing or too many.",
        button="Take it back",
    )
