"""Recording an award and moving its budget."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from core.db import db, transaction
from core.errors import OverLimit, RuleBroken
from core.money import Pence
from core.trail import AuditLeaf
from grants.awards import queries, services
from grants.awards.models import Award, AwardCondition, BudgetChange
from grants.awards.rules import Condition, ConditionKind
from grants.spending import services as spending
from grants.spending.models import Apportionment, PurchaseOrder
from grants.spending.rules import NewOrderLine
from tests.factories import AT, World, submission
from tests.grants.factories import LINES, TERMS, acting, add_award, add_catalogue, add_invoice, credit, split, towels


def move(world: World, source: str, target: str, pence: int, consent: str | None = None) -> BudgetChange:
    with transaction():
        return services.change_budget(
            from_line=f"GB2026/{source}",
            to_line=f"GB2026/{target}",
            pence=Pence(pence),
            agreed_on=date(2026, 5, 1),
            consent_reference=consent,
            reason="More languages are asked for",
            **acting(world),
        )


def budgets() -> dict[str, int]:
    lines = queries.award_by_code("GB2026").lines
    revised = queries.revised_budgets([line.id for line in lines])
    return {line.code: revised[line.id] for line in lines}


def test_an_award_is_recorded_with_its_six_lines(world: World) -> None:
    """A 9,600.00 · B 4,400.00 · C 2,160.00 · D 4,300.00 · E 1,000.00 · F 1,000.00 = 22,460.00."""
    award = add_award(world)
    assert award.amount_pence == 22_460_00
    assert award.body.code == "OPCC"
    assert budgets() == {
        "A": 9_600_00, "B": 4_400_00, "C": 2_160_00, "D": 4_300_00, "E": 1_000_00, "F": 1_000_00,
    }  # fmt: skip
    leaf = db.session.scalars(select(AuditLeaf).where(AuditLeaf.subject == "GB2026")).one()
    assert leaf.act == "award.record"


def test_the_same_form_sent_twice_is_one_award(world: World) -> None:
    key = submission()
    for _ in range(2):
        with transaction():
            services.record_award(TERMS, LINES, by=world.actor("grants"), at=AT, submission_id=key)
    assert db.session.scalar(select(func.count()).select_from(Award)) == 1


def test_a_code_that_is_taken_is_refused(world: World) -> None:
    add_award(world)
    with pytest.raises(RuleBroken, match="Award GB2026 is already recorded"):
        add_award(world, replace(TERMS, title="Another"))
    assert db.session.scalar(select(func.count()).select_from(Award)) == 1


def test_a_small_change_needs_no_consent(world: World) -> None:
    """E 1,000.00 → F: 100.00 is 10.0% of both, at the limit."""
    add_award(world)
    assert move(world, "E", "F", 100_00).reference == "V-00001"
    assert budgets()["E"] == 900_00
    assert budgets()["F"] == 1_100_00


def test_a_change_beyond_the_limit_quotes_both_shares_and_the_agreement(world: World) -> None:
    add_award(world)
    with pytest.raises(RuleBroken) as refused:
        move(world, "C", "D", 400_00)
    assert refused.value.field == "consent_reference"
    assert refused.value.message == (
        "£400.00 is 18.5% of line C (£2,160.00), and 9.3% of line D. Agreement HO/MS/2026/017 lets 10% of a line "
        "move without the funder's consent. Enter the reference of the funder's consent"
    )
    assert budgets()["C"] == 2_160_00
    assert db.session.scalar(select(func.count()).select_from(BudgetChange)) == 0


def test_a_change_beyond_the_limit_is_made_with_the_funders_consent(world: World) -> None:
    add_award(world)
    move(world, "C", "D", 400_00, "Email of 30 April 2026")
    assert budgets()["C"] == 1_760_00
    assert budgets()["D"] == 4_700_00
    assert sum(budgets().values()) == 22_460_00


def test_two_small_changes_do_not_slip_past_the_limit(world: World) -> None:
    """C 2,160.00: 200.00 is 9.3%; 200.00 more makes 400.00, 18.5%."""
    add_award(world)
    move(world, "C", "D", 200_00)
    with pytest.raises(RuleBroken, match=r"£400\.00 is 18\.5% of line C"):
        move(world, "C", "D", 200_00)
    assert budgets()["C"] == 1_960_00


def test_what_the_funder_agreed_to_does_not_count_against_the_next_change(world: World) -> None:
    add_award(world)
    move(world, "C", "D", 400_00, "Email of 30 April 2026")
    move(world, "C", "D", 200_00)
    assert budgets()["C"] == 1_560_00


def test_money_never_moves_between_grants(world: World) -> None:
    add_award(world)
    add_award(world, replace(TERMS, code="OTHER"))
    with pytest.raises(RuleBroken, match="Money cannot move between grants"), transaction():
        services.change_budget(
            from_line="GB2026/A",
            to_line="OTHER/A",
            pence=Pence(1),
            agreed_on=date(2026, 5, 1),
            consent_reference=None,
            reason=None,
            **acting(world),
        )


@pytest.mark.parametrize(
    ("source", "target", "pence", "message"),
    [
        ("A", "A", 1_00, "Choose two different lines"),
        ("A", "B", 0, "more than £0"),
        ("A", "Z", 1_00, "Select a grant line you can use"),
    ],
)
def test_a_change_that_is_none_is_refused(world: World, source: str, target: str, pence: int, message: str) -> None:
    add_award(world)
    with pytest.raises(RuleBroken, match=message):
        move(world, source, target, pence)


def test_budget_that_is_spent_cannot_move_away(world: World) -> None:
    """E 1,000.00, apportioned 950.00: 50.00 can move."""
    add_award(world)
    add_catalogue(world)
    invoice = add_invoice(world, towels(100, 950_00))
    split(world, invoice.rows[0].reference, E=950_00)
    with pytest.raises(OverLimit) as refused:
        move(world, "E", "F", 50_01)
    assert refused.value.message == (
        "Line E has £50.00 left: £1,000.00 budget less £950.00 already apportioned. Move £50.00 or less"
    )
    move(world, "E", "F", 50_00)
    assert budgets()["E"] == 950_00


def test_a_condition_is_tested_when_an_order_is_placed_spending_split_and_budget_moved(world: World) -> None:
    """Line A: no unit above £5.00; no gifts anywhere; line F may come to £1,000.00."""
    add_award(world)
    add_catalogue(world)
    for condition in (
        Condition(ConditionKind.UNIT_CAP, "5.2", "No item above £5", "A", 5_00),
        Condition(ConditionKind.EXCLUDED_WORDS, "6.1", "Gifts are not eligible", excluded="gift"),
        Condition(ConditionKind.CEILING, "8", "Briefing is at most £1,000", "F", 1_000_00),
    ):
        with transaction():
            services.record_condition("GB2026", condition, **acting(world))
    with pytest.raises(
        RuleBroken, match=r"One of Towels costs £5\.01, .* Clause 5\.2 of HO/MS/2026/017: “No item above £5”"
    ):
        place(world, NewOrderLine("Towels", "GB2026/A", Pence(50_10), 10, item_code="TOWEL"))
    with pytest.raises(RuleBroken, match="names “gift”, which this grant does not pay"):
        place(world, NewOrderLine("Gift cards", "GB2026/E", Pence(10_00)))
    audit = [NewOrderLine(f"Audit, part {part}", "GB2026/F", Pence(pence)) for part, pence in ((1, 999_99), (2, 2))]
    with pytest.raises(RuleBroken, match=r"Line F would come to £1,000\.01, £0\.01 over its ceiling\. Clause 8"):
        place(world, *audit)
    dear = add_invoice(world, towels(10, 50_10), gross_pence=60_12)
    with pytest.raises(RuleBroken, match=r"Clause 5\.2"):
        split(world, dear.rows[0].reference, A=50_10)
    with pytest.raises(RuleBroken, match=r"Line F would come to £1,000\.01, £0\.01 over its ceiling\. Clause 8"):
        move(world, "E", "F", 1)
    assert db.session.scalar(select(func.count()).select_from(PurchaseOrder)) == 0
    assert db.session.scalar(select(func.count()).select_from(Apportionment)) == 0
    assert budgets()["F"] == 1_000_00


def test_a_grant_that_meets_half_of_a_cost_is_charged_half_over_all_its_lines(world: World) -> None:
    add_award(world)
    add_catalogue(world)
    condition(world, ConditionKind.SHARE, share_points=5_000)
    row = add_invoice(world, towels(10, 50_00), gross_pence=60_00).rows[0].reference
    split(world, row, A=20_00)
    with pytest.raises(RuleBroken, match=r"£25\.00 of the £50\.00 of .*This would make it £25\.01\. Clause 4"):
        split(world, row, A=1, E=5_00)
    split(world, row, E=5_00)
    assert db.session.scalar(select(func.sum(Apportionment.pence))) == 25_00


def test_a_credit_note_lowers_what_a_grant_that_meets_half_may_pay(world: World) -> None:
    """Towels for £50.00 less £20.00 credited: at most £15.00, what the line gets of the credit counted."""
    add_award(world)
    add_catalogue(world)
    condition(world, ConditionKind.SHARE, share_points=5_000)
    row = add_invoice(world, towels(10, 50_00)).rows[0].reference
    split(world, row, A=10_00)
    given_back = add_invoice(world, credit(row, -20_00), number="SI-1001C").rows[0].reference
    with pytest.raises(RuleBroken, match=r"£15\.00 of the £30\.00 of .*This would make it £15\.01\. Clause 4"):
        split(world, row, A=5_01)
    assert db.session.scalar(select(func.sum(Apportionment.pence))) == 10_00
    split(world, row, A=5_00)
    split(world, given_back, A=-1_00)
    split(world, row, E=1_00)
    assert db.session.scalar(select(func.sum(Apportionment.pence))) == 15_00


def test_a_condition_names_papers_and_places_that_exist(world: World) -> None:
    add_award(world)
    with pytest.raises(
        RuleBroken, match=r"bill is not a kind of paper kept beside spending\. Choose from: delivery no"
    ):
        condition(world, ConditionKind.PAPERS, admitted="invoice, bill")
    with pytest.raises(RuleBroken, match=r"NOWHERE is not the code of a place\. Choose from: "):
        condition(world, ConditionKind.PLACES, admitted="NOWHERE")
    assert db.session.scalar(select(func.count()).select_from(AwardCondition)) == 0
    condition(world, ConditionKind.PLACES, admitted="SALISBURY")
    condition(world, ConditionKind.PAPERS, admitted="invoice, proof of payment")
    assert [each.limit_words for each in queries.conditions_of([1])[1]] == [
        "SALISBURY",
        "invoice, proof of payment",
    ]


def condition(world: World, kind: ConditionKind, **terms: Any) -> None:
    with transaction():
        services.record_condition("GB2026", Condition(kind, "4", "As agreed", **terms), **acting(world))


def test_nothing_is_ordered_outside_the_funding_period(world: World) -> None:
    add_award(world)
    add_catalogue(world)
    with pytest.raises(RuleBroken, match=r"The funding period of GB2026 is 1 April 2026 to 31 March 2027"):
        place(world, NewOrderLine("Towels", "GB2026/A", Pence(10_00)), on=date(2026, 3, 31))


def place(world: World, *lines: NewOrderLine, on: date = date(2026, 5, 1)) -> None:
    with transaction():
        spending.place_order(lines, supplier_code="BULK", ordered_on=on, **acting(world))
