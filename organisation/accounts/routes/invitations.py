"""Inviting, resetting, and following the link that either makes."""

from __future__ import annotations

from flask import flash, g, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission, Role
from core.dates import local_day
from core.db import now, transaction
from core.forms import Form
from core.web import page, public, refusals_on, requires, signed_in
from organisation.accounts import queries, services
from organisation.accounts.forms import InviteForm, NewPasswordForm
from organisation.accounts.routes.blueprint import bp
from organisation.accounts.rules import INVITATION_LASTS, hashed_key


@bp.route("/accounts/invite", methods=["GET", "POST"])
@requires(Permission.KEEP_ACCOUNTS, fresh=True)
def invite() -> ResponseReturnValue:
    """Open an account and show, once, the link to pass on."""
    form = InviteForm(since=local_day(now()))
    form.offer(queries.open_places())
    if form.submitted():
        with refusals_on(form):
            with transaction():
                made = services.invite(
                    form.email.data,
                    form.name.data,
                    Role(form.role.data),
                    form.places.data or [],
                    form.since.day,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            return _link_page(made)
    return page("organisation/accounts/invite.html", form=form)


@bp.route("/accounts/<reference>/reset", methods=["GET", "POST"])
@requires(Permission.KEEP_ACCOUNTS, fresh=True)
def reset(reference: str) -> ResponseReturnValue:
    """Take somebody's password away and show, once, the link to choose a new one."""
    account = queries.account(reference)
    form = Form()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                made = services.reset(reference, by=signed_in(), at=now(), submission_id=form.submission_id.data)
            return _link_page(made)
    return page("organisation/accounts/reset.html", form=form, account=account)


def _link_page(made: services.Invitation) -> ResponseReturnValue:
    """Show a link that was just made. It is answered to the form itself: nothing keeps it to show it again."""
    link = url_for("accounts.accept", key=made.key, _external=True) if made.key else None
    return page("organisation/accounts/link.html", account=made.account, link=link, days=INVITATION_LASTS.days)


@bp.route("/invitation/<key>", methods=["GET", "POST"])
@public
def accept(key: str) -> ResponseReturnValue:
    """Choose a password with a link that works once."""
    link = queries.open_link(hashed_key(key), at=now())
    if link is None:
        g.answer_status = 422
        return page("organisation/accounts/expired.html", message=services.EXPIRED)
    form = NewPasswordForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.accept_invitation(key, form.password.data, at=now())
            flash("Your password is set. Sign in with it now")
            return redirect(url_for("accounts.sign_in"))
    return page("organisation/accounts/accept.html", form=form, account=link.account)
