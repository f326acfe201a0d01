"""Passing a cupboard on: a sample drawn by a printed seed is counted, and both people sign from their own accounts."""

from __future__ import annotations

from datetime import datetime

from core import trail
from core.access import Actor, Permission, Scope
from core.dates import local_day
from core.db import db
from core.errors import AlreadyDone, NotPermitted, RuleBroken
from core.references import next_reference
from inventory.counts import queries
from inventory.counts.models import Handover, HandoverSignature
from inventory.counts.rules import CountExtent, CountState, sample, sample_size
from inventory.counts.services.starting import open_count, things_to_count
from organisation.places.queries import chosen_place

GO_BAGS = "GO-BAGS"
"""What Go Bags are called among the codes a sample is drawn from."""


def begin_handover(
    place_code: str,
    *,
    incoming: str,
    seed: str,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Handover:
    """Begin to pass one's cupboard on: draw a sample of what is there and open its count.

    Args:
        incoming: reference of the account that takes the cupboard over.
        seed: what the sample is drawn by; it is printed, so that anybody can draw it again.

    Raises:
        RuleBroken: the place or the person cannot be chosen, or nothing is there.
        AlreadyDone: a count is going on there.
    """
    if done := trail.earlier(submission_id, by=by, act="handover.begin", body=[place_code, incoming]):
        return queries.handover_by_reference(done, scope=scope)
    place = chosen_place(place_code, scope=scope, field="place")
    others = {each.reference: each for each in queries.who_may(Permission.HAND_OVER, place.id, on=local_day(at))}
    person = others.get(incoming)
    if person is None or person.id == by.account_id:
        raise RuleBroken(f"Select a colleague who holds a role at {place.name}", "incoming")
    items, any_bags = things_to_count(place)
    codes = [*(item.code for item in items), *([GO_BAGS] if any_bags else [])]
    if not codes:
        raise RuleBroken(f"{place.name} holds nothing, so there is nothing to hand over", "place")
    drawn = sample(codes, seed=seed, size=sample_size(len(codes)))
    count = open_count(
        place,
        [item for item in items if item.code in drawn],
        bags=GO_BAGS in drawn,
        extent=CountExtent.SAMPLE,
        covers=f"Sample of {len(drawn)} of {len(codes)}",
        by=by,
        at=at,
    )
    handover = Handover(
        reference=next_reference("H"),
        place_id=place.id,
        count_id=count.id,
        outgoing_id=by.account_id,
        incoming_id=person.id,
        seed=seed,
        thing_count=len(codes),
        begun_at=at,
    )
    db.session.add(handover)
    db.session.flush()
    trail.record(
        act="handover.begin",
        subject=handover.reference,
        by=by,
        at=at,
        submission_id=submission_id,
        place=place.code,
        incoming=person.reference,
        count=count.reference,
        seed=seed,
        drawn=drawn,
        of=len(codes),
    )
    return handover


def sign_handover(reference: str, *, scope: Scope, by: Actor, at: datetime, submission_id: str) -> Handover:
    """Sign a handover from one's own account, once its sample has been counted.

    Raises:
        NotFound: there is no such handover for this person.
        NotPermitted: the person is neither who hands over nor who takes over.
        AlreadyDone: they signed before, the count was abandoned, or what was signed was counted again since.
        RuleBroken: the sample has not been counted yet.
    """
    if done := trail.earlier(submission_id, by=by, act="handover.sign", body=[reference]):
        return queries.handover_by_reference(done, scope=scope)
    handover = queries.handover_by_reference(reference, scope=scope)
    if by.account_id not in (handover.outgoing_id, handover.incoming_id):
        raise NotPermitted("Only the person who hands over and the person who takes over sign")
    if handover.count.state is not CountState.ABANDONED and len(handover.standing) < len(handover.signatures):
        raise AlreadyDone(
            f"{reference} was signed before its sample was counted again. Begin another handover when count "
            f"{handover.count.reference} is approved"
        )
    if any(each.account_id == by.account_id for each in handover.signatures):
        raise AlreadyDone("You have signed this handover already")
    if handover.count.state is CountState.ABANDONED:
        raise AlreadyDone(f"Count {handover.count.reference} was abandoned. Begin another handover")
    if handover.count.state is CountState.COUNTING:
        raise RuleBroken(f"Count {handover.count.reference} is not finished. Count the sample first, then sign")
    db.session.add(HandoverSignature(handover_id=handover.id, account_id=by.account_id, signed_at=at))
    db.session.flush()
    db.session.expire(handover, ["signatures"])
    trail.record(
        act="handover.sign",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        place=handover.place.code,
        side="hands over" if by.account_id == handover.outgoing_id else "takes over",
        count=handover.count.reference,
    )
    return handover
