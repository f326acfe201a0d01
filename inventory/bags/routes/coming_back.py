"""A Go Bag that comes back, and one that is taken apart."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.web import page, refusals_on, requires, signed_in
from inventory.bags import queries, services
from inventory.bags.forms import empty_form
from inventory.bags.queries import BagState
from inventory.bags.routes.blueprint import bp, today


@bp.route("/bags/<tag>/hand-back", methods=["GET", "POST"])
@requires(Permission.ISSUE_BAG, Permission.PACK_BAG)
def hand_back(tag: str) -> ResponseReturnValue:
    """Take an issued Go Bag back."""
    me = signed_in()
    bag = queries.bag_view(tag, scope=me.scope, on=today())
    issue = queries.last_issue(bag.bag_id) if bag.state is BagState.ISSUED else None
    contents = queries.contents_issued(issue.posting_id, on=today()) if issue else []
    form = empty_form(contents, comes_back=True, on=today())
    if form.submitted():
        counted = form.counted(each.lot_code for each in contents) if form.how.data == "opened" else None
        with refusals_on(form):
            with transaction():
                services.hand_back(
                    tag,
                    counted,
                    reason=form.reason.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{tag} is back" if counted is None else f"{tag} is back and has been taken apart")
            return redirect(url_for("bags.show", tag=tag))
    return page("inventory/bags/hand_back.html", form=form, bag=bag, issue=issue, contents=contents)


@bp.route("/bags/<tag>/retire", methods=["GET", "POST"])
@requires(Permission.PACK_BAG)
def retire(tag: str) -> ResponseReturnValue:
    """Unpack a Go Bag whole."""
    me = signed_in()
    bag = queries.bag_view(tag, scope=me.scope, on=today())
    form = empty_form(bag.contents, comes_back=False, on=today())
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.retire(
                    tag,
                    form.counted(each.lot_code for each in bag.contents),
                    reason=form.reason.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{tag} has been unpacked and taken apart")
            return redirect(url_for("bags.show", tag=tag))
    standing = bag.state is BagState.STANDING
    return page("inventory/bags/retire.html", form=form, bag=bag, contents=bag.contents, standing=standing)
