"""Reports: choose a period, see each report, take it away as PDF, CSV or XLSX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from core.access import Permission
from core.dates import local_day
from core.figures import FileKind, is_figure
from core.figures.answers import asked_period, cut_off_of, data_cut_off, issue
from core.periods import Period, PeriodChoice, newest_ended, period_choices
from core.trail.queries import head
from core.web import page, refusals_on, requires, signed_in
from grants.awards import queries as awards
from grants.awards.models import Award
from grants.reports.forms import PeriodForm
from grants.reports.report import Statement, freeze_statement

bp = Blueprint("reports", __name__, url_prefix="/reports")


@dataclass(frozen=True)
class Offered:
    """A report of the period: what it is called, what it says, and where it is."""

    name: str
    says: str
    view: str
    files: tuple[tuple[FileKind, str], ...]


@bp.route("/")
@requires(Permission.DOWNLOAD_REPORTS)
def index() -> ResponseReturnValue:
    """List the reports of a period."""
    known = awards.awards()
    at = data_cut_off()
    choices = _choices(known, local_day(at))
    form = PeriodForm.reading(request.args)
    form.offer(choices)
    period: Period | None = None
    with refusals_on(form):
        period = _period(form, choices, newest_ended(choices, local_day(at)))
    offered = _offered(known, period) if period else []
    return page("grants/reports/index.html", form=form, period=period, offered=offered, cut_off=at)


def _choices(known: list[Award], today: date) -> list[PeriodChoice]:
    """Offer every period since the first award began."""
    first = min((award.starts_on for award in known), default=today)
    last = max(today, first)
    return period_choices(first, last, [(award.code, award.starts_on, award.ends_on) for award in known])


def _period(form: PeriodForm, choices: list[PeriodChoice], usual: PeriodChoice) -> Period | None:
    """Give the period asked for, the usual one when none was, or None when the form says what is wrong."""
    if not request.args:
        form.period.data = usual.code
        return usual.period
    form.validate()
    return form.chosen(choices)


def _offered(known: list[Award], period: Period) -> list[Offered]:
    """List the reports there are for a period: a statement of each award it touches, and usage."""
    days: dict[str, Any] = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    found = [
        Offered(
            f"Statement of grant usage: {award.title}",
            "Budget to actual, the walk from the finance extract, what the money became, and the certificate",
            url_for("reports.statement", award_code=award.code, **days),
            _files("reports.download_statement", award_code=award.code, **days),
        )
        for award in known
        if award.starts_on <= period.last and award.ends_on >= period.first
    ]
    usage = Offered(
        "Usage by station",
        "Go Bags issued by station, recipe, booklet language and route, and what is on hand at the end",
        url_for("usage.show", **days),
        _files("usage.download_usage", **days),
    )
    return [*found, usage]


def _files(endpoint: str, **values: Any) -> tuple[tuple[FileKind, str], ...]:
    return tuple((kind, url_for(endpoint, kind=kind.value, **values)) for kind in FileKind)


@bp.route("/statement/<award_code>")
@requires(Permission.DOWNLOAD_REPORTS)
def statement(award_code: str) -> ResponseReturnValue:
    """Show the statement of grant usage of an award for a period."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from core.pdf import svg
    from grants.reports.pdf import budget_chart

    log = head()
    at = cut_off_of(log)
    made = freeze_statement(award_code, asked_period(at=at), at=at, log=log)
    days: dict[str, Any] = {"from": made.period.first.isoformat(), "to": made.period.last.isoformat()}
    return page(
        "grants/reports/statement.html",
        statement=made,
        picture=Markup(svg(budget_chart(made), "budget")),
        lines=_lines(made),
        why=_leads(made),
        files=_files("reports.download_statement", award_code=award_code, **days),
        is_figure=is_figure,
    )


def _lines(made: Statement) -> dict[str, str]:
    """Say where each line of a statement is followed: its name → address."""
    code = made.award.code
    return {line.name: url_for("position.line", award_code=code, line_code=line.code) for line in made.lines}


def _leads(made: Statement) -> Callable[[str, str], str | None]:
    """Give what says where the rows behind a figure of a line are, from the line's name and the column's heading."""
    lines = _lines(made)

    def leads(name: str, heading: str) -> str | None:
        if name in lines and heading in ("Approved budget", "Virement", "Revised budget"):
            return url_for("awards.show", award_code=made.award.code, _anchor="budget")
        return lines.get(name)

    return leads


@bp.route("/statement/<award_code>/<any(pdf, csv, xlsx):kind>")
@requires(Permission.DOWNLOAD_REPORTS)
def download_statement(award_code: str, kind: str) -> ResponseReturnValue:
    """Take the statement away as a file."""
    from grants.reports.pdf import file_of

    log = head()
    at = cut_off_of(log)
    made = freeze_statement(award_code, asked_period(at=at), at=at, log=log)
    return issue(
        made, FileKind(kind), file_of, sort="statement", filters=made.filters, by=signed_in(),
        eligible_pence=made.total.eligible,
    )  # fmt: skip
