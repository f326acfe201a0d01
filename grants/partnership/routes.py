"""Where help is: coverage, the packs of quarters, the briefings log and the partnership's actions.

Coverage with every figure is for those who see usage. Everybody else who sees stock, partners above all, is shown the
newest pack that was issued, and nothing that was not decided to be told.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from core import trail
from core.access import Permission, Scope
from core.dates import local_day, quarter
from core.db import now, transaction
from core.errors import NotFound
from core.figures import FileKind, is_figure
from core.figures.answers import cut_off_of, data_cut_off, issue
from core.figures.storing import frozen_of
from core.paging import page_number, paged
from core.periods import PeriodChoice, period_choices
from core.trail.queries import Head, head
from core.web import page, refusals_on, requires, signed_in, whole_actor
from grants.partnership import queries, services
from grants.partnership.forms import ActionForm, BriefingForm, FinishForm, IssueForm
from grants.partnership.report import QuarterPack, Stands, covered, propose_pack
from organisation.places.queries import places

bp = Blueprint("partnership", __name__, url_prefix="/where-help-is")

_QUARTERS = 4
"""So many past quarters can be issued."""


@bp.route("/")
@requires(Permission.SEE_STOCK, Permission.DOWNLOAD_REPORTS)
def show() -> ResponseReturnValue:
    """Show where help is: every figure of twelve months, or for partners the newest pack."""
    me, packs = whole_actor(), queries.packs()
    may_publish = me is not None and me.may(Permission.PUBLISH_USAGE)
    if me is None or not me.may(Permission.SEE_USAGE):
        newest = _pack(packs[0].reference) if packs else None
        return page("grants/partnership/told.html", packs=packs, **_told(newest))
    found = covered(today=local_day(now()), at=data_cut_off())
    stands = [
        Stands(each.name, each.town, each.east_km, each.north_km, each.bag_count > 0)
        for each in found.places
        if each.is_on_map
    ]
    return page(
        "grants/partnership/show.html",
        coverage=found,
        packs=packs,
        picture=_picture(stands),
        is_figure=is_figure,
        may_publish=may_publish,
    )


@bp.route("/packs/<reference>")
@requires(Permission.SEE_STOCK, Permission.DOWNLOAD_REPORTS)
def pack(reference: str) -> ResponseReturnValue:
    """Show the pack of a quarter as it was issued."""
    return page("grants/partnership/told.html", packs=queries.packs(), **_told(_pack(reference)))


@bp.route("/packs/<reference>/<any(pdf, csv, xlsx):kind>")
@requires(Permission.SEE_STOCK, Permission.DOWNLOAD_REPORTS)
def download(reference: str, kind: str) -> ResponseReturnValue:
    """Take the pack of a quarter away as a file."""
    from grants.partnership.pdf import MARKING, file_of

    made = _pack(reference)
    return issue(
        made, FileKind(kind), file_of, sort="partnership", filters=made.filters, by=signed_in(), marking=MARKING
    )


@bp.route("/issue", methods=["GET", "POST"])
@requires(Permission.PUBLISH_USAGE, fresh=True)
def issue_pack() -> ResponseReturnValue:
    """Read the pack of a quarter with its small counts hidden, and issue it."""
    choices = _quarters()
    chosen = _chosen(choices)
    form, log = IssueForm(), head()
    known_at = cut_off_of(log)
    draft = _draft(form, chosen, log)
    if draft is not None and form.submitted():
        with refusals_on(form):
            who: dict[str, Any] = {"by": signed_in(), "at": now(), "submission_id": form.submission_id.data}
            with transaction():
                made = services.issue_pack(chosen.period, form.seen.data, known_at=known_at, **who)
            trail.checkpoint_now(at=now(), occasion="usage.publish")
            flash(f"{made} is issued. Take its files from here")
            return redirect(url_for("partnership.pack", reference=made))
    form.seen.data = draft.digest if draft is not None else ""
    return page("grants/partnership/issue_pack.html", form=form, choices=choices, chosen=chosen, **_told(draft))


@bp.route("/briefings", methods=["GET", "POST"])
@requires(Permission.PUBLISH_USAGE)
def briefings() -> ResponseReturnValue:
    """Record a briefing, or correct one by a new entry, and list all of them."""
    wrong = queries.briefing(_number(request.args["corrects"])) if "corrects" in request.args else None
    usual: dict[str, Any] = {"briefed_on": local_day(now())}
    if wrong is not None:
        usual = {
            "place": wrong.place.code,
            "briefed_on": wrong.briefed_on,
            "attendee_count": wrong.attendee_count,
            "about": str(wrong.note) if wrong.note else "",
        }
    form = BriefingForm(data=usual)
    form.offer(places(scope=Scope.everywhere()))
    corrects = wrong.id if wrong else None
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.record_briefing(
                    form.place.data,
                    briefed_on=form.briefed_on.day,
                    attendee_count=form.attendee_count.data,
                    about=form.about.data or "",
                    corrects=corrects,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("The briefing has been corrected" if corrects else "The briefing has been recorded")
            return redirect(url_for("partnership.briefings"))
    listed = paged(queries.briefings(), number=page_number(request.args.get("page")))
    return page(
        "grants/partnership/briefings.html",
        form=form,
        wrong=wrong,
        listed=listed,
        corrected=queries.corrected_ids(),
    )


@bp.route("/actions", methods=["GET", "POST"])
@requires(Permission.PUBLISH_USAGE)
def actions() -> ResponseReturnValue:
    """Record what a body of the partnership agreed to do, and list what is open."""
    form = ActionForm()
    form.offer(queries.owners())
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.agree_action(
                    form.words.data,
                    owner_code=form.owner.data,
                    due_on=form.due_on.day,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("The action has been recorded")
            return redirect(url_for("partnership.actions"))
    today = local_day(now())
    return page(
        "grants/partnership/actions.html",
        form=form,
        finish=FinishForm(),
        actions=queries.actions(done_since=quarter(today).previous.first),
        today=today,
    )


@bp.route("/actions/<int:action_id>/finish", methods=["POST"])
@requires(Permission.PUBLISH_USAGE)
def finish(action_id: int) -> ResponseReturnValue:
    """Record that an action is done."""
    queries.action(action_id)
    form = FinishForm()
    if form.submitted():
        with transaction():
            services.finish_action(action_id, by=signed_in(), at=now(), submission_id=form.submission_id.data)
        flash("The action is done")
    return redirect(url_for("partnership.actions"))


def _draft(form: IssueForm, chosen: PeriodChoice, log: Head) -> QuarterPack | None:
    """Give the pack that would be issued; None where the form says why there is none."""
    today = local_day(now())
    if chosen.period.last < today:
        with refusals_on(form):
            return propose_pack(chosen.period, today=today, at=cut_off_of(log), log=log)
    return None


def _quarters() -> list[PeriodChoice]:
    """Offer the newest quarters that are over."""
    day = local_day(now())
    newest = quarter(day).previous
    found = period_choices(newest.previous.previous.previous.first, newest.last)
    return [choice for choice in found if "-q" in choice.code][:_QUARTERS]


def _chosen(choices: list[PeriodChoice]) -> PeriodChoice:
    """Give the quarter an address names; the newest where it names none.

    Raises:
        NotFound: it is not one of those.
    """
    code = request.args.get("quarter", choices[0].code)
    for choice in choices:
        if choice.code == code:
            return choice
    raise NotFound


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise NotFound
    return int(text)


def _pack(reference: str) -> QuarterPack:
    return frozen_of(QuarterPack, queries.pack_json(reference))


def _told(made: QuarterPack | None) -> dict[str, Any]:
    """Give what a page of a pack shows."""
    return {
        "pack": made,
        "picture": _picture(made.marks) if made else None,
        "is_figure": is_figure,
        "files": [
            (kind, url_for("partnership.download", reference=made.reference, kind=kind.value)) for kind in FileKind
        ]
        if made
        else [],
    }


def _picture(stands: Any) -> Markup | None:
    """Draw the map of places; nothing where none has a town."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from core.pdf import svg
    from grants.partnership.pdf import places_map

    return Markup(svg(places_map(stands), "places", wide=400)) if stands else None
