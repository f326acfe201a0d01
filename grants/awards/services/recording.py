"""Recording an award from its signed agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select

from core import trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken
from core.privacy import refuse_personal_details
from grants.awards import queries
from grants.awards.models import Award, GrantLine
from grants.awards.rules import AwardTerms, NewLine, demand_sound_terms
from organisation.places.models import Body


def record_award(terms: AwardTerms, lines: Sequence[NewLine], *, by: Actor, at: datetime, submission_id: str) -> Award:
    """Record an award and its lines as the agreement gives them.

    Raises:
        RuleBroken: the terms contradict themselves, the lines add up to more than the award, or the code is taken.
    """
    body = {"terms": asdict(terms), "lines": [asdict(line) for line in lines]}
    made = trail.earlier(submission_id, by=by, act="award.record", body=body)
    if made is not None:
        return queries.award_by_code(made)
    demand_sound_terms(terms, lines)
    guard_words(terms, lines)
    if db.session.scalar(select(Award.id).where(Award.code == terms.code)) is not None:
        raise RuleBroken(f"Award {terms.code} is already recorded. Choose another code", "code")
    award = Award(**columns(terms), body_id=body_id_of(terms.body_code))
    award.lines = [as_line(line, position) for position, line in enumerate(lines, start=1)]
    db.session.add(award)
    db.session.flush()
    trail.record(
        act="award.record", subject=award.code, by=by, at=at, submission_id=submission_id,
        amount_pence=award.amount_pence, starts_on=award.starts_on, ends_on=award.ends_on,
        lines={line.code: line.budget_pence for line in lines},
    )  # fmt: skip
    return award


def as_line(line: NewLine, position: int) -> GrantLine:
    """Give a grant line as it is first recorded."""
    return GrantLine(
        position=position, code=line.code, recorded_heading=line.heading, recorded_purpose=line.purpose,
        recorded_pence=line.budget_pence,
    )  # fmt: skip


def columns(terms: AwardTerms) -> dict[str, object]:
    """Give the terms as columns of the award: column → value. Its body goes by its own id."""
    return {name: value for name, value in asdict(terms).items() if name != "body_code"}


def guard_words(terms: AwardTerms, lines: Sequence[NewLine]) -> None:
    """Keep details of a person out of every text a reader will see."""
    refuse_personal_details(terms.title, field="title")
    refuse_personal_details(terms.funder, field="funder")
    refuse_personal_details(terms.certifier_office, field="certifier_office")
    for line in lines:
        refuse_personal_details(f"{line.heading}\n{line.purpose}")


def body_id_of(code: str) -> int:
    """Give the id of the body of a code.

    Raises:
        RuleBroken: there is none.
    """
    body_id = db.session.scalar(select(Body.id).where(Body.code == code))
    if body_id is None:
        raise RuleBroken("Select the body that holds the award", "body_code")
    return body_id
