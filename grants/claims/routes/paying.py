"""After signing: sent, questioned, answered, paid."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.money import Pence, pounds
from core.web import page, refusals_on, requires, signed_in
from grants.claims import queries, services
from grants.claims.forms import PaymentForm, QueryForm, SentForm
from grants.claims.routes.blueprint import bp


@bp.route("/<reference>/submit", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def submit(reference: str) -> ResponseReturnValue:
    """Record the day a certified claim was sent to the funder."""
    claim = queries.claim_by_reference(reference)
    form = SentForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.submit_claim(
                    reference,
                    sent_on=form.sent_on.day,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"Claim {reference} is recorded as sent")
            return redirect(url_for("claims.show", reference=reference))
    return page("grants/claims/submit.html", form=form, claim=claim, made_before=queries.was_made_before(claim))


@bp.route("/<reference>/query", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def query(reference: str) -> ResponseReturnValue:
    """Record a question of the funder's."""
    claim = queries.claim_by_reference(reference)
    form = QueryForm()
    form.happened_on.label.text, form.reason.label.text = "Asked on", "What the funder asks"
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.query_claim(
                    reference,
                    asked_on=form.happened_on.day,
                    question=form.reason.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("The question is recorded")
            return redirect(url_for("claims.show", reference=reference))
    return page("grants/claims/query.html", form=form, claim=claim)


@bp.route("/<reference>/answer", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def answer(reference: str) -> ResponseReturnValue:
    """Record what the funder was answered."""
    claim = queries.claim_by_reference(reference)
    form = QueryForm()
    form.happened_on.label.text, form.reason.label.text = "Answered on", "What was answered"
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.answer_query(
                    reference,
                    answered_on=form.happened_on.day,
                    answer=form.reason.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("The answer is recorded")
            return redirect(url_for("claims.show", reference=reference))
    return page("grants/claims/answer.html", form=form, claim=claim)


@bp.route("/<reference>/pay", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def pay(reference: str) -> ResponseReturnValue:
    """Record what the funder paid of a claim."""
    claim = queries.claim_by_reference(reference)
    signed = queries.signed_of(claim.id)
    claimed, paid = Pence(signed.eligible_pence if signed else 0), queries.paid_pence(claim)
    form = PaymentForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.record_payment(
                    reference,
                    Pence(form.pence.data),
                    paid_on=form.paid_on.day,
                    remittance=form.remittance.data or "",
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"The payment of {pounds(form.pence.data)} is recorded" if claimed else "The claim is closed")
            return redirect(url_for("claims.show", reference=reference))
    elif claimed == 0:
        form.pence.data = Pence(0)
    return page("grants/claims/pay.html", form=form, claim=claim, claimed_pence=claimed, paid_pence=paid)
