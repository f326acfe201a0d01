"""The bid for next year on a page and as a file; how much less is tried stands in the address."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.figures import FileKind, is_figure
from core.figures.answers import data_cut_off, issue
from core.web import page, requires, signed_in
from grants.bids.report import freeze_bid
from grants.bids.rules import MOST_LESS, less_percent

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
