"""Naming a deputy for somebody who is absent, and ending it early."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.forms import Form
from core.web import page, refusals_on, requires, signed_in
from organisation.accounts import queries, services
from organisation.accounts.forms import DeputyForm
from organisation.accounts.routes.blueprint import bp


@bp.route("/accounts/<reference>/name-deputy", methods=["GET", "POST"])
@requires(Permission.KEEP_ACCOUNTS, fresh=True)
def name_deputy(reference: str) -> ResponseReturnValue:
    """Name somebody who stands in for an absent person between two days."""
    me = signed_in()
    account = queries.account(reference)
    form = DeputyForm(since=local_day(now()))
    form.offer(each for each in queries.others(account.id) if each.id != me.account_id)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.name_deputy(
                    reference,
                    form.deputy.data,
                    form.since.day,
                    form.until.day,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"The deputy for {account.name} has been named")
            return redirect(url_for("accounts.show", reference=reference))
    return page("organisation/accounts/name_deputy.html", form=form, account=account)


@bp.route("/accounts/<reference>/deputies/<int:deputy_id>/end", methods=["GET", "POST"])
@requires(Permission.KEEP_ACCOUNTS)
def end_deputy(reference: str, deputy_id: int) -> ResponseReturnValue:
    """End a deputy's time before its last day."""
    account = queries.account(reference)
    naming = queries.deputy(deputy_id, absent_id=account.id)
    form = Form()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.end_deputy(
                    reference, deputy_id, by=signed_in(), at=now(), submission_id=form.submission_id.data
                )
            flash(f"{naming.deputy.name} no longer stands in for {account.name}")
            return redirect(url_for("accounts.show", reference=reference))
    return page("organisation/accounts/end_deputy.html", form=form, account=account, naming=naming)
