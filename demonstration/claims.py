"""The claims of the demonstration year: past periods signed, sent and paid, the newest left as a draft.

After each period the officer imports the finance extract of the day and has the machine match it, accrues what is not
invoiced, waives what a careful officer would, and three people sign; then the period's reconciliation is signed off.
The newest period that has begun stays open, so that there is always a claim to work on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import takewhile

from sqlalchemy import select

from core.db import db
from core.money import Pence
from demonstration.acts import Acts
from demonstration.diary import Diary
from demonstration.extract import booked_on, extract
from demonstration.money import EARLIER, MAIN, Purchases, terms_of
from grants.awards import services as awards
from grants.awards.rules import ClaimPeriod, Condition, ConditionKind, claim_periods
from grants.claims import queries, services
from grants.claims.report import Draft, draft_of
from grants.claims.rules.findings import FindingKind
from grants.claims.services.drafting import Forecast
from grants.ledgers import services as ledgers
from grants.ledgers.rules import guess_layout, read_table
from grants.reconciliation import services as reconciliation
from grants.spending import services as spending
from grants.spending.models import Apportionment, SpendingRow
from grants.spending.rules import Share

LEDGER = "FORCE-GL"

REASONS = {
    FindingKind.UNEXPLAINED: "Asked finance on the day of the extract; they are moving it off the project",
    FindingKind.NOT_RECEIVED: "On its way; it goes into the claim of the period it comes in",
    FindingKind.WEAK_EVIDENCE: "Agreed by the store lead by e-mail, kept with the invoice",
    FindingKind.NO_PAPER: "Paper originals are in the finance folder of the quarter",
    FindingKind.ONE_PERSON: "The budget holder has looked at the order, the goods and the ledger",
    FindingKind.PENNY_SPLIT: "The force carries the rest",
    FindingKind.OUTSIDE_WINDOW: "Ordered and received within the funding period",
    FindingKind.DUPLICATE: "Asked the supplier: two orders of the same things",
    FindingKind.LEDGER_SHORT: "Finance exports on Fridays; what is missing is accrued",
}
"""What the officer says when a finding may pass."""


def record_conditions(acts: Acts) -> None:
    """Record the conditions of the main award that a program can test."""
    for condition in (
        Condition(ConditionKind.UNIT_CAP, "5.2", "No single item may cost more than £60 without VAT", pence=60_00),
        Condition(
            ConditionKind.EXCLUDED_WORDS, "6.1", "The grant does not pay for entertaining, gifts or lobbying",
            excluded="refreshments, catering, gift, lobbying",
        ),
        Condition(
            ConditionKind.EXCLUDED_KIND, "6.3", "Salaries of the recipient's own staff are not eligible",
            excluded="payroll",
        ),
    ):  # fmt: skip
        acts.do("grants", awards.record_condition, MAIN, condition)


def plan(diary: Diary, purchases: Purchases) -> None:
    """Enter in the diary the claims of every period that is over, but for the newest that has begun."""
    calendar = diary.calendar
    for award in (EARLIER, MAIN):
        terms = terms_of(award, calendar)
        periods = claim_periods(terms.starts_on, terms.ends_on, terms.cadence, terms.claim_due_days)
        begun = [period for period in periods if period.first <= calendar.last]
        over = [period for period in begun if _day(diary, period, 20) <= 363]
        for period in over[: len(begun) - 1] if award == MAIN else over:
            _plan_claim(diary, purchases, award, period)


def _day(diary: Diary, period: ClaimPeriod, later: int) -> int:
    """Give the number of the demonstration's day so many days after a period's end; of a weekend, the Monday."""
    day = period.last + timedelta(days=later)
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    return (day - diary.calendar.first).days


def _plan_claim(diary: Diary, purchases: Purchases, award: str, period: ClaimPeriod) -> None:
    acts = diary.acts
    made: dict[str, str] = {}
    if _day(diary, period, 12) < 0:
        return

    def draft() -> None:
        _import(acts, purchases, until=acts.at.date() - timedelta(days=2))
        made["claim"] = acts.do("grants", services.open_claim, award).reference
        _complete(acts, made["claim"])
        acts.do("grants", services.prepare_claim, made["claim"])

    def sign() -> None:
        acts.do("reviewer", services.review_claim, made["claim"])
        acts.do("finance", services.certify_claim, made["claim"])
        acts.do("grants", services.submit_claim, made["claim"], sent_on=acts.at.date())
        acts.do(
            "grants", reconciliation.prepare_reconciliation, award, period.first, note=REASONS[FindingKind.UNEXPLAINED]
        )
        acts.do("finance", reconciliation.sign_reconciliation, award, period.first)

    def pay() -> None:
        _pay(acts, made["claim"], whole=award == EARLIER or period.first.month == 4)

    diary.enter(_day(diary, period, 12), draft, hour=15)
    diary.enter(_day(diary, period, 14), sign, hour=15)
    if _day(diary, period, 40) <= 362:
        diary.enter(_day(diary, period, 40), pay, hour=15)


def _import(acts: Acts, purchases: Purchases, until: date) -> None:
    """Import what the finance system has booked by a day, and have the machine match it."""
    places = list(enumerate(purchases.invoices))
    booked = list(takewhile(lambda each: booked_on(each[0], each[1][0]) <= until, places))
    if not booked:
        return
    data = extract([each for _, each in booked], foreign_on=foreign_day(acts), until=until)
    table = read_table(data, "extract.csv")
    name = f"project-extract-{acts.at.date().isoformat()}.csv"
    acts.do("grants", ledgers.import_extract, LEDGER, data, name, guess_layout(table))
    acts.do("grants", ledgers.match_automatically, LEDGER)


def foreign_day(acts: Acts) -> date:
    """Give the day on which what does not belong to the project is booked under it."""
    calendar = acts.calendar
    return min(max(calendar.first, calendar.award_year.first) + timedelta(days=135), calendar.last)


def _complete(acts: Acts, claim: str) -> None:
    """Do what a draft asks for until nothing fails: accrue, forecast, waive."""
    draft = _draft(acts, claim)
    if any(each.proposed_pence is not None for each in draft.undecided):
        acts.do("grants", services.accrue_at_order_prices, claim)
    for each in draft.undecided:
        if each.proposed_pence is None:
            acts.do(
                "grants", services.accrue, claim, Pence(0), subject=each.subject, line_code="A",
                reason="No order was placed for it; the supplier sent it in error",
            )  # fmt: skip
    if draft.undecided:
        draft = _draft(acts, claim)
    acts.do("grants", services.forecast, claim, _forecasts(draft))
    for finding in _draft(acts, claim).failing:
        acts.do("grants", services.waive, claim, finding.key, reason=REASONS[finding.kind])


def _draft(acts: Acts, claim: str) -> Draft:
    return draft_of(queries.claim_by_reference(claim), at=acts.at)


def _forecasts(draft: Draft) -> Sequence[Forecast]:
    """Expect most of what is left of each line to be spent; at the end of the award, nothing more."""
    if draft.pack.is_final:
        words = "Fewer kits were needed than the bid foresaw; the rest is not drawn"
        return [Forecast(line.code, Pence(0), words) for line in draft.pack.lines]
    return [Forecast(line.code, Pence(max(line.remaining, 0) * 97 // 100)) for line in draft.pack.lines]


def _pay(acts: Acts, claim: str, *, whole: bool) -> None:
    """Record what the funder paid: all of it, or all but £500.00 which it asks about."""
    found = queries.claim_by_reference(claim)
    signed = queries.signed_of(found.id)
    assert signed is not None
    pence = signed.eligible_pence if whole else signed.eligible_pence - 500_00
    if pence > 0:
        day = acts.at.date()
        acts.do(
            "grants", services.record_payment, claim, Pence(pence), paid_on=day, remittance=f"HO-{day:%m%d}-{found.id}"
        )


def leave_a_draft(acts: Acts) -> None:
    """Open the newest claim and begin to work on it: one accrual, one waiver, the rest still to do."""
    with acts.together():
        claim = acts.do("grants", services.open_claim, MAIN).reference
        acts.go_on(minutes=5)
        acts.do(
            "grants", services.accrue, claim, Pence(90_00), line_code="E", description="Storage, this quarter so far",
            supplier="Moonraker Self Storage", received_on=max(queries.claim_by_reference(claim).first_on,
            min(acts.at.date(), queries.claim_by_reference(claim).last_on)), reason="£60 a month by contract",
        )  # fmt: skip
        _correct_a_split(acts)
        waivable = next((each for each in _draft(acts, claim).failing if each.may_be_waived), None)
        if waivable is not None:
            acts.do("grants", services.waive, claim, waivable.key, reason=REASONS[waivable.kind])


def _correct_a_split(acts: Acts) -> None:
    """Correct the split of a storage invoice that a signed claim holds, so that something is known now."""
    asked = (
        select(Apportionment)
        .join(SpendingRow, SpendingRow.id == Apportionment.row_id)
        .where(SpendingRow.description.startswith("Storage"))
        .order_by(Apportionment.id.desc())
    )
    given = db.session.scalars(asked).first()
    if given is None:
        return
    row, pence = db.session.get_one(SpendingRow, given.row_id), given.pence
    acts.do("grants", spending.reverse_apportionment, given.id)
    acts.do("grants", spending.apportion, row.reference, [Share(f"{MAIN}/E", Pence(pence - 30_00))])
