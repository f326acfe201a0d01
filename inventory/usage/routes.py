"""The usage report on a page and as a file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from core.access import Permission
from core.figures import FileKind, is_figure
from core.figures.answers import asked_period, data_cut_off, issue
from core.web import page, requires, signed_in
from inventory.usage.report import freeze_usage

bp = Blueprint("usage", __name__, url_prefix="/usage")


@bp.route("/")
@requires(Permission.SEE_USAGE)
def show() -> ResponseReturnValue:
    """Show usage by station for a period."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from core.pdf import svg
    from inventory.usage.pdf import MARKING, route_chart

    at = data_cut_off()
    report = freeze_usage(asked_period(at=at), scope=signed_in().scope, at=at)
    days: dict[str, Any] = {"from": report.period.first.isoformat(), "to": report.period.last.isoformat()}
    return page(
        "inventory/usage/show.html",
        report=report,
        marking=MARKING,
        picture=Markup(svg(route_chart(report), "usage", wide=480)) if report.issued_count else None,
        files=[(kind, url_for("usage.download_usage", kind=kind.value, **days)) for kind in FileKind],
        is_figure=is_figure,
    )


@bp.route("/<any(pdf, csv, xlsx):kind>")
@requires(Permission.DOWNLOAD_REPORTS)
def download_usage(kind: str) -> ResponseReturnValue:
    """Take usage by station away as a file."""
    from inventory.usage.pdf import MARKING, file_of

    me, at = signed_in(), data_cut_off()
    report = freeze_usage(asked_period(at=at), scope=me.scope, at=at)
    return issue(
        report, FileKind(kind), file_of, sort="usage", filters=report.filters, by=me, marking=MARKING,
        issued_count=report.issued_count,
    )  # fmt: skip
