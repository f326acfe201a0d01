"""The claims of every award, one claim, and the claim as a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from core.access import Permission
from core.dates import local_day
from core.db import now
from core.errors import NotFound
from core.figures import FileKind, is_figure
from core.figures.answers import data_cut_off, issue
from core.figures.lists import listed
from core.paging import page_number, paged
from core.web import page, requires, signed_in
from grants.awards import queries as awards
from grants.awards.models import Award
from grants.awards.rules import ClaimPeriod, claim_periods, working_days_after
from grants.claims import queries
from grants.claims.models import Claim
from grants.claims.queries import Summary
from grants.claims.report import ClaimPack, Draft, draft_of, known_now, pack_of
from grants.claims.report.tables import rows as transactions
from grants.claims.routes.blueprint import bp
from grants.claims.rules.course import SIGNED, STEPS, ClaimAct, ClaimState, acts_open


@dataclass(frozen=True)
class AwardClaims:
    """An award with its claims, and the period of the next one.

    Attributes:
        next_period: None when every period has its claim, or one is still to be certified.
    """

    award: Award
    claims: list[Summary]
    next_period: ClaimPeriod | None


@bp.route("/")
@requires(Permission.SEE_MONEY)
@listed
def index() -> ResponseReturnValue:
    """List the claims of every award, newest first."""
    known = awards.awards()
    found = queries.summaries([award.id for award in known])
    today = local_day(now())
    by_award = [_of_award(award, [each for each in found if each.claim.award_id == award.id], today) for award in known]
    return page("grants/claims/index.html", awards=by_award, today=today, me=signed_in())


def _of_award(award: Award, claims: list[Summary], today: date) -> AwardClaims:
    periods = claim_periods(award.starts_on, award.ends_on, award.cadence, award.claim_due_days)
    waiting = any(each.claim.state not in SIGNED for each in claims)
    following = None if waiting or len(claims) >= len(periods) else periods[len(claims)]
    if following is not None and following.first > today:
        following = None
    return AwardClaims(award, claims, following)


@bp.route("/lines/<award_code>/<line_code>")
@requires(Permission.SEE_MONEY)
def line(award_code: str, line_code: str) -> ResponseReturnValue:
    """Show the rows behind what is claimed on a grant line."""
    found = awards.line_of_award(award_code, line_code)
    return page(
        "grants/claims/line.html",
        award=found.award,
        line=found,
        claimed=queries.claimed_of_lines([found.id]).get(found.id),
        shown=paged(queries.rows_claimed(found), number=page_number(request.args.get("page"))),
    )


@bp.route("/<reference>")
@requires(Permission.SEE_MONEY)
def show(reference: str) -> ResponseReturnValue:
    """Show a claim as the funder will see it, with what fails, who has it, and what is known since."""
    claim = queries.claim_by_reference(reference)
    facts: dict[str, Any] = {"draft": None, "known": None, "expected_on": None}
    signed = queries.signed_of(claim.id)
    if signed is None:
        draft = draft_of(claim, at=data_cut_off())
        pack = draft.pack
        facts["draft"] = draft
    else:
        pack = pack_of(signed.pack_json)
        facts["known"] = known_now(claim, signed, at=data_cut_off())
        facts["expected_on"] = _expected_on(claim)
    # Painting is loaded when something is painted, for every start would wait for it.
    from core.pdf import svg
    from grants.claims.pdf import claim_chart

    return page(
        "grants/claims/show.html",
        claim=claim,
        pack=pack,
        signed=signed,
        paid_pence=queries.paid_pence(claim),
        picture=Markup(svg(claim_chart(pack), "claim")),
        files=_files(reference),
        steps=_steps(claim),
        acts={act.name for act in acts_open(claim.state)},
        is_figure=is_figure,
        why=_leads(reference, pack),
        lines={each.name: url_for("claims.rows", reference=reference, line_code=each.code) for each in pack.lines},
        me=signed_in(),
        **facts,
    )


def _leads(reference: str, pack: ClaimPack) -> Callable[[str, str], str | None]:
    """Give what says where the rows behind a figure of a line are, from the line's name and the column's heading."""
    codes, award = {line.name: line.code for line in pack.lines}, pack.award.code

    def leads(name: str, heading: str) -> str | None:
        code = codes.get(name)
        if code is None or heading.startswith(("Forecast", "Variance")):
            return None
        if heading in ("Approved", "Virement", "Revised"):
            return url_for("awards.show", award_code=award, _anchor="budget")
        if heading in ("Claimed earlier", "Cumulative", "Remaining"):
            return url_for("claims.line", award_code=award, line_code=code)
        return url_for("claims.rows", reference=reference, line_code=code)

    return leads


@bp.route("/<reference>/lines/<line_code>")
@requires(Permission.SEE_MONEY)
def rows(reference: str, line_code: str) -> ResponseReturnValue:
    """Show the transactions behind the figures of one line of a claim."""
    pack, _ = pack_now(queries.claim_by_reference(reference))
    line = next((each for each in pack.lines if each.code == line_code), None)
    if line is None:
        raise NotFound
    return page(
        "grants/claims/rows.html",
        pack=pack,
        line=line,
        table=transactions(pack, line_code),
        reference=reference,
        is_figure=is_figure,
    )


def _expected_on(claim: Claim) -> date | None:
    """Give the day by which the funder pays, as the award has it."""
    sent = [event.happened_on for event in claim.events if event.act is ClaimAct.SUBMIT]
    return working_days_after(sent[-1], claim.award.payment_days) if sent else None


def _files(reference: str) -> tuple[tuple[FileKind, str], ...]:
    return tuple((kind, url_for("claims.download", reference=reference, kind=kind.value)) for kind in FileKind)


def _steps(claim: Claim) -> list[tuple[str, str]]:
    """Give the steps of a claim and how far it has come: (words, "done", "now" or "")."""
    state = claim.state
    if state is ClaimState.QUERIED:
        state = ClaimState.PAID if queries.is_settled(claim) else ClaimState.SUBMITTED
    reached = STEPS.index(state)
    return [
        (each.capitalize(), "done" if place < reached else "now" if place == reached else "")
        for place, each in enumerate(STEPS)
    ]


def pack_now(claim: Claim) -> tuple[ClaimPack, Draft | None]:
    """Give what a claim says: as signed, or as it would be signed now."""
    signed = queries.signed_of(claim.id)
    if signed is not None:
        return pack_of(signed.pack_json), None
    draft = draft_of(claim, at=data_cut_off())
    return draft.pack, draft


@bp.route("/<reference>/<any(pdf, csv, xlsx):kind>")
@requires(Permission.DOWNLOAD_REPORTS)
def download(reference: str, kind: str) -> ResponseReturnValue:
    """Take the claim away as a file."""
    from grants.claims.pdf import file_of

    pack, _ = pack_now(queries.claim_by_reference(reference))
    return issue(
        pack, FileKind(kind), file_of, sort="claim", filters=pack.filters, by=signed_in(),
        eligible_pence=pack.total.eligible,
    )  # fmt: skip
