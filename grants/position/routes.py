"""The position of an award, one grant line followed to its end, and a Go Bag followed back."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now
from core.errors import NotFound
from core.figures import FileKind
from core.figures.answers import cut_off_of, issue
from core.money import Pence
from core.paging import page_number, paged_rows
from core.parse import search_text
from core.privacy import refuse_personal_details
from core.trail.queries import head
from core.web import page, requires, signed_in
from grants.awards import queries as awards
from grants.awards.models import Award
from grants.position import queries
from grants.position.queries import Found
from grants.position.report import Position, freeze_line, freeze_position
from grants.spending import queries as spending

bp = Blueprint("position", __name__)

VIEWS = {"documents": "Invoices", "lots": "Lots", "places": "Places", "bags": "Issued Go Bags"}
"""The tables of a followed line, one at a time."""


@bp.route("/grants/")
@bp.route("/grants/<award_code>")
@requires(Permission.SEE_MONEY)
def index(award_code: str | None = None) -> ResponseReturnValue:
    """Show where each line of an award stands: the one asked for, else the one running now."""
    known = awards.awards()
    award = _chosen(known, award_code)
    if award is None:
        return page("grants/position/index.html", position=None, awards=known, me=signed_in())
    files = [(kind, url_for("position.download_position", award_code=award.code, kind=kind.value)) for kind in FileKind]
    return page("grants/position/index.html", position=_frozen(award), files=files, awards=known, me=signed_in())


def _frozen(award: Award) -> Position:
    """Freeze a position as known now, its deadlines counted from today: the clock moves on where no record does."""
    log = head()
    return freeze_position(award, at=cut_off_of(log), today=local_day(now()), log=log)


def _chosen(known: list[Award], code: str | None) -> Award | None:
    """Choose the award by its code, or the newest that has begun."""
    if code is not None:
        found = next((award for award in known if award.code == code), None)
        if found is None:
            raise NotFound
        return found
    today = local_day(now())
    return next((award for award in known if award.starts_on <= today), known[0] if known else None)


@bp.route("/grants/<award_code>/position.<any(pdf, csv, xlsx):kind>")
@requires(Permission.SEE_MONEY)
def download_position(award_code: str, kind: str) -> ResponseReturnValue:
    """Take the position away as PDF, CSV or XLSX."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from grants.position.pdf import file_of

    made = _frozen(awards.award_by_code(award_code))
    return issue(
        made, FileKind(kind), file_of, sort="position", filters=made.filters, by=signed_in(), award=made.code
    )  # fmt: skip


@bp.route("/grants/<award_code>/lines/<line_code>")
@requires(Permission.SEE_MONEY)
def line(award_code: str, line_code: str) -> ResponseReturnValue:
    """Follow a grant line's pounds to its invoices, lots, places and issued Go Bags."""
    found = awards.line_of_award(award_code, line_code)
    view = request.args.get("view", "documents")
    if view not in VIEWS:
        raise NotFound
    followed = freeze_line(found)
    return page(
        "grants/position/line.html",
        award=found.award,
        line=found,
        budget_pence=awards.revised_budgets([found.id])[found.id],
        committed_pence=spending.commitments([found.id]).get(found.id, Pence(0)),
        followed=followed,
        view=view,
        views=[(name, words, len(getattr(followed, name))) for name, words in VIEWS.items()],
        shown=paged_rows(getattr(followed, view), number=page_number(request.args.get("page"))),
    )


@bp.route("/follow/")
@requires(Permission.SEE_MONEY)
def follow() -> ResponseReturnValue:
    """Go from what is typed to the record it names, or list what it may mean."""
    typed = search_text(request.args.get("q"))
    refuse_personal_details(typed)
    found = queries.found_by(typed)
    if len(found) == 1:
        return redirect(address_of(found[0]))
    choices = [(each.words, address_of(each)) for each in found]
    return page("grants/position/follow.html", q=typed, choices=choices)


def address_of(found: Found) -> str:
    """Give the address of a found record's page."""
    match found.kind:
        case "bag":
            return url_for("position.bag", tag=found.name)
        case "lot":
            return url_for("position.lot", lot_code=found.name)
        case "invoice":
            return url_for("spending.show", reference=found.name)
        case "spending":
            return url_for("spending.row", reference=found.name)
        case _:
            award_code, _, line_code = found.name.partition("/")
            return url_for("position.line", award_code=award_code, line_code=line_code)


@bp.route("/follow/bags/<tag>")
@requires(Permission.SEE_MONEY)
def bag(tag: str) -> ResponseReturnValue:
    """Follow a Go Bag back to the invoices and grant lines that paid for each thing in it."""
    at = queries.bag_at(tag)
    return page("grants/position/bag.html", at=at, cost=queries.bag_cost(at.bag))


@bp.route("/follow/lots/<lot_code>")
@requires(Permission.SEE_MONEY)
def lot(lot_code: str) -> ResponseReturnValue:
    """Follow one lot: what it cost, who paid, and where its units are."""
    return page("grants/position/lot.html", lot=queries.followed_lot(lot_code))
