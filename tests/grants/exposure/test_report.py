"""An award's exposure over real stock, bags and claims on both databases, and its page and file."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from core.dates import local_day
from core.db import db
from core.figures.storing import frozen_of, text_of
from core.money import Pence
from grants.awards.queries import award_by_code
from grants.claims import services as claims
from grants.claims.queries import claim_by_reference
from grants.claims.report import draft_of
from grants.claims.services.drafting import Forecast
from grants.exposure.report import Exposure, freeze_exposure
from grants.ledgers import services as ledgers
from tests.conftest import kept
from tests.factories import PASSWORD, World
from tests.grants.claims.story import Story
from tests.grants.factories import add_award, add_invoice, bill, split, towels
from tests.grants.leaving import demand_same_everywhere
from tests.inventory.shelves import SHELVES, carry, have_a_catalogue, issue, pack, receive
from tests.site import Site

JULY = datetime(2026, 7, 6, 9, 0, tzinfo=UTC)
BUDGETS = {"A": 9_590_00, "B": 4_400_00, "C": 2_160_00, "D": 4_300_00, "E": 1_000_00, "F": 1_000_00}


def tell(world: World) -> None:
    """Tell of ten towels for 10.00 on line A, claimed in the first quarter.

    | where                    | towels |
    |--------------------------|-------:|
    | issued from Salisbury    |      1 |
    | in a bag at Salisbury    |      1 |
    | at the store             |      8 |
    """
    have_a_catalogue(world)
    add_award(world)
    delivery = receive(world, *SHELVES)
    add_invoice(world, towels(10, 10_00), number="SI-1001")
    bill(world, "INV-00001-1", delivery, 10, position=1)
    split(world, "INV-00001-1", A=10_00)
    first, second = pack(world, 2)
    carry(world, first, "SALISBURY")
    carry(world, second, "SALISBURY")
    issue(world, first.tag)
    story = Story(world, JULY)
    story.do(ledgers.open_ledger, "GL", "Force general ledger")
    story.book("AP100", date(2026, 6, 30), 10_00, "INV-00001-1")
    story.import_booked("extract.csv")
    claim = story.claim()
    story.do(claims.forecast, claim, [Forecast(code, Pence(pence)) for code, pence in BUDGETS.items()])
    for other in draft_of(claim_by_reference(claim), at=JULY).undecided:
        story.do(claims.accrue, claim, Pence(0), subject=other.subject, line_code="A", reason="Not of this grant")
    for finding in draft_of(claim_by_reference(claim), at=JULY).failing:
        story.do(claims.waive, claim, finding.key, reason="Agreed with the auditor")
    story.sign(claim)


told = kept(tell)
"""The towels of the table above."""


def exposure(at: datetime = JULY) -> Exposure:
    db.session.rollback()
    return freeze_exposure(award_by_code("GB2026"), at=at, today=local_day(at))


def test_what_is_claimed_and_unused_is_said_by_line_place_and_item(told: World) -> None:
    """In July the award has 268 days left; Salisbury issued one towel in the last 90 days: it will use 2."""
    made = exposure()
    line = made.lines[0]
    assert (line.claimed, line.exposed) == (10_00, 9_00)
    found = {(each.item, each.place): each for each in made.outlooks if each.item == "Towel"}
    salisbury, store = found["Towel", "Salisbury"], found["Towel", "Devizes store"]
    assert (salisbury.unit_count, salisbury.expected_count, salisbury.left) == (1, 2, 0)
    assert (store.unit_count, store.expected_count, store.left) == (8, 0, 8_00)
    assert [(each.source, each.target, each.unit_count, each.pence) for each in made.transfers] == [
        ("Devizes store", "Salisbury", 1, 1_00)
    ]
    assert (made.exposed, made.left, made.cured) == (9_00, 8_00, 1_00)
    assert sum(line.left for line in made.lines) == made.left


def test_after_the_end_nothing_more_is_used(told: World) -> None:
    made = exposure(datetime(2027, 4, 5, 9, 0, tzinfo=UTC))
    assert (made.days_left, made.exposed, made.left, made.transfers) == (0, 9_00, 9_00, ())
    assert "the award ended 31 March 2027" in made.sentence


def test_lines_places_and_items_add_up_to_the_same(told: World) -> None:
    made = exposure()
    totals = [each.total[-2:] for each in (made.lines_table, made.places_table, made.items_table) if each.total]
    assert totals == [(9_00, 8_00), (9_00, 8_00), (9_00, 8_00)]
    assert sum(each.exposed for each in made.outlooks) == 9_00
    assert frozen_of(Exposure, text_of(made)) == made == exposure()


def test_one_day_says_the_same_at_every_hour(told: World) -> None:
    """The towel was issued on 4 May: of the 90 days until 1 August it is on the first, of the next it is on none."""
    morning, night = (datetime(2026, 8, 1, hour, 0, tzinfo=UTC) for hour in (0, 22))
    assert exposure(morning).outlooks == exposure(night).outlooks
    used = [exposure(datetime(2026, 8, day, 9, 0, tzinfo=UTC)) for day in (1, 2)]
    assert [sum(each.expected_count for each in made.outlooks if each.item == "Towel") for made in used] == [2, 0]


def test_the_page_is_led_to_from_the_position_and_leaves_in_every_form_with_its_totals(app: Flask, told: World) -> None:
    reader = Site(app, PASSWORD).sign_in("auditor@test.example")
    assert "/exposure/GB2026" in reader.get("/grants/GB2026").links
    page = reader.get("/exposure/GB2026")
    assert page.table("Exposure by grant line, in pounds")[1][1:3] == ["10.00", "9.00"]
    total = page.table("Exposure by grant line, in pounds")[-1][1:]
    assert total[:2] == ["10.00", "9.00"]
    demand_same_everywhere(reader, [link for link in page.links if "/exposure." in link], "By line", total)


@pytest.mark.usefixtures("world")
def test_an_award_without_goods_has_nothing_exposed(world: World) -> None:
    add_award(world)
    made = exposure()
    assert (made.exposed, made.left, made.outlooks) == (0, 0, ())
