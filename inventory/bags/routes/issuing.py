"""Issuing a Go Bag: type or scan its tag, see what is in it, hand it over."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission, Role
from core.db import now, transaction
from core.errors import RuleBroken
from core.web import page, refusals_on, requires, signed_in
from inventory.bags import queries, services
from inventory.bags.forms import issue_form
from inventory.bags.models import IssueRoute
from inventory.bags.queries import BagState
from inventory.bags.routes.blueprint import bp, language_name, today
from inventory.bags.rules import Readiness, tag_in
from organisation.places.queries import place_by_code, places

READY_SHOWN = 8


@bp.route("/bags/issue")
@requires(Permission.ISSUE_BAG)
def find() -> ResponseReturnValue:
    """Ask for the tag of the Go Bag to issue, and offer the ready ones: those of the place one came from, then others.

    A tag that is typed may be of any place of the person's.
    """
    me = signed_in()
    typed, problem = request.args.get("tag", ""), None
    chosen = request.args.get("place", "")
    here = place_by_code(chosen, scope=me.scope) if chosen else None
    if "tag" in request.args:
        try:
            return redirect(url_for("bags.issue", tag=_tag_typed(typed)))
        except RuleBroken as broken:
            problem = broken.message
    standing = queries.bag_views(scope=me.scope, on=today())
    ready = queries.earliest_first(view for view in standing if view.verdict.readiness is Readiness.READY)
    ready += queries.earliest_first(view for view in standing if view.can_be_issued and view not in ready)
    near = [view for view in ready if here is None or view.place_id == here.id]
    far = [view for view in ready if view not in near]
    answer = page(
        "inventory/bags/find.html",
        typed=typed[:100],
        problem=problem,
        here=here,
        ready=near[:READY_SHOWN],
        ready_count=len(near),
        elsewhere=far[:READY_SHOWN],
        several_places=len(places(scope=me.scope)) > 1,
        language_name=language_name,
    )
    return (answer[0], 422) if problem and isinstance(answer, tuple) else answer


def _tag_typed(typed: str) -> str:
    """Read a tag, or the seal of a bag that stands here.

    Raises:
        RuleBroken: it is neither, or no bag of this person's has it.
    """
    scope = signed_in().scope
    by_seal = queries.bag_with_seal(typed.strip(), scope=scope)
    tag = by_seal.tag if by_seal else tag_in(typed)
    if not queries.bags_by_tags([tag], scope=scope, on=today()):
        raise RuleBroken(f"There is no Go Bag {tag} at your places. Check the tag", "tag")
    return tag


@bp.route("/bags/<tag>/issue", methods=["GET", "POST"])
@requires(Permission.ISSUE_BAG)
def issue(tag: str) -> ResponseReturnValue:
    """Hand a sealed Go Bag over."""
    me = signed_in()
    bag = queries.bag_view(tag, scope=me.scope, on=today())
    form = issue_form(
        languages=[(code, language_name(code)) for code in bag.languages],
        at=now(),
        partner=me.role is Role.PARTNER,
        missing=[each.words for each in bag.verdict.missing] if bag.can_be_issued else (),
    )
    if form.submitted():
        with refusals_on(form):
            moment, at = form.issued_at, now()
            with transaction():
                issued = services.issue_bag(
                    tag,
                    route=IssueRoute(form.route.data),
                    issued_at=moment,
                    # A bag that this form has issued is empty, and so asks no more which booklet it was.
                    booklet_language=form.booklet_language.data
                    if "booklet_language" in form
                    else request.form.get("booklet_language"),
                    scope=me.scope,
                    by=me,
                    at=at,
                    submission_id=form.submission_id.data,
                )
                slip = issued.slip
            flash(f"{tag} has been issued")
            return redirect(url_for("bags.slip", slip=slip))
    return page(
        "inventory/bags/issue.html",
        form=form,
        bag=bag,
        last=queries.last_issue(bag.bag_id) if bag.state is BagState.ISSUED else None,
        language_name=language_name,
    )
