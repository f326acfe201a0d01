"""After signing: sending a claim, the funder's questions, and what the funder pays."""

from __future__ import annotations

from datetime import date, datetime

from core import trail
from core.access import Actor
from core.dates import day_text, local_day
from core.errors import OverLimit, RuleBroken, StaleEdit
from core.money import Pence, pounds
from core.privacy import refuse_personal_details
from grants.claims import queries
from grants.claims.models import Claim
from grants.claims.rules.course import ClaimAct, following, unless_paid
from grants.claims.services.steps import held, step


def submit_claim(claim_reference: str, *, sent_on: date, by: Actor, at: datetime, submission_id: str) -> Claim:
    """Record the day a certified claim was sent to the funder.

    A claim whose period was over before its award was recorded here was sent before it could be certified here: on any
    day after its period.

    Raises:
        StaleEdit: it is not certified, or was sent before.
        RuleBroken: a day to come, or before it was certified; of a claim made before, a day of its period or earlier.
    """
    made = trail.earlier(submission_id, by=by, act="claim.submit", body={"claim": claim_reference, "on": sent_on})
    if made is not None:
        return queries.claim_by_reference(made)
    claim = held(claim_reference)
    following(queries.course_of(claim), ClaimAct.SUBMIT)
    if not queries.was_made_before(claim):
        _demand_day(claim, ClaimAct.CERTIFY, sent_on, at, "sent_on")
    elif not claim.last_on < sent_on <= local_day(at):
        raise RuleBroken(f"Its period ended on {day_text(claim.last_on)}. Enter a later day, in the past", "sent_on")
    step(
        claim, ClaimAct.SUBMIT, by=by, at=at, submission_id=submission_id, name="claim.submit", on=sent_on,
        sent_on=sent_on, due_on=claim.due_on,
    )  # fmt: skip
    return claim


def _demand_day(claim: Claim, after: ClaimAct, day: date, at: datetime, field: str) -> None:
    """Refuse a day to come, or before the step it must follow."""
    before = max(event.happened_on for event in claim.events if event.act is after)
    if day > local_day(at):
        raise RuleBroken("Enter a real date in the past", field)
    if day < before:
        raise RuleBroken(f"It was {after} on {day_text(before)}. Enter that day or a later one", field)


def query_claim(
    claim_reference: str, *, asked_on: date, question: str, by: Actor, at: datetime, submission_id: str
) -> Claim:
    """Record a question of the funder's about a claim.

    One may come after the last payment too; until it is answered, the claim is queried.

    Raises:
        StaleEdit: it was not sent, or a question is open already.
        RuleBroken: no question, or a day that cannot be.
    """
    body = {"claim": claim_reference, "on": asked_on, "question": question}
    made = trail.earlier(submission_id, by=by, act="claim.query", body=body)
    if made is not None:
        return queries.claim_by_reference(made)
    claim = held(claim_reference)
    following(queries.course_of(claim), ClaimAct.QUERY)
    _demand_day(claim, ClaimAct.SUBMIT, asked_on, at, "happened_on")
    note = trail.note(question, field="reason")
    if note is None:
        raise RuleBroken("Enter what the funder asks", "reason")
    step(
        claim, ClaimAct.QUERY, by=by, at=at, submission_id=submission_id, name="claim.query", on=asked_on,
        reason=note, asked_on=asked_on,
    )  # fmt: skip
    return claim


def answer_query(
    claim_reference: str, *, answered_on: date, answer: str, by: Actor, at: datetime, submission_id: str
) -> Claim:
    """Record what the funder was answered. The claim stays as signed: what was wrong goes into the next one.

    Raises:
        StaleEdit: no question is open.
        RuleBroken: no answer, or a day that cannot be.
    """
    body = {"claim": claim_reference, "on": answered_on, "answer": answer}
    made = trail.earlier(submission_id, by=by, act="claim.answer", body=body)
    if made is not None:
        return queries.claim_by_reference(made)
    claim = held(claim_reference)
    state = following(queries.course_of(claim), ClaimAct.ANSWER)
    _demand_day(claim, ClaimAct.QUERY, answered_on, at, "happened_on")
    note = trail.note(answer, field="reason")
    if note is None:
        raise RuleBroken("Enter what was answered", "reason")
    step(
        claim, ClaimAct.ANSWER, by=by, at=at, submission_id=submission_id, name="claim.answer", on=answered_on,
        reason=note, answered_on=answered_on, state=unless_paid(state, settled=queries.is_settled(claim)),
    )  # fmt: skip
    return claim


def record_payment(
    claim_reference: str, pence: Pence, *, paid_on: date, remittance: str, by: Actor, at: datetime, submission_id: str
) -> Claim:
    """Record what the funder paid of a claim, in full or in part; of a claim below £0, what was paid back.

    A claim of exactly £0.00 is closed the same way, by a payment of £0.00: that no payment is due.

    Raises:
        StaleEdit: it was not sent, or is paid in full.
        OverLimit: more than was claimed.
        RuleBroken: nothing, an amount of the other sign, or a day that cannot be.
    """
    body = {"claim": claim_reference, "pence": pence, "on": paid_on, "remittance": remittance}
    made = trail.earlier(submission_id, by=by, act="claim.pay", body=body)
    if made is not None:
        return queries.claim_by_reference(made)
    claim = held(claim_reference)
    state = following(queries.course_of(claim), ClaimAct.PAY)
    _demand_day(claim, ClaimAct.SUBMIT, paid_on, at, "paid_on")
    signed = queries.signed_of(claim.id)
    assert signed is not None
    refuse_personal_details(remittance, field="remittance")
    paid = queries.paid_pence(claim)
    if queries.is_settled(claim):
        raise StaleEdit(f"{claim_reference} is paid in full. Look at the claim again")
    _demand_owed(pence, Pence(signed.eligible_pence), paid)
    step(
        claim, ClaimAct.PAY, by=by, at=at, submission_id=submission_id, name="claim.pay", on=paid_on, pence=pence,
        outside_reference=remittance or None, paid_on=paid_on, paid_pence=pence, claimed_pence=signed.eligible_pence,
        state=unless_paid(state, settled=paid + pence == signed.eligible_pence),
    )  # fmt: skip
    return claim


def _demand_owed(pence: Pence, claimed: Pence, paid: Pence) -> None:
    """Refuse what is not owed on the claim."""
    if claimed == 0 and pence != 0:
        raise RuleBroken("The claim is for £0.00, so no payment is due. Enter £0.00", "pence")
    if claimed == 0:
        return
    if pence == 0 or pence * claimed < 0:
        raise RuleBroken(f"The claim is for {pounds(claimed)}. Enter an amount of the same sign, not £0.00", "pence")
    over = abs(paid + pence) - abs(claimed)
    if over > 0:
        raise OverLimit(
            f"This is {pounds(over)} more than was claimed: {pounds(claimed)}, of which {pounds(paid)} is paid. "
            "Record what belongs to this claim; tell the funder of the rest",
            "pence",
        )
