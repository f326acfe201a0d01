"""The exposure of an award: claimed and still on shelves, at its end, and what would cure it."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import local_day
from core.db import now
from core.figures import FileKind, is_figure
from core.figures.answers import data_cut_off, issue
from core.web import page, requires, signed_in
from grants.awards.models import Award
from grants.awards.queries import award_by_code
from grants.exposure.report import NOTE, Exposure, freeze_exposure

bp = Blueprint("exposure", __name__, url_prefix="/exposure")


@bp.route("/<award_code>")
@requires(Permission.SEE_MONEY)
def show(award_code: str) -> ResponseReturnValue:
    """Show what of an award's claims is still on shelves, by line, place and item."""
    award = award_by_code(award_code)
    made = _frozen(award)
    return page(
        "grants/exposure/show.html",
        made=made,
        links={
            line.name: url_for("position.line", award_code=award.code, line_code=line.code, view="places")
            for line in made.lines
        },
        note=NOTE,
        files=[(kind, url_for("exposure.download", award_code=award.code, kind=kind.value)) for kind in FileKind],
        is_figure=is_figure,
    )


def _frozen(award: Award) -> Exposure:
    """Freeze an exposure as known now, its days counted from today: the clock moves on where no record does."""
    return freeze_exposure(award, at=data_cut_off(), today=local_day(now()))


@bp.route("/<award_code>/exposure.<any(pdf, csv, xlsx):kind>")
@requires(Permission.DOWNLOAD_REPORTS)
def download(award_code: str, kind: str) -> ResponseReturnValue:
    """Take the exposure away as PDF, CSV or XLSX."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from grants.exposure.pdf import MARKING, file_of

    made = _frozen(award_by_code(award_code))
    return issue(
        made,
        FileKind(kind),
        file_of,
        sort="exposure",
        filters=made.filters,
        by=signed_in(),
        marking=MARKING,
        exposed_pence=made.exposed,
    )
