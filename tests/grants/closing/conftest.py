"""An award that has run its course: one yearly period, claimed, paid in part and signed off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from core.money import Pence
from grants.awards.rules import Cadence
from grants.claims import services as claims
from grants.claims.queries import claim_by_reference
from grants.claims.report import draft_of
from grants.claims.services.drafting import Forecast
from grants.ledgers import services as ledgers
from grants.reconciliation import services as reconciliation
from tests.audit.signing import outside, signing
from tests.conftest import Databases, begin_with
from tests.factories import World
from tests.grants.claims.story import Story, service
from tests.grants.factories import TERMS, add_award, add_catalogue

__all__ = ["outside", "signing"]

MAY = datetime(2027, 5, 10, 9, 0, tzinfo=UTC)
YEAR = date(2026, 4, 1)
CLAIM = "CLM-00001"
EXPLAINED = {"A": "Fewer bags were needed", "C": "Cards of last year were used", "F": "Briefings held on line"}


def tell(world: World) -> Story:
    """Tell the year: 9,600.00 of A, 4,400.00 of B, 4,300.00 of D and 950.00 of E, claimed and paid but for 50.00.

    | line | budget   | claimed  | variance            |
    |------|---------:|---------:|---------------------|
    | A    | 9,600.00 | 8,000.00 | 1,600.00 (16.7%)    |
    | B    | 4,400.00 | 4,400.00 |                     |
    | C    | 2,160.00 |     0.00 | 2,160.00 (100.0%)   |
    | D    | 4,300.00 | 4,300.00 |                     |
    | E    | 1,000.00 |   950.00 | 50.00 (5.0%)        |
    | F    | 1,000.00 |     0.00 | 1,000.00 (100.0%)   |
    """
    add_award(world, replace(TERMS, cadence=Cadence.YEARLY))
    add_catalogue(world)
    story = Story(world, MAY)
    story.do(ledgers.open_ledger, "GL", "Force general ledger")
    with story.together():
        for line, pence in (("A", 8_000_00), ("B", 4_400_00), ("D", 4_300_00), ("E", 950_00)):
            row = story.invoice(f"SI-{line}", date(2026, 9, 1), service(f"Work of {line}", pence))
            story.split(row, **{line: pence})
            story.book(f"AP10{line}", date(2026, 9, 20), pence, row)
        story.book("JN900", date(2027, 3, 31), 10_00, says="Uniform: miscoded")
        story.import_booked("extract.csv")
    claim = story.claim()
    story.do(
        claims.forecast, claim,
        [Forecast(code, Pence(0), EXPLAINED.get(code, "")) for code in "ABCDEF"],
    )  # fmt: skip
    for finding in draft_of(claim_by_reference(claim), at=MAY).failing:
        story.do(claims.waive, claim, finding.key, reason="Agreed with the auditor")
    story.sign(claim)
    story.do(claims.submit_claim, claim, sent_on=MAY.date())
    story.do(claims.record_payment, claim, Pence(17_600_00), paid_on=MAY.date(), remittance="HO 1")
    story.do(reconciliation.prepare_reconciliation, "GB2026", YEAR, note=None)
    story.do(reconciliation.sign_reconciliation, "GB2026", YEAR, who="finance")
    return story


@pytest.fixture(scope="session")
def closing_template(app: Flask, databases: Databases, world_template: World) -> None:
    """Keep the moment before the close."""
    if "closing" in databases.kept:  # told already, before the tests went on to the other kind of database and back
        return
    with app.app_context():
        databases.renew("world")
        tell(world_template)
        databases.keep("closing")


@pytest.fixture
def story(app: Flask, databases: Databases, world_template: World, closing_template: None) -> Iterator[Story]:
    """The year, ready to be closed."""
    for _ in begin_with(app, databases, "closing"):
        yield Story(world_template, MAY)
