"""Pages of published usage: the releases, one of them, and making the next."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from core import trail
from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.figures import FileKind, is_figure
from core.figures.answers import data_cut_off, issue
from core.figures.lists import listed
from core.figures.storing import frozen_of
from core.paging import page_number
from core.periods import PeriodChoice, period_choices
from core.web import page, refusals_on, requires, signed_in, whole_actor
from grants.published import queries, services
from grants.published.forms import PlanForm, PublishForm, whole_months
from grants.published.report import Proposal, ReleasedUsage

bp = Blueprint("published", __name__, url_prefix="/published-usage")


@bp.route("/")
@requires(Permission.SEE_STOCK, Permission.DOWNLOAD_REPORTS)
@listed
def index() -> ResponseReturnValue:
    """List what was published, newest first."""
    me = whole_actor()
    return page(
        "grants/published/index.html",
        listed=queries.releases(page=page_number(request.args.get("page"))),
        may_publish=me is not None and me.may(Permission.PUBLISH_USAGE),
    )


@bp.route("/<reference>")
@requires(Permission.SEE_STOCK, Permission.DOWNLOAD_REPORTS)
def show(reference: str) -> ResponseReturnValue:
    """Show a release as it was published."""
    release = _released(reference)
    return page("grants/published/show.html", **_painted(release), files=_files(reference))


@bp.route("/<reference>/<any(pdf, csv, xlsx):kind>")
@requires(Permission.SEE_STOCK, Permission.DOWNLOAD_REPORTS)
def download(reference: str, kind: str) -> ResponseReturnValue:
    """Take a release away as a file."""
    from grants.published.pdf import MARKING, file_of

    release = _released(reference)
    return issue(
        release, FileKind(kind), file_of, sort="published", filters=release.filters, by=signed_in(), marking=MARKING
    )


@bp.route("/publish", methods=["GET", "POST"])
@requires(Permission.PUBLISH_USAGE, fresh=True)
def publish() -> ResponseReturnValue:
    """Choose what is published, read it with its small counts hidden, and publish it."""
    today = local_day(now())
    choices = _choices(today)
    wanted, form = PlanForm.reading(request.args, choices), PublishForm()
    known_at = data_cut_off()
    proposal = _proposed(wanted, choices, known_at)
    if proposal and form.submitted():
        with refusals_on(form):
            who: dict[str, Any] = {"by": signed_in(), "at": now(), "submission_id": form.submission_id.data}
            with transaction():
                made = services.publish_usage(wanted.plan(choices), form.seen.data, known_at=known_at, **who)
            trail.checkpoint_now(at=now(), occasion="usage.publish")
            flash(f"{made} is published. Take its files from here")
            return redirect(url_for("published.show", reference=made))
    if form.is_submitted() and not request.args:
        wanted.refuse("Choose what to publish, and read it first")
    form.seen.data = proposal.digest if proposal else ""
    facts = _painted(proposal.release) if proposal else {"release": None}
    # The summary of errors is that of the form that has some.
    return page(
        "grants/published/publish.html",
        form=wanted if wanted.problems else form,
        wanted=wanted,
        publishing=form,
        proposal=proposal,
        choices=choices,
        **facts,
    )


def _proposed(wanted: PlanForm, choices: list[PeriodChoice], known_at: datetime) -> Proposal | None:
    """Give what would be published; None where nothing is asked for, or the form says why it may not be."""
    if request.args and wanted.validate():
        with refusals_on(wanted):
            return services.demanded(wanted.plan(choices), at=known_at)
    return None


def _choices(today: date) -> list[PeriodChoice]:
    """Offer the quarters and years that are over, since the first Go Bag was issued."""
    first = queries.first_issued_at()
    return whole_months(period_choices(local_day(first), today), today=today) if first else []


def _released(reference: str) -> ReleasedUsage:
    return frozen_of(ReleasedUsage, queries.release_by_reference(reference).frozen_json)


def _painted(release: ReleasedUsage) -> dict[str, Any]:
    """Give what a page of a release shows."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from core.pdf import svg
    from grants.published.pdf import MARKING, released_chart

    drawn = any(count for _, count in release.issued)
    picture = Markup(svg(released_chart(release), "released")) if drawn else None
    return {"release": release, "picture": picture, "marking": MARKING, "is_figure": is_figure}


def _files(reference: str) -> list[tuple[FileKind, str]]:
    return [(kind, url_for("published.download", reference=reference, kind=kind.value)) for kind in FileKind]
