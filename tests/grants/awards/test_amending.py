"""Amending an award: its terms, a line more, a condition that holds no longer."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from core.db import db, transaction
from core.errors import AlreadyDone, OverLimit, PeriodClosed, RuleBroken, StaleEdit
from core.money import Pence
from core.trail import AuditLeaf
from grants.awards import queries, services
from grants.awards.models import Amendment, Award, AwardClosure, ConditionEnd, GrantLine, LineCorrection
from grants.awards.rules import (
    AwardTerms,
    Basis,
    Cadence,
    ClosingAct,
    Condition,
    ConditionKind,
    NewLine,
    Settled,
    changed_terms,
    demand_settled_kept,
)
from grants.claims import services as claims
from grants.claims.services.steps import held
from grants.spending import services as spending
from grants.spending.models import PurchaseOrder
from grants.spending.rules import NewOrderLine
from tests.factories import AT, World, submission
from tests.grants.factories import (
    LINES,
    TERMS,
    acting,
    add_award,
    add_award_and_catalogue,
    add_catalogue,
    add_invoice,
    split,
    towels,
)

LATER = replace(TERMS, ends_on=date(2027, 9, 30), amount_pence=Pence(25_000_00))
QUARTER = Settled("CLM-00001", date(2026, 4, 1), date(2026, 6, 30), signed=True)


def amend(world: World, terms: AwardTerms, *, seen: int = 0, **changed: Any) -> Award:
    facts: dict[str, Any] = {"shown_by": "HO letter of 3 August 2026", "reason": "The funder agreed", "seen": seen}
    with transaction():
        return services.amend_award("GB2026", terms, **{**facts, **acting(world), **changed})


# ---- Rules ----------------------------------------------------------------------------------------------------------


def test_what_changed_is_said_in_words_and_in_the_order_of_the_page() -> None:
    after = replace(LATER, virement_limit_points=750, basis=Basis.DEFRAYED)
    assert [(each.term, each.was, each.becomes) for each in changed_terms(TERMS, after)] == [
        ("amount_pence", "£22,460.00", "£25,000.00"),
        ("ends_on", "31 March 2027", "30 September 2027"),
        ("basis", "accruals", "defrayed"),
        ("virement_limit_points", "10%", "7.5%"),
    ]


def test_terms_that_are_the_same_are_no_amendment() -> None:
    with pytest.raises(RuleBroken, match="Nothing is different"):
        changed_terms(TERMS, TERMS)


@pytest.mark.parametrize(
    ("after", "settled", "field", "words"),
    [
        (replace(TERMS, starts_on=date(2026, 5, 1)), QUARTER, "starts_on", "CLM-00001 is for 1 April to 30 June"),
        (replace(TERMS, cadence=Cadence.SIX_MONTHLY), QUARTER, "cadence", "no longer be a period of the award"),
        (replace(TERMS, ends_on=date(2026, 5, 31)), QUARTER, "ends_on", "no longer be a period of the award"),
        (
            LATER,
            Settled("CLM-00004", date(2027, 1, 1), date(2027, 3, 31), is_final=True),
            "ends_on",
            "is the final claim, so the award cannot end on another day",
        ),
        (replace(TERMS, basis=Basis.DEFRAYED), QUARTER, "basis", "CLM-00001 was signed with this as it is"),
    ],
)
def test_a_period_that_was_claimed_stays_what_it_was(
    after: AwardTerms, settled: Settled, field: str, words: str
) -> None:
    with pytest.raises(RuleBroken, match=words) as refused:
        demand_settled_kept(TERMS, after, [settled])
    assert refused.value.field == field


def test_an_award_can_end_later_than_what_was_claimed_of_it() -> None:
    demand_settled_kept(TERMS, LATER, [QUARTER])


# ---- Services -------------------------------------------------------------------------------------------------------


def test_an_amendment_changes_the_award_and_keeps_what_it_was(world: World) -> None:
    """Amount 22,460.00 → 25,000.00, end 31 March 2027 → 30 September 2027, held by the force."""
    add_award(world)
    amend(world, replace(LATER, body_code="FORCE"))
    award = queries.award_by_code("GB2026")
    assert (award.amount_pence, award.ends_on, award.body.code) == (25_000_00, date(2027, 9, 30), "FORCE")
    kept = [(each.term, each.was, each.becomes, each.shown_by) for each in queries.amendments_of(award.id)]
    assert kept == [
        ("ends_on", "31 March 2027", "30 September 2027", "HO letter of 3 August 2026"),
        ("amount_pence", "£22,460.00", "£25,000.00", "HO letter of 3 August 2026"),
        ("body_code", "OPCC", "FORCE", "HO letter of 3 August 2026"),
    ]
    leaf = db.session.scalars(select(AuditLeaf).where(AuditLeaf.act == "award.amend")).one()
    assert leaf.subject == "GB2026"


def test_the_same_amendment_sent_twice_is_one_and_an_old_page_is_stale(world: World) -> None:
    add_award(world)
    key = submission()
    for _ in range(2):
        amend(world, LATER, submission_id=key)
    assert db.session.scalar(select(func.count()).select_from(Amendment)) == 2
    with pytest.raises(StaleEdit):
        amend(world, replace(LATER, title="Another"))
    assert queries.award_by_code("GB2026").title == TERMS.title


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (replace(TERMS, amount_pence=Pence(22_459_99)), "£0.01 more than the award"),
        (replace(TERMS, ends_on=date(2026, 3, 31)), "must end after it starts"),
        (replace(TERMS, body_code="NOBODY"), "Select the body"),
    ],
)
def test_an_amendment_that_contradicts_the_award_changes_nothing(world: World, terms: AwardTerms, words: str) -> None:
    add_award(world)
    with pytest.raises(RuleBroken, match=words):
        amend(world, terms)
    assert queries.terms_of(queries.award_by_code("GB2026")) == TERMS
    assert db.session.scalar(select(func.count()).select_from(Amendment)) == 0


def test_a_claim_that_is_open_keeps_its_period(world: World) -> None:
    add_award(world)
    with transaction():
        claims.open_claim("GB2026", **acting(world))
    with pytest.raises(RuleBroken, match="CLM-00001 is for 1 April to 30 June 2026"):
        amend(world, replace(TERMS, cadence=Cadence.YEARLY))
    amend(world, LATER)


def test_a_line_takes_what_stands_on_no_line_and_no_penny_more(world: World) -> None:
    """22,460.00 raised to 25,000.00 leaves 2,540.00."""
    add_award(world)
    line = NewLine("G", "Helpline cards", "Cards with helplines, as in the letter", Pence(2_540_00))
    with pytest.raises(RuleBroken, match=r"£0.00 of the award of £22,460.00 stands on no line"), transaction():
        services.add_line("GB2026", line, **acting(world))
    amend(world, LATER)
    with transaction():
        services.add_line("GB2026", line, **acting(world))
    with pytest.raises(RuleBroken, match=r"£0.00 of the award"), transaction():
        services.add_line("GB2026", replace(line, code="H", budget_pence=Pence(1)), **acting(world))
    with pytest.raises(RuleBroken, match="Line A is there already"), transaction():
        services.add_line("GB2026", replace(line, code="A", budget_pence=Pence(0)), **acting(world))
    award = queries.award_by_code("GB2026")
    assert [each.code for each in award.lines] == [*(each.code for each in LINES), "G"]
    assert queries.revised_budgets([award.lines[-1].id])[award.lines[-1].id] == 2_540_00


def test_a_withdrawn_condition_is_tested_no_more(world: World) -> None:
    add_award_and_catalogue(world)
    cap = Condition(ConditionKind.UNIT_CAP, "7.2", "No unit above £5.00", "A", pence=500)
    with transaction():
        condition_id = services.record_condition("GB2026", cap, **acting(world)).id
    with pytest.raises(RuleBroken, match=r"Clause 7\.2"):
        order(world)
    with transaction():
        services.withdraw_condition("GB2026", condition_id, reason="Copied wrong", **acting(world))
    order(world)
    award = queries.award_by_code("GB2026")
    assert queries.conditions_of([award.id])[award.id] == []
    assert [each.condition.clause for each in queries.ended_conditions(award.id)] == ["7.2"]
    with pytest.raises(AlreadyDone), transaction():
        services.withdraw_condition("GB2026", condition_id, reason="Again", **acting(world))
    assert db.session.scalar(select(func.count()).select_from(ConditionEnd)) == 1


def order(world: World) -> PurchaseOrder:
    with transaction():
        return spending.place_order(
            [NewOrderLine("Towels", "GB2026/A", Pence(60_00), 10, "TOWEL")],
            supplier_code="BULK",
            ordered_on=AT.date(),
            **acting(world),
        )


def test_a_closed_award_is_not_amended(world: World) -> None:
    award = add_award(world)
    with transaction():
        closure = AwardClosure(
            award_id=award.id, act=ClosingAct.CLOSED, outturn_json="{}", digest="0" * 64,
            account_id=world.actor("grants").account_id, recorded_at=AT,
        )  # fmt: skip
        db.session.add(closure)
    line = NewLine("G", "Heading", "Purpose", Pence(0))
    with pytest.raises(PeriodClosed):
        amend(world, LATER)
    with pytest.raises(PeriodClosed), transaction():
        services.add_line("GB2026", line, **acting(world))
    assert queries.terms_of(queries.award_by_code("GB2026")) == TERMS


# ---- A line that was copied wrong -----------------------------------------------------------------------------------


def correct(world: World, line: NewLine, *, seen: int = 0, **changed: Any) -> LineCorrection:
    facts: dict[str, Any] = {"shown_by": "Schedule 1, page 4", "reason": "A nought was left out", "seen": seen}
    with transaction():
        return services.correct_line("GB2026", line, **{**facts, **acting(world), **changed})


def test_a_line_that_was_copied_wrong_is_corrected_until_something_hangs_on_it(world: World) -> None:
    """
    | line F          | heading  | budget   |
    |-----------------|----------|---------:|
    | recorded        | Breifing |   100.00 |
    | corrected       | Briefing | 1,000.00 |
    | corrected again | Briefing |   999.00 |
    """
    wrong = NewLine("F", "Breifing", "Breifing, as in schedule 1", Pence(100_00))
    add_award(world, lines=(*LINES[:5], wrong))
    add_catalogue(world)
    made = correct(world, LINES[5])
    line = queries.line_by_name("GB2026/F")
    assert (line.heading, line.purpose, line.budget_pence) == (LINES[5].heading, LINES[5].purpose, 1_000_00)
    assert (line.recorded_heading, line.recorded_pence, made.pence) == ("Breifing", 100_00, 900_00)
    assert queries.revised_budgets([line.id]) == {line.id: 1_000_00}
    for seen, right, refusal in (
        (0, replace(LINES[5], budget_pence=Pence(999_00)), StaleEdit()),
        (made.id, LINES[5], RuleBroken("Nothing is different. Change what was copied wrong")),
        (
            made.id, replace(LINES[5], budget_pence=Pence(1_000_01)),
            RuleBroken("The other lines take £21,460.00 of the award of £22,460.00. Enter £1,000.00 or less"),
        ),
    ):  # fmt: skip
        with pytest.raises(type(refusal)) as refused:
            correct(world, right, seen=seen)
        assert refused.value.message == refusal.message
    again = correct(world, replace(LINES[5], budget_pence=Pence(999_00)), seen=made.id)
    assert [each.id for each in queries.corrections_of(line.award_id)] == [again.id, made.id]
    assert db.session.get_one(GrantLine, line.id).budget_pence == 999_00
    row = add_invoice(world, towels(1, 50_00)).rows[0].reference
    split(world, row, F=50_00)
    with pytest.raises(OverLimit) as hangs:
        correct(world, LINES[5], seen=again.id)
    assert hangs.value.message == (
        "£50.00 is apportioned to it, so line F stays as it is agreed: Briefing, £999.00. Move budget by a budget "
        "change (virement) instead"
    )
    with pytest.raises(DBAPIError, match="a line that was spent on stays as agreed"), transaction():
        db.session.add(
            LineCorrection(
                grant_line_id=line.id, heading="", purpose="", pence=Pence(1), shown_by="", note_id=made.note_id,
                account_id=made.account_id, recorded_at=AT,
            )
        )  # fmt: skip
    assert len(queries.corrections_of(line.award_id)) == 2


def test_an_order_though_it_is_billed_or_a_budget_change_keeps_a_line_as_agreed(world: World) -> None:
    add_award_and_catalogue(world)
    with transaction():
        ordered = [NewOrderLine("Towels", name, Pence(100_00), 20, "TOWEL") for name in ("GB2026/A", "GB2026/E")]
        spending.place_order(ordered, supplier_code="BULK", ordered_on=date(2026, 4, 10), **acting(world))
        spending.end_order_line("PO-00001", 2, reason="Cancelled", **acting(world))
        services.change_budget(
            from_line="GB2026/C", to_line="GB2026/D", pence=Pence(100_00), agreed_on=date(2026, 4, 10),
            consent_reference=None, reason=None, **acting(world),
        )  # fmt: skip
    add_invoice(world, towels(20, 100_00, order_line_position=1), order="PO-00001")
    for right, words in ((LINES[0], "£100.00 is ordered for it"), (LINES[2], "V-00001 moved budget off or onto it")):
        with pytest.raises(OverLimit, match=words):
            correct(world, replace(right, heading="Other"))
    award = queries.award_by_code("GB2026")
    assert queries.corrections_of(award.id) == []
    assert [line.code for line in award.lines if line.id not in queries.hanging(award.id)] == ["B", "E", "F"]


WRONG = (*LINES[:5], NewLine("F", "Breifing", "Breifing, as in schedule 1", Pence(100_00)))
SMALLER = replace(TERMS, amount_pence=Pence(21_560_00))
"""What the lines come to while F is copied wrong."""


@pytest.mark.parametrize("first", ["corrected", "amended"])
def test_of_two_people_one_sees_the_line_and_the_award_as_the_other_left_them(
    app: Flask, world: World, first: str
) -> None:
    add_award(world, lines=WRONG)

    def do(what: str) -> None:
        facts: dict[str, Any] = {"shown_by": "Schedule 1", "reason": "As signed", "seen": 0, **acting(world)}
        if what == "corrected":
            services.correct_line("GB2026", LINES[5], **facts)
        else:
            services.amend_award("GB2026", SMALLER, **facts)

    def second() -> None:
        with app.app_context(), transaction():
            do("amended" if first == "corrected" else "corrected")

    with ThreadPoolExecutor(1) as other:
        with transaction():
            do(first)
            late = other.submit(second)
            time.sleep(0.5)  # until the other waits: on PostgreSQL for the award, on SQLite for its turn
        with pytest.raises(RuleBroken, match=r"21,560\.00"):
            late.result()
    award = queries.award_by_code("GB2026")
    assert sum(line.budget_pence for line in award.lines) <= award.amount_pence


def test_a_claim_that_waited_for_its_award_is_made_of_the_lines_as_they_became(app: Flask, world: World) -> None:
    add_award(world, lines=WRONG)
    with transaction():
        reference = claims.open_claim("GB2026", **acting(world)).reference

    def waited() -> int:
        with app.app_context(), transaction():
            return held(reference).award.lines[5].budget_pence

    with ThreadPoolExecutor(1) as other:
        with transaction():
            services.correct_line(
                "GB2026", LINES[5], shown_by="Schedule 1", reason="As signed", seen=0, **acting(world)
            )
            late = other.submit(waited)
            time.sleep(0.5)  # until the other waits
        assert late.result() == 1_000_00
