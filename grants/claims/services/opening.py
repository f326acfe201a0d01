"""Opening the claim of an award's next period."""

from __future__ import annotations

from datetime import datetime

from core import trail
from core.access import Actor
from core.dates import day_text, local_day
from core.db import db
from core.errors import RuleBroken
from core.references import next_reference
from grants.awards.queries import award_by_code
from grants.awards.services import hold_open_awards
from grants.claims import queries
from grants.claims.models import Claim, ClaimEvent
from grants.claims.rules.course import SIGNED, ClaimAct, ClaimState


def open_claim(award_code: str, *, by: Actor, at: datetime, submission_id: str) -> Claim:
    """Begin the claim of an award's next period, as its cadence parts the funding period.

    Claims are made in order: each reverses what the one before accrued.

    Raises:
        NotFound: there is no such award.
        RuleBroken: the claim before is not certified, every period has its claim, or the next has not begun.
        PeriodClosed: the award is closed.
    """
    made = trail.earlier(submission_id, by=by, act="claim.open", body={"award": award_code})
    if made is not None:
        return queries.claim_by_reference(made)
    award = award_by_code(award_code)
    hold_open_awards([award.id])
    earlier = queries.claims_of(award.id)
    unsigned = next((claim for claim in earlier if claim.state not in SIGNED), None)
    if unsigned is not None:
        raise RuleBroken(f"{unsigned.reference} comes first: it is {unsigned.state} and not certified yet")
    period = queries.next_period(award)
    if period is None:
        raise RuleBroken(f"Every period of {award.code} has its claim")
    if period.first > local_day(at):
        raise RuleBroken(f"The next period of {award.code} begins on {day_text(period.first)}. Open its claim then")
    claim = Claim(
        reference=next_reference("CLM"), award_id=award.id, number=len(earlier) + 1, first_on=period.first,
        last_on=period.last, due_on=period.due_on, is_final=period.last == award.ends_on, state=ClaimState.DRAFT,
        version=1,
    )  # fmt: skip
    db.session.add(claim)
    db.session.flush()
    db.session.add(
        ClaimEvent(
            claim_id=claim.id, act=ClaimAct.OPEN, account_id=by.account_id, recorded_at=at, happened_on=local_day(at)
        )
    )
    db.session.flush()
    trail.record(
        act="claim.open", subject=claim.reference, by=by, at=at, submission_id=submission_id, award=award.code,
        number=claim.number, first_on=claim.first_on, last_on=claim.last_on,
    )  # fmt: skip
    return claim
