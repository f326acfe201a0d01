"""Claims through the real services on both databases: the worked claim, three hands, and what later facts do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from core.access import Scope
from core.db import db, transaction
from core.errors import NotPermitted, OverLimit, RuleBroken, StaleEdit
from core.money import Pence
from core.trail import AuditLeaf
from grants.awards import services as awards
from grants.awards.rules import Condition, ConditionKind
from grants.claims import queries
from grants.claims import services as claims
from grants.claims.models import Claim, ClaimEvent, SignedClaim, SignedRow
from grants.claims.report import ClaimPack, Draft, KnownNow, digest_of, draft_of, known_now, pack_of
from grants.claims.rules.course import ClaimState
from grants.claims.rules.findings import FindingKind
from grants.evidence.queries import rests_on_signed_claim
from grants.evidence.rules import CheckedFile, FileKind, Proof, RecordKind
from grants.evidence.services import Folder, keep_paper, set_aside
from grants.spending import services as spending
from grants.spending.models import Apportionment, SpendingRow, SupplierInvoice
from grants.spending.rules import NewOrderLine
from grants.threeway import services as threeway
from inventory.deliveries.models import Delivery
from tests.factories import World
from tests.grants.claims.conftest import CLAIM_1, CLAIM_2
from tests.grants.claims.story import JULY, Story, begin, service
from tests.grants.claims.test_rules_figures import WORKED
from tests.grants.factories import credit, towels

EVERYWHERE, PAID = Scope.everywhere(), "proof of payment"
DECEMBER = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def claim(reference: str = CLAIM_2) -> Claim:
    db.session.rollback()
    return queries.claim_by_reference(reference)


def draft(story: Story, reference: str = CLAIM_2) -> Draft:
    return draft_of(claim(reference), at=story.at)


def signed(reference: str) -> tuple[SignedClaim, ClaimPack]:
    found = queries.signed_of(claim(reference).id)
    assert found is not None
    return found, pack_of(found.pack_json)


def known(story: Story, reference: str) -> KnownNow:
    return known_now(claim(reference), signed(reference)[0], at=story.at)


def row_of(number: str) -> str:
    asked = select(SpendingRow.reference).join(SupplierInvoice).where(SupplierInvoice.number == number)
    return db.session.scalars(asked).first() or ""


def apportionment_of(number: str) -> int:
    asked = select(Apportionment.id).join(SpendingRow).join(SupplierInvoice).where(SupplierInvoice.number == number)
    return db.session.scalars(asked).one()


def kinds(made: Draft) -> list[FindingKind]:
    return [finding.kind for finding in made.failing if finding.kind is not FindingKind.NO_PAPER]


def counted() -> list[int]:
    """Count what a refused step must not add to."""
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in (ClaimEvent, SignedClaim, SignedRow, AuditLeaf)
    ]


# ---- The worked claim ---------------------------------------------------------------------------


def test_the_worked_claim_comes_out_to_the_penny(story: Story) -> None:
    """The table of story.py, and the walk: 6,871.35 − 500.00 − 84.95 − 150.40 = 6,136.00; − 410.40 + 952.00."""
    story.sign(CLAIM_2)
    _, pack = signed(CLAIM_2)
    assert tuple(
        (
            line.code, line.approved, line.virement, line.figures.earlier, line.figures.ledger, line.figures.opening,
            line.figures.closing, line.figures.eligible, line.figures.cumulative, line.forecast, line.outturn,
            line.variance, line.variance_words,
        )
        for line in pack.lines
    ) == WORKED  # fmt: skip
    assert [(step.label.split(",")[0].split(":")[0], step.pence) for step in pack.walk] == [
        ("Finance extract for project P4471", 6_871_35),
        ("Less Uniform (SP-00001)", -500_00),
        ("Less Launch refreshments (SP-00002)", -84_95),
        ("Less Towels (INV-00012-1)", -150_40),
        ("In the ledger for this claim", 6_136_00),
        ("Less opening accruals", -410_40),
        ("Plus closing accruals", 312_00),
        ("Plus closing accruals", 640_00),
        ("Eligible this period", 6_677_60),
    ]
    early = next(step for step in pack.walk if step.pence == -150_40)
    assert early.label.endswith("received 28 March 2026, before the funding period")
    assert pack.total.eligible == 6_677_60


def test_every_step_of_the_walk_is_the_sum_of_its_rows(story: Story) -> None:
    pack = draft(story).pack
    assert all(step.pence == sum(row.pence for row in step.rows) for step in pack.walk if not step.is_sum)
    assert sum(row.figures.eligible for row in pack.rows) == pack.total.eligible == pack.walk[-1].pence


def test_opening_accruals_are_the_closing_ones_of_the_claim_before(story: Story) -> None:
    _, first = signed(CLAIM_1)
    assert first.total.closing == draft(story).pack.total.opening == 410_40
    assert first.total.eligible == 4_680_40


# ---- Signing ------------------------------------------------------------------------------------


def test_signing_keeps_the_whole_claim_and_its_digest(story: Story) -> None:
    story.sign(CLAIM_2)
    kept, pack = signed(CLAIM_2)
    assert digest_of(kept.pack_json) == kept.digest
    assert [signature.name for signature in pack.signatures] == ["Grants", "Reviewer", "Finance"]
    certified = select(AuditLeaf.text).where(AuditLeaf.act == "claim.certify").order_by(AuditLeaf.id.desc())
    leaf = db.session.scalars(certified).first() or ""
    assert kept.digest in leaf
    assert kept.checkpoint_sequence == pack.checkpoint.sequence > 0


def test_three_people_sign_or_nobody_does(story: Story) -> None:
    story.do(claims.prepare_claim, CLAIM_2)
    before = counted()
    with pytest.raises(NotPermitted, match="You prepared this claim"):
        story.do(claims.review_claim, CLAIM_2)
    story.do(claims.review_claim, CLAIM_2, who="reviewer")
    after_review = counted()
    for who, done in (("grants", "prepared"), ("reviewer", "reviewed")):
        with pytest.raises(NotPermitted, match=f"You {done} this claim"):
            story.do(claims.certify_claim, CLAIM_2, who=who)
    assert counted() == after_review
    assert after_review[0] == before[0] + 1
    assert claim().state is ClaimState.REVIEWED


def test_figures_that_changed_since_they_were_prepared_are_not_reviewed(story: Story) -> None:
    story.do(claims.prepare_claim, CLAIM_2)
    seen = draft(story).digest
    late = story.invoice("SI-9C", date(2026, 9, 10), credit(row_of("SI-6"), -20_00))
    story.split(late, E=-20_00)
    with pytest.raises(StaleEdit, match=r"A record behind CLM-00002 has changed .* it now asks for £6,657\.60"):
        story.do(claims.review_claim, CLAIM_2, who="reviewer")
    with pytest.raises(StaleEdit, match="The figures have changed since you opened the page"):
        story.do(claims.review_claim, CLAIM_2, seen, who="reviewer")
    story.do(claims.send_back, CLAIM_2, reason="A credit came late", who="reviewer")
    story.sign(CLAIM_2)
    assert signed(CLAIM_2)[1].total.eligible == 6_657_60


def test_a_draft_is_changed_only_while_it_is_one(story: Story) -> None:
    story.do(claims.prepare_claim, CLAIM_2)
    with pytest.raises(StaleEdit, match=r"CLM-00002 is prepared\. Have it sent back"):
        story.do(claims.accrue, CLAIM_2, Pence(0), subject="typed-1", reason="No longer expected")


def test_the_next_claim_waits_for_the_one_before(story: Story) -> None:
    with pytest.raises(RuleBroken, match="CLM-00002 comes first: it is draft and not certified yet"):
        story.claim()


# ---- What fails ---------------------------------------------------------------------------------


def test_a_claim_a_penny_over_its_line_is_refused_with_the_figures_and_the_agreement(story: Story) -> None:
    """Line F has £1,000.00 and nothing claimed. £1,000.01 is accrued."""
    story.do(
        claims.accrue, CLAIM_2, Pence(1_000_01), line_code="F", description="Briefing", supplier="Trainer",
        received_on=date(2026, 9, 30), reason="Quotation",
    )  # fmt: skip
    before = counted()
    with pytest.raises(OverLimit) as refused:
        story.do(claims.prepare_claim, CLAIM_2)
    assert refused.value.message == (
        "This is £0.01 over the line. £1,000.01 would be claimed of line F Briefing, whose budget is £1,000.00 "
        "(agreement HO/MS/2026/017). Record a virement first"
    )
    assert counted() == before
    story.do(
        awards.change_budget, from_line="GB2026/E", to_line="GB2026/F", pence=Pence(1), agreed_on=date(2026, 10, 5),
        consent_reference=None, reason=None,
    )  # fmt: skip
    assert FindingKind.OVER_LINE not in kinds(draft(story))


def test_goods_that_no_invoice_bills_wait_for_a_decision(story: Story) -> None:
    story.order("BULK", date(2026, 9, 1), _line(30, 90_00))
    story.deliver(30, date(2026, 9, 29), "DN-9")
    made = draft(story)
    assert kinds(made) == [FindingKind.OPEN_ESTIMATE]
    (waiting,) = made.undecided
    assert (waiting.unit_count, waiting.proposed_pence, waiting.item) == (30, 90_00, "Towel")
    with pytest.raises(RuleBroken, match="Say where the amount comes from"):
        story.do(claims.accrue, CLAIM_2, Pence(80_00), subject=waiting.subject)
    story.do(claims.accrue, CLAIM_2, Pence(80_00), subject=waiting.subject, reason="A quarter is damaged")
    assert draft(story).pack.total.eligible == 6_757_60
    story.do(claims.accrue, CLAIM_2, Pence(0), subject=waiting.subject, reason="All of it goes back")
    made = draft(story)
    assert kinds(made) == []
    assert made.pack.total.eligible == 6_677_60


def _line(count: int, net_pence: int) -> NewOrderLine:
    return NewOrderLine("Towels", "GB2026/A", Pence(net_pence), count, item_code="TOWEL")


def test_an_accrual_whose_invoice_has_come_is_not_claimed_twice(story: Story) -> None:
    order = story.order("BULK", date(2026, 9, 1), _line(30, 90_00))
    delivery = story.deliver(30, date(2026, 9, 29), "DN-9")
    story.do(claims.accrue_at_order_prices, CLAIM_2)
    row = story.invoice("SI-10", date(2026, 10, 1), towels(30, 95_00, order_line_position=1), order=order, A=95_00)
    story.bill(row, delivery, 30)
    made = draft(story)
    assert kinds(made) == [FindingKind.STALE_ESTIMATE, FindingKind.THREE_WAY]
    subject = made.failing[0].subject
    story.do(claims.accrue, CLAIM_2, Pence(0), subject=subject, reason="Its invoice has come")
    made = draft(story)
    assert kinds(made) == [FindingKind.THREE_WAY]
    assert made.pack.total.eligible == 6_677_60 + 95_00
    (finding,) = [each for each in made.failing if each.kind is FindingKind.THREE_WAY]
    dear = "£95.00 is billed, £5.00 more than the order’s £90.00"
    assert (finding.words, finding.pence) == (f"{row} Towels: {dear}", 95_00)
    story.do(threeway.explain, row, dear, reason="New price list of 1 September")
    made = draft(story)
    assert kinds(made) == []
    assert [(each.words, each.by, each.reason) for each in made.pack.waivers][-1] == (
        f"{row} Towels: {dear}", "Grants", "New price list of 1 September",
    )  # fmt: skip


def test_a_finding_is_waived_by_name_with_a_reason_and_the_waiver_is_printed(story: Story) -> None:
    late = story.invoice("SI-11", date(2026, 9, 12), towels(10, 40_00), A=40_00)
    story.receive(late, 10, date(2026, 9, 14), "DN-11")
    (finding,) = [each for each in draft(story).failing if each.kind is not FindingKind.NO_PAPER]
    assert finding.words == f"No order stands behind {late} Towels"
    with pytest.raises(RuleBroken, match="Say why it may pass"):
        story.do(claims.waive, CLAIM_2, finding.key, reason=" ")
    story.do(claims.waive, CLAIM_2, finding.key, reason="Agreed by telephone, note of 10 September on file")
    made = draft(story)
    assert kinds(made) == []
    (waiver,) = [each for each in made.pack.waivers if each.words == finding.words]
    assert (waiver.words, waiver.pence, waiver.by) == (finding.words, 40_00, "Grants")
    story.do(threeway.explain, late, "No order stands behind £40.00", reason="Bought over the counter")
    assert draft(story).finding(finding.key) is None


def test_what_stops_a_claim_cannot_be_waived(story: Story) -> None:
    story.deliver(5, date(2026, 9, 29), "DN-12")
    (finding,) = draft(story).failing
    with pytest.raises(RuleBroken, match=r"This cannot be waived\. Accrue what they cost"):
        story.do(claims.waive, CLAIM_2, finding.key, reason="It will do")


def test_a_claim_is_not_prepared_while_its_period_lasts(story: Story) -> None:
    story.sign(CLAIM_2)
    third = story.claim()
    with pytest.raises(RuleBroken, match="The period lasts until 31 December 2026"):
        story.do(claims.prepare_claim, third)


# ---- After signing ------------------------------------------------------------------------------


def test_a_later_fact_leaves_the_signed_claim_alone_and_goes_into_the_next(story: Story) -> None:
    """After claim 2 is signed the split of SI-4 (£312.00 on A) is reversed and £300.00 of it goes to A again."""
    story.sign(CLAIM_2)
    before = signed(CLAIM_2)[0].pack_json
    story.at = DECEMBER
    story.do(spending.reverse_apportionment, apportionment_of("SI-4"))
    story.split(row_of("SI-4"), A=300_00)
    assert signed(CLAIM_2)[0].pack_json == before
    now = known(story, CLAIM_2)
    (difference,) = now.differences
    assert (difference.submitted, difference.known, difference.change) == (312_00, 300_00, -12_00)
    assert difference.cause == "an apportionment was reversed"
    assert difference.carried_by == "the next claim, not yet begun"
    third = story.claim()
    assert known(story, CLAIM_2).differences[0].carried_by == third
    row = next(row for row in draft(story, third).pack.rows if row.reference == row_of("SI-4"))
    assert row.figures.eligible == -12_00


def test_an_estimate_reverses_in_the_next_claim_and_the_invoice_takes_its_place(story: Story) -> None:
    """Claim 1 accrued £410.40 for towels; SI-2 billed them in July at the same price. Claim 2 nets to nothing."""
    (difference, invoice) = sorted(known(story, CLAIM_1).differences, key=lambda each: each.known)
    assert (difference.submitted, difference.known, difference.carried_by) == (410_40, 0, CLAIM_2)
    assert (invoice.submitted, invoice.known, invoice.carried_by) == (0, 410_40, CLAIM_2)
    assert known(story, CLAIM_1).change == 0
    story.sign(CLAIM_2)
    assert {each.carried_by for each in known(story, CLAIM_1).differences} == {CLAIM_2}
    with_opening = {row.description: row.figures for row in signed(CLAIM_2)[1].rows if row.figures.opening}
    ((words, figures),) = with_opening.items()
    assert words == "Reversed accrual: 100 of Towel"
    assert (figures.opening, figures.eligible) == (410_40, -410_40)


def test_a_claim_is_paid_in_parts_and_never_beyond_what_was_claimed(story: Story) -> None:
    story.at = DECEMBER
    pay = claims.record_payment
    story.do(pay, CLAIM_1, Pence(4_000_00), paid_on=date(2026, 8, 20), remittance="HO-881")
    assert claim(CLAIM_1).state is ClaimState.SUBMITTED
    before = counted()
    with pytest.raises(
        OverLimit, match=r"This is £0\.01 more than was claimed: £4,680\.40, of which £4,000\.00 is paid"
    ):
        story.do(pay, CLAIM_1, Pence(680_41), paid_on=date(2026, 9, 1), remittance="")
    with pytest.raises(RuleBroken, match=r"It was submitted on 13 July 2026\. Enter that day or a later one"):
        story.do(pay, CLAIM_1, Pence(1), paid_on=date(2026, 7, 12), remittance="")
    assert counted() == before
    story.do(pay, CLAIM_1, Pence(680_40), paid_on=date(2026, 9, 1), remittance="HO-902")
    assert claim(CLAIM_1).state is ClaimState.PAID
    with pytest.raises(StaleEdit, match="CLM-00001 is paid"):
        story.do(pay, CLAIM_1, Pence(1), paid_on=date(2026, 9, 2), remittance="")


def test_a_question_is_answered_and_the_claim_stays_as_signed(story: Story) -> None:
    digest = signed(CLAIM_1)[0].digest
    story.do(claims.query_claim, CLAIM_1, asked_on=date(2026, 7, 20), question="What are the cards for?")
    assert claim(CLAIM_1).state is ClaimState.QUERIED
    story.do(claims.answer_query, CLAIM_1, answered_on=date(2026, 7, 22), answer="Printed cards with helplines")
    assert claim(CLAIM_1).state is ClaimState.SUBMITTED
    assert signed(CLAIM_1)[0].digest == digest


def test_a_question_is_answered_also_when_the_last_payment_came_before_it_or_before_its_answer(story: Story) -> None:
    day, words = date(2026, 7, 20), "What are the cards for?"
    story.do(claims.query_claim, CLAIM_1, asked_on=day, question=words)
    story.do(claims.record_payment, CLAIM_1, Pence(4_680_40), paid_on=day, remittance="HO-902")
    assert claim(CLAIM_1).state is ClaimState.QUERIED
    with pytest.raises(StaleEdit, match="CLM-00001 is paid in full"):
        story.do(claims.record_payment, CLAIM_1, Pence(1), paid_on=day, remittance="")
    for _ in range(2):
        story.do(claims.answer_query, CLAIM_1, answered_on=day, answer="Printed cards with helplines")
        assert claim(CLAIM_1).state is ClaimState.PAID
        story.do(claims.query_claim, CLAIM_1, asked_on=day, question=words)
        assert claim(CLAIM_1).state is ClaimState.QUERIED
    assert queries.paid_pence(claim(CLAIM_1)) == 4_680_40


def test_whoever_drafted_some_of_a_claim_does_not_review_it_even_if_another_said_it_is_complete(story: Story) -> None:
    """The grant officer, who is the budget holder too, waived and accrued; somebody else pressed the button."""
    officer = story.world.actor("grants")
    story.world.people["both"] = replace(officer, appointments=story.world.actor("reviewer").appointments)
    try:
        story.do(claims.prepare_claim, CLAIM_2, who="admin")
        before = counted()
        with pytest.raises(NotPermitted, match="You drafted this claim, so somebody else must have it reviewed"):
            story.do(claims.review_claim, CLAIM_2, who="both")
        assert counted() == before
    finally:
        del story.world.people["both"]


def test_the_papers_of_what_a_signed_claim_accrued_or_moved_stay(story: Story) -> None:
    """Claim 1 accrued delivery DN-2 before its invoice came; claim 2 claims line B, onto which £1.00 was moved."""
    accrued = db.session.scalar(select(Delivery.reference).where(Delivery.delivery_note == "DN-2")) or ""
    assert rests_on_signed_claim(RecordKind.DELIVERY, accrued)
    later = db.session.scalar(select(Delivery.reference).where(Delivery.delivery_note == "DN-4")) or ""
    assert not rests_on_signed_claim(RecordKind.DELIVERY, later)
    moved = story.do(
        awards.change_budget, from_line="GB2026/F", to_line="GB2026/B", pence=Pence(1_00),
        agreed_on=date(2026, 8, 1), consent_reference="HO letter 15", reason=None,
    ).reference  # fmt: skip
    assert not rests_on_signed_claim(RecordKind.BUDGET_CHANGE, moved)
    story.sign(CLAIM_2)
    assert rests_on_signed_claim(RecordKind.BUDGET_CHANGE, moved)
    assert rests_on_signed_claim(RecordKind.DELIVERY, later)


def test_a_claim_is_held_against_the_share_and_the_papers_its_grant_asks_for(story: Story, tmp_path: Path) -> None:
    """Line F pays half of what a thing costs and asks for proof of payment: of £100.00 it was charged £50.00."""
    for asked in (
        Condition(ConditionKind.SHARE, "SHARE", "As agreed", "F", share_points=5_000),
        Condition(ConditionKind.PAPERS, "PAPERS", "As agreed", "F", admitted=PAID),
    ):
        story.do(awards.record_condition, "GB2026", asked)
    row = story.invoice("MP-9", date(2026, 9, 8), service("Briefing", 100_00), F=50_00)
    name = f"{row} Briefing"
    unpaid = f"{name} has none of the papers asked for: {PAID}. Clause PAPERS of HO/MS/2026/017: “As agreed”"
    assert clauses(story) == [unpaid]

    given_back = story.invoice("MP-9C", date(2026, 9, 20), credit(row, -40_00))
    too_much = (
        f"The grant pays at most 50% of what a thing costs: £30.00 of the £60.00 of {name}. This would make it "
        "£50.00. Clause SHARE of HO/MS/2026/017: “As agreed”"
    )
    assert clauses(story) == [too_much, unpaid]
    story.split(given_back, F=-20_00)
    assert clauses(story) == [unpaid]

    file, invoice = CheckedFile("paid.pdf", FileKind.PDF, b"%PDF-1"), row.rpartition("-")[0]
    kept = story.do(
        keep_paper, RecordKind.INVOICE, invoice, Proof.PAYMENT, file, folder=Folder(tmp_path), scope=EVERYWHERE
    ).reference
    assert clauses(story) == []
    story.do(set_aside, kept, "Another payment", scope=EVERYWHERE)
    assert clauses(story) == [unpaid]


def clauses(story: Story) -> list[str]:
    return [each.words for each in draft(story).failing if each.kind is FindingKind.CLAUSE]


# ---- What the database itself refuses ------------------------------------------------------------


_ROW = (
    "INSERT INTO signed_row (claim_id, grant_line_id, row_id, estimate_id, ledger_pence, opening_pence, closing_pence, "
    "eligible_pence, cumulative_pence) SELECT 2, grant_line_id, row_id, estimate_id, {pence}, 0, 0, {pence}, "
    "cumulative_pence + {more} FROM signed_row WHERE {which} IS NOT NULL AND grant_line_id = 1"
)
_LINE = (
    "INSERT INTO signed_line (claim_id, grant_line_id, earlier_pence, ledger_pence, opening_pence, closing_pence, "
    "eligible_pence, forecast_pence) SELECT 2, id, 0, {pence}, 0, 0, {pence}, 0 FROM grant_line WHERE code = '{code}'"
)
REFUSED = (
    ("UPDATE claim SET state = 'draft' WHERE reference = 'CLM-00001'", "a signed claim is never a draft again"),
    ("UPDATE claim SET state = 'paid' WHERE reference = 'CLM-00002'", "a claim is certified by being signed"),
    ("UPDATE claim SET first_on = '2026-01-01' WHERE reference = 'CLM-00001'", "stays the claim of its period"),
    ("DELETE FROM claim", "(never deleted|append-only)"),
    ("UPDATE signed_claim SET pack_json = '{}'", "append-only"),
    (_ROW.format(pence=1, more=0, which="row_id"), "a row of a claim follows from those before it"),
    (_ROW.format(pence=1, more=1, which="row_id"), "no more of a row than is apportioned"),
    (_ROW.format(pence=0, more=0, which="estimate_id"), "is the closing accrual of the claim before"),
    (_LINE.format(pence=1_000_01, code="F"), "a claim does not exceed its line"),
    (_LINE.format(pence=1, code="A"), "a line of a claim follows from those before it"),
)


def test_the_database_itself_holds_what_a_claim_may_say(story: Story) -> None:
    for statement, words in REFUSED:
        with pytest.raises(DBAPIError, match=words), transaction():
            db.session.execute(text(statement))


def test_a_claim_of_nothing_is_closed_by_recording_that_no_payment_is_due(world: World) -> None:
    story = begin(world)
    story.book("JN1", date(2026, 6, 30), 100_00, says="Uniform: miscoded, another cost centre's")
    story.import_booked("extract-q1.csv")
    reference = story.claim()
    story.forecast(
        reference, {"A": 9_600_00, "B": 4_400_00, "C": 2_160_00, "D": 4_300_00, "E": 1_000_00, "F": 1_000_00}
    )
    story.sign(reference)
    story.do(claims.submit_claim, reference, sent_on=JULY.date())
    with pytest.raises(RuleBroken, match=r"The claim is for £0\.00, so no payment is due\. Enter £0\.00"):
        story.do(claims.record_payment, reference, Pence(1), paid_on=JULY.date(), remittance="")
    assert claim(reference).state is ClaimState.SUBMITTED
    story.do(claims.record_payment, reference, Pence(0), paid_on=JULY.date(), remittance="HO closing note")
    assert claim(reference).state is ClaimState.PAID
    with pytest.raises(StaleEdit):
        story.do(claims.record_payment, reference, Pence(0), paid_on=JULY.date(), remittance="")
