"""The usage report on a page and as a file; what it is narrowed to stands in the address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from core.access import Permission
from core.figures import FileKind, is_figure
from core.figures.answers import asked_period, cut_off_of, data_cut_off, issue
from core.languages import language
from core.trail.queries import head
from core.web import page, requires, signed_in
from inventory.usage.report import freeze_usage, make_usage
from inventory.usage.rules import Asked

bp = Blueprint("usage", __name__, url_prefix="/usage")

PARTS = {
    "short": "In short",
    "places": "By place",
    "things": "By variant, language and item",
    "unmet": "Asked for, not given",
    "stock": "Stock",
    "returned": "Came back, and corrections",
}
"""Part of the report in the address → its words. A page shows one of them; a file holds them all."""


def _asked() -> Asked:
    """Read from the address what the report is narrowed to."""
    return Asked(**{name: request.args.get(name, "").strip() for name in ("place", "variant", "language", "item")})


@bp.route("/")
@requires(Permission.SEE_USAGE)
def show() -> ResponseReturnValue:
    """Show usage for a period, compared with earlier ones, narrowed as the address says."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from core.pdf import svg
    from inventory.usage.pdf import MARKING, route_chart, time_chart

    log, asked = head(), _asked()
    at = cut_off_of(log)
    made = make_usage(asked_period(at=at), scope=signed_in().scope, at=at, asked=asked, log=log)
    report = made.report
    days: dict[str, Any] = {"from": report.period.first.isoformat(), "to": report.period.last.isoformat()}
    there = days | asked.named
    part = request.args.get("part", "")
    part = part if part in PARTS else "short"
    drawn = (
        ("place", route_chart(report) if report.net_count else None),
        ("time", time_chart(report) if report.net_count or report.unmet_count else None),
    )
    return page(
        "inventory/usage/show.html",
        report=report,
        choices=made.choices,
        asked=asked,
        languages=_languages(made.choices.languages, asked.language),
        days=days,
        there=there,
        part=part,
        parts=PARTS,
        marking=MARKING,
        pictures={name: Markup(svg(chart, f"usage-{name}")) for name, chart in drawn if chart and part == "short"},
        files=[(kind, url_for("usage.download_usage", kind=kind.value, **there)) for kind in FileKind],
        is_figure=is_figure,
    )


def _languages(printed: tuple[tuple[str, str], ...], asked: str) -> list[tuple[str, str]]:
    """Offer the languages things are printed in, and the one asked for."""
    more = [] if asked in ("", *(code for code, _ in printed)) else [(asked, language(asked).english)]
    return sorted([*printed, *more], key=lambda each: each[1])


@bp.route("/<any(pdf, csv, xlsx):kind>")
@requires(Permission.DOWNLOAD_REPORTS)
def download_usage(kind: str) -> ResponseReturnValue:
    """Take the usage report away as a file, narrowed as the address says."""
    from inventory.usage.pdf import MARKING, file_of

    me, at = signed_in(), data_cut_off()
    report = freeze_usage(asked_period(at=at), scope=me.scope, at=at, asked=_asked())
    return issue(
        report, FileKind(kind), file_of, sort="usage", filters=report.filters, by=me, marking=MARKING,
        issued_count=report.issued_count,
    )  # fmt: skip
