"""Signing a period off on both databases: the worked claim's second quarter, its figures, two hands, later facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from core.db import db, transaction
from core.errors import AlreadyDone, NotFound, NotPermitted, RuleBroken, StaleEdit
from core.figures.storing import digest_of, frozen_of, text_of
from core.trail import AuditLeaf
from grants.awards.queries import award_by_code
from grants.reconciliation import queries
from grants.reconciliation import services as reconciliation
from grants.reconciliation.models import Reconciliation, SignedReconciliation
from grants.reconciliation.report import ReconciledPeriod, differences, figures_digest, freeze_reconciliation
from grants.reconciliation.rules import Figure
from grants.spending import services as spending
from grants.spending.models import Apportionment, SpendingRow, SupplierInvoice
from tests.grants.claims.conftest import CLAIM_2
from tests.grants.claims.story import Story, service

FIRST = date(2026, 7, 1)
NOVEMBER = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def made(story: Story, first: date = FIRST) -> ReconciledPeriod:
    db.session.rollback()
    award = award_by_code("GB2026")
    return freeze_reconciliation(award, queries.period_beginning(award, first), at=story.at)


def newest() -> Reconciliation:
    db.session.rollback()
    found = queries.newest(award_by_code("GB2026").id, FIRST)
    assert found is not None
    return found


def signed() -> ReconciledPeriod:
    kept = newest().signed
    assert kept is not None
    assert digest_of(kept.figures_json) == kept.digest
    return frozen_of(ReconciledPeriod, kept.figures_json)


def prepare(story: Story, note: str | None = None, **who: str) -> None:
    story.do(reconciliation.prepare_reconciliation, "GB2026", FIRST, note=note, **who)


def counted() -> list[int]:
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in (Reconciliation, SignedReconciliation, AuditLeaf)
    ]


def test_the_second_quarter_reconciles_to_the_penny_line_by_line(story: Story) -> None:
    """The ledger of story.py, by line (bought, apportioned, received, in the ledger).

    | A | SI-2 410.40 + SI-3 2,455.60 − 60.00 + SI-4 312.00 | less SI-2 received in June | plus SI-2, less SI-4 |
    """
    found = {line.code: tuple(line.figure(each) for each in Figure) for line in made(story).lines}
    assert found == {
        "A": (3_118_00, 3_118_00, 2_707_60, 2_806_00),
        "B": (1_260_00, 1_260_00, 1_260_00, 1_260_00),
        "C": (0, 0, 0, 0),
        "D": (1_890_00, 1_890_00, 1_890_00, 1_890_00),
        "E": (180_00, 180_00, 180_00, 180_00),
        "F": (0, 0, 0, 0),
    }
    steps = {step.label: step.pence for step in made(story).lines[0].steps if step.rows and not step.is_figure}
    assert steps == {
        "Less received before the period": -410_40,
        "Plus received before the period, not in the ledger then": 410_40,
        "Less received, not in the ledger by the end of the period": -312_00,
    }


def test_each_figure_is_the_sum_of_its_rows_and_the_gaps_lead_from_one_to_the_next(story: Story) -> None:
    period = made(story)
    for line in period.lines:
        total = line.steps[0].pence
        for step in line.steps[1:]:
            assert step.pence == sum(row.pence for row in step.rows)
            total = total if step.is_figure else total + step.pence
            assert not step.is_figure or step.pence == total


def test_the_walk_leads_from_the_extract_to_the_signed_claim(story: Story) -> None:
    """The claim adds the estimate of £640.00 to what is eligible now; claim 1's estimate and SI-2 cancel out."""
    story.sign(CLAIM_2)
    walk = made(story).walk
    assert (walk[0].pence, walk[-1].label, walk[-1].pence) == (6_871_35, f"Claimed in {CLAIM_2}", 6_677_60)
    total = 0
    for step in walk:
        total = step.pence if step is walk[0] else total if step.is_figure else total + step.pence
        assert not step.is_figure or step.pence == total, step.label
    last = {step.label.split(",")[0]: step.pence for step in walk[-4:-1]}
    assert last == {
        "Plus claimed of rows beyond what became eligible in the period (corrects earlier claims)": 410_40,
        "Plus accrued in the claim": 640_00,
        "Less accruals of the claim before": -410_40,
    }


