"""The administrator's list of accounts, one account, and disabling or enabling it."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission, Role
from core.dates import local_day
from core.db import now, transaction
from core.errors import NotFound, RuleBroken
from core.figures.lists import listed
from core.forms import Form
from core.paging import page_number
from core.parse import one_of, search_text
from core.privacy import PersonalDetail, personal_detail
from core.web import page, refusals_on, requires, signed_in
from organisation.accounts import queries, services
from organisation.accounts.routes.blueprint import bp


@bp.route("/accounts")
@requires(Permission.KEEP_ACCOUNTS)
@listed
def index() -> ResponseReturnValue:
    """List the accounts."""
    search = _search(request.args.get("q"))
    state = one_of(request.args.get("state"), queries.STATES, noun="state")
    role = one_of(request.args.get("role"), list(Role), noun="role")
    number = page_number(request.args.get("page"))
    found = queries.account_list(on=local_day(now()), search=search, state=state, role=role, page=number)
    if number > found.pages:
        raise NotFound
    return page("organisation/accounts/index.html", found=found, q=search, state=state, role=role, roles=list(Role))


def _search(text: str | None) -> str:
    """Read what is searched for. Colleagues' email addresses are what this list is about, so they may stand."""
    search = search_text(text)
    kind = personal_detail(search)
    if kind not in (None, PersonalDetail.EMAIL_ADDRESS):
        raise RuleBroken(f"Remove details that could identify a person: {kind}")
    return search


@bp.route("/accounts/<reference>")
@requires(Permission.KEEP_ACCOUNTS)
def show(reference: str) -> ResponseReturnValue:
    """Show an account: its roles, its deputies, and what can be done with it."""
    account = queries.account(reference)
    moment = now()
    return page(
        "organisation/accounts/show.html",
        account=account,
        state=queries.state_of(account),
        roles=queries.roles_of(account.id),
        deputies=queries.deputies_of(account.id),
        sessions=queries.session_count(account.id, at=moment),
        own=account.id == signed_in().account_id,
        today=local_day(moment),
    )


@bp.route("/accounts/<reference>/disable", methods=["GET", "POST"])
@requires(Permission.KEEP_ACCOUNTS)
def disable(reference: str) -> ResponseReturnValue:
    """Disable an account, after asking once more."""
    account = queries.account(reference)
    form = Form()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.disable_account(reference, by=signed_in(), at=now(), submission_id=form.submission_id.data)
            flash(f"{account.name} can no longer sign in")
            return redirect(url_for("accounts.show", reference=reference))
    return page("organisation/accounts/disable.html", form=form, account=account)


@bp.route("/accounts/<reference>/enable", methods=["GET", "POST"])
@requires(Permission.KEEP_ACCOUNTS)
def enable(reference: str) -> ResponseReturnValue:
    """Let somebody sign in again."""
    account = queries.account(reference)
    form = Form()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.enable_account(reference, by=signed_in(), at=now(), submission_id=form.submission_id.data)
            flash(f"{account.name} can sign in again")
            return redirect(url_for("accounts.show", reference=reference))
    return page("organisation/accounts/enable.html", form=form, account=account)
