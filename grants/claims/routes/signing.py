"""Preparing, reviewing, certifying and sending back: steps over the figures that are on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core import trail
from core.access import Permission
from core.db import now, transaction
from core.web import page, refusals_on, requires, signed_in
from grants.claims import queries, services
from grants.claims.forms import ReasonForm, StepForm
from grants.claims.models import Claim
from grants.claims.routes.blueprint import bp
from grants.claims.routes.showing import pack_now


@bp.route("/<reference>/prepare", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def prepare(reference: str) -> ResponseReturnValue:
    """Say that a claim is complete."""
    return _over_figures("grants/claims/prepare.html", reference, services.prepare_claim, "is prepared for review")


@bp.route("/<reference>/review", methods=["GET", "POST"])
@requires(Permission.REVIEW_CLAIM, fresh=True)
def review(reference: str) -> ResponseReturnValue:
    """Confirm a prepared claim."""
    return _over_figures("grants/claims/review.html", reference, services.review_claim, "is reviewed")


@bp.route("/<reference>/certify", methods=["GET", "POST"])
@requires(Permission.CERTIFY_CLAIM, fresh=True)
def certify(reference: str) -> ResponseReturnValue:
    """Sign a reviewed claim; right after, a checkpoint of the log is signed over it."""
    return _over_figures(
        "grants/claims/certify.html", reference, services.certify_claim, "is certified and its figures are frozen",
        checkpoint="claim.certify",
    )  # fmt: skip


def _over_figures(
    template: str, reference: str, service: Callable[..., Claim], said: str, *, checkpoint: str | None = None
) -> ResponseReturnValue:
    """Show the figures of a claim and take a step over exactly those."""
    claim = queries.claim_by_reference(reference)
    pack, draft = pack_now(claim)
    form = StepForm()
    if form.submitted():
        with refusals_on(form):
            who: dict[str, Any] = {"by": signed_in(), "at": now(), "submission_id": form.submission_id.data}
            with transaction():
                service(reference, form.seen_digest, **who)
            if checkpoint:
                trail.checkpoint_now(at=now(), occasion=checkpoint)
            flash(f"Claim {reference} {said}")
            return redirect(url_for("claims.show", reference=reference))
    form.seen.data = draft.digest if draft else ""
    return page(template, form=form, claim=claim, pack=pack, draft=draft)


@bp.route("/<reference>/send-back", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM, Permission.REVIEW_CLAIM, Permission.CERTIFY_CLAIM)
def send_back(reference: str) -> ResponseReturnValue:
    """Make a prepared or reviewed claim a draft again."""
    claim = queries.claim_by_reference(reference)
    form = ReasonForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.send_back(
                    reference, reason=form.reason.data, by=signed_in(), at=now(), submission_id=form.submission_id.data
                )
            flash(f"Claim {reference} is a draft again")
            return redirect(url_for("claims.show", reference=reference))
    return page("grants/claims/send_back.html", form=form, claim=claim)