def test_two_people_sign_a_period_off_and_its_figures_are_frozen(story: Story) -> None:
    prepare(story)
    with pytest.raises(NotPermitted, match="You prepared this reconciliation"):
        story.do(reconciliation.sign_reconciliation, "GB2026", FIRST)
    story.do(reconciliation.sign_reconciliation, "GB2026", FIRST, figures_digest(made(story)), who="finance")
    kept = signed()
    assert [(hand.done, hand.name) for hand in kept.hands] == [("prepared", "Grants"), ("signed off", "Finance")]
    assert replace(kept, hands=(), note="") == replace(made(story), checkpoint=kept.checkpoint)
    assert frozen_of(ReconciledPeriod, text_of(kept)) == kept
    with pytest.raises(AlreadyDone, match="signed off in REC-00001"):
        prepare(story)
    with pytest.raises(AlreadyDone):
        story.do(reconciliation.sign_reconciliation, "GB2026", FIRST, who="reviewer")


def test_a_later_fact_is_shown_beside_what_was_signed_and_changes_none_of_it(story: Story) -> None:
    prepare(story)
    story.do(reconciliation.sign_reconciliation, "GB2026", FIRST, who="reviewer")
    before = signed()
    story.at = NOVEMBER
    asked = select(Apportionment.id).join(SpendingRow).join(SupplierInvoice).where(SupplierInvoice.number == "SI-6")
    row = db.session.scalars(
        select(SpendingRow.reference).join(SupplierInvoice).where(SupplierInvoice.number == "SI-6")
    )
    reference = row.one()
    story.do(spending.reverse_apportionment, db.session.scalars(asked).one())
    story.split(reference, E=179_99)
    assert signed() == before
    found = [(each.line[0], each.figure, each.signed, each.known) for each in differences(before, made(story))]
    assert found == [
        ("E", "Apportioned", 180_00, 179_99),
        ("E", "Bought", 180_00, 179_99),
        ("E", "In the ledger", 180_00, 179_99),
        ("E", "Received", 180_00, 179_99),
    ]


def test_figures_that_changed_after_preparing_are_not_signed(story: Story) -> None:
    prepare(story)
    story.invoice("SI-77", date(2026, 9, 2), service("Carriage", 12_00), E=12_00)
    before = counted()
    with pytest.raises(StaleEdit, match="A record behind REC-00001 has changed since it was prepared"):
        story.do(reconciliation.sign_reconciliation, "GB2026", FIRST, who="finance")
    assert counted() == before
    prepare(story)
    story.do(reconciliation.sign_reconciliation, "GB2026", FIRST, who="finance")
    assert newest().reference == "REC-00002"


def test_the_unexplained_is_said_something_of_or_the_period_is_not_prepared(story: Story) -> None:
    story.book("AP999", date(2026, 8, 20), 45_67)
    story.import_booked("extract-more.csv")
    before = counted()
    with pytest.raises(RuleBroken, match=r"£45\.67 in 1 ledger lines? is not explained"):
        prepare(story)
    assert counted() == before
    prepare(story, "Asked finance on 5 October which cost centre it belongs to")
    story.do(reconciliation.sign_reconciliation, "GB2026", FIRST, who="finance")
    kept = signed()
    assert kept.unexplained_pence == 45_67
    assert [kept.age_of(row) for row in kept.unexplained] == [46]
    assert kept.note == "Asked finance on 5 October which cost centre it belongs to"


def test_a_period_that_lasts_or_is_none_is_refused(story: Story) -> None:
    before = counted()
    with pytest.raises(RuleBroken, match="The period lasts until 31 December 2026"):
        story.do(reconciliation.prepare_reconciliation, "GB2026", date(2026, 10, 1), note=None)
    with pytest.raises(NotFound):
        story.do(reconciliation.prepare_reconciliation, "GB2026", date(2026, 7, 2), note=None)
    with pytest.raises(StaleEdit, match="Nobody has prepared this reconciliation yet"):
        story.do(reconciliation.sign_reconciliation, "GB2026", FIRST, who="finance")
    assert counted() == before


def test_the_database_refuses_a_signature_of_the_preparer(story: Story) -> None:
    prepare(story)
    row = newest()
    values = {
        "r": row.id, "a": row.award_id, "f": row.first_on, "who": row.account_id, "d": "0" * 64,
        "t": "2026-10-05 09:00",
    }  # fmt: skip
    with pytest.raises(DBAPIError, match="somebody else than prepared it"), transaction():
        db.session.execute(
            text(
                "INSERT INTO signed_reconciliation (reconciliation_id, award_id, first_on, figures_json, digest,"
                " checkpoint_sequence, cut_off, account_id, signed_at) VALUES (:r, :a, :f, '{}', :d, 1, :t, :who, :t)"
            ),
            values,
        )
    db.session.rollback()
