"""Keeping a paper beside a record, and setting one aside."""

from __future__ import annotations

import hashlib
from datetime import datetime

from core import trail
from core.access import Actor, Scope
from core.db import db
from core.errors import PeriodClosed, RuleBroken
from core.references import next_reference
from grants.evidence import queries
from grants.evidence.models import Evidence, EvidenceSetAside
from grants.evidence.rules import PROOFS_OF, CheckedFile, Proof, RecordKind
from grants.evidence.services.folder import Folder


def keep_paper(
    kind: RecordKind,
    reference: str,
    proof: Proof,
    file: CheckedFile,
    *,
    folder: Folder,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Evidence:
    """Keep a checked file as a paper beside a record.

    Raises:
        NotFound: the record is none of this person's.
        RuleBroken: such a paper does not stand beside such a record, or the very file is there already.
        Unavailable: the file could not be stored.

    Keeps: INV-22
    """
    record = queries.record_of(kind, reference, scope=scope)
    digest = hashlib.sha256(file.data).hexdigest()
    body = {"kind": kind, "reference": reference, "proof": proof, "sha256": digest}
    done = trail.earlier(submission_id, by=by, act="evidence.keep", body=body)
    if done is not None:
        return queries.paper(done)
    if proof not in PROOFS_OF[kind]:
        raise RuleBroken(f"Choose what the paper is: {', '.join(PROOFS_OF[kind])}", "proof")
    same = queries.same_file(kind, reference, digest)
    if same is not None:
        raise RuleBroken(f"This very file is here already, as {same.reference} ({same.proof})", "file")
    kept = Evidence(
        reference=next_reference("EV"),
        record_kind=kind,
        record_reference=record.reference,
        proof=proof,
        file_name=file.name,
        file_kind=file.kind,
        byte_count=len(file.data),
        sha256=digest,
        stored_name=folder.write(file.data),
        account_id=by.account_id,
        recorded_at=at,
    )
    db.session.add(kept)
    db.session.flush()
    trail.record(
        act="evidence.keep",
        subject=kept.reference,
        by=by,
        at=at,
        submission_id=submission_id,
        record=f"{kind} {reference}",
        proof=proof,
        sha256=digest,
        byte_count=kept.byte_count,
    )
    return kept


def set_aside(
    evidence_reference: str, reason: str, *, scope: Scope, by: Actor, at: datetime, submission_id: str
) -> Evidence:
    """Say that a paper does not count any more; its file is kept.

    Raises:
        NotFound: there is none for this person.
        RuleBroken: no reason is given, or it was set aside before.
        PeriodClosed: a signed claim rests on the record.
    """
    kept = queries.paper(evidence_reference)
    queries.record_of(kept.record_kind, kept.record_reference, scope=scope)
    body = {"evidence": evidence_reference, "reason": reason}
    if trail.earlier(submission_id, by=by, act="evidence.set_aside", body=body) is not None:
        return kept
    if kept.set_aside is not None:
        raise RuleBroken(f"{kept.reference} was set aside before")
    if queries.rests_on_signed_claim(kept.record_kind, kept.record_reference):
        raise PeriodClosed(
            f"A signed claim rests on {kept.record_reference}, so its papers stay. Add a better paper beside this one"
        )
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Say why it does not count", "reason")
    db.session.add(EvidenceSetAside(evidence_id=kept.id, note_id=note.id, account_id=by.account_id, recorded_at=at))
    db.session.flush()
    trail.record(
        act="evidence.set_aside",
        subject=kept.reference,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=note,
        record=f"{kept.record_kind} {kept.record_reference}",
        sha256=kept.sha256,
    )
    return kept
