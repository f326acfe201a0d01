"""What the service has for phones without signal: the worker, the page they fall back on, what they keep, their slips.

The worker and its page are the same for everybody. What a person needs is handed to that person alone, with the key
that locks it on the phone; what the phone noted comes back one slip a request, each in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from core.access import Actor, Permission, Role
from core.dates import local_day, moment_on
from core.db import now, transaction
from core.errors import RuleBroken
from core.languages import language
from core.web import page, public, requires, signed_in, whole_actor
from inventory.bags import queries as bags
from inventory.bags import services as issuing
from inventory.bags.forms import ROUTES
from inventory.bags.models import IssueRoute
from inventory.bags.queries import BagView
from inventory.counts import queries as counts
from inventory.counts import services as counting
from inventory.counts.forms import NumbersForm, SeeForm
from inventory.counts.models import CountLine, StockCount
from inventory.counts.rules import moment_seen
from inventory.offline import queries
from inventory.offline.forms import IssueSlip, read, slip_of
from inventory.offline.rules import KEPT_FOR, Slip, SlipAct, check_clock, demand_own, key_of, owner_of

bp = Blueprint("offline", __name__)

MOST_BAGS = 500
"""So many Go Bags a phone keeps at most; a station has a few dozen."""

STYLES_AND_SCRIPTS = (
    "app.css", "app.js", "govuk-frontend.css", "govuk-frontend.js", "icon.svg",
    "offline/kept.js", "offline/pages.js", "offline/queue.js", "scan.js", "qr.js", "qr-decode.js",
)  # fmt: skip
"""What the page without signal is made of, by the names of the built files."""


def prepare(app: Flask) -> None:
    """Let every page say whose it is, so that a phone locks what it keeps for anybody else."""
    app.jinja_env.globals.update(mark_of_account=_own_mark, works_without_signal=_works)


def _own_mark() -> str | None:
    me = whole_actor()
    return None if me is None else owner_of(current_app.config["SECRET_KEY"], me.account_id)


def _works() -> bool:
    """Say whether the person has something to do without signal."""
    me = whole_actor()
    return me is not None and (me.may(Permission.ISSUE_BAG) or me.may(Permission.COUNT_STOCK))


@bp.route("/worker.js")
@public
def worker() -> ResponseReturnValue:
    """Give the worker that stands between the pages and the network; it keeps the page below, and no other."""
    asset = cast("Callable[[str], str]", current_app.jinja_env.globals["asset"])
    script = render_template(
        "inventory/offline/worker.js",
        shell=url_for("offline.shell"),
        queue=asset("offline/queue.js"),
        files=[asset(name) for name in STYLES_AND_SCRIPTS],
    )
    return Response(script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@bp.route("/no-signal")
@public
def shell() -> ResponseReturnValue:
    """Show what this phone keeps. The page itself holds nothing of anybody: its script fills it on the phone."""
    return page("inventory/offline/shell.html", routes=ROUTES)


@bp.route("/no-signal/kept")
@requires(Permission.ISSUE_BAG, Permission.COUNT_STOCK)
def kept() -> ResponseReturnValue:
    """Hand a person's phone what it keeps, and the key to it."""
    me, secret, moment = signed_in(), current_app.config["SECRET_KEY"], now()
    return {
        "owner": owner_of(secret, me.account_id),
        "key": key_of(secret, me.account_id),
        "name": me.name,
        "token": generate_csrf(),
        "at": moment.isoformat(),
        "until": (moment + KEPT_FOR).isoformat(),
        "route": IssueRoute.PARTNER if me.role is Role.PARTNER else IssueRoute.OFFICER,
        "bags": _bags(me, moment),
        "counts": _counts(me),
    }


def _bags(me: Actor, moment: datetime) -> list[dict[str, Any]] | None:
    """Give the Go Bags a person may issue, or None to whoever issues none."""
    if not me.may(Permission.ISSUE_BAG):
        return None
    scope = me.acting_under(Permission.ISSUE_BAG).scope
    standing = bags.bag_views(scope=scope, on=local_day(moment))
    return [_bag(view) for view in [*bags.earliest_first(standing)][:MOST_BAGS]]


