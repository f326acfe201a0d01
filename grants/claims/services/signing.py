"""Preparing, reviewing and certifying a claim: three people, the same figures.

Each step is taken over the figures its person saw: their fingerprint travels with the form, and a step over figures
that have changed since is refused. Certifying freezes them.
"""

from __future__ import annotations

from datetime import datetime

from core import trail
from core.access import Actor
from core.db import db
from core.errors import OverLimit, RuleBroken, StaleEdit
from core.money import pounds
from grants.claims import queries
from grants.claims.models import Claim, ClaimEvent, SignedClaim, SignedLine, SignedRow
from grants.claims.report import ClaimPack, Draft, Signature, digest_of, draft_of, text_of
from grants.claims.rules.course import ClaimAct, following
from grants.claims.rules.findings import FindingKind
from grants.claims.services.steps import demand_hand, held, step


def prepare_claim(
    claim_reference: str, seen_digest: str | None = None, *, by: Actor, at: datetime, submission_id: str
) -> Claim:
    """Say that a claim is complete; from here on its draft is not changed.

    Args:
        seen_digest: fingerprint of the figures on the page; None where there was none.

    Raises:
        StaleEdit: it is no draft, or the figures changed since the page was shown.
        OverLimit: a line would be claimed beyond its budget.
        RuleBroken: something fails that is neither cured nor waived.
    """
    body = {"claim": claim_reference, "seen": seen_digest}
    made = trail.earlier(submission_id, by=by, act="claim.prepare", body=body)
    if made is not None:
        return queries.claim_by_reference(made)
    claim = held(claim_reference)
    following(queries.course_of(claim), ClaimAct.PREPARE)
    draft = _sound(claim, seen_digest, at)
    step(
        claim, ClaimAct.PREPARE, by=by, at=at, submission_id=submission_id, name="claim.prepare",
        digest=draft.digest, eligible_pence=draft.pack.total.eligible,
    )  # fmt: skip
    return claim


def _sound(claim: Claim, seen_digest: str | None, at: datetime) -> Draft:
    """Make the claim again and refuse it when something fails or the figures are not those that were seen."""
    draft = draft_of(claim, at=at)
    over = next((each for each in draft.failing if each.kind is FindingKind.OVER_LINE), None)
    if over is not None:
        raise OverLimit(f"{over.words}. {over.cure}")
    if draft.failing:
        first, count = draft.failing[0], len(draft.failing)
        rest = f" {count - 1:,} more {'fails' if count == 2 else 'fail'}." if count > 1 else ""
        raise RuleBroken(f"{first.words}. {first.cure}.{rest}")
    if seen_digest is not None and seen_digest != draft.digest:
        raise StaleEdit("The figures have changed since you opened the page. Look at them and try again")
    return draft


def review_claim(
    claim_reference: str, seen_digest: str | None = None, *, by: Actor, at: datetime, submission_id: str
) -> Claim:
    """Confirm a prepared claim: somebody else has looked at every figure and waiver.

    Raises:
        NotPermitted: the person prepared it.
        StaleEdit: it is not prepared, or the figures changed since it was.
    """
    body = {"claim": claim_reference, "seen": seen_digest}
    made = trail.earlier(submission_id, by=by, act="claim.review", body=body)
    if made is not None:
        return queries.claim_by_reference(made)
    claim = held(claim_reference)
    course = queries.course_of(claim)
    demand_hand(course, ClaimAct.REVIEW, by)
    following(course, ClaimAct.REVIEW)
    draft = _as_prepared(claim, seen_digest, at)
    step(
        claim, ClaimAct.REVIEW, by=by, at=at, submission_id=submission_id, name="claim.review",
        digest=draft.digest, eligible_pence=draft.pack.total.eligible,
    )  # fmt: skip
    return claim


def _as_prepared(claim: Claim, seen_digest: str | None, at: datetime) -> Draft:
    """Make the claim again and refuse it when a record behind it has changed since it was prepared."""
    draft = _sound(claim, seen_digest, at)
    prepared = _latest(claim, ClaimAct.PREPARE)
    if prepared.digest != draft.digest:
        raise StaleEdit(
            f"A record behind {claim.reference} has changed since it was prepared: it now asks for "
            f"{pounds(draft.pack.total.eligible)}. Send it back, look at the difference, and prepare it again"
        )
    return draft


