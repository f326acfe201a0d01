"""Drafting a claim: accruals for what is not invoiced, forecasts, and letting findings pass by name."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core import trail
from core.access import Actor
from core.dates import period_text
from core.db import db
from core.errors import NotFound, RuleBroken
from core.money import Pence
from core.privacy import refuse_personal_details
from grants.awards.models import GrantLine
from grants.awards.rules import Basis
from grants.claims import queries
from grants.claims.models import Claim, ClaimEstimate, ClaimForecast, ClaimWaiver, EstimateSource
from grants.claims.report import draft_of
from grants.claims.services.steps import held_draft


@dataclass(frozen=True)
class Forecast:
    """What a grant line (by its code) will still cost, and why its outturn differs where it does."""

    line: str
    pence: Pence
    explanation: str = ""


@dataclass(frozen=True)
class _Thing:
    """What an estimate is for."""

    subject: str
    description: str
    supplier: str
    received_on: date
    proposed_pence: Pence | None = None
    grant_line_id: int | None = None
    delivery_line_id: int | None = None
    unit_count: int | None = None


def accrue(
    claim_reference: str,
    pence: Pence,
    *,
    subject: str | None = None,
    line_code: str | None = None,
    description: str = "",
    supplier: str = "",
    received_on: date | None = None,
    reason: str | None = None,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> ClaimEstimate:
    """Accrue what was received and not invoiced, at the order's price or another amount; £0 leaves it out.

    Args:
        subject: of a delivery line that is proposed, or of an estimate to change; None for work or goods that no
            delivery stands for, which ``description``, ``supplier`` and ``received_on`` then describe.
        line_code: the grant line; the order's when None.

    Raises:
        NotFound: there is no such claim, or nothing of that name waits.
        StaleEdit: the claim is no draft any more.
        RuleBroken: an award that counts cost when paid, no line, a day outside the period, or no reason where the
            amount is not the order's.
    """
    body: dict[str, object] = {"claim": claim_reference, "subject": subject, "pence": pence, "line": line_code}
    body |= {"reason": reason, "description": description, "supplier": supplier, "on": received_on}
    made = trail.earlier(submission_id, by=by, act="claim.accrue", body=body)
    if made is not None:
        return db.session.get_one(ClaimEstimate, int(made.rpartition(" ")[2]))
    claim = held_draft(claim_reference)
    if claim.award.basis is Basis.DEFRAYED:
        raise RuleBroken(f"Award {claim.award.code} counts cost when it is paid, so nothing is accrued")
    thing = _typed(claim, description, supplier, received_on) if subject is None else _waiting(claim, subject)
    line = _line(claim, line_code, thing)
    return _record(claim, thing, line, pence, reason, by=by, at=at, submission_id=submission_id)


def _record(
    claim: Claim, thing: _Thing, line: GrantLine, pence: Pence, reason: str | None, *, by: Actor, at: datetime,
    submission_id: str,
) -> ClaimEstimate:  # fmt: skip
    if pence < 0:
        raise RuleBroken("Enter £0.00 or more", "pence")
    as_ordered = pence == thing.proposed_pence and line.id == thing.grant_line_id
    if not as_ordered and not (reason or "").strip():
        raise RuleBroken("Say where the amount comes from, or why it is left out", "reason")
    note = trail.note(reason, field="reason")
    estimate = ClaimEstimate(
        claim_id=claim.id, subject=thing.subject, delivery_line_id=thing.delivery_line_id,
        unit_count=thing.unit_count, grant_line_id=line.id, description=thing.description,
        supplier_name=thing.supplier, received_on=thing.received_on, proposed_pence=thing.proposed_pence, pence=pence,
        source=EstimateSource.ORDER if as_ordered else EstimateSource.TYPED, note_id=note.id if note else None,
        account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    db.session.add(estimate)
    db.session.flush()
    claim.version += 1
    trail.record(
        act="claim.accrue", subject=f"{claim.reference} accrual {estimate.id}", by=by, at=at,
        submission_id=submission_id, reason=note, claim=claim.reference, line=line.code, pence=pence,
        proposed_pence=thing.proposed_pence,
    )  # fmt: skip
    return estimate


def _waiting(claim: Claim, subject: str) -> _Thing:
    """Find what waits for an invoice, or what was estimated before, by its subject."""
    found = next((each for each in queries.uninvoiced(claim.award, claim.last_on) if each.subject == subject), None)
    if found is not None:
        return _Thing(
            subject, f"{found.unit_count:,} of {found.item}"[:120], found.supplier, found.received_on,
            found.proposed_pence, found.grant_line_id, found.delivery_line_id, found.unit_count,
        )  # fmt: skip
    before = next((each for each in queries.estimates_of(claim.id) if each.subject == subject), None)
    if before is None:
        raise NotFound
    return _Thing(
        subject, before.description, before.supplier_name, before.received_on, None, before.grant_line_id,
        before.delivery_line_id, before.unit_count,
    )  # fmt: skip


def _typed(claim: Claim, description: str, supplier: str, received_on: date | None) -> _Thing:
    """Describe what no delivery stands for, such as a month's storage."""
    if not description.strip():
        raise RuleBroken("Say what was received or done", "description")
    if received_on is None or not claim.first_on <= received_on <= claim.last_on:
        raise RuleBroken(
            f"Enter a day of the period, {period_text(claim.first_on, claim.last_on)}: what came earlier is accrued by "
            "its own claim",
            "received_on",
        )
    refuse_personal_details(description, field="description")
    refuse_personal_details(supplier, field="supplier")
    number = sum(1 for each in queries.estimates_of(claim.id) if each.delivery_line_id is None) + 1
    return _Thing(f"typed-{number}", description.strip(), supplier.strip(), received_on)


