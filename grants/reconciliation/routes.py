"""Reconciliations: every period of every award, one period, one line's walk, and signing a period off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core import trail
from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.errors import NotFound
from core.figures import FileKind, is_figure
from core.figures.answers import cut_off_of, issue
from core.figures.lists import listed
from core.figures.storing import frozen_of
from core.trail.queries import head
from core.web import page, refusals_on, requires, signed_in
from grants.awards import queries as awards
from grants.awards.models import Award
from grants.awards.rules import ClaimPeriod
from grants.reconciliation import queries, services
from grants.reconciliation.forms import PrepareForm, SignForm
from grants.reconciliation.models import Reconciliation
from grants.reconciliation.report import (
    ReconciledPeriod,
    differences,
    differences_table,
    figures_digest,
    freeze_reconciliation,
)
from grants.reconciliation.report.tables import line_steps
from grants.reconciliation.rules import Figure
from grants.reports.report.walks import step_rows

bp = Blueprint("reconciliation", __name__, url_prefix="/reconciliation")


@dataclass(frozen=True)
class Standing:
    """A period of an award, and how far its reconciliation has come."""

    period: ClaimPeriod
    newest: Reconciliation | None


@bp.route("/")
@requires(Permission.SEE_MONEY)
@listed
def index() -> ResponseReturnValue:
    """List the periods of every award that have begun, newest first."""
    known, today = awards.awards(), local_day(now())
    made = queries.reconciliations([award.id for award in known])
    by_award = [
        (
            award,
            [
                Standing(period, made.get((award.id, period.first)))
                for period in reversed(queries.periods_of(award))
                if period.first <= today
            ],
        )
        for award in known
    ]
    return page("grants/reconciliation/index.html", awards=by_award, today=today)


@dataclass(frozen=True)
class Seen:
    """A period of an award as a page shows it.

    Attributes:
        shown: as signed where it is signed, else as known now.
        known: as known now.
    """

    award: Award
    first: date
    newest: Reconciliation | None
    shown: ReconciledPeriod
    known: ReconciledPeriod

    @property
    def address(self) -> dict[str, Any]:
        """The arguments of the period's addresses."""
        return {"award_code": self.award.code, "first": self.first.isoformat()}


def _seen(award_code: str, first: str) -> Seen:
    award = awards.award_by_code(award_code)
    days = {each.first.isoformat(): each.first for each in queries.periods_of(award)}
    if first not in days:
        raise NotFound
    period = queries.period_beginning(award, days[first])
    log = head()
    at = cut_off_of(log)
    if period.first > local_day(at):
        raise NotFound
    newest = queries.newest(award.id, period.first)
    known = freeze_reconciliation(award, period, at=at, log=log)
    signed = newest.signed if newest else None
    shown = frozen_of(ReconciledPeriod, signed.figures_json) if signed else known
    return Seen(award, period.first, newest, shown, known)


@bp.route("/<award_code>/<first>")
@requires(Permission.SEE_MONEY)
def show(award_code: str, first: str) -> ResponseReturnValue:
    """Show whether bought, apportioned, received and in the ledger agree in a period, and why not."""
    seen = _seen(award_code, first)
    since = differences(seen.shown, seen.known) if seen.shown.is_signed else ()
    return page(
        "grants/reconciliation/show.html",
        seen=seen,
        made=seen.shown,
        since=differences_table(since) if seen.shown.is_signed else None,
        figures_of=[(line, [(each, line.figure(each)) for each in Figure]) for line in seen.shown.lines],
        totals=[(each, seen.shown.total(each)) for each in Figure],
        step_tables=[step_rows(step) for step in seen.shown.walk[1:] if step.rows],
        files=_files(seen),
        is_figure=is_figure,
        today=local_day(now()),
        me=signed_in(),
    )


def _files(seen: Seen) -> tuple[tuple[FileKind, str], ...]:
    return tuple((kind, url_for("reconciliation.download", kind=kind.value, **seen.address)) for kind in FileKind)


@bp.route("/<award_code>/<first>/lines/<line_code>")
@requires(Permission.SEE_MONEY)
def line(award_code: str, first: str, line_code: str) -> ResponseReturnValue:
    """Walk one grant line from bought to the ledger, with the rows behind each step."""
    seen = _seen(award_code, first)
    found = next((each for each in seen.shown.lines if each.code == line_code), None)
    if found is None:
        raise NotFound
    return page(
        "grants/reconciliation/line.html",
        seen=seen,
        line=found,
        table=line_steps(found),
        steps=[(step, step_rows(step)) for step in found.steps if step.rows or step.is_figure],
        is_figure=is_figure,
    )


@bp.route("/<award_code>/<first>/<any(pdf, csv, xlsx):kind>")
@requires(Permission.DOWNLOAD_REPORTS)
def download(award_code: str, first: str, kind: str) -> ResponseReturnValue:
    """Take the reconciliation away as a file: as signed where it is signed."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from grants.reconciliation.pdf import file_of

    made = _seen(award_code, first).shown
    return issue(
        made, FileKind(kind), file_of, sort="reconciliation", filters=made.filters, by=signed_in(),
        unexplained_pence=made.unexplained_pence,
    )  # fmt: skip


@bp.route("/<award_code>/<first>/prepare", methods=["GET", "POST"])
@requires(Permission.KEEP_LEDGERS)
def prepare_period(award_code: str, first: str) -> ResponseReturnValue:
    """Say that a period is reconciled."""
    seen, form = _seen(award_code, first), PrepareForm()
    return _over_figures(
        "grants/reconciliation/prepare_period.html", seen, form, "is prepared. Somebody else signs it off now",
        lambda who: services.prepare_reconciliation(
            award_code, seen.first, form.seen_digest, note=form.note.data, **who
        ),
    )  # fmt: skip


@bp.route("/<award_code>/<first>/sign", methods=["GET", "POST"])
@requires(Permission.REVIEW_CLAIM, Permission.CERTIFY_CLAIM, fresh=True)
def sign(award_code: str, first: str) -> ResponseReturnValue:
    """Sign a prepared reconciliation off; right after, a checkpoint of the log is signed over it."""
    seen, form = _seen(award_code, first), SignForm()
    return _over_figures(
        "grants/reconciliation/sign.html", seen, form, "is signed off and its figures are frozen",
        lambda who: services.sign_reconciliation(award_code, seen.first, form.seen_digest, **who),
        checkpoint="reconciliation.sign",
    )  # fmt: skip


def _over_figures(
    template: str,
    seen: Seen,
    form: SignForm,
    said: str,
    act: Callable[[dict[str, Any]], object],
    *,
    checkpoint: str | None = None,
) -> ResponseReturnValue:
    """Show the figures of a period and take a step over exactly those."""
    made = seen.known
    if form.submitted():
        with refusals_on(form):
            who = {"by": signed_in(), "at": now(), "submission_id": form.submission_id.data}
            with transaction():
                act(who)
            if checkpoint:
                trail.checkpoint_now(at=now(), occasion=checkpoint)
            flash(f"The reconciliation of {made.period.name or made.period.words} {said}")
            return redirect(url_for("reconciliation.show", **seen.address))
    form.seen.data = figures_digest(made)
    return page(template, form=form, seen=seen, made=made)
