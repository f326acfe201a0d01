"""The exposure of an award: claimed and still on shelves, at its end, and what would cure it."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now
from core.figures import FileKind, is_figure
from core.figures.answers import send
from core.web import page, requires, signed_in
from grants.awards.queries import award_by_code
from grants.exposure.report import exposure_csv, freeze_exposure

bp = Blueprint("exposure", __name__, url_prefix="/exposure")


@bp.route("/<award_code>")
@requires(Permission.SEE_MONEY)
def show(award_code: str) -> ResponseReturnValue:
    """Show what of an award's claims is still on shelves, by line, place and item."""
    award = award_by_code(award_code)
    made = freeze_exposure(award, at=now())
    return page(
        "grants/exposure/show.html",
        made=made,
        links={
            line.name: url_for("position.line", award_code=award.code, line_code=line.code, view="places")
            for line in made.lines
        },
        is_figure=is_figure,
    )


@bp.route("/<award_code>/exposure.csv")
@requires(Permission.DOWNLOAD_REPORTS)
def download(award_code: str) -> ResponseReturnValue:
    """Take the exposure away as CSV."""
    made = freeze_exposure(award_by_code(award_code), at=now())
    return send(
        exposure_csv(made), FileKind.CSV, name=f"exposure-{made.code}", sort="exposure", title="Clawback exposure",
        filters=[("Grant", made.code)], by=signed_in(), exposed_pence=made.exposed,
    )  # fmt: skip
