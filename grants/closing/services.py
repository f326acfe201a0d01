"""Closing an award and opening it again, grant given back, and holds on its records.

A closed award takes no more orders, splits, budget changes or claims: the services refuse in words, and the database
refuses a split or a claim once more. What the funder still pays on its claims, and what is given back, is recorded on.
"""

from __future__ import annotations

from datetime import date, datetime

from core import trail
from core.access import Actor
from core.dates import day_text, local_day
from core.db import db
from core.errors import AlreadyDone, OverLimit, RuleBroken, StaleEdit
from core.figures.storing import digest_of, text_of
from core.money import Pence, pounds
from core.privacy import refuse_personal_details
from core.references import next_reference
from grants.awards.models import Award, AwardClosure
from grants.awards.queries import award_by_code
from grants.awards.rules import ClosingAct
from grants.awards.services import lock_awards
from grants.closing import queries
from grants.closing.models import AuditHold, Repayment
from grants.closing.report import Outturn, freeze_outturn, outturn_digest
from grants.closing.rules import HoldAct, Settlement, hindrances


def close_award(
    award_code: str, seen_digest: str | None = None, *, by: Actor, at: datetime, submission_id: str
) -> AwardClosure:
    """Close an award over its outturn, which is frozen.

    Args:
        seen_digest: fingerprint of the figures on the page; None where there was none.

    Raises:
        NotFound: there is no such award.
        AlreadyDone: it is closed.
        RuleBroken: something is still to be done; the first thing is named.
        StaleEdit: the figures changed since the page was shown.
    """
    body = {"award": award_code, "seen": seen_digest}
    if trail.earlier(submission_id, by=by, act="award.close", body=body) is not None:
        return _newest(award_by_code(award_code))
    award = _held(award_code)
    newest = queries.newest_closure(award.id)
    if newest is not None and newest.act is ClosingAct.CLOSED:
        raise AlreadyDone(f"{award.code} was closed on {day_text(local_day(newest.recorded_at))}")
    standing = queries.standing(award)
    outturn = freeze_outturn(award, standing.claims, at=at)
    _demand_done(standing, outturn)
    if seen_digest is not None and seen_digest != outturn_digest(outturn):
        raise StaleEdit("The figures have changed since you opened the page. Look at them and try again")
    text = text_of(outturn.closed(by.name, at))
    made = AwardClosure(
        award_id=award.id, act=ClosingAct.CLOSED, outturn_json=text, digest=digest_of(text), account_id=by.account_id,
        recorded_at=at,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    owed = outturn.settlement
    trail.record(
        act="award.close", subject=award.code, by=by, at=at, submission_id=submission_id, digest=made.digest,
        claimed_pence=owed.claimed, paid_pence=owed.paid, underspend_pence=owed.underspend,
        kept_until=outturn.kept_until,
    )  # fmt: skip
    return made


def _held(award_code: str) -> Award:
    award = award_by_code(award_code)
    lock_awards([award.id])
    return award


def _newest(award: Award) -> AwardClosure:
    found = queries.newest_closure(award.id)
    assert found is not None
    return found


def _demand_done(standing: queries.Standing, outturn: Outturn) -> None:
    """Refuse to close while something is still to be done."""
    left = hindrances(standing.periods, standing.committed_pence, standing.unclaimed_pence)
    if left:
        raise RuleBroken(f"{left[0]}." + (f" {len(left) - 1} more to do." if len(left) > 1 else ""))
    if outturn.unexplained_lines:
        line = outturn.unexplained_lines[0]
        raise RuleBroken(
            f"Line {line.name} ends {pounds(abs(line.variance))} ({line.variance_words}) from its budget, and its "
            "claim does not say why"
        )


def reopen_award(award_code: str, *, reason: str, by: Actor, at: datetime, submission_id: str) -> AwardClosure:
    """Open a closed award again; what it was closed with stays.

    Raises:
        NotFound: there is no such award.
        StaleEdit: it is not closed.
        RuleBroken: no reason.
    """
    body = {"award": award_code, "reason": reason}
    if trail.earlier(submission_id, by=by, act="award.reopen", body=body) is not None:
        return _newest(award_by_code(award_code))
    award = _held(award_code)
    newest = queries.newest_closure(award.id)
    if newest is None or newest.act is not ClosingAct.CLOSED:
        raise StaleEdit(f"{award.code} is not closed")
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Say why the award is opened again", "reason")
    made = AwardClosure(
        award_id=award.id, act=ClosingAct.REOPENED, note_id=note.id, account_id=by.account_id, recorded_at=at
    )
    db.session.add(made)
    db.session.flush()
    trail.record(act="award.reopen", subject=award.code, by=by, at=at, submission_id=submission_id, reason=note)
    return made


def record_repayment(
    award_code: str, pence: Pence, *, repaid_on: date, outside_reference: str, by: Actor, at: datetime,
    submission_id: str,
) -> Repayment:  # fmt: skip
    """Record grant given back to the funder.

    Raises:
        NotFound: there is no such award.
        RuleBroken: nothing, no reference, or a day to come or before the award began.
        OverLimit: more than was received and not given back yet.
    """
    body = {"award": award_code, "pence": pence, "on": repaid_on, "reference": outside_reference}
    made = trail.earlier(submission_id, by=by, act="award.repay", body=body)
    if made is not None:
        return queries.repayment_by_reference(made)
    award = _held(award_code)
    refuse_personal_details(outside_reference, field="outside_reference")
    if pence <= 0:
        raise RuleBroken("Enter an amount of more than £0", "pence")
    if not outside_reference.strip():
        raise RuleBroken("Enter the reference of the payment", "outside_reference")
    if not award.starts_on <= repaid_on <= local_day(at):
        raise RuleBroken("Enter a real date in the past, not before the award began", "repaid_on")
    owed = freeze_outturn(award, queries.standing(award).claims, at=at).settlement
    _demand_received(pence, owed)
    row = Repayment(
        reference=next_reference("RPY"), award_id=award.id, pence=pence, repaid_on=repaid_on,
        outside_reference=outside_reference.strip(), account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    trail.record(
        act="award.repay", subject=row.reference, by=by, at=at, submission_id=submission_id, award=award.code,
        pence=pence, repaid_on=repaid_on,
    )  # fmt: skip
    return row


def _demand_received(pence: int, owed: Settlement) -> None:
    left = owed.paid - owed.repaid
    if pence > left:
        raise OverLimit(
            f"{pounds(owed.paid)} was received on claims, of which {pounds(owed.repaid)} is given back already. Enter "
            f"{pounds(max(0, left))} or less",
            "pence",
        )


def place_hold(award_code: str, *, reason: str, by: Actor, at: datetime, submission_id: str) -> AuditHold:
    """Keep an award's records beyond their date, until the hold is lifted.

    Raises:
        NotFound: there is no such award.
        AlreadyDone: a hold is placed.
        RuleBroken: no reason.
    """
    return _hold(award_code, HoldAct.PLACED, reason, "award.hold", by=by, at=at, submission_id=submission_id)


def lift_hold(award_code: str, *, reason: str, by: Actor, at: datetime, submission_id: str) -> AuditHold:
    """Let an award's records go by their date again.

    Raises:
        NotFound: there is no such award.
        AlreadyDone: no hold is placed.
        RuleBroken: no reason.
    """
    return _hold(award_code, HoldAct.LIFTED, reason, "award.lift_hold", by=by, at=at, submission_id=submission_id)


def _hold(
    award_code: str, wanted: HoldAct, reason: str, act: str, *, by: Actor, at: datetime, submission_id: str
) -> AuditHold:
    body = {"award": award_code, "reason": reason}
    if trail.earlier(submission_id, by=by, act=act, body=body) is not None:
        made = queries.newest_hold(award_by_code(award_code).id)
        assert made is not None
        return made
    award = _held(award_code)
    newest = queries.newest_hold(award.id)
    if (newest.act if newest else HoldAct.LIFTED) is wanted:
        raise AlreadyDone(f"The hold on {award.code} is {wanted} already" if newest else "No hold is placed")
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Enter a reason", "reason")
    row = AuditHold(award_id=award.id, act=wanted, note_id=note.id, account_id=by.account_id, recorded_at=at)
    db.session.add(row)
    db.session.flush()
    trail.record(act=act, subject=award.code, by=by, at=at, submission_id=submission_id, reason=note)
    return row
