"""Signing in and out, and the first page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from core import trail
from core.access import Actor
from core.dates import local_day
from core.db import db, now, transaction
from core.web import page, public, refusals_on, whole_actor
from organisation.accounts import queries, services
from organisation.accounts.forms import SignInForm
from organisation.accounts.models import Account
from organisation.accounts.routes.blueprint import bp
from organisation.accounts.routes.navigation import home_of
from organisation.accounts.routes.people import EPOCH, PROVED_AT, Person
from organisation.accounts.routes.sessions import rotate_key
from organisation.accounts.rules import NotSignedIn, safe_target


@bp.route("/")
@public
def home() -> ResponseReturnValue:
    """Go to the page the signed-in person opens first."""
    me = whole_actor()
    if me is None:
        return redirect(url_for("accounts.sign_in"))
    target = home_of(me)
    return redirect(target) if target else page("organisation/accounts/home.html", actor=me)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Sign in with an email address and a password."""
    target = safe_target(request.args.get("next"))
    if whole_actor() is not None:
        return redirect(target)
    form = SignInForm()
    if form.submitted():
        with refusals_on(form):
            begin(_proven(form.email.data, form.password.data))
            return redirect(target)
    return page("organisation/accounts/sign_in.html", form=form)


def _proven(email: str, password: str) -> Account:
    """Give the account whose email and password were sent, or count the failure.

    Raises:
        NotSignedIn: they do not belong together.
        TooMany: it was tried too often.
    """
    address = request.remote_addr or "unknown"
    services.refuse_too_many(email, address, at=now())
    with failures_counted(email, address):
        proof = services.check_password(email, password)
        with transaction():
            return services.sign_in(proof, at=now())


@contextmanager
def failures_counted(email: str, address: str) -> Iterator[None]:
    """Count it when the password inside turns out to be wrong."""
    try:
        yield
    except NotSignedIn:
        with transaction():
            services.count_failure(email, address, at=now())
        raise


def begin(account: Account) -> None:
    """Begin a signed-in session: a new key, a new CSRF token, nothing kept of what was there before."""
    moment = now()
    actor = queries.actor_of(account.id, on=local_day(moment))
    begin_anew(account, actor, proved_at=moment)
    reference = account.reference
    db.session.rollback()
    trail.record_access(act="account.sign_in", subject=reference, by=actor, at=moment)


def begin_anew(account: Account, actor: Actor, *, proved_at: datetime | None) -> None:
    """Give the browser a signed-in session with a new key, in place of the one it had.

    Args:
        proved_at: when the person last gave their password.
    """
    session.clear()
    rotate_key()
    login_user(Person(account, actor))
    session[EPOCH], session[PROVED_AT] = account.sign_in_epoch, proved_at


def prove_again(reference: str, me: Actor) -> None:
    """Note that a signed-in person gave their password again; the session gets a new key with its new rights."""
    moment = now()
    session[PROVED_AT] = moment
    rotate_key()
    db.session.rollback()
    trail.record_access(act="account.confirm", subject=reference, by=me, at=moment)


@bp.route("/sign-out", methods=["POST"])
@public
def sign_out() -> ResponseReturnValue:
    """End the session, here and on the server."""
    me = whole_actor()
    logout_user()
    session.clear()
    if me is not None:
        db.session.rollback()
        trail.record_access(act="account.sign_out", subject=f"account {me.account_id}", by=me, at=now())
    return redirect(url_for("accounts.sign_in"))
