"""Signing a period off: one person prepares its reconciliation, another signs it, both over the figures they saw.

Signing freezes the figures. Nothing recorded later is refused for it: it is shown as known now, beside what was signed.
"""

from __future__ import annotations

from datetime import date, datetime

from core import trail
from core.access import Actor
from core.dates import day_text, local_day
from core.db import db
from core.errors import AlreadyDone, RuleBroken, StaleEdit
from core.figures.storing import digest_of, text_of
from core.money import pounds
from core.references import next_reference
from grants.awards.queries import award_by_code
from grants.awards.services import lock_awards
from grants.reconciliation import queries, rules
from grants.reconciliation.models import Reconciliation, SignedReconciliation
from grants.reconciliation.report import Hand, ReconciledPeriod, figures_digest, freeze_reconciliation


def prepare_reconciliation(
    award_code: str,
    first: date,
    seen_digest: str | None = None,
    *,
    note: str | None,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Reconciliation:
    """Say that a period of an award is reconciled; somebody else signs it.

    Args:
        first: the period's first day.
        seen_digest: fingerprint of the figures on the page; None where there was none.
        note: why something is still unexplained, and who looks into it.

    Raises:
        NotFound: there is no such award or period.
        AlreadyDone: the period is signed off.
        RuleBroken: the period is not over, or something is unexplained and nothing is said of it.
        StaleEdit: the figures changed since the page was shown.
    """
    body = {"award": award_code, "first": first, "seen": seen_digest, "note": note}
    made = trail.earlier(submission_id, by=by, act="reconciliation.prepare", body=body)
    if made is not None:
        return queries.by_reference(made)
    award = award_by_code(award_code)
    lock_awards([award.id])
    period = queries.period_beginning(award, first)
    _demand_open(queries.newest(award.id, first))
    if local_day(at) <= period.last:
        raise RuleBroken(f"The period lasts until {day_text(period.last)}. Reconcile it when it is over")
    figures = freeze_reconciliation(award, period, at=at)
    digest = _demand_seen(figures, seen_digest)
    kept = trail.note(note, field="note")
    if figures.unexplained and kept is None:
        raise RuleBroken(
            f"{pounds(figures.unexplained_pence)} in {len(figures.unexplained)} ledger lines is not explained. Explain "
            "it at the ledger's desk, or say here why it is not and who looks into it",
            "note",
        )
    row = Reconciliation(
        reference=next_reference("REC"), award_id=award.id, first_on=period.first, last_on=period.last, digest=digest,
        unexplained_pence=figures.unexplained_pence, note_id=kept.id if kept else None, account_id=by.account_id,
        recorded_at=at,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    trail.record(
        act="reconciliation.prepare", subject=row.reference, by=by, at=at, submission_id=submission_id, reason=kept,
        award=award.code, first_on=period.first, last_on=period.last, digest=digest,
        unexplained_pence=figures.unexplained_pence,
    )  # fmt: skip
    return row


def _demand_open(newest: Reconciliation | None) -> None:
    if newest is not None and newest.signed is not None:
        raise AlreadyDone(f"The period was signed off in {newest.reference}. What is known since is shown beside it")


def _demand_seen(figures: ReconciledPeriod, seen_digest: str | None) -> str:
    digest = figures_digest(figures)
    if seen_digest is not None and seen_digest != digest:
        raise StaleEdit("The figures have changed since you opened the page. Look at them and try again")
    return digest


def sign_reconciliation(
    award_code: str, first: date, seen_digest: str | None = None, *, by: Actor, at: datetime, submission_id: str
) -> SignedReconciliation:
    """Sign a prepared reconciliation: its figures and rows are frozen.

    Raises:
        NotFound: there is no such award or period.
        NotPermitted: the person prepared it, or stands in for whoever did.
        AlreadyDone: the period is signed off.
        StaleEdit: nobody prepared it, or a record behind it changed since.

    Keeps: INV-19
    """
    body = {"award": award_code, "first": first, "seen": seen_digest}
    made = trail.earlier(submission_id, by=by, act="reconciliation.sign", body=body)
    if made is not None:
        earlier = queries.by_reference(made).signed
        assert earlier is not None
        return earlier
    award = award_by_code(award_code)
    lock_awards([award.id])
    period = queries.period_beginning(award, first)
    prepared = queries.newest(award.id, first)
    _demand_open(prepared)
    if prepared is None:
        raise StaleEdit("Nobody has prepared this reconciliation yet. Have it prepared first")
    rules.demand_other_hand(rules.Hand(prepared.account_id, prepared.account.name), by)
    figures = freeze_reconciliation(award, period, at=at)
    if _demand_seen(figures, seen_digest) != prepared.digest:
        raise StaleEdit(
            f"A record behind {prepared.reference} has changed since it was prepared. Have it prepared again"
        )
    signed = _freeze(prepared, figures, by=by, at=at)
    trail.record(
        act="reconciliation.sign", subject=prepared.reference, by=by, at=at, submission_id=submission_id,
        award=award.code, first_on=period.first, last_on=period.last, digest=signed.digest,
        checkpoint=signed.checkpoint_sequence,
    )  # fmt: skip
    return signed


def _freeze(prepared: Reconciliation, figures: ReconciledPeriod, *, by: Actor, at: datetime) -> SignedReconciliation:
    """Keep the reconciliation whole."""
    whole = figures.signed_by(
        Hand("prepared", prepared.account.name, prepared.recorded_at),
        Hand("signed off", by.name, at),
        note=str(prepared.note) if prepared.note else "",
    )
    text = text_of(whole)
    signed = SignedReconciliation(
        reconciliation_id=prepared.id, award_id=prepared.award_id, first_on=prepared.first_on, figures_json=text,
        digest=digest_of(text), checkpoint_sequence=figures.checkpoint.sequence, cut_off=figures.checkpoint.cut_off,
        account_id=by.account_id, signed_at=at,
    )  # fmt: skip
    db.session.add(signed)
    db.session.flush()
    return signed