def _bag(view: BagView) -> dict[str, Any]:
    inside = [
        f"{each.item_name} × {each.unit_count}" if each.unit_count > 1 else each.item_name for each in view.contents
    ]
    return {
        "tag": view.tag,
        "seal": view.seal_number,
        "recipe": view.recipe_name,
        "place": view.place_name,
        "issuable": view.can_be_issued,
        "readiness": view.verdict.words,
        "reasons": [*view.verdict.reasons, *view.verdict.warnings],
        "languages": [[code, language(code).english] for code in view.languages],
        "inside": inside,
    }


def _counts(me: Actor) -> list[dict[str, Any]] | None:
    """Give the counts a person may count at, or None to whoever counts nothing. No figure of the ledger is in them."""
    if not me.may(Permission.COUNT_STOCK):
        return None
    scope = me.acting_under(Permission.COUNT_STOCK).scope
    return [_count(each, me) for each in queries.counts_going_on(scope=scope)]


def _count(count: StockCount, me: Actor) -> dict[str, Any]:
    lines = [each for each in count.lines if each.note_id is None and each.may_be_counted_by(me.account_id)]
    return {"reference": count.reference, "place": count.place.name, "lines": [_line(each) for each in lines]}


def _line(line: CountLine) -> dict[str, Any]:
    return {
        "position": line.position,
        "name": line.name,
        "bags": line.is_bags,
        "numbered": line.by_number,
        "done": line.done,
    }


@bp.route("/no-signal/send", methods=["POST"])
@requires(Permission.ISSUE_BAG, Permission.COUNT_STOCK)
def send() -> ResponseReturnValue:
    """Take one slip in, exactly once however often it is sent, and say what became of it."""
    me = signed_in()
    slip = slip_of(_sent())
    demand_own(slip, owner_of(current_app.config["SECRET_KEY"], me.account_id))
    check_clock(slip.noted_at, at=now())
    take = _issue if slip.act is SlipAct.ISSUE else _see
    return take(slip, me)


def _sent() -> Any:
    """Read what was sent; None where it cannot be read."""
    try:
        return request.get_json(silent=True)
    except RecursionError:  # lists in lists, deeper than they can be read
        return None


def _issue(slip: Slip, me: Actor) -> dict[str, str]:
    me, form, at = me.acting_under(Permission.ISSUE_BAG), read(IssueSlip, slip), now()
    with transaction():
        issued = issuing.issue_bag(
            slip.about,
            route=IssueRoute(form.route.data),
            issued_at=form.issued_at,
            booklet_language=form.booklet_language.data,
            scope=me.scope,
            by=me,
            at=at,
            submission_id=slip.submission_id,
        )
        reference = issued.slip
    return {
        "said": f"{slip.about} has been issued. Its slip is {reference}",
        "page": url_for("bags.slip", slip=reference),
    }


def _see(slip: Slip, me: Actor) -> dict[str, str]:
    me, at = me.acting_under(Permission.COUNT_STOCK), now()
    count = counts.count_by_reference(slip.about, scope=me.scope)
    by_number = any(each.by_number for each in count.lines if each.position == slip.position)
    form: NumbersForm | SeeForm = read(NumbersForm, slip) if by_number else read(SeeForm, slip)
    if isinstance(form, NumbersForm) and not form.all_numbers and not form.none_there.data:
        raise RuleBroken("Enter what is there, or tick that there are none", "numbers")
    entered = form.seen_time.data and moment_on(local_day(slip.noted_at), form.seen_time.data)
    with transaction():
        seen = counting.see(
            slip.about,
            slip.position,
            counted_count=form.counted.data if isinstance(form, SeeForm) else None,
            numbers=form.all_numbers if isinstance(form, NumbersForm) else (),
            seen_at=moment_seen(entered, started_at=count.started_at) if entered else None,
            noted_at=slip.noted_at,
            shown=by_number and ("shown", "1") in slip.fields,
            scope=me.scope,
            by=me,
            at=at,
            submission_id=slip.submission_id,
        )
        line = next(each for each in seen.lines if each.position == slip.position)
        words = f"{line.name}: {line.entries[-1].counted_count:,} counted at {seen.place.name}"
    return {"said": words, "page": url_for("counts.show", reference=slip.about)}