def _line(claim: Claim, code: str | None, thing: _Thing) -> GrantLine:
    """Find the grant line an accrual is for."""
    for line in claim.award.lines:
        if line.code == code or (code is None and line.id == thing.grant_line_id):
            return line
    raise RuleBroken("Choose the grant line it is for", "line")


def accrue_at_order_prices(
    claim_reference: str, *, by: Actor, at: datetime, submission_id: str
) -> Sequence[ClaimEstimate]:
    """Accrue everything that waits for an invoice and whose order gives its price.

    Raises:
        StaleEdit: the claim is no draft any more.
        RuleBroken: nothing waits whose price is known.
    """
    made = trail.earlier(submission_id, by=by, act="claim.accrue_all", body={"claim": claim_reference})
    if made is not None:
        return queries.estimates_of(queries.claim_by_reference(claim_reference).id)
    claim = held_draft(claim_reference)
    decided = {each.subject for each in queries.estimates_of(claim.id)}
    waiting = [
        each
        for each in queries.uninvoiced(claim.award, claim.last_on)
        if each.subject not in decided and each.proposed_pence is not None and each.grant_line_id is not None
    ]
    if not waiting:
        raise RuleBroken("Nothing waits whose order gives its price")
    done = []
    for each in waiting:
        assert each.proposed_pence is not None
        key = str(uuid.uuid5(uuid.UUID(submission_id), each.subject))
        done.append(accrue(claim_reference, each.proposed_pence, subject=each.subject, by=by, at=at, submission_id=key))
    trail.record(
        act="claim.accrue_all", subject=claim_reference, by=by, at=at, submission_id=submission_id,
        count=len(done), pence=sum(each.pence for each in done),
    )  # fmt: skip
    return done


def forecast(
    claim_reference: str, forecasts: Sequence[Forecast], *, by: Actor, at: datetime, submission_id: str
) -> None:
    """Say what grant lines will still cost to the end of the award, and explain variances.

    Raises:
        StaleEdit: the claim is no draft any more.
        RuleBroken: a line that is not the award's, or an amount below nothing.
    """
    plain = [[each.line, each.pence, each.explanation] for each in forecasts]
    made = trail.earlier(submission_id, by=by, act="claim.forecast", body={"claim": claim_reference, "lines": plain})
    if made is not None:
        return
    claim = held_draft(claim_reference)
    lines = {line.code: line for line in claim.award.lines}
    for each in forecasts:
        if each.line not in lines:
            raise RuleBroken("Choose a line of the award")
        if each.pence < 0:
            raise RuleBroken(f"Line {each.line}: enter £0.00 or more", f"forecast-{each.line}")
        note = trail.note(each.explanation, field=f"explanation-{each.line}")
        db.session.add(
            ClaimForecast(
                claim_id=claim.id, grant_line_id=lines[each.line].id, pence=each.pence,
                note_id=note.id if note else None, account_id=by.account_id, recorded_at=at,
            )
        )  # fmt: skip
    claim.version += 1
    db.session.flush()
    trail.record(
        act="claim.forecast", subject=claim.reference, by=by, at=at, submission_id=submission_id,
        forecast=_by_line(forecasts),
    )  # fmt: skip


def _by_line(forecasts: Sequence[Forecast]) -> Mapping[str, int]:
    return {each.line: each.pence for each in forecasts}


def waive(
    claim_reference: str, finding_key: str, *, reason: str, by: Actor, at: datetime, submission_id: str
) -> ClaimWaiver:
    """Let a finding of the self-audit pass, by name and with a reason; both are printed with the claim.

    Raises:
        NotFound: nothing of that name fails any more.
        StaleEdit: the claim is no draft any more.
        RuleBroken: no reason, or a finding that nobody may let pass.
    """
    body = {"claim": claim_reference, "finding": finding_key, "reason": reason}
    made = trail.earlier(submission_id, by=by, act="claim.waive", body=body)
    if made is not None:
        return db.session.get_one(ClaimWaiver, int(made.rpartition(" ")[2]))
    claim = held_draft(claim_reference)
    finding = draft_of(claim, at=at).finding(finding_key)
    if finding is None:
        raise NotFound
    if not finding.may_be_waived:
        raise RuleBroken(f"This cannot be waived. {finding.cure}")
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Say why it may pass", "reason")
    waiver = ClaimWaiver(
        claim_id=claim.id, finding_key=finding.key, words=finding.words, pence=finding.pence, note_id=note.id,
        account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    db.session.add(waiver)
    claim.version += 1
    db.session.flush()
    trail.record(
        act="claim.waive", subject=f"{claim.reference} waiver {waiver.id}", by=by, at=at,
        submission_id=submission_id, reason=note, claim=claim.reference, finding=finding.kind, of=finding.subject,
        pence=finding.pence,
    )  # fmt: skip
    return waiver
