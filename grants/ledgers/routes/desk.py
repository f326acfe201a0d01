"""The reconciliation desk: unexplained lines beside the rows they may book."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.paging import page_number, paged
from core.parse import search_text
from core.privacy import refuse_personal_details
from core.web import page, refusals_on, requires, signed_in
from grants.ledgers import queries, services
from grants.ledgers.forms import ConfirmForm, MatchForm
from grants.ledgers.queries import LineState, Shown
from grants.ledgers.routes.blueprint import bp
from grants.ledgers.routes.choosing import chosen
from grants.ledgers.routes.rows import offer_rows

LINES = 12


@bp.route("/<ledger_code>/reconcile")
@requires(Permission.SEE_MONEY)
def desk(ledger_code: str) -> ResponseReturnValue:
    """Show unexplained lines, largest first, and for one of them what may explain it."""
    ledger, me = queries.ledger_by_code(ledger_code), signed_in()
    choice, progress = chosen(ledger_code)
    found = paged(
        queries.lines(choice.lines, Shown.UNEXPLAINED), number=page_number(request.args.get("page")), size=LINES
    )
    states = [LineState(line, pence) for line, pence in found.rows]
    current = _current(states, request.args.get("line", ""))
    near = search_text(request.args.get("row"))
    refuse_personal_details(near)
    rows = queries.rows_near(current, search=near) if current else []
    offered = queries.suggestions(ledger_code)
    form = MatchForm(formdata=None)
    offer_rows(form, rows)
    return page(
        "grants/ledgers/desk.html",
        ledger=ledger,
        choice=choice,
        progress=progress,
        found=found,
        states=states,
        current=current,
        then=_after(states, current),
        suggestion=offered.of(current.line.id) if current else None,
        twins=queries.twins_of(current.line) if current else [],
        sure_count=offered.sure_count,
        suggested_ids=offered.line_ids,
        rows=rows,
        near=near,
        match_form=form,
        last=queries.last_act_of(me.account_id) if me.may(Permission.KEEP_LEDGERS) else None,
        confirm=ConfirmForm(formdata=None),
        me=me,
    )


def _current(states: list[LineState], name: str) -> LineState | None:
    """Give the line that is looked at: the one asked for while it is unexplained, else the first."""
    asked = next((state for state in states if state.line.name == name), None)
    if asked is None and name:
        line = queries.line_by_name(name)
        state = queries.states_of([line.id])[line.id]
        asked = state if state.left_pence else None
    return asked or (states[0] if states else None)


def _after(states: list[LineState], current: LineState | None) -> str:
    """Name the line that follows the one looked at."""
    names = [state.line.name for state in states]
    if current is None or current.line.name not in names:
        return ""
    place = names.index(current.line.name)
    return names[place + 1] if place + 1 < len(names) else ""


@bp.route("/<ledger_code>/match", methods=["GET", "POST"])
@requires(Permission.KEEP_LEDGERS)
def match_all(ledger_code: str) -> ResponseReturnValue:
    """Match everything that is certain."""
    ledger = queries.ledger_by_code(ledger_code)
    form = ConfirmForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                run = services.match_automatically(
                    ledger_code, by=signed_in(), at=now(), submission_id=form.submission_id.data
                )
            flash(_run_words(len(run.references)))
            return redirect(url_for("ledgers.desk", ledger_code=ledger_code))
    count = queries.suggestions(ledger_code).sure_count
    return page("grants/ledgers/match_all.html", form=form, ledger=ledger, count=count)


def _run_words(count: int) -> str:
    if not count:
        return "Nothing is certain enough to match by itself. Look at the suggestions one by one"
    return f"{count:,} match{'' if count == 1 else 'es'} made. Each says why, and can be undone"
