"""Samples of what a signed claim took, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from audit.samples import queries
from audit.samples.rules import Asked, Method, PopulationKind
from core.money import Pence
from grants.claims import services as claims
from tests.audit.samples.test_services import drawn, paper
from tests.grants.claims.conftest import CLAIM_2
from tests.grants.claims.story import FORECASTS, Story
from tests.grants.claims.test_services import signed
from tests.grants.reports.story import LATE

CLAIMED = Asked(PopulationKind.CLAIMED, CLAIM_2, None, None, Method.RANDOM, 3, 95, "DICE-4261")


def test_a_claim_that_reverses_an_estimate_and_makes_it_again_has_a_row_for_each(story: Story) -> None:
    """The booklets of claim 2 (£640.00) are not invoiced in claim 3 either: it reverses them and accrues £655.00."""
    story.sign(CLAIM_2)
    story.at = datetime(2027, 1, 6, 9, 0, tzinfo=UTC)
    story.book("JN902", date(2026, 12, 2), 12_00, says="Flowers: entertaining, ineligible")
    story.import_booked("extract-q3.csv")
    claim_3 = story.claim()
    story.do(
        claims.accrue, claim_3, Pence(655_00), line_code="D", description="400 Romanian booklets",
        supplier="Moonraker Print", received_on=date(2026, 12, 1), reason="Price of quotation MP-78",
    )  # fmt: skip
    story.forecast(claim_3, FORECASTS)
    story.sign(claim_3)
    rows = queries.rows_of(replace(CLAIMED, subject=claim_3), at=LATE)
    assert sorted((row.about, row.pence) for row in rows) == [
        ("Accrued, no invoice yet: 400 Romanian booklets, line D", 655_00),
        ("Reversed accrual: 400 Romanian booklets, line D", -640_00),
    ]
    called = {f"{row.reference}/{row.line}" for row in signed(claim_3)[1].rows if row.figures.eligible}
    assert {row.reference for row in rows} == called
    made = paper(drawn(story.world, replace(CLAIMED, subject=claim_3, count=2)))
    assert (made.terms.population_count, made.terms.population_pence, made.terms.drawn_again) == (2, 15_00, True)
    assert [row.record for row in made.rows] == [claim_3, claim_3]
