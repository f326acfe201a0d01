"""Awards: the list, one award with its lines and budget changes, recording one, and moving budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.figures.lists import listed
from core.web import page, refusals_on, requires, signed_in
from grants.awards import queries, services
from grants.awards.forms import (
    MOST_LINES,
    AddLineForm,
    AmendForm,
    AwardForm,
    BudgetChangeForm,
    ConditionForm,
    CorrectLineForm,
    WithdrawForm,
)
from grants.awards.models import BudgetChange
from grants.awards.rules import TERM_NAMES, claim_periods, percent_of, points_text
from grants.evidence import queries as evidence
from grants.evidence.rules import RecordKind
from organisation.places.queries import bodies

bp = Blueprint("awards", __name__, url_prefix="/awards")


@bp.route("/")
@requires(Permission.SEE_MONEY)
@listed
def index() -> ResponseReturnValue:
    """List every award."""
    return page("grants/awards/index.html", awards=queries.awards(), me=signed_in())


@bp.route("/<award_code>")
@requires(Permission.SEE_MONEY)
def show(award_code: str) -> ResponseReturnValue:
    """Show an award: its terms, its lines with their budgets, and every budget change."""
    award = queries.award_by_code(award_code)
    changes = queries.changes_of(award.id)
    moved = queries.moved(changes)
    return page(
        "grants/awards/show.html",
        award=award,
        changes=changes,
        conditions=queries.conditions_of([award.id])[award.id],
        withdrawn=queries.ended_conditions(award.id),
        amendments=queries.amendments_of(award.id),
        corrections=queries.corrections_of(award.id),
        hanging=queries.hanging(award.id) if signed_in().may(Permission.KEEP_AWARDS) else {},
        term_names=TERM_NAMES,
        papers=evidence.beside((RecordKind.AWARD, award.code), *_consented(changes)),
        moved=moved,
        percent_of=percent_of,
        points_text=points_text,
        periods=claim_periods(award.starts_on, award.ends_on, award.cadence, award.claim_due_days),
        me=signed_in(),
    )


def _consented(changes: Iterable[BudgetChange]) -> list[tuple[RecordKind, str]]:
    """Name the budget changes that the funder consented to, which a letter should stand beside."""
    return [(RecordKind.BUDGET_CHANGE, each.reference) for each in changes if each.consent_reference]


@bp.route("/record", methods=["GET", "POST"])
@requires(Permission.KEEP_AWARDS)
def record() -> ResponseReturnValue:
    """Record an award and its lines from the signed agreement."""
    form = AwardForm()
    form.offer_bodies(bodies())
    if "more" in request.form and len(form.lines) < MOST_LINES:
        form.lines.append_entry()
    if "more" not in request.form and form.submitted():
        with refusals_on(form):
            terms, lines = form.terms(), form.new_lines()
            with transaction():
                made = services.record_award(
                    terms, lines, by=signed_in(), at=now(), submission_id=form.submission_id.data
                ).code
            flash(f"Award {made} is recorded")
            return redirect(url_for("awards.show", award_code=made))
    return page("grants/awards/record.html", form=form)


@bp.route("/<award_code>/amend", methods=["GET", "POST"])
@requires(Permission.KEEP_AWARDS)
def amend(award_code: str) -> ResponseReturnValue:
    """Change terms of an award, with what shows it."""
    award = queries.award_by_code(award_code)
    form = AmendForm()
    form.offer_bodies(bodies())
    if request.method == "GET":
        # A refused form keeps what it began from: it would else write an amendment over that it never showed.
        form.show(queries.terms_of(award))
        form.begin_from(each.id for each in queries.amendments_of(award.id))

    def do(**told: Any) -> str:
        services.amend_award(award_code, form.terms_of(award_code), **told)
        return f"The terms of award {award_code} are amended. What they were stays on its page"

    return _changed(form, award_code, do) or page("grants/awards/amend.html", form=form, award=award)


def _changed(form: AmendForm | CorrectLineForm, award_code: str, do: Callable[..., str]) -> ResponseReturnValue | None:
    """Do what a form asks for, with what shows it, and lead back to the award; None where it is not sent, or refused.

    Args:
        do: what it asks for; gives what to say once it is done.
    """
    if form.submitted():
        with refusals_on(form):
            with transaction():
                said = do(
                    shown_by=form.shown_by.data,
                    reason=form.reason.data,
                    seen=form.seen_id,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(said)
            return redirect(url_for("awards.show", award_code=award_code))
    return None


@bp.route("/<award_code>/add-line", methods=["GET", "POST"])
@requires(Permission.KEEP_AWARDS)
def add_line(award_code: str) -> ResponseReturnValue:
    """Add a grant line to an award, out of what of it stands on no line."""
    award = queries.award_by_code(award_code)
    form = AddLineForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                added = services.add_line(
                    award_code, form.new_line(), by=signed_in(), at=now(), submission_id=form.submission_id.data
                ).code
            flash(f"Line {added} is added")
            return redirect(url_for("awards.show", award_code=award_code))
    left = award.amount_pence - sum(line.budget_pence for line in award.lines)
    return page("grants/awards/add_line.html", form=form, award=award, left=left)


@bp.route("/<award_code>/lines/<line_code>/correct", methods=["GET", "POST"])
@requires(Permission.KEEP_AWARDS)
def correct_line(award_code: str, line_code: str) -> ResponseReturnValue:
    """Correct a grant line that was copied wrong, while nothing hangs on it."""
    line = queries.line_of_award(award_code, line_code)
    form = CorrectLineForm()
    if request.method == "GET":
        form.show(line)
        form.begin_from(each.id for each in queries.corrections_of(line.award_id) if each.grant_line_id == line.id)

    def do(**told: Any) -> str:
        services.correct_line(award_code, form.line(line_code), **told)
        return f"Line {line_code} is corrected. What was recorded first stays on the award’s page"

    return _changed(form, award_code, do) or page(
        "grants/awards/correct_line.html", form=form, line=line, hangs=queries.hanging(line.award_id).get(line.id)
    )


@bp.route("/<award_code>/conditions/<int:condition_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.KEEP_AWARDS)
def withdraw_condition(award_code: str, condition_id: int) -> ResponseReturnValue:
    """Record that a condition of an award no longer holds."""
    condition = queries.condition_of(award_code, condition_id)
    form = WithdrawForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.withdraw_condition(
                    award_code,
                    condition_id,
                    reason=form.reason.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("The condition is withdrawn. It is tested no more, and stays on the award’s page")
            return redirect(url_for("awards.show", award_code=award_code))
    return page("grants/awards/withdraw_condition.html", form=form, condition=condition)


@bp.route("/<award_code>/add-condition", methods=["GET", "POST"])
@requires(Permission.KEEP_AWARDS)
def add_condition(award_code: str) -> ResponseReturnValue:
    """Record a condition of the agreement, in its own words."""
    award = queries.award_by_code(award_code)
    form = ConditionForm()
    form.offer((line.code, f"{line.code} {line.heading}") for line in award.lines)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.record_condition(
                    award_code, form.condition(), by=signed_in(), at=now(), submission_id=form.submission_id.data
                )
            flash("The condition is recorded. It is tested from now on")
            return redirect(url_for("awards.show", award_code=award_code))
    return page("grants/awards/add_condition.html", form=form, award=award)


@bp.route("/<award_code>/change-budget", methods=["GET", "POST"])
@requires(Permission.KEEP_AWARDS)
def change_budget(award_code: str) -> ResponseReturnValue:
    """Move budget between two lines of an award."""
    award = queries.award_by_code(award_code)
    budgets = queries.revised_budgets([line.id for line in award.lines])
    form = BudgetChangeForm()
    form.offer((line.full_code, queries.budget_words(line, budgets[line.id])) for line in award.lines)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                made = services.change_budget(
                    from_line=form.from_line.data,
                    to_line=form.to_line.data,
                    pence=form.pence.data,
                    agreed_on=form.agreed_on.day,
                    consent_reference=form.consent_reference.data,
                    reason=form.reason.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                ).reference
            flash(f"{made} is recorded. Both lines show their new budgets")
            return redirect(url_for("awards.show", award_code=award_code))
    return page("grants/awards/change_budget.html", form=form, award=award, points_text=points_text)
