"""Giving, moving and taking away somebody's roles."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission, Role
from core.dates import local_day
from core.db import now, transaction
from core.web import page, refusals_on, requires, signed_in
from organisation.accounts import queries, services
from organisation.accounts.forms import EndRoleForm, GiveRoleForm, MoveForm
from organisation.accounts.routes.blueprint import bp


@bp.route("/accounts/<reference>/give-role", methods=["GET", "POST"])
@requires(Permission.KEEP_ACCOUNTS, fresh=True)
def give_role(reference: str) -> ResponseReturnValue:
    """Give somebody a role, at one or several places."""
    account = queries.account(reference)
    form = GiveRoleForm(since=local_day(now()))
    form.offer(queries.open_places())
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.give_roles(
                    reference,
                    Role(form.role.data),
                    form.places.data or [],
                    form.since.day,
                    until=form.until.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{account.name} has the role {form.role.data}")
            return redirect(url_for("accounts.show", reference=reference))
    return page("organisation/accounts/give_role.html", form=form, account=account)


@bp.route("/accounts/<reference>/roles/<int:role_id>/end", methods=["GET", "POST"])
@requires(Permission.KEEP_ACCOUNTS)
def end_role(reference: str, role_id: int) -> ResponseReturnValue:
    """Take a role away, now or at the end of a day."""
    account = queries.account(reference)
    held = queries.role_held(role_id, account_id=account.id)
    form = EndRoleForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.end_role(
                    reference,
                    role_id,
                    form.last_day.data if form.when.data == "later" else None,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"The role of {account.name} has been changed")
            return redirect(url_for("accounts.show", reference=reference))
    return page("organisation/accounts/end_role.html", form=form, account=account, held=held)


@bp.route("/accounts/<reference>/roles/<int:role_id>/move", methods=["GET", "POST"])
@requires(Permission.KEEP_ACCOUNTS)
def move(reference: str, role_id: int) -> ResponseReturnValue:
    """Move somebody's role to another place from a day on."""
    account = queries.account(reference)
    held = queries.role_held(role_id, account_id=account.id)
    form = MoveForm(first_day=local_day(now()))
    form.offer(place for place in queries.open_places() if place.id != held.place_id)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.move(
                    reference,
                    role_id,
                    form.place.data,
                    form.first_day.day,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{account.name} moves as you asked")
            return redirect(url_for("accounts.show", reference=reference))
    return page("organisation/accounts/move.html", form=form, account=account, held=held)
