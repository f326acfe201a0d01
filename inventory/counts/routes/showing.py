"""Where counts stand: the places that are due, and the page of one count from its start to what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.figures.lists import listed
from core.paging import page_number, paged
from core.web import page, refusals_on, requires, signed_in
from inventory.counts import queries, services
from inventory.counts.forms import SettingForm
from inventory.counts.models import CountLine, StockCount
from inventory.counts.queries import Review
from inventory.counts.routes.blueprint import bp, may
from inventory.counts.rules import STATE_WORDS, CountReason, CountState, Difference, who_is_asked
from organisation.places.queries import chosen_place, place_by_code, places


@dataclass(frozen=True)
class Row:
    """One line of a count that has been finished.

    Attributes:
        difference: the figures: frozen once approved, as known now before that.
        since: what the difference is known to be now, where a slip recorded later changed it.
        taken_back: why it was taken back, in the words of whoever did; None while it stands.
    """

    line: CountLine
    difference: Difference | None
    reason: CountReason | None = None
    unmoved: str = ""
    since: Difference | None = None
    taken_back: str | None = None


@bp.route("/counts/")
@requires(Permission.SEE_STOCK)
@listed
def index() -> ResponseReturnValue:
    """Show when each place was last counted, what is going on, and every count so far."""
    me, today = signed_in(), local_day(now())
    code = request.args.get("place", "")
    place = chosen_place(code, scope=me.scope, field="place") if code else None
    own = places(scope=me.scope, open_on=today)
    return page(
        "inventory/counts/index.html",
        standings=queries.standings([each for each in own if place is None or each.id == place.id], today=today),
        counted=paged(
            queries.counts(scope=me.scope, place_id=place.id if place else None),
            number=page_number(request.args.get("page")),
        ),
        own=own,
        place=code,
        words=STATE_WORDS,
        may_count={each.code for each in own if may(Permission.COUNT_STOCK, each.id)},
        may_set={each.code for each in own if may(Permission.APPROVE_COUNT, each.id)},
    )


@bp.route("/counts/<reference>")
@requires(Permission.SEE_STOCK)
def show(reference: str) -> ResponseReturnValue:
    """Show one count: what is left to count while it goes on, then what differs and what came of it."""
    me = signed_in()
    count = queries.count_by_reference(reference, scope=me.scope)
    going_on = count.state is CountState.COUNTING
    reviews = {} if going_on else queries.review(count, scope=me.scope)
    return page(
        "inventory/counts/show.html",
        count=count,
        rows=[] if going_on else _rows(count, reviews),
        done_count=sum(line.done for line in count.lines),
        handover=queries.handover_of(count.id),
        words=STATE_WORDS,
        me=me,
        may_count=may(Permission.COUNT_STOCK, count.place_id),
        may_approve=may(Permission.APPROVE_COUNT, count.place_id),
        counted_it=queries.counted_by(count, me),
        asked=_asked(count),
    )


def _asked(count: StockCount) -> list[str]:
    """Name the people who have to act next: those who may count again what differs, or approve what is counted."""
    today = local_day(now())
    if count.state is CountState.COUNTED:
        approvers = queries.who_may(Permission.APPROVE_COUNT, count.place_id, on=today)
        return [each.name for each in approvers if each.id not in _counters(count.lines)]
    again = [line for line in count.lines if line.round_wanted > 1 and not line.done]
    if count.state is not CountState.COUNTING or not again:
        return []
    able = queries.who_may(Permission.COUNT_STOCK, count.place_id, on=today)
    approvers = queries.who_may(Permission.APPROVE_COUNT, count.place_id, on=today)
    return who_is_asked(
        [each.name for each in able if each.id not in _counters(again)],
        spared={each.name for each in approvers if each.id not in _counters(count.lines)},
    )


def _counters(lines: Iterable[CountLine]) -> set[int]:
    """Give the accounts that counted any of some lines."""
    return {entry.account_id for line in lines for entry in line.entries}


def _rows(count: StockCount, reviews: dict[int, Review]) -> list[Row]:
    """Lay the lines out, those that differ first."""
    taken = queries.taken_back(count.id) if count.state is CountState.APPROVED else {}
    rows = [_row(count, line, reviews.get(line.position), taken.get(line.id)) for line in count.lines]
    return sorted(rows, key=lambda row: row.difference is not None and not row.difference.any)


def _row(count: StockCount, line: CountLine, review: Review | None, taken_back: str | None) -> Row:
    result, entry = line.result, line.newest
    if count.state is not CountState.APPROVED or result is None or entry is None:
        return Row(line, review.difference if review else None)
    then = Difference(entry.counted_count, result.expected_count, result.short_count, result.over_count)
    since = review.difference if review is not None and taken_back is None and review.difference != then else None
    return Row(line, then, result.reason, result.unmoved, since, taken_back)


@bp.route("/counts/places/<place_code>", methods=["GET", "POST"])
@requires(Permission.APPROVE_COUNT)
def setting(place_code: str) -> ResponseReturnValue:
    """Set by how much a line may differ before a second person counts it, and how often a place is counted."""
    me = signed_in()
    place = place_by_code(place_code, scope=me.scope)
    standing = queries.settings_of([place.id])[place.id]
    form = SettingForm(data={"recount_above": standing.recount_above_count, "every_days": standing.every_days})
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.set_counting(
                    place_code,
                    recount_above_count=form.recount_above.data,
                    every_days=form.every_days.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"How {place.name} is counted has been saved")
            return redirect(url_for("counts.index"))
    return page("inventory/counts/setting.html", form=form, place=place)
