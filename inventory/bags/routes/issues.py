"""Issues: the list, the slip of one, and undoing one."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.figures.lists import listed
from core.paging import page_number, paged
from core.web import page, refusals_on, requires, signed_in, whole_actor
from inventory.bags import queries, services
from inventory.bags.forms import ROUTES, UndoForm
from inventory.bags.models import Issue
from inventory.bags.routes.blueprint import bp, day_asked, language_name
from organisation.places.queries import place_by_code, places

ROUTE_WORDS = dict(ROUTES)


@bp.route("/issues/")
@requires(Permission.SEE_STOCK)
@listed
def issues() -> ResponseReturnValue:
    """List issues from the person's places, newest first."""
    me = signed_in()
    chosen = request.args.get("place", "")
    place = place_by_code(chosen, scope=me.scope) if chosen else None
    since = day_asked(request.args.get("since"), field="since")
    until = day_asked(request.args.get("until"), field="until")
    asked = queries.issues(scope=me.scope, place_id=place.id if place else None, since=since, until=until)
    one_page = paged(asked, number=page_number(request.args.get("page")))
    return page(
        "inventory/bags/issues.html",
        listed=one_page,
        undone=queries.undone(one_page.rows),
        places=places(scope=me.scope),
        filters={name: request.args.get(name, "") for name in ("place", "since", "until")},
        route_words=ROUTE_WORDS,
        language_name=language_name,
    )


@bp.route("/issues/<slip>")
@requires(Permission.SEE_STOCK)
def slip(slip: str) -> ResponseReturnValue:
    """Show the slip of an issue, to print or to write the reference down."""
    issue = queries.issue_by_slip(slip, scope=signed_in().scope)
    return page(
        "inventory/bags/slip.html",
        issue=issue,
        undone=queries.correction_of(issue),
        contents=queries.handed_over(issue),
        route_words=ROUTE_WORDS,
        language_name=language_name,
        may_undo=_may_undo(issue),
        too_late=queries.too_late_to_undo(issue, on=local_day(now())),
    )


def _may_undo(issue: Issue) -> bool:
    whole = whole_actor()
    return whole is not None and services.may_undo(issue, by=whole, at=now())


@bp.route("/issues/<slip>/undo", methods=["GET", "POST"])
@requires(Permission.ISSUE_BAG, Permission.CORRECT_STOCK)
def undo(slip: str) -> ResponseReturnValue:
    """Undo an issue that was recorded by mistake."""
    me = signed_in()
    issue = queries.issue_by_slip(slip, scope=me.scope)
    form = UndoForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.undo_issue(
                    slip,
                    reason=form.reason.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                tag, place = issue.bag.tag, issue.place.name
            flash(f"The issue has been undone. {tag} is back at {place}")
            return redirect(url_for("bags.show", tag=tag))
    return page(
        "inventory/bags/undo.html",
        form=form,
        issue=issue,
        undone=queries.correction_of(issue),
        may_undo=_may_undo(issue),
        too_late=queries.too_late_to_undo(issue, on=local_day(now())),
    )
