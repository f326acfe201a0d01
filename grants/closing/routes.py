"""The end of an award: its outturn, closing and reopening it, repayments, and holds on its records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core import trail
from core.access import Permission
from core.db import now, transaction
from core.figures import Figures, FileKind, is_figure
from core.figures.answers import cut_off_of, issue
from core.figures.storing import frozen_of
from core.forms import Form
from core.money import Pence
from core.trail.queries import head
from core.web import page, refusals_on, requires, signed_in
from grants.awards.models import Award, AwardClosure
from grants.awards.queries import award_by_code
from grants.awards.rules import ClosingAct
from grants.closing import queries, services
from grants.closing.forms import CloseForm, ReasonForm, RepaymentForm
from grants.closing.report import Outturn, freeze_outturn, outturn_digest
from grants.closing.rules import HoldAct, hindrances

bp = Blueprint("closing", __name__, url_prefix="/closing/<award_code>")


def _known(award: Award, standing: queries.Standing) -> Outturn:
    """Give the outturn as known now."""
    log = head()
    return freeze_outturn(award, standing.claims, at=cut_off_of(log), log=log)


def _outturn(award: Award, closure: AwardClosure | None) -> tuple[Outturn, queries.Standing]:
    """Give the outturn as frozen when the award was closed, else as known now."""
    standing = queries.standing(award)
    if closure is not None and closure.outturn_json:
        return frozen_of(Outturn, closure.outturn_json), standing
    return _known(award, standing), standing


def _since(award: Award, closed: Outturn, standing: queries.Standing) -> tuple[Figures, ...]:
    """Set out what is owed and given back as known now, where it is not what the award was closed with."""
    known = _known(award, standing)
    if outturn_digest(known) == outturn_digest(closed):
        return ()
    return tuple(
        replace(table, caption=table.caption.replace(", in pounds", ", as known now, in pounds"))
        for table in (known.settlement_table, known.repayments_table)
    )


@bp.route("/")
@requires(Permission.SEE_MONEY)
def show(award_code: str) -> ResponseReturnValue:
    """Show how an award ends: what is still to do, its outturn, what is given back, how long records are kept."""
    award = award_by_code(award_code)
    closure = queries.newest_closure(award.id)
    made, standing = _outturn(award, closure)
    hold = queries.newest_hold(award.id)
    closed = closure is not None and closure.act is ClosingAct.CLOSED
    return page(
        "grants/closing/show.html",
        award=award,
        closure=closure,
        closed=closed,
        made=made,
        since=_since(award, made, standing) if closed else (),
        left=hindrances(standing.periods, standing.committed_pence, standing.unclaimed_pence),
        hold=hold,
        held=hold is not None and hold.act is HoldAct.PLACED,
        lines={each.name: url_for("position.line", award_code=award_code, line_code=each.code) for each in made.lines},
        why=_leads(made),
        links={each.reference: url_for("claims.show", reference=each.reference) for each in made.claims},
        files=tuple((kind, url_for("closing.download", award_code=award_code, kind=kind.value)) for kind in FileKind),
        is_figure=is_figure,
        me=signed_in(),
    )


def _leads(made: Outturn) -> Callable[[str, str], str | None]:
    """Give what says where the rows behind a figure of a line are, from the line's name and the column's heading."""
    codes, award = {line.name: line.code for line in made.lines}, made.award.code

    def leads(name: str, heading: str) -> str | None:
        if name in codes and heading in ("Approved", "Virement", "Revised"):
            return url_for("awards.show", award_code=award, _anchor="budget")
        if name in codes and heading == "Claimed":
            return url_for("claims.line", award_code=award, line_code=codes[name])
        return None

    return leads


@bp.route("/<any(pdf, csv, xlsx):kind>")
@requires(Permission.DOWNLOAD_REPORTS)
def download(award_code: str, kind: str) -> ResponseReturnValue:
    """Take the outturn statement away as a file: as frozen where the award is closed."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from grants.closing.pdf import file_of

    award = award_by_code(award_code)
    made, _ = _outturn(award, queries.newest_closure(award.id))
    return issue(
        made, FileKind(kind), file_of, sort="outturn", filters=made.filters, by=signed_in(),
        claimed_pence=made.settlement.claimed,
    )  # fmt: skip


@bp.route("/close", methods=["GET", "POST"])
@requires(Permission.CERTIFY_CLAIM, fresh=True)
def close(award_code: str) -> ResponseReturnValue:
    """Close an award over its outturn; right after, a checkpoint of the log is signed over it."""
    award = award_by_code(award_code)
    made, _ = _outturn(award, None)
    form = CloseForm()
    answer = _done(
        form, award, f"Award {award.code} is closed and its outturn is frozen",
        lambda who: services.close_award(award_code, form.seen_digest, **who), checkpoint="award.close",
    )  # fmt: skip
    form.seen.data = outturn_digest(made)
    return answer or page("grants/closing/close.html", form=form, award=award, made=made)


@bp.route("/reopen", methods=["GET", "POST"])
@requires(Permission.CERTIFY_CLAIM, fresh=True)
def reopen(award_code: str) -> ResponseReturnValue:
    """Open a closed award again."""
    award, form = award_by_code(award_code), ReasonForm()
    answer = _done(
        form, award, f"Award {award.code} is open again",
        lambda who: services.reopen_award(award_code, reason=form.reason.data, **who),
    )  # fmt: skip
    return answer or page("grants/closing/reopen.html", form=form, award=award)


@bp.route("/repay", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def repay(award_code: str) -> ResponseReturnValue:
    """Record grant given back to the funder."""
    award, form = award_by_code(award_code), RepaymentForm()
    made, _ = _outturn(award, None)
    answer = _done(
        form, award, "The repayment is recorded",
        lambda who: services.record_repayment(
            award_code, Pence(form.pence.data), repaid_on=form.repaid_on.day,
            outside_reference=form.outside_reference.data, **who,
        ),
    )  # fmt: skip
    return answer or page("grants/closing/repay.html", form=form, award=award, made=made)


@bp.route("/hold", methods=["GET", "POST"])
@requires(Permission.CERTIFY_CLAIM)
def hold(award_code: str) -> ResponseReturnValue:
    """Keep an award's records beyond their date."""
    award, form = award_by_code(award_code), ReasonForm()
    answer = _done(
        form, award, "The records are held until the hold is lifted",
        lambda who: services.place_hold(award_code, reason=form.reason.data, **who),
    )  # fmt: skip
    return answer or page("grants/closing/hold.html", form=form, award=award)


@bp.route("/lift-hold", methods=["GET", "POST"])
@requires(Permission.CERTIFY_CLAIM)
def lift_hold(award_code: str) -> ResponseReturnValue:
    """Let an award's records go by their date again."""
    award, form = award_by_code(award_code), ReasonForm()
    answer = _done(
        form, award, "The hold is lifted",
        lambda who: services.lift_hold(award_code, reason=form.reason.data, **who),
    )  # fmt: skip
    return answer or page("grants/closing/lift_hold.html", form=form, award=award)


def _done(
    form: Form, award: Award, said: str, act: Callable[[dict[str, Any]], object], *, checkpoint: str | None = None
) -> ResponseReturnValue | None:
    """Do what a form asks and go back to the award's end; None while it is not sent, or refused."""
    if form.submitted():
        with refusals_on(form):
            who = {"by": signed_in(), "at": now(), "submission_id": form.submission_id.data}
            with transaction():
                act(who)
            if checkpoint:
                trail.checkpoint_now(at=now(), occasion=checkpoint)
            flash(said)
            return redirect(url_for("closing.show", award_code=award.code))
    return None
