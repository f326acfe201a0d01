"""Claims and what people decided about them. Estimates, forecasts and waivers: the newest counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, union
from sqlalchemy.orm import joinedload, selectinload, undefer

from core.db import db
from core.errors import NotFound
from core.money import Pence
from grants.awards.models import Award
from grants.awards.queries import recorded_on
from grants.awards.rules import ClaimPeriod, claim_periods
from grants.claims.models import Claim, ClaimEstimate, ClaimEvent, ClaimForecast, ClaimWaiver, SignedClaim
from grants.claims.rules.course import ClaimAct, Course, Hand
from inventory.deliveries.models import DeliveryLine
from organisation.accounts.models import Account


@dataclass(frozen=True)
class Summary:
    """A claim for a list: what it asks for once it is signed, and what has been paid of it."""

    claim: Claim
    eligible_pence: Pence | None
    paid_pence: Pence


def claim_by_reference(reference: str) -> Claim:
    """Find a claim with its award, its lines and its history.

    Raises:
        NotFound: there is none.
    """
    claim = db.session.scalars(_by_reference(), {"reference": reference}).unique().one_or_none()
    if claim is None:
        raise NotFound
    return claim


@cache
def _by_reference() -> Select[Claim]:
    """Select a claim by its reference; built once, for preparing it costs more than running it."""
    return (
        select(Claim)
        .where(Claim.reference == bindparam("reference"))
        .options(
            joinedload(Claim.award).joinedload(Award.lines),
            joinedload(Claim.award).joinedload(Award.body),
            selectinload(Claim.events).options(joinedload(ClaimEvent.account), joinedload(ClaimEvent.note)),
        )
    )


def was_made_before(claim: Claim) -> bool:
    """Say whether a claim's period was over before its award was recorded here: the funder has had it already."""
    return recorded_on(claim.award) > claim.last_on


def lock_claim(claim: Claim) -> None:
    """Make changes to the same claim queue (PostgreSQL); its award is locked before it."""
    db.session.execute(select(Claim.id).where(Claim.id == claim.id).with_for_update()).all()


def claims_of(award_id: int) -> list[Claim]:
    """List an award's claims in order."""
    return list(db.session.scalars(select(Claim).where(Claim.award_id == award_id).order_by(Claim.number)))


def later_claims(claim: Claim) -> list[tuple[Claim, datetime | None]]:
    """List the claims of the same award after one, in order, with the data cut-off of those that are signed."""
    asked = (
        select(Claim, SignedClaim.cut_off)
        .outerjoin(SignedClaim, SignedClaim.claim_id == Claim.id)
        .where(Claim.award_id == claim.award_id, Claim.number > claim.number)
        .order_by(Claim.number)
    )
    return [(later, cut_off) for later, cut_off in db.session.execute(asked)]


def summaries(award_ids: Iterable[int]) -> list[Summary]:
    """List the claims of awards, newest first, with what they ask for and what was paid."""
    claims: Sequence[Any] = db.session.execute(
        select(Claim, SignedClaim.eligible_pence)
        .outerjoin(SignedClaim, SignedClaim.claim_id == Claim.id)
        .where(Claim.award_id.in_(list(award_ids)))
        .options(joinedload(Claim.award))
        .order_by(Claim.first_on.desc(), Claim.id.desc())
    ).all()
    paid = _paid([claim.id for claim, _ in claims])
    return [Summary(claim, pence, paid.get(claim.id, Pence(0))) for claim, pence in claims]


def _paid(claim_ids: list[int]) -> dict[int, Pence]:
    asked = select(ClaimEvent.claim_id, func.sum(ClaimEvent.pence)).where(
        ClaimEvent.claim_id.in_(claim_ids), ClaimEvent.act == ClaimAct.PAY
    )
    rows = db.session.execute(asked.group_by(ClaimEvent.claim_id))
    return {claim_id: Pence(int(pence or 0)) for claim_id, pence in rows}