def _latest(claim: Claim, act: ClaimAct) -> ClaimEvent:
    """Give the last time an act was done to a claim."""
    return [event for event in claim.events if event.act is act][-1]


def send_back(claim_reference: str, *, reason: str, by: Actor, at: datetime, submission_id: str) -> Claim:
    """Make a prepared or reviewed claim a draft again, and say why.

    Raises:
        StaleEdit: it is a draft, or certified already.
        RuleBroken: no reason.
    """
    body = {"claim": claim_reference, "reason": reason}
    made = trail.earlier(submission_id, by=by, act="claim.send_back", body=body)
    if made is not None:
        return queries.claim_by_reference(made)
    claim = held(claim_reference)
    following(queries.course_of(claim), ClaimAct.SEND_BACK)
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Say what has to change", "reason")
    step(
        claim, ClaimAct.SEND_BACK, by=by, at=at, submission_id=submission_id, name="claim.send_back", reason=note
    )  # fmt: skip
    return claim


def certify_claim(
    claim_reference: str, seen_digest: str | None = None, *, by: Actor, at: datetime, submission_id: str
) -> Claim:
    """Sign a reviewed claim: its figures, rows and words are frozen, and later facts go into the next claim.

    Raises:
        NotPermitted: the person prepared or reviewed it.
        StaleEdit: it is not reviewed, or the figures changed since it was prepared.

    Keeps: INV-09, INV-11, INV-19
    """
    body = {"claim": claim_reference, "seen": seen_digest}
    made = trail.earlier(submission_id, by=by, act="claim.certify", body=body)
    if made is not None:
        return queries.claim_by_reference(made)
    claim = held(claim_reference)
    course = queries.course_of(claim)
    demand_hand(course, ClaimAct.CERTIFY, by)
    following(course, ClaimAct.CERTIFY)
    draft = _as_prepared(claim, seen_digest, at)
    pack = draft.pack.signed_by(*_signatures(claim, by, at))
    signed = _freeze(claim, pack, by=by, at=at)
    step(
        claim, ClaimAct.CERTIFY, by=by, at=at, submission_id=submission_id, name="claim.certify",
        digest=signed.digest, figures=draft.digest, eligible_pence=signed.eligible_pence,
        checkpoint=signed.checkpoint_sequence,
    )  # fmt: skip
    return claim


def _signatures(claim: Claim, by: Actor, at: datetime) -> tuple[Signature, ...]:
    prepared, reviewed = _latest(claim, ClaimAct.PREPARE), _latest(claim, ClaimAct.REVIEW)
    return (
        Signature("prepared", prepared.account.name, prepared.recorded_at),
        Signature("reviewed", reviewed.account.name, reviewed.recorded_at),
        Signature("certified", by.name, at),
    )


def _freeze(claim: Claim, pack: ClaimPack, *, by: Actor, at: datetime) -> SignedClaim:
    """Keep the claim whole, and as rows that the next claim and the database's checks read."""
    text = text_of(pack)
    signed = SignedClaim(
        claim_id=claim.id, pack_json=text, digest=digest_of(text), checkpoint_sequence=pack.checkpoint.sequence,
        cut_off=pack.checkpoint.cut_off, eligible_pence=pack.total.eligible, account_id=by.account_id, signed_at=at,
    )  # fmt: skip
    db.session.add(signed)
    for line in pack.lines:
        own = line.figures
        db.session.add(
            SignedLine(
                claim_id=claim.id, grant_line_id=line.line_id, earlier_pence=own.earlier, ledger_pence=own.ledger,
                opening_pence=own.opening, closing_pence=own.closing, eligible_pence=own.eligible,
                forecast_pence=line.forecast or 0,
            )
        )  # fmt: skip
    for row in pack.rows:
        figures = row.figures
        db.session.add(
            SignedRow(
                claim_id=claim.id, grant_line_id=row.line_id, row_id=row.row_id, estimate_id=row.estimate_id,
                ledger_pence=figures.ledger, opening_pence=figures.opening, closing_pence=figures.closing,
                eligible_pence=figures.eligible, cumulative_pence=figures.cumulative,
            )
        )  # fmt: skip
    db.session.flush()
    return signed
