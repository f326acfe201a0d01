"""Drafting a claim: opening it, accruals, forecasts, waivers."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.errors import NotFound
from core.figures.answers import data_cut_off
from core.money import Pence, pounds
from core.web import page, refusals_on, requires, signed_in
from grants.awards import queries as awards
from grants.claims import queries, services
from grants.claims.forms import (
    AccrueAllForm,
    AccrueForm,
    AccrueWorkForm,
    ForecastForm,
    OpenForm,
    ReasonForm,
)
from grants.claims.models import Claim, ClaimEstimate
from grants.claims.report import draft_of
from grants.claims.routes.blueprint import bp
from grants.claims.routes.showing import pack_now
from grants.claims.services.drafting import Forecast
from grants.spending.queries import commitments


@bp.route("/<award_code>/open", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def open_claim(award_code: str) -> ResponseReturnValue:
    """Begin the claim of an award's next period."""
    award = awards.award_by_code(award_code)
    form = OpenForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                made = services.open_claim(
                    award_code, by=signed_in(), at=now(), submission_id=form.submission_id.data
                ).reference
            flash(f"Claim {made} is open. It is made anew from the records each time you look")
            return redirect(url_for("claims.show", reference=made))
    return page("grants/claims/open_claim.html", form=form, award=award, period=queries.next_period(award))


@bp.route("/<reference>/accrue", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def accrue_work(reference: str) -> ResponseReturnValue:
    """Accrue work done, or goods that no delivery stands for."""
    claim = queries.claim_by_reference(reference)
    form = AccrueWorkForm()
    form.offer((line.code, f"{line.code} {line.heading}") for line in claim.award.lines)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.accrue(
                    reference,
                    Pence(form.pence.data),
                    line_code=form.line.data or None,
                    description=form.description.data,
                    supplier=form.supplier.data or "",
                    received_on=form.received_on.day,
                    reason=form.reason.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("The accrual is in the claim. It reverses by itself in the next one")
            return redirect(url_for("claims.show", reference=reference))
    return page("grants/claims/accrue_work.html", form=form, claim=claim)


@bp.route("/<reference>/accrue/<subject>", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def accrue(reference: str, subject: str) -> ResponseReturnValue:
    """Accrue what was received and not invoiced, at its order's price or another, or leave it out."""
    claim = queries.claim_by_reference(reference)
    waiting = next((each for each in queries.uninvoiced(claim.award, claim.last_on) if each.subject == subject), None)
    before = next((each for each in queries.estimates_of(claim.id) if each.subject == subject), None)
    if waiting is None and before is None:
        raise NotFound
    form = AccrueForm(data=_likely(claim, waiting, before) if request.method == "GET" else None)
    form.offer((line.code, f"{line.code} {line.heading}") for line in claim.award.lines)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                made = services.accrue(
                    reference,
                    Pence(form.pence.data),
                    subject=subject,
                    line_code=form.line.data or None,
                    reason=form.reason.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                said = f"{pounds(made.pence)} is accrued" if made.pence else "It is left out of the claim"
            flash(said)
            return redirect(url_for("claims.show", reference=reference))
    return page("grants/claims/accrue.html", form=form, claim=claim, waiting=waiting, before=before)


def _likely(claim: Claim, waiting: queries.Uninvoiced | None, before: ClaimEstimate | None) -> dict[str, object]:
    """Fill the form in with what was decided before, or the order's price and line."""
    codes = {line.id: line.code for line in claim.award.lines}
    if before is not None:
        return {"pence": before.pence, "line": codes[before.grant_line_id]}
    assert waiting is not None
    line = codes.get(waiting.grant_line_id or 0, "")
    return {"pence": waiting.proposed_pence, "line": line}


@bp.route("/<reference>/accrue-all", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def accrue_all(reference: str) -> ResponseReturnValue:
    """Accrue everything not invoiced whose order gives its price."""
    claim = queries.claim_by_reference(reference)
    decided = {each.subject for each in queries.estimates_of(claim.id)}
    waiting = [
        each
        for each in queries.uninvoiced(claim.award, claim.last_on)
        if each.subject not in decided and each.proposed_pence is not None
    ]
    form = AccrueAllForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.accrue_at_order_prices(
                    reference, by=signed_in(), at=now(), submission_id=form.submission_id.data
                )
            flash("What is not invoiced is accrued at the prices of its orders")
            return redirect(url_for("claims.show", reference=reference))
    return page("grants/claims/accrue_all.html", form=form, claim=claim, waiting=waiting)


@bp.route("/<reference>/forecast", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def forecast(reference: str) -> ResponseReturnValue:
    """Say what each line will still cost, and explain variances."""
    claim = queries.claim_by_reference(reference)
    pack, _ = pack_now(claim)
    form = _forecast_form(claim)
    if form.submitted():
        with refusals_on(form):
            entered = [Forecast(code, *each) for code, each in form.entered().items()]
            with transaction():
                services.forecast(reference, entered, by=signed_in(), at=now(), submission_id=form.submission_id.data)
            flash("The forecasts are in the claim")
            return redirect(url_for("claims.show", reference=reference))
    lines = {line.code: line for line in pack.lines}
    return page("grants/claims/forecast.html", form=form, claim=claim, lines=lines)


def _forecast_form(claim: Claim) -> ForecastForm:
    """Make the form, filled in with what was said before, else with what is ordered and not yet invoiced."""
    if request.method == "POST":
        return ForecastForm()
    said = queries.forecasts_of(claim.id)
    ordered = commitments([line.id for line in claim.award.lines])
    return ForecastForm(
        data={
            "lines": [
                {
                    "line": line.code,
                    "pence": said[line.id].pence if line.id in said else ordered.get(line.id, Pence(0)),
                    "explanation": str(said[line.id].note or "") if line.id in said else "",
                }
                for line in claim.award.lines
            ]
        }
    )


@bp.route("/<reference>/waive/<finding_key>", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def waive(reference: str, finding_key: str) -> ResponseReturnValue:
    """Let a finding of the self-audit pass, by name and with a reason."""
    claim = queries.claim_by_reference(reference)
    if queries.signed_of(claim.id) is not None:
        raise NotFound
    finding = draft_of(claim, at=data_cut_off()).finding(finding_key)
    if finding is None:
        raise NotFound
    form = ReasonForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.waive(
                    reference,
                    finding_key,
                    reason=form.reason.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("The finding is waived. Your name and the reason are printed with the claim")
            return redirect(url_for("claims.show", reference=reference))
    return page("grants/claims/waive.html", form=form, claim=claim, finding=finding)
