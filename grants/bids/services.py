"""Recording the award that came of a bid, each of its lines beside what was asked for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from core import trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken
from grants.awards import queries as awards
from grants.awards.models import Award
from grants.awards.rules import AwardTerms
from grants.awards.services import record_award
from grants.bids import queries
from grants.bids.models import BidAnswer
from grants.bids.report import sent_bid_of
from grants.bids.rules import AnsweringLine


def record_award_of_bid(
    reference: str, terms: AwardTerms, lines: Sequence[AnsweringLine], *, by: Actor, at: datetime, submission_id: str
) -> Award:
    """Record an award that came of a bid which left the service, and which of its lines each grant line answers.

    Args:
        reference: of the bid in the register of issued reports.

    Raises:
        NotFound: no such bid left.
        RuleBroken: a line answers what the bid does not ask for, or what recording an award refuses.
    """
    report = queries.sent_bid(reference)
    body = {"bid": reference, "terms": asdict(terms), "lines": [asdict(each) for each in lines]}
    made = trail.earlier(submission_id, by=by, act="bid.award", body=body)
    if made is not None:
        return awards.award_by_code(made)
    bid = sent_bid_of(report)
    codes = {"", *(each.code for each in bid.asked)}
    unknown = next((each.asked_code for each in lines if each.asked_code not in codes), None)
    if unknown is not None:
        raise RuleBroken(f"The bid asks for no line {unknown}. Choose one of those it asks for, or none")
    award = record_award(
        terms, [each.line for each in lines], by=by, at=at,
        submission_id=str(uuid.uuid5(uuid.UUID(submission_id), "award")),
    )  # fmt: skip
    for line, each in zip(award.lines, lines, strict=True):
        db.session.add(
            BidAnswer(
                report_id=report.id, grant_line_id=line.id, asked_code=each.asked_code, account_id=by.account_id,
                recorded_at=at,
            )
        )  # fmt: skip
    db.session.flush()
    trail.record(
        act="bid.award", subject=award.code, by=by, at=at, submission_id=submission_id, bid=reference,
        asked_pence=bid.pence, granted_pence=award.amount_pence,
    )  # fmt: skip
    return award
