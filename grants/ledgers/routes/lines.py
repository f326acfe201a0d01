"""Ledger lines: the list, one with all its cells, and explaining it."""

from __future__ import annotations

import json
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.errors import NotFound, RuleBroken
from core.money import Pence, pounds
from core.paging import page_number, paged
from core.parse import search_text
from core.privacy import refuse_personal_details
from core.web import page, refusals_on, requires, signed_in
from grants.ledgers import queries, services
from grants.ledgers.forms import AcceptForm, ConfirmForm, MatchForm, SpendingForm
from grants.ledgers.models import LedgerLine
from grants.ledgers.queries import LineState, Shown
from grants.ledgers.routes.blueprint import bp
from grants.ledgers.routes.choosing import chosen, next_address
from grants.ledgers.routes.rows import offer_rows
from grants.spending.rules import SpendingKind

LISTED = {
    Shown.ALL: "All",
    Shown.UNEXPLAINED: "Unexplained",
    Shown.EXPLAINED: "Explained",
    Shown.FLAGGED: "To look at",
}


@bp.route("/<ledger_code>/lines")
@requires(Permission.SEE_MONEY)
def lines(ledger_code: str) -> ResponseReturnValue:
    """List the lines of a ledger."""
    ledger = queries.ledger_by_code(ledger_code)
    choice, progress = chosen(ledger_code)
    asked = request.args.get("show") or Shown.ALL
    if asked not in LISTED:
        raise NotFound
    shown = Shown(asked)
    found = paged(queries.lines(choice.lines, shown), number=page_number(request.args.get("page")), size=50)
    return page(
        "grants/ledgers/lines.html",
        ledger=ledger,
        choice=choice,
        progress=progress,
        shown=shown,
        listed=LISTED,
        found=found,
        states=[LineState(line, Pence(int(pence))) for line, pence in found.rows],
        me=signed_in(),
    )


@bp.route("/lines/<line_name>")
@requires(Permission.SEE_MONEY)
def line(line_name: str) -> ResponseReturnValue:
    """Show one line: what it says, every cell as it stood, and what explains it."""
    return _line_page(queries.line_by_name(line_name), AcceptForm(formdata=None))


def _line_page(found: LedgerLine, form: AcceptForm) -> ResponseReturnValue:
    state = queries.states_of([found.id])[found.id]
    layout = queries.layout_of(found.ledger_import.layout.layout_json)
    return page(
        "grants/ledgers/line.html",
        form=form,
        line=found,
        state=state,
        explanations=queries.explanations_of(found.id),
        suggestion=queries.suggestions(found.ledger.code).of(found.id) if state.left_pence else None,
        twins=queries.twins_of(found),
        cells=_cells(layout.headings, json.loads(found.raw_json)),
        me=signed_in(),
    )


def _cells(headings: tuple[str, ...], raw: list[str]) -> list[tuple[str, str]]:
    """Give each cell of a row with the name of its column."""
    width = max(len(headings), len(raw))
    names = [headings[at] if at < len(headings) and headings[at] else f"Column {at + 1}" for at in range(width)]
    return [(name, raw[at] if at < len(raw) else "") for at, name in enumerate(names)]


@bp.route("/lines/<line_name>/accept", methods=["POST"])
@requires(Permission.KEEP_LEDGERS)
def accept(line_name: str) -> ResponseReturnValue:
    """Make the match that is suggested, as it was shown."""
    found = queries.line_by_name(line_name)
    form = AcceptForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                reference = services.accept_proposal(
                    line_name,
                    form.proposal.data or "",
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{line_name} is matched ({reference})")
            return redirect(next_address(found))
    return _line_page(found, form)


@bp.route("/lines/<line_name>/match", methods=["GET", "POST"])
@requires(Permission.KEEP_LEDGERS)
def match(line_name: str) -> ResponseReturnValue:
    """Match a line, or part of it, to a row that a person chooses."""
    found = queries.line_by_name(line_name)
    near = search_text(request.args.get("row"))
    refuse_personal_details(near)
    form = MatchForm()
    offer_rows(form, [], sent=request.form.get("row"))
    if form.submitted():
        with refusals_on(form):
            with transaction():
                reference = _match(found, form)
            flash(f"{line_name} is matched ({reference})")
            return redirect(next_address(found))
    state = queries.states_of([found.id])[found.id]
    rows = queries.rows_near(state, search=near, most=25)
    return page("grants/ledgers/match.html", form=form, line=found, state=state, rows=rows, near=near)


def _match(found: LedgerLine, form: MatchForm) -> str:
    """Match as the form says; an amount typed without its sign has the line's."""
    typed = form.pence.data
    pence = None if typed is None else Pence(-abs(typed) if found.net_pence < 0 else typed)
    try:
        return services.match(
            found.name,
            form.row.data,
            pence,
            reason=form.reason.data,
            by=signed_in(),
            at=now(),
            submission_id=form.submission_id.data,
        )
    except NotFound:
        raise RuleBroken("Choose a row", "row") from None


@bp.route("/lines/<line_name>/spending", methods=["GET", "POST"])
@requires(Permission.KEEP_LEDGERS)
def record_spending(line_name: str) -> ResponseReturnValue:
    """Record a line as spending that has no invoice."""
    found = queries.line_by_name(line_name)
    form = SpendingForm(description=found.description[:120])
    if form.submitted():
        with refusals_on(form):
            with transaction():
                row = services.record_spending_of_line(
                    line_name,
                    kind=SpendingKind(form.kind.data),
                    description=form.description.data,
                    reason=form.reason.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                reference, amount = row.reference, pounds(row.net_pence)
            flash(f"{reference} records {amount} and {line_name} is matched to it. Apportion it to grant lines")
            return redirect(next_address(found))
    state = queries.states_of([found.id])[found.id]
    return page("grants/ledgers/record_spending.html", form=form, line=found, state=state)


@bp.route("/matches/<reference>/undo", methods=["GET", "POST"])
@requires(Permission.KEEP_LEDGERS)
def undo(reference: str) -> ResponseReturnValue:
    """Take a match back."""
    act = queries.act_by_reference(reference)
    form = ConfirmForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.undo_match(reference, by=signed_in(), at=now(), submission_id=form.submission_id.data)
            flash(f"{reference} is undone. Both rows stay on record")
            return redirect(_after_undo(reference))
    return page("grants/ledgers/undo.html", form=form, act=act, lines=_lines_of(act))


def _lines_of(act: queries.Act) -> list[LedgerLine]:
    """Give the lines an act matched, each once."""
    cancelled = [line for each in act.cancellations for line in (each.line, each.taken_back_by)]
    return list(dict.fromkeys([*(each.line for each in act.matches), *cancelled]))


def _after_undo(reference: str) -> str:
    """Give the page of the line that is open again, on the desk where one was."""
    lines = _lines_of(queries.act_by_reference(reference))
    if request.args.get("at") != "desk":
        return url_for("ledgers.line", line_name=lines[0].name)
    kept: dict[str, Any] = {name: request.args[name] for name in ("project", "q") if request.args.get(name)}
    return url_for("ledgers.desk", ledger_code=lines[0].ledger.code, line=lines[0].name, **kept)
