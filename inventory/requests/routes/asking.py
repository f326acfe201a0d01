"""Asking for restock: a form that is already filled in, and taking a request back."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request as sent
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from core import parse
from core.access import Permission, Scope
from core.dates import local_day
from core.db import now, transaction
from core.errors import RuleBroken
from core.web import page, refusals_on, requires, signed_in
from inventory.pars.rules import Level
from inventory.requests import queries, services
from inventory.requests.forms import MOST_LINES, AskedRow, AskForm, CancelForm, ask_form
from inventory.requests.routes.blueprint import answer_reason, back_to, bp, version_of
from inventory.requests.services import AskedLine
from organisation.places.models import Place
from organisation.places.queries import place_by_code, places


@dataclass(frozen=True)
class _Line:
    """One row of the form as it stands in what was sent."""

    key: str
    count: str
    sure: str


@bp.route("/requests/new", methods=["GET", "POST"])
@requires(Permission.REQUEST_RESTOCK)
def ask() -> ResponseReturnValue:
    """Ask for restock; the form opens filled in with the shortage."""
    scope, today = signed_in().scope, local_day(now())
    own = [place for place in places(scope=scope, open_on=today) if place.supplied_by_id is not None]
    if not own:
        return page("inventory/requests/nothing_to_ask_from.html")
    place = _place(own, scope)
    known = {level.key: level for level in queries.levels(place.id, scope=scope, on=today)}
    offered = {level.key: level for level in queries.catalogue_choices(on=today)}
    lines = _lines_sent() if sent.method == "POST" else None
    rows = _rows(lines, known, offered)
    form = _form(place, lines, rows)
    others = [level for key, level in offered.items() if key not in {row.key for row in rows}]
    if form.is_emergency:
        form.note.label.text = "Why it cannot wait"
    form.thing.choices = [("", "Choose"), *((level.key, level.name) for level in others)]
    if sent.method == "POST" and not ({"add", "remove"} & set(sent.form)):
        answer = _send(form, rows, own)
        if answer is not None:
            return answer
    levels = [known.get(row.key, offered.get(row.key)) for row in rows]
    return page("inventory/requests/ask.html", form=form, place=place, own=own, rows=rows, levels=levels)


def _place(own: list[Place], scope: Scope) -> Place:
    """Give the place the form is about: the one asked for, or the person's first."""
    if sent.method == "POST":
        return next((place for place in own if place.code == sent.form.get("place")), own[0])
    code = sent.args.get("place")
    return place_by_code(code, scope=scope) if code else own[0]


def _lines_sent() -> list[_Line]:
    """Read the rows that were sent, without the one to remove and with the one to add.

    Raises:
        RuleBroken: more rows than a request may have.
    """
    if len(sent.form.getlist("line")) > MOST_LINES:
        raise RuleBroken(f"Ask for {MOST_LINES} things or fewer at a time")
    lines = [
        _Line(key, sent.form.get(f"count-{number}", ""), sent.form.get(f"sure-{number}", ""))
        for number, key in enumerate(sent.form.getlist("line"), 1)
    ]
    removed, added = sent.form.get("remove", ""), sent.form.get("thing", "")
    lines = [line for line in lines if line.key != removed]
    if "add" in sent.form and added and added not in {line.key for line in lines}:
        lines.append(_Line(added, "", ""))
    return lines


def _rows(lines: list[_Line] | None, known: dict[str, Level], offered: dict[str, Level]) -> list[AskedRow]:
    """Give the rows of the form: those sent, the one thing the address names, or all that is short."""
    if lines is None and (thing := offered.get(sent.args.get("thing", ""))) is not None:
        return [AskedRow(thing.key, thing.name, parse.whole_number(sent.args.get("count") or "1", field="count"))]
    if lines is None:
        short = [level for key, level in known.items() if level.shortage_count and key in offered]
        return [AskedRow(level.key, level.name, level.shortage_count) for level in short]
    return [AskedRow(line.key, offered[line.key].name, None) for line in lines if line.key in offered]


def _form(place: Place, lines: list[_Line] | None, rows: list[AskedRow]) -> AskForm:
    """Make the form, its rows numbered anew where one was added or removed."""
    if lines is None:
        form = ask_form(rows, None)
        form.place.data = place.code
        form.emergency.data = "1" if sent.args.get("emergency") == "1" else ""
        return form
    kept = {line.key: line for line in lines}
    data: MultiDict[str, str] = MultiDict(
        (name, sent.form[name])
        for name in ("csrf_token", "submission_id", "place", "emergency", "note")
        if name in sent.form
    )
    for number, row in enumerate(rows, 1):
        data[f"count-{number}"], data[f"sure-{number}"] = kept[row.key].count, kept[row.key].sure
    return ask_form(rows, data)


def _send(form: AskForm, rows: list[AskedRow], own: list[Place]) -> ResponseReturnValue | None:
    """Send the request, or leave on the form why it was not sent."""
    if not form.submitted():
        return None
    me, reference = signed_in(), ""
    lines = [_asked(form, number, row) for number, row in enumerate(rows, 1)]
    if _questioned(form, lines, own):
        return None
    with refusals_on(form), transaction():
        made = services.ask(
            form.place.data or "",
            lines,
            note=form.note.data,
            emergency=form.is_emergency,
            scope=me.scope,
            by=me,
            at=now(),
            submission_id=form.submission_id.data,
        )
        reference = made.reference
    return back_to(reference, f"Request {reference} has been sent. Nothing more to do now") if reference else None


def _questioned(form: AskForm, lines: list[AskedLine], own: list[Place]) -> bool:
    """Put every question about a surprising count on the form at once; say whether there is any."""
    place = next((place for place in own if place.code == form.place.data), None)
    if place is None:
        return False
    questions = services.surprises(place, lines, scope=signed_in().scope, on=local_day(now()))
    for number, words in questions.items():
        form.refuse(words, f"sure-{number}")
    return bool(questions)


def _asked(form: AskForm, number: int, row: AskedRow) -> AskedLine:
    """Read one row of the form."""
    kind, _, code = row.key.partition(":")
    sure = form[f"sure-{number}"].data or ""
    return AskedLine(
        asked_count=form[f"count-{number}"].data,
        item_code=code if kind == "item" else None,
        recipe_code=code if kind == "bag" else None,
        confirmed_count=int(sure) if sure.isascii() and sure.isdigit() and len(sure) < 10 else None,
    )


@bp.route("/requests/<reference>/cancel", methods=["GET", "POST"])
@requires(Permission.REQUEST_RESTOCK)
def cancel(reference: str) -> ResponseReturnValue:
    """Take one's own request back."""
    me = signed_in()
    request = queries.own_request(reference, account_id=me.account_id)
    me.scope.demand(request.place_id)
    form = CancelForm(data=version_of(request))
    return answer_reason(
        reference,
        form,
        services.cancel,
        done=f"Request {reference} has been cancelled",
        heading=f"Cancel request {reference}",
        lead="Nothing will be sent, and what the store keeps for it is free again.",
        button="Cancel the request",
    )
