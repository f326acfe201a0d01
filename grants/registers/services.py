"""What people say for the registers."""

from __future__ import annotations

from datetime import date, datetime

from core import trail
from core.access import Actor
from core.dates import day_text, local_day
from core.db import db
from core.errors import AlreadyDone, RuleBroken
from core.money import Pence
from core.parse import one_line
from core.privacy import refuse_personal_details
from grants.registers import queries
from grants.registers.models import AssetDetail, AssetDisposal, LossNotice, Recipient, ValueReason
from grants.spending import queries as spending


def record_notice(
    posting_id: int, *, notified_on: date, outside_reference: str, by: Actor, at: datetime, submission_id: str
) -> LossNotice:
    """Record the day the funder was told of a loss or write-off.

    Args:
        posting_id: of the act that wrote off or lost it.

    Raises:
        NotFound: nothing is gone by that act.
        AlreadyDone: the funder was told.
        RuleBroken: a day to come, or before it happened.
    """
    body = {"posting": posting_id, "on": notified_on, "reference": outside_reference}
    if trail.earlier(submission_id, by=by, act="loss.notify", body=body) is not None:
        return queries.notices()[posting_id]
    lost = queries.loss_of(posting_id)
    if lost[0].notified_on is not None:
        raise AlreadyDone(f"The funder was told on {day_text(lost[0].notified_on)}")
    if not lost[0].happened_on <= notified_on <= local_day(at):
        raise RuleBroken(
            f"It happened on {day_text(lost[0].happened_on)}. Enter that day or a later one in the past", "notified_on"
        )
    refuse_personal_details(outside_reference, field="outside_reference")
    made = LossNotice(
        posting_id=posting_id, notified_on=notified_on, outside_reference=outside_reference, account_id=by.account_id,
        recorded_at=at,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    trail.record(
        act="loss.notify", subject=f"posting {posting_id}", by=by, at=at, submission_id=submission_id,
        notified_on=notified_on, pence=sum(each.granted_pence for each in lost),
    )  # fmt: skip
    return made


def say_value(invoice_reference: str, *, words: str, by: Actor, at: datetime, submission_id: str) -> ValueReason:
    """Say why an invoice is good value for money, in the words that are published.

    Raises:
        NotFound: there is no such invoice.
        RuleBroken: no words, too many, or details of a person.
    """
    body = {"invoice": invoice_reference, "words": words}
    invoice = spending.invoice_by_reference(invoice_reference)
    if trail.earlier(submission_id, by=by, act="invoice.value", body=body) is not None:
        said = queries.newest_reason(invoice.id)
        assert said is not None, "it was said by this very form"
        return said
    _demand_words(words, "Say why it is good value for money", most=300, field="words")
    made = ValueReason(invoice_id=invoice.id, words=words.strip(), account_id=by.account_id, recorded_at=at)
    db.session.add(made)
    db.session.flush()
    trail.record(act="invoice.value", subject=invoice.reference, by=by, at=at, submission_id=submission_id)
    return made


def say_recipient(
    row_reference: str, *, payee: str, words: str, by: Actor, at: datetime, submission_id: str
) -> Recipient:
    """Say who was paid by spending that has no invoice, and why it is good value, in the words that are published.

    Raises:
        NotFound: there is no such spending.
        RuleBroken: it has an invoice, whose supplier was paid; no words, too many, or details of a person.
    """
    body = {"row": row_reference, "payee": payee, "words": words}
    row = spending.row_by_reference(row_reference)
    if trail.earlier(submission_id, by=by, act="spending.value", body=body) is not None:
        said = queries.newest_recipient(row.id)
        assert said is not None, "it was said by this very form"
        return said
    if row.invoice is not None:
        raise RuleBroken(
            f"{row_reference} is on an invoice, whose supplier was paid. Say it of {row.invoice.reference}"
        )
    _demand_words(payee, "Say who was paid", most=120, field="payee")
    _demand_words(words, "Say why it is good value for money", most=300, field="words")
    made = Recipient(
        row_id=row.id, payee=payee.strip(), words=words.strip(), account_id=by.account_id, recorded_at=at
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    trail.record(act="spending.value", subject=row_reference, by=by, at=at, submission_id=submission_id)
    return made


def _demand_words(words: str, missing: str, *, most: int, field: str) -> None:
    """Refuse no words, too many, or such as could identify a person."""
    if not words.strip():
        raise RuleBroken(missing, field)
    if len(words.strip()) > most:
        raise RuleBroken(f"Must be {most} characters or fewer", field)
    refuse_personal_details(words, field=field)


def describe_asset(
    row_reference: str, *, location: str, serial_number: str, deeds: str, depreciation: str, by: Actor, at: datetime,
    submission_id: str,
) -> AssetDetail:  # fmt: skip
    """Say where a fixed asset is, and what the register says of it; said again, the newest counts.

    Raises:
        NotFound: there is no such spending.
        RuleBroken: it is no registered asset, no location, a text too long, or details of a person.
    """
    texts = {"location": location, "serial_number": serial_number, "deeds": deeds, "depreciation": depreciation}
    row = spending.row_by_reference(row_reference)
    if trail.earlier(submission_id, by=by, act="asset.describe", body={"row": row_reference, **texts}) is not None:
        return queries.details([row.id])[row.id]
    _demand_registered(row_reference)
    _demand_words(location, "Say where it is", most=120, field="location")
    for field in ("deeds", "depreciation"):
        if texts[field].strip():
            _demand_words(texts[field], "", most=120, field=field)
    # A maker's number may look like an NHS number, so it is not read as free text is.
    number = one_line(serial_number, most=60, field="serial_number")
    made = AssetDetail(
        row_id=row.id, location=location.strip(), serial_number=number, deeds=deeds.strip(),
        depreciation=depreciation.strip(), account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    trail.record(act="asset.describe", subject=row_reference, by=by, at=at, submission_id=submission_id)
    return made


def _demand_registered(row_reference: str) -> None:
    """Refuse what is no fixed asset."""
    if row_reference not in {each.row_reference for each in queries.fixed_assets()}:
        raise RuleBroken(f"{row_reference} is not on the register of fixed assets")


def dispose_of_asset(
    row_reference: str, *, disposed_on: date, proceeds_pence: Pence, words: str, by: Actor, at: datetime,
    submission_id: str,
) -> AssetDisposal:  # fmt: skip
    """Say how a fixed asset left and what was had for it; said again, the newest counts.

    Raises:
        NotFound: there is no such spending.
        RuleBroken: it is no registered asset, a day that cannot be, an amount below £0, no words, or details of a
            person.
    """
    body = {"row": row_reference, "on": disposed_on, "proceeds": proceeds_pence, "words": words}
    row = spending.row_by_reference(row_reference)
    if trail.earlier(submission_id, by=by, act="asset.dispose", body=body) is not None:
        return queries.disposals([row.id])[row.id]
    _demand_registered(row_reference)
    if not row.incurred_on <= disposed_on <= local_day(at):
        raise RuleBroken(
            f"It was bought on {day_text(row.incurred_on)}. Enter that day or a later one in the past", "disposed_on"
        )
    if proceeds_pence < 0:
        raise RuleBroken("Enter what was had for it, £0.00 or more", "proceeds")
    if not 0 < len(words.strip()) <= 120:
        raise RuleBroken("Say how it left and who has it now, in 120 characters or fewer", "words")
    refuse_personal_details(words, field="words")
    made = AssetDisposal(
        row_id=row.id, disposed_on=disposed_on, proceeds_pence=proceeds_pence, words=words.strip(),
        account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    trail.record(
        act="asset.dispose", subject=row_reference, by=by, at=at, submission_id=submission_id,
        disposed_on=disposed_on, proceeds_pence=proceeds_pence,
    )  # fmt: skip
    return made