def paid_pence(claim: Claim) -> Pence:
    """Add up what the funder has paid of a claim."""
    return _paid([claim.id]).get(claim.id, Pence(0))


def is_settled(claim: Claim) -> bool:
    """Say whether all that a signed claim asks for has come; of one for £0.00, whether it was said that none is due."""
    signed = signed_of(claim.id)
    if signed is None or all(event.act is not ClaimAct.PAY for event in claim.events):
        return False
    return paid_pence(claim) == signed.eligible_pence


def next_period(award: Award) -> ClaimPeriod | None:
    """Give the period the next claim of an award is for, or None when every period has its claim."""
    periods = claim_periods(award.starts_on, award.ends_on, award.cadence, award.claim_due_days)
    made = len(claims_of(award.id))
    return periods[made] if made < len(periods) else None


def course_of(claim: Claim) -> Course:
    """Read how far a claim has come, and whose hands prepared and reviewed what now stands."""
    hands: dict[ClaimAct, Hand] = {}
    events = select(ClaimEvent).where(ClaimEvent.claim_id == claim.id).options(joinedload(ClaimEvent.account))
    for event in db.session.scalars(events.order_by(ClaimEvent.id)):
        if event.act is ClaimAct.SEND_BACK:
            hands.clear()
        hands[event.act] = Hand(event.account_id, event.account.name)
    prepared, reviewed = hands.get(ClaimAct.PREPARE), hands.get(ClaimAct.REVIEW)
    return Course(claim.reference, claim.state, prepared, reviewed, _drafted_by(claim.id))


def _drafted_by(claim_id: int) -> tuple[Hand, ...]:
    """List who decided anything of what a claim says, in the order of their accounts."""
    kinds = (ClaimEstimate, ClaimForecast, ClaimWaiver)
    who = union(*(select(kind.account_id).where(kind.claim_id == claim_id) for kind in kinds))
    asked = select(Account.id, Account.name).where(Account.id.in_(who)).order_by(Account.id)
    return tuple(Hand(account_id, name) for account_id, name in db.session.execute(asked))


def estimates_of(claim_id: int) -> list[ClaimEstimate]:
    """List a claim's estimates, the newest for each subject, in the order they were first made."""
    asked = select(ClaimEstimate).where(ClaimEstimate.claim_id == claim_id).order_by(ClaimEstimate.id)
    line = joinedload(ClaimEstimate.delivery_line)
    newest: dict[str, ClaimEstimate] = {}
    for estimate in db.session.scalars(
        asked.options(line.joinedload(DeliveryLine.delivery), joinedload(ClaimEstimate.grant_line))
        .options(joinedload(ClaimEstimate.note))
    ):  # fmt: skip
        newest[estimate.subject] = estimate
    return list(newest.values())


def forecasts_of(claim_id: int) -> dict[int, ClaimForecast]:
    """Give the newest forecast of each line: grant line id → forecast."""
    asked = select(ClaimForecast).where(ClaimForecast.claim_id == claim_id).order_by(ClaimForecast.id)
    return {each.grant_line_id: each for each in db.session.scalars(asked.options(joinedload(ClaimForecast.note)))}


def waivers_of(claim_id: int) -> dict[str, ClaimWaiver]:
    """Give the newest waiver of each finding: finding's key → waiver."""
    asked = select(ClaimWaiver).where(ClaimWaiver.claim_id == claim_id).order_by(ClaimWaiver.id)
    found = db.session.scalars(asked.options(joinedload(ClaimWaiver.note), joinedload(ClaimWaiver.account)))
    return {each.finding_key: each for each in found}


def signed_of(claim_id: int) -> SignedClaim | None:
    """Give what was signed of a claim, its whole text included, or None before it is certified."""
    asked = select(SignedClaim).where(SignedClaim.claim_id == claim_id)
    return db.session.scalar(asked.options(undefer(SignedClaim.pack_json)))
