"""What every act on a claim shares: the claim held, its course, and the event and leaf that tell the step."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from core import trail
from core.access import Actor
from core.dates import local_day
from core.db import db
from core.errors import StaleEdit
from core.money import Pence
from core.trail import Note
from grants.awards.services import lock_awards, read_again
from grants.claims import queries
from grants.claims.models import Claim, ClaimEvent
from grants.claims.rules.course import ClaimAct, ClaimState, Course, Hand, demand_other_hand, following


def held(reference: str) -> Claim:
    """Hold a claim, and its award's money, until the change is made.

    Raises:
        NotFound: there is no such claim.
    """
    claim = queries.claim_by_reference(reference)
    lock_awards([claim.award_id])
    queries.lock_claim(claim)
    read_again()
    return queries.claim_by_reference(reference)


def held_draft(reference: str) -> Claim:
    """Hold a claim that must still be a draft.

    Raises:
        StaleEdit: it has been prepared.
    """
    claim = held(reference)
    if claim.state is not ClaimState.DRAFT:
        raise StaleEdit(f"{reference} is {claim.state}. Have it sent back before you change it")
    return claim


def demand_hand(course: Course, act: ClaimAct, by: Actor) -> None:
    """Refuse a step to whoever took an earlier one, and to their deputies.

    Raises:
        NotPermitted: as ``demand_other_hand``.
    """
    names = [appointment.deputising_for for appointment in by.appointments]
    stands_in_for = frozenset(name for name in names if name is not None) if all(names) else frozenset()
    demand_other_hand(course, act, by=Hand(by.account_id, by.name), stands_in_for=stands_in_for)


def step(
    claim: Claim,
    act: ClaimAct,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
    name: str,
    on: date | None = None,
    digest: str | None = None,
    pence: Pence | None = None,
    outside_reference: str | None = None,
    reason: Note | None = None,
    state: ClaimState | None = None,
    **facts: Any,
) -> ClaimEvent:
    """Record that a claim took a step.

    Args:
        name: of the act in the log, such as "claim.prepare".
        state: what follows; by the course when None.
    """
    claim.state = following(queries.course_of(claim), act) if state is None else state
    claim.version += 1
    event = ClaimEvent(
        claim_id=claim.id, act=act, account_id=by.account_id, recorded_at=at, happened_on=on or local_day(at),
        digest=digest, pence=pence, outside_reference=outside_reference, note_id=reason.id if reason else None,
    )  # fmt: skip
    db.session.add(event)
    db.session.flush()
    facts |= {} if digest is None else {"digest": digest}
    trail.record(
        act=name, subject=claim.reference, by=by, at=at, submission_id=submission_id, reason=reason, **facts
    )  # fmt: skip
    return event
