"""The bid for next year on a page and as a file; how much less is tried stands in the address.

A bid that left the service is in the register of issued reports, and keeps there what it asked for. The award that
comes of it is recorded from there.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.figures import FileKind, is_figure
from core.figures.answers import data_cut_off, issue
from core.figures.lists import listed
from core.paging import page_number, paged
from core.web import page, refusals_on, requires, signed_in
from grants.awards.forms import MOST_LINES
from grants.bids import queries, services
from grants.bids.forms import BidAwardForm, filled_in
from grants.bids.report import freeze_bid, outcome, sent_bid_of
from grants.bids.rules import MOST_LESS, less_percent
from organisation.places.queries import bodies

bp = Blueprint("bids", __name__, url_prefix="/bid")


@bp.route("/")
@requires(Permission.SEE_MONEY)
def show() -> ResponseReturnValue:
    """Show what to buy next year, why and for how much, and which places run dry with less."""
    bid = freeze_bid(less=less_percent(request.args.get("less", "").strip()), at=data_cut_off())
    days = {"from": bid.period.first.isoformat(), "to": bid.period.last.isoformat()}
    usage = url_for("usage.show")
    return page(
        "grants/bids/show.html",
        bid=bid,
        most=MOST_LESS,
        files=[(kind, url_for("bids.download", kind=kind.value, less=bid.less)) for kind in FileKind],
        links={each.name: f"{usage}?from={days['from']}&to={days['to']}&item={each.code}" for each in bid.sources},
        is_figure=is_figure,
    )


@bp.route("/<any(pdf, csv, xlsx):kind>")
@requires(Permission.DOWNLOAD_REPORTS)
def download(kind: str) -> ResponseReturnValue:
    """Take the bid away as a file."""
    from grants.bids.pdf import MARKING, file_of

    bid = freeze_bid(less=less_percent(request.args.get("less", "").strip()), at=data_cut_off())
    return issue(
        bid, FileKind(kind), file_of, sort="bid", filters=bid.filters, by=signed_in(), marking=MARKING, pence=bid.pence
    )


@bp.route("/sent/")
@requires(Permission.SEE_MONEY)
@listed
def index() -> ResponseReturnValue:
    """List the bids that left the service, and what came of each."""
    found = paged(queries.sent_bids(), number=page_number(request.args.get("page")))
    granted = queries.granted_lines([each.id for each in found.rows])
    return page("grants/bids/index.html", found=found, granted=granted)


@bp.route("/sent/<reference>")
@requires(Permission.SEE_MONEY)
def sent(reference: str) -> ResponseReturnValue:
    """Show a bid as it left the service, and what came of it: asked against granted, line by line."""
    report = queries.sent_bid(reference)
    bid, granted = sent_bid_of(report), queries.granted_lines([report.id])[report.id]
    return page(
        "grants/bids/sent.html",
        report=report,
        bid=bid,
        awards={each.award: each.award_pence for each in granted},
        outcome=outcome(bid, granted) if granted else None,
        is_figure=is_figure,
        me=signed_in(),
    )


@bp.route("/sent/<reference>/record-award", methods=["GET", "POST"])
@requires(Permission.KEEP_AWARDS)
def record_award(reference: str) -> ResponseReturnValue:
    """Record the award that came of a bid, filled in with what was asked for."""
    report = queries.sent_bid(reference)
    bid = sent_bid_of(report)
    form = BidAwardForm(data=filled_in(bid.pence, bid.asked))
    if "more" in request.form and len(form.lines) < MOST_LINES:
        form.lines.append_entry()
    form.offer_bodies(bodies())
    form.offer(bid.asked)
    if "more" not in request.form and form.submitted():
        with refusals_on(form):
            terms, lines = form.terms(), form.answering_lines()
            with transaction():
                made = services.record_award_of_bid(
                    reference, terms, lines, by=signed_in(), at=now(), submission_id=form.submission_id.data
                ).code
            flash(f"Award {made} is recorded")
            return redirect(url_for("bids.sent", reference=reference))
    return page("grants/bids/record_award.html", form=form, report=report, bid=bid)
