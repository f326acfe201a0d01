"""Closing and reopening an award on both databases: what it freezes, what it refuses, what it still takes."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from core.db import db, transaction
from core.errors import AlreadyDone, OverLimit, PeriodClosed, RuleBroken, StaleEdit
from core.figures.storing import digest_of, frozen_of
from core.money import Pence
from core.trail import AuditLeaf
from grants.awards import services as awards
from grants.awards.models import AwardClosure
from grants.awards.queries import award_by_code
from grants.awards.rules import ClosingAct
from grants.claims import services as claims
from grants.closing import queries
from grants.closing import services as closing
from grants.closing.models import AuditHold, Repayment
from grants.closing.report import Outturn, freeze_outturn, outturn_digest
from grants.closing.rules import HoldAct
from grants.spending import services as spending
from grants.spending.models import Apportionment, SpendingRow
from grants.spending.rules import NewOrderLine, Share
from tests.grants.claims.story import Story, service
from tests.grants.closing.conftest import CLAIM, MAY


def outturn() -> Outturn:
    db.session.rollback()
    award = award_by_code("GB2026")
    return freeze_outturn(award, queries.standing(award).claims, at=MAY)


def closure() -> AwardClosure:
    db.session.rollback()
    found = queries.newest_closure(award_by_code("GB2026").id)
    assert found is not None
    return found


def counted() -> list[int]:
    """Count what a refused act must not add to."""
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in (AwardClosure, Apportionment, Repayment, AuditHold, AuditLeaf)
    ]


def close(story: Story) -> None:
    story.do(closing.close_award, "GB2026", outturn_digest(outturn()), who="finance")


def test_the_outturn_is_frozen_as_the_award_is_closed(story: Story) -> None:
    """The table of conftest.py: 17,650.00 claimed of 22,460.00, 17,600.00 received."""
    close(story)
    made = closure()
    assert made.act is ClosingAct.CLOSED
    assert made.outturn_json is not None
    assert digest_of(made.outturn_json) == made.digest
    kept = frozen_of(Outturn, made.outturn_json)
    assert [(line.code, line.revised, line.outturn, line.variance_words) for line in kept.lines] == [
        ("A", 9_600_00, 8_000_00, "16.7%"),
        ("B", 4_400_00, 4_400_00, "0.0%"),
        ("C", 2_160_00, 0, "100.0%"),
        ("D", 4_300_00, 4_300_00, "0.0%"),
        ("E", 1_000_00, 950_00, "5.0%"),
        ("F", 1_000_00, 0, "100.0%"),
    ]
    assert kept.lines[0].explanation == "Fewer bags were needed"
    owed = kept.settlement
    assert (owed.claimed, owed.paid, owed.underspend, owed.to_come, owed.to_repay) == (
        17_650_00, 17_600_00, 4_810_00, 50_00, 0,
    )  # fmt: skip
    assert (kept.closed_by, kept.kept_until) == ("Finance", date(2034, 3, 31))
    with pytest.raises(AlreadyDone, match="GB2026 was closed on 10 May 2027"):
        close(story)


def test_a_closed_award_takes_no_split_reversal_order_budget_change_or_claim(story: Story) -> None:
    row = story.invoice("SI-9", date(2027, 3, 1), service("Late work", 5_00))
    close(story)
    before = counted()
    taken = db.session.scalars(select(Apportionment.id)).first()
    order = [NewOrderLine("Towels", "GB2026/A", Pence(5_00), 1)]
    for refused in (
        lambda: story.do(spending.apportion, row, [Share("GB2026/A", Pence(5_00))]),
        lambda: story.do(spending.apportion_by_percentage, row, [("GB2026/A", 10_000)]),
        lambda: story.do(spending.reverse_apportionment, taken),
        lambda: story.do(spending.place_order, order, supplier_code="BULK", ordered_on=date(2027, 3, 1)),
        lambda: story.do(
            awards.change_budget, from_line="GB2026/C", to_line="GB2026/D", pence=Pence(1_00),
            agreed_on=date(2027, 3, 1), consent_reference=None, reason=None,
        ),
        lambda: story.do(claims.open_claim, "GB2026"),
    ):  # fmt: skip
        with pytest.raises(PeriodClosed, match=r"Award GB2026 was closed on 10 May 2027.*can reopen it"):
            refused()
    assert counted() == before


def test_the_database_takes_no_split_of_a_closed_award(story: Story) -> None:
    row = story.invoice("SI-9", date(2027, 3, 1), service("Late work", 5_00))
    close(story)
    row_id = db.session.scalars(select(SpendingRow.id).where(SpendingRow.reference == row)).one()
    line_id = award_by_code("GB2026").lines[0].id
    db.session.rollback()
    with pytest.raises(DBAPIError, match="nothing is apportioned to a closed award"), transaction():
        db.session.add(Apportionment(row_id=row_id, grant_line_id=line_id, pence=5_00, account_id=1, recorded_at=MAY))
    db.session.rollback()
    with pytest.raises(DBAPIError, match="a closed award is not claimed"), transaction():
        db.session.execute(
            text(
                "INSERT INTO claim (reference, award_id, number, first_on, last_on, due_on, is_final, state, version)"
                " SELECT 'CLM-X', id, 2, '2027-04-01', '2027-04-30', '2027-05-30', :no, 'draft', 1 FROM award"
            ),
            {"no": False},
        )
    db.session.rollback()


def test_what_is_still_to_be_done_is_named_and_nothing_is_closed(story: Story) -> None:
    story.do(
        spending.place_order, [NewOrderLine("Towels", "GB2026/A", Pence(5_00), 1)], supplier_code="BULK",
        ordered_on=date(2027, 3, 1),
    )  # fmt: skip
    before = counted()
    with pytest.raises(RuleBroken, match=r"£5\.00 is ordered and not invoiced"):
        close(story)
    assert counted() == before


def test_a_closed_award_is_reopened_by_a_person_with_a_reason_and_closed_again(story: Story) -> None:
    with pytest.raises(StaleEdit, match="GB2026 is not closed"):
        story.do(closing.reopen_award, "GB2026", reason="A credit came", who="finance")
    close(story)
    first = closure().digest
    with pytest.raises(RuleBroken, match="Say why"):
        story.do(closing.reopen_award, "GB2026", reason=" ", who="finance")
    story.do(closing.reopen_award, "GB2026", reason="The funder agreed a late invoice", who="finance")
    assert (closure().act, str(closure().note)) == (ClosingAct.REOPENED, "The funder agreed a late invoice")
    story.invoice("SI-9", date(2027, 3, 1), service("Late work", 5_00), A=5_00)
    with pytest.raises(RuleBroken, match=r"£5\.00 is apportioned and was not claimed"):
        close(story)
    story.do(
        spending.reverse_apportionment,
        db.session.scalars(select(Apportionment.id).order_by(Apportionment.id.desc())).first(),
    )
    close(story)
    assert closure().act is ClosingAct.CLOSED
    assert closure().digest != first


def test_the_funder_still_pays_and_is_given_back_after_the_close(story: Story) -> None:
    close(story)
    story.do(claims.record_payment, CLAIM, Pence(50_00), paid_on=MAY.date(), remittance="HO 2")
    repay = closing.record_repayment
    before = counted()
    with pytest.raises(OverLimit, match=r"£17,650\.00 was received on claims"):
        story.do(repay, "GB2026", Pence(17_650_01), repaid_on=MAY.date(), outside_reference="BACS 1")
    for pence, day, reference in (
        (0, MAY.date(), "BACS 1"),
        (1, date(2027, 5, 11), "BACS 1"),
        (1, date(2026, 3, 31), "BACS 1"),
        (1, MAY.date(), " "),
    ):
        with pytest.raises(RuleBroken):
            story.do(repay, "GB2026", Pence(pence), repaid_on=day, outside_reference=reference)
    assert counted() == before
    story.do(repay, "GB2026", Pence(100_00), repaid_on=MAY.date(), outside_reference="BACS 1")
    owed = outturn().settlement
    assert (owed.paid, owed.repaid, owed.to_repay, owed.to_come) == (17_650_00, 100_00, 0, 100_00)


def test_a_hold_is_placed_and_lifted_with_a_reason(story: Story) -> None:
    with pytest.raises(AlreadyDone, match="No hold is placed"):
        story.do(closing.lift_hold, "GB2026", reason="Over", who="finance")
    story.do(closing.place_hold, "GB2026", reason="Audit of 2027", who="finance")
    with pytest.raises(AlreadyDone, match="The hold on GB2026 is placed already"):
        story.do(closing.place_hold, "GB2026", reason="Audit of 2027", who="finance")
    story.do(closing.lift_hold, "GB2026", reason="Audit closed", who="finance")
    found = queries.newest_hold(award_by_code("GB2026").id)
    assert found is not None
    assert (found.act, str(found.note)) == (HoldAct.LIFTED, "Audit closed")
