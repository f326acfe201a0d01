"""The ledgers: the list, opening one, and one with its imports."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.figures.lists import listed
from core.paging import page_number, paged
from core.web import page, refusals_on, requires, signed_in
from grants.ledgers import queries, services
from grants.ledgers.forms import LedgerForm
from grants.ledgers.queries import LineFilter
from grants.ledgers.routes.blueprint import bp


@bp.route("/")
@requires(Permission.SEE_MONEY)
@listed
def index() -> ResponseReturnValue:
    """List the ledgers with what is in each."""
    return page("grants/ledgers/index.html", summaries=queries.summaries(), me=signed_in())


@bp.route("/add", methods=["GET", "POST"])
@requires(Permission.KEEP_LEDGERS)
def add() -> ResponseReturnValue:
    """Open a ledger for a finance system."""
    form = LedgerForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                made = services.open_ledger(
                    form.code.data,
                    form.name.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                code, name = made.code, made.name
            flash(f"{name} is open. Import its first extract")
            return redirect(url_for("ledgers.upload", ledger_code=code))
    return page("grants/ledgers/add.html", form=form)


@bp.route("/<ledger_code>")
@requires(Permission.SEE_MONEY)
def show(ledger_code: str) -> ResponseReturnValue:
    """Show a ledger: how far it is explained, its imports, and files of one's own still to confirm."""
    ledger, me = queries.ledger_by_code(ledger_code), signed_in()
    found = paged(queries.imports(ledger.id), number=page_number(request.args.get("page")))
    may = me.may(Permission.KEEP_LEDGERS)
    waiting = queries.waiting_of(me.account_id, at=now()) if may else []
    return page(
        "grants/ledgers/show.html",
        ledger=ledger,
        found=found,
        progress=queries.progress(LineFilter(ledger_code)),
        waiting=[each for each in waiting if each.ledger_id == ledger.id],
        me=me,
    )
