"""Counting on a phone: start, one thing a page, something else, finish."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day, moment_on
from core.db import now, transaction
from core.errors import NotFound
from core.web import page, refusals_on, requires, signed_in
from inventory.catalogue import queries as catalogue
from inventory.catalogue.rules import KIND_WORDS
from inventory.counts import queries, services
from inventory.counts.forms import AddForm, DescribeForm, FinishForm, NumbersForm, ReasonForm, SeeForm, StartForm
from inventory.counts.models import CountLine, StockCount
from inventory.counts.routes.blueprint import bp, may
from inventory.counts.rules import CountState, moment_seen
from inventory.counts.services.counting import FEWEST_DIGITS
from inventory.phones.rules import sees_whole_numbers
from organisation.places.queries import places

PARTS = {services.BAGS: "Go Bags", **{kind.value: words for kind, words in KIND_WORDS.items()}}
"""Part of a place → its words on the form."""


@bp.route("/counts/start", methods=["GET", "POST"])
@requires(Permission.COUNT_STOCK)
def start() -> ResponseReturnValue:
    """Start counting a place, whole or in part."""
    me = signed_in()
    own = places(scope=me.scope, open_on=local_day(now()))
    form = StartForm(data={"place": request.args.get("place")})
    form.place.choices = [(each.code, each.name) for each in own]
    form.parts.choices = list(PARTS.items())
    if form.submitted():
        with refusals_on(form):
            with transaction():
                count = services.start(
                    form.place.data or "",
                    form.parts.data or (),
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                reference = count.reference
            return redirect(url_for("counts.show", reference=reference))
    return page("inventory/counts/start.html", form=form, own=own, parts=PARTS)


@bp.route("/counts/<reference>/things/<int:position>", methods=["GET", "POST"])
@requires(Permission.COUNT_STOCK)
def see(reference: str, position: int) -> ResponseReturnValue:
    """Enter what is there of one thing. What should be there is not shown, unless the person asks for it."""
    me = signed_in()
    count = queries.count_by_reference(reference, scope=me.scope)
    line = next((each for each in count.lines if each.position == position and each.note_id is None), None)
    if line is None:
        raise NotFound
    form = NumbersForm() if line.by_number else SeeForm()
    shown = line.by_number and bool(request.values.get("shown"))
    expected = _expected(count, line) if shown else []
    if isinstance(form, NumbersForm):
        form.ticked.choices = expected
        if request.method == "POST" and not form.all_numbers and not form.none_there.data:
            form.refuse("Enter what is there, or tick that there are none", "numbers")
            return _see_page(form, count, line, expected, shown=shown)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.see(
                    reference,
                    position,
                    counted_count=form.counted.data if isinstance(form, SeeForm) else None,
                    numbers=form.all_numbers if isinstance(form, NumbersForm) else (),
                    seen_at=_seen_at(form, count),
                    shown=shown,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            return _onward(reference, position)
    return _see_page(form, count, line, expected, shown=shown)


def _see_page(
    form: SeeForm | NumbersForm, count: StockCount, line: CountLine, expected: list[str], *, shown: bool
) -> ResponseReturnValue:
    me = signed_in()
    own = [each for each in line.entries if each.account_id == me.account_id and each.round == line.round_wanted]
    return page(
        "inventory/counts/see.html",
        form=form,
        count=count,
        line=line,
        own=own[-1] if own else None,
        expected=expected,
        shown=shown,
        done_count=sum(each.done for each in count.lines),
    )


def _expected(count: StockCount, line: CountLine) -> list[str]:
    """List the tags or numbers that should be there now.

    Whoever does not see whole numbers gets the last four digits, and only of those that these tell apart.
    """
    moment = now()
    if line.is_bags:
        return sorted(queries.bags_at(count.place_id, moment).now)
    assert line.item_id is not None
    numbers = sorted(queries.units_at(count.place_id, {line.item_id: moment})[line.item_id].now)
    if sees_whole_numbers(signed_in(), count.place_id):
        return numbers
    ends = Counter(number[-FEWEST_DIGITS:] for number in numbers)
    return [end for end, times in ends.items() if times == 1]


def _seen_at(form: SeeForm | NumbersForm, count: StockCount) -> datetime | None:
    """Give the moment it was seen by the time of day the person entered; None when it is as they send it."""
    if form.seen_time.data is None:
        return None
    return moment_seen(moment_on(local_day(now()), form.seen_time.data), started_at=count.started_at)


def _onward(reference: str, position: int) -> ResponseReturnValue:
    """Go to the next thing that is not counted, or to the count when nothing is left."""
    count = queries.count_by_reference(reference, scope=signed_in().scope)
    me = signed_in()
    saved = next(each for each in count.lines if each.position == position)
    flash(f"{saved.name}: {saved.newest.counted_count if saved.newest else 0:,} saved")
    left = [each for each in count.lines if not each.done and each.may_be_counted_by(me.account_id)]
    later = [each for each in left if each.position > position]
    if not left:
        return redirect(url_for("counts.show", reference=reference))
    return redirect(url_for("counts.see", reference=reference, position=(later or left)[0].position))


@bp.route("/counts/<reference>/add", methods=["GET", "POST"])
@requires(Permission.COUNT_STOCK)
def add(reference: str) -> ResponseReturnValue:
    """Add a thing of the catalogue that is there and was not on the list."""
    me = signed_in()
    count = queries.count_by_reference(reference, scope=me.scope)
    form = AddForm()
    listed = {line.item_id for line in count.lines}
    bags = [] if any(line.is_bags for line in count.lines) else [("bags", "Go Bags")]
    form.thing.choices = [
        ("", "Choose"),
        *bags,
        *((item.code, item.name) for item in catalogue.items(retired=True) if item.id not in listed),
    ]
    if form.submitted():
        with refusals_on(form):
            with transaction():
                added = services.add_item(
                    reference,
                    form.thing.data or "",
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                position = added.lines[-1].position
            return redirect(url_for("counts.see", reference=reference, position=position))
    return page("inventory/counts/add.html", form=form, count=count)


@bp.route("/counts/<reference>/describe", methods=["GET", "POST"])
@requires(Permission.COUNT_STOCK)
def describe(reference: str) -> ResponseReturnValue:
    """Note a thing that the catalogue does not know, in plain words."""
    me = signed_in()
    count = queries.count_by_reference(reference, scope=me.scope)
    form = DescribeForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.add_described(
                    reference,
                    form.words.data or "",
                    counted_count=form.counted.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("It has been noted")
            return redirect(url_for("counts.show", reference=reference))
    return page("inventory/counts/describe.html", form=form, count=count)


@bp.route("/counts/<reference>/finish", methods=["GET", "POST"])
@requires(Permission.COUNT_STOCK)
def finish(reference: str) -> ResponseReturnValue:
    """Say that everything has been counted."""
    me = signed_in()
    count = queries.count_by_reference(reference, scope=me.scope)
    form = FinishForm(data={"version": str(count.version)})
    if form.submitted():
        with refusals_on(form):
            with transaction():
                done = services.finish(
                    reference,
                    version=form.version_shown,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                counted = done.state is CountState.COUNTED
                again = sum(not line.done for line in done.lines)
            flash(
                f"Count {reference} is finished. Somebody who did not count approves it"
                if counted
                else f"A second person counts {again} of these now, without seeing your figures"
            )
            return redirect(url_for("counts.show", reference=reference))
    return page("inventory/counts/finish.html", form=form, count=count)


@bp.route("/counts/<reference>/abandon", methods=["GET", "POST"])
@requires(Permission.COUNT_STOCK)
def abandon(reference: str) -> ResponseReturnValue:
    """Give a count up; what was seen stays on record and changes nothing."""
    me = signed_in()
    count = queries.count_by_reference(reference, scope=me.scope)
    form = ReasonForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.abandon(
                    reference,
                    reason=form.reason.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"Count {reference} has been abandoned")
            return redirect(url_for("counts.show", reference=reference))
    return page(
        "inventory/counts/give_reason.html",
        form=form,
        count=count,
        heading=f"Abandon count {reference}",
        lead="What was counted so far stays on record and changes no stock.",
        button="Abandon the count",
        may_count=may(Permission.COUNT_STOCK, count.place_id),
    )
