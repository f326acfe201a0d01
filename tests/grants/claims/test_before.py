"""A service that begins in the middle of a grant: what was claimed before counts in all that follows, to the penny.

| claim | period | what it was of               | line | pounds   |                                     |
|-------|--------|------------------------------|------|---------:|-------------------------------------|
| 1     | Q1     | claimed before the service   | A    | 1,900.00 | sent on 13 July, paid on 3 August   |
| 1     | Q1     | claimed before the service   | C    | 1,240.00 | the award is recorded on 20 July    |
| 2     | Q2     | printing, by invoice         | C    |   100.00 |                                     |
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.db import db
from core.errors import OverLimit, RuleBroken
from core.money import Pence
from core.trail import AuditLeaf
from grants.awards import services as awards
from grants.claims import queries
from grants.claims import services as claims
from grants.claims.models import ClaimEvent
from grants.claims.report import draft_of
from grants.claims.rules.course import ClaimState
from grants.ledgers import services as ledgers
from grants.registers.queries import open_grants
from tests.factories import PASSWORD, World
from tests.grants.claims.conftest import CLAIM_1, CLAIM_2
from tests.grants.claims.story import OCTOBER, Story, service
from tests.grants.factories import LINES, TERMS, add_catalogue
from tests.site import Site

RECORDED = datetime(2026, 7, 20, 9, 0, tzinfo=UTC)
LEFT = {"A": 7_700_00, "B": 4_400_00, "C": 920_00, "D": 4_300_00, "E": 1_000_00, "F": 1_000_00}
"""What the first claim left of each line."""


@pytest.fixture
def begun(world: World) -> Story:
    """The claim made before the service, entered and certified on 20 July from the ledger of its quarter."""
    add_catalogue(world)
    story = Story(world, RECORDED)
    with story.together():
        story.do(awards.record_award, TERMS, LINES)
        story.do(ledgers.open_ledger, "GL", "Force general ledger")
        story.book("JN1", date(2026, 6, 12), 1_900_00, says="Claimed before the service, contents: copy of the claim")
        story.book("JN2", date(2026, 6, 15), 1_240_00, says="Claimed before the service, cards: copy of the claim")
        story.import_booked("extract-q1.csv")
        story.split("SP-00001", A=1_900_00)
        story.split("SP-00002", C=1_240_00)
    story.forecast(story.claim(), LEFT)
    story.sign(CLAIM_1)
    story.at = OCTOBER
    return story


def sent(story: Story, on: date, claim: str = CLAIM_1) -> None:
    story.do(claims.submit_claim, claim, sent_on=on)


def kept() -> tuple[int | None, ...]:
    db.session.rollback()
    return tuple(db.session.scalar(select(func.count()).select_from(each)) for each in (ClaimEvent, AuditLeaf))


def test_a_claim_made_before_the_service_is_sent_and_paid_on_the_days_it_was(begun: Story) -> None:
    before = kept()
    for day in (date(2026, 6, 30), date(2026, 10, 6)):
        with pytest.raises(RuleBroken, match=r"Its period ended on 30 June 2026\. Enter a later day, in the past"):
            sent(begun, day)
    assert kept() == before
    sent(begun, date(2026, 7, 13))
    begun.do(claims.record_payment, CLAIM_1, Pence(3_140_00), paid_on=date(2026, 8, 3), remittance="HO 5512")
    paid = queries.claim_by_reference(CLAIM_1)
    assert (paid.state, [event.happened_on for event in paid.events][-2:]) == (
        ClaimState.PAID, [date(2026, 7, 13), date(2026, 8, 3)],
    )  # fmt: skip
    assert [each.disbursed_pence for each in open_grants()] == [3_140_00]


def test_what_was_claimed_before_stands_in_the_next_claim_and_counts_against_its_lines(begun: Story) -> None:
    sent(begun, date(2026, 7, 13))
    row = begun.invoice("MP-1", date(2026, 9, 1), service("Printing of cards", 1_000_00))
    with pytest.raises(OverLimit):
        begun.split(row, C=920_01)
    begun.split(row, C=100_00)
    begun.claim()
    lines = draft_of(queries.claim_by_reference(CLAIM_2), at=begun.at).pack.lines
    assert {line.code: line.figures.earlier for line in lines if line.figures.earlier} == {
        "A": 1_900_00, "C": 1_240_00,
    }  # fmt: skip
    assert {line.code: line.remaining + line.figures.eligible for line in lines} == LEFT


def test_the_next_claim_of_the_award_is_not_sent_before_it_is_certified(begun: Story, app: Flask) -> None:
    sent(begun, date(2026, 7, 13))
    begun.book("JN3", date(2026, 9, 2), 50_00, says="Briefing: receipt")
    begun.import_booked("extract-q2.csv")
    begun.split("SP-00003", F=50_00)
    begun.forecast(begun.claim(), LEFT | {"F": 950_00})
    begun.sign(CLAIM_2)
    with pytest.raises(RuleBroken, match=r"It was certified on 5 October 2026\. Enter that day or a later one"):
        sent(begun, date(2026, 10, 4), CLAIM_2)
    db.session.remove()
    officer = Site(app, PASSWORD).sign_in("grants@test.example")
    assert "It is due by" in officer.get(f"/claims/{CLAIM_2}/submit").text
