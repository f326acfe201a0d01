"""A person's own sign-in: what they hold, their password, their other sessions."""

from __future__ import annotations

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.errors import RuleBroken
from core.forms import Form
from core.web import page, refusals_on, requires, signed_in, whole_actor
from organisation.accounts import queries, services
from organisation.accounts.forms import ChangePasswordForm, ConfirmForm
from organisation.accounts.routes.blueprint import bp
from organisation.accounts.routes.navigation import every_page
from organisation.accounts.routes.people import PROVED_AT
from organisation.accounts.routes.sign_in import begin_anew, failures_counted, prove_again
from organisation.accounts.rules import PROOF_LASTS, NotSignedIn, safe_target


@bp.route("/your-sign-in", methods=["GET", "POST"])
@requires(Permission.KEEP_OWN_SIGN_IN)
def own() -> ResponseReturnValue:
    """Show a person what they hold, and end their other sessions when they ask for it."""
    me = signed_in()
    form = Form()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                account = services.end_other_sessions(by=me, at=now(), submission_id=form.submission_id.data)
            begin_anew(account, me, proved_at=session.get(PROVED_AT))
            flash("You are signed out everywhere else")
            return redirect(url_for("accounts.own"))
    moment = now()
    return page(
        "organisation/accounts/own.html",
        form=form,
        account=queries.account_by_id(me.account_id),
        roles=queries.roles_of(me.account_id),
        deputies=queries.deputies_of(me.account_id),
        sessions=queries.session_count(me.account_id, at=moment),
        today=local_day(moment),
    )


@bp.route("/your-sign-in/password", methods=["GET", "POST"])
@requires(Permission.KEEP_OWN_SIGN_IN)
def change_password() -> ResponseReturnValue:
    """Change one's own password; every other session ends."""
    me = signed_in()
    form = ChangePasswordForm()
    if form.submitted():
        with refusals_on(form):
            compared = _compared(queries.account_by_id(me.account_id).email, form.current.data)
            with transaction():
                account = services.change_password(
                    compared, form.password.data, by=me, at=now(), submission_id=form.submission_id.data
                )
            begin_anew(account, me, proved_at=now())
            flash("Your password has been changed. You are signed out everywhere else")
            return redirect(url_for("accounts.own"))
    return page("organisation/accounts/change_password.html", form=form)


@bp.route("/pages")
@requires(Permission.KEEP_OWN_SIGN_IN)
def pages() -> ResponseReturnValue:
    """List every page the person may begin at."""
    return page("organisation/accounts/pages.html", groups=every_page(whole_actor() or signed_in()))


@bp.route("/confirm-it-is-you", methods=["GET", "POST"])
@requires(Permission.KEEP_OWN_SIGN_IN)
def confirm() -> ResponseReturnValue:
    """Take the password once more before an act that binds others, and go on to it."""
    me = signed_in()
    target = safe_target(request.args.get("next"))
    form = ConfirmForm()
    if form.submitted():
        with refusals_on(form):
            account = queries.account_by_id(me.account_id)
            email, reference = account.email, account.reference
            _compared(email, form.current.data)
            prove_again(reference, me)
            return redirect(target)
    return page("organisation/accounts/confirm.html", form=form, minutes=PROOF_LASTS.seconds // 60)


def _compared(email: str, password: str) -> str:
    """Give the hash that the current password was compared with; wrong ones count as failed sign-ins.

    Raises:
        RuleBroken: it is wrong.
        TooMany: it was tried too often.
    """
    address = request.remote_addr or "unknown"
    services.refuse_too_many(email, address, at=now())
    try:
        with failures_counted(email, address):
            return services.check_password(email, password).secret_hash
    except NotSignedIn:
        raise RuleBroken("Your current password is incorrect", "current") from None
