"""Orders, invoices, other spending, apportionment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.db import db, transaction
from core.errors import AlreadyDone, OverLimit, RuleBroken
from core.money import Pence
from grants.awards.rules import Basis
from grants.spending import queries, services
from grants.spending.models import Apportionment, PurchaseOrder, SpendingRow, SupplierInvoice
from grants.spending.rules import NewOrderLine, NewRow, Share, SpendingKind
from inventory.deliveries.rules import DeliveredLine
from tests.conftest import kept
from tests.factories import AT, World, submission
from tests.grants.factories import (
    TERMS,
    acting,
    add_award,
    add_award_and_catalogue,
    add_catalogue,
    add_invoice,
    bill,
    courier,
    credit,
    deliver,
    split,
    towels,
)

grant = kept(add_award_and_catalogue)
"""The small force with its award, a catalogue and two suppliers."""


def count(model: type) -> int:
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def line_id(code: str) -> int:
    from grants.awards.queries import line_by_name

    return line_by_name(f"GB2026/{code}").id


# ---- Invoices -----------------------------------------------------------------------------------


def test_an_invoice_with_mixed_vat_is_recorded_row_by_row(grant: World) -> None:
    """
    | row | net    | rate | VAT   |
    | 1   | 100.00 | 20%  | 20.00 |
    | 2   | 45.50  | 0%   | 0.00  |
    | 3   | 9.99   | 20%  | 2.00  |  (1.998 half up)
    gross 177.49
    """
    rows = [towels(10, 100_00), towels(5, 45_50, vat_rate_points=0), courier(9_99)]
    invoice = add_invoice(grant, *rows, gross_pence=177_49)
    assert invoice.reference == "INV-00001"
    assert [row.reference for row in invoice.rows] == ["INV-00001-1", "INV-00001-2", "INV-00001-3"]
    assert [row.vat_pence for row in invoice.rows] == [20_00, 0, 2_00]
    assert [row.cost_pence for row in invoice.rows] == [100_00, 45_50, 9_99]


def test_the_vat_as_printed_is_recorded_and_not_the_suggestion(grant: World) -> None:
    invoice = add_invoice(grant, towels(1, 9_99, vat_pence=Pence(1_99)), gross_pence=11_98)
    assert invoice.rows[0].vat_pence == 1_99


def test_vat_that_is_not_recovered_is_part_of_the_cost(grant: World) -> None:
    invoice = add_invoice(grant, towels(1, 100_00, vat_recoverable=False))
    assert invoice.rows[0].cost_pence == 120_00


@pytest.mark.parametrize("gross", [119_99, 120_01])
def test_rows_that_miss_the_total_by_a_penny_are_refused(grant: World, gross: int) -> None:
    with pytest.raises(RuleBroken) as refused:
        add_invoice(grant, towels(10, 100_00), gross_pence=gross)
    assert refused.value.message == f"Lines add up to £120.00, the invoice is £{gross / 100:.2f}"
    assert count(SupplierInvoice) == count(SpendingRow) == 0


@pytest.mark.parametrize(
    "number",
    ["SI-1001", "si 1001", "SI1001", " SI–1001 ", "0SI1001", "S\u200bI-1001", "\uff33\uff29\uff11\uff10\uff10\uff11"],
)
def test_the_same_invoice_number_of_a_supplier_is_recorded_once(grant: World, number: str) -> None:
    add_invoice(grant, towels(10, 100_00), number="SI-1001")
    with pytest.raises(RuleBroken) as refused:
        add_invoice(grant, towels(10, 100_00), number=number)
    assert refused.value.message == (
        "Invoice SI-1001 from Bulk Hygiene Ltd is already recorded as INV-00001: 20 April 2026, £120.00"
    )
    assert count(SupplierInvoice) == 1


def test_another_supplier_may_use_the_same_number(grant: World) -> None:
    add_invoice(grant, courier(10_00))
    add_invoice(grant, courier(10_00), supplier="PRINT")
    assert count(SupplierInvoice) == 2


def test_a_donor_sends_no_invoices(grant: World) -> None:
    with pytest.raises(RuleBroken, match="St Mark's is a donor and is not paid"):
        add_invoice(grant, courier(10_00), supplier="CHURCH")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (NewRow("Towels", Pence(1_00), item_code=None, unit_count=None), "choose the item for goods"),
        (NewRow("Towels", Pence(1_00), item_code="TOWEL", unit_count=None), "how many were bought"),
        (NewRow("Towels", Pence(-1_00), item_code="TOWEL", unit_count=1), "only a credit can be negative"),
        (NewRow("Back", Pence(-1_00), kind=SpendingKind.CREDIT), "choose the invoice row this credit is for"),
        (NewRow("Journal", Pence(1_00), kind=SpendingKind.JOURNAL), "holds goods, services and credits"),
        (NewRow("Odd", Pence(1_00), kind=SpendingKind.SERVICE, vat_rate_points=1750), "VAT rate of 20%, 5% or 0%"),
        (
            NewRow("Zero", Pence(1_00), kind=SpendingKind.SERVICE, vat_rate_points=0, vat_pence=Pence(20)),
            r"the rate is 0%, so the VAT is £0\.00\. You entered £0\.20",
        ),
        (
            NewRow("Much", Pence(1_00), kind=SpendingKind.SERVICE, vat_pence=Pence(1_01)),
            r"VAT on £1\.00 at 20% is about £0\.20\. You entered £1\.01",
        ),
        (towels(1, 1_00, item_code="NONE"), "Select an item you can use"),
        (towels(1, 1_00, description="Call 07700 900123"), "phone number"),
    ],
)
def test_a_row_that_cannot_be_is_refused(grant: World, row: NewRow, message: str) -> None:
    with pytest.raises(RuleBroken, match=message):
        add_invoice(grant, row)
    assert count(SupplierInvoice) == 0


def test_an_invoice_dated_tomorrow_is_refused(grant: World) -> None:
    with pytest.raises(RuleBroken, match="Enter a real date in the past"):
        add_invoice(grant, towels(1, 1_00), on=date(2026, 5, 5))


def test_a_replayed_form_answers_with_the_first_invoice_and_other_words_are_refused(grant: World) -> None:
    key, by = submission(), grant.actor("grants")

    def send(number: str) -> SupplierInvoice:
        with transaction():
            return services.record_invoice(
                [courier(10_00)],
                number=number,
                supplier_code="BULK",
                invoiced_on=date(2026, 4, 20),
                gross_pence=Pence(12_00),
                by=by,
                at=AT,
                submission_id=key,
            )

    assert send("X-1").reference == send("X-1").reference == "INV-00001"
    with pytest.raises(RuleBroken, match="This reference was used for something else"):
        send("X-2")
    assert count(SupplierInvoice) == 1


def test_a_credit_note_names_the_row_it_credits(grant: World) -> None:
    add_invoice(grant, towels(10, 100_00))
    note = add_invoice(grant, credit("INV-00001-1", -60_00), number="CN-7", gross_pence=-72_00)
    (row,) = note.rows
    assert row.cost_pence == -60_00
    assert row.vat_pence == -12_00
    assert row.credited is not None
    assert row.credited.reference == "INV-00001-1"


def test_credits_never_give_back_more_than_the_row_cost(grant: World) -> None:
    """100.00, credited 60.00; 40.01 more is refused."""
    add_invoice(grant, towels(10, 100_00))
    add_invoice(grant, credit("INV-00001-1", -60_00), number="CN-7")
    with pytest.raises(OverLimit) as refused:
        add_invoice(grant, credit("INV-00001-1", -40_01), number="CN-8")
    assert refused.value.message == (
        "INV-00001-1 was £100.00 net and £60.00 of it has been credited before. Credit £40.00 net or less, not £40.01"
    )
    assert count(SupplierInvoice) == 2


def test_the_vat_of_a_credit_is_treated_as_that_of_what_it_credits(grant: World) -> None:
    """100.00 without its VAT, which is recovered; 120.00 back would be more than it cost."""
    add_invoice(grant, towels(10, 100_00))
    with pytest.raises(RuleBroken) as refused:
        add_invoice(grant, replace(credit("INV-00001-1", -100_00), vat_recoverable=False), number="CN-7")
    assert refused.value.message == "The VAT of INV-00001-1 is recovered. Choose the same for its credit"
    assert count(SupplierInvoice) == 1


def test_the_rounded_vat_of_credits_never_comes_to_more_than_was_paid(grant: World) -> None:
    """
    | row         |   net | VAT, not recovered |
    |-------------|------:|-------------------:|
    | bought      |  0.10 |               0.02 |
    | credit 1    | -0.03 |              -0.01 |
    | credit 2    | -0.03 |              -0.01 |
    | credit 3    | -0.04 |    -0.01 → refused |
    | the same    | -0.04 |               0.00 |
    """
    add_invoice(grant, replace(towels(1, 10), vat_recoverable=False))
    back = replace(credit("INV-00001-1", -3), vat_recoverable=False)
    add_invoice(grant, back, number="CN-1")
    add_invoice(grant, back, number="CN-2")
    with pytest.raises(OverLimit) as refused:
        add_invoice(grant, replace(back, net_pence=Pence(-4)), number="CN-3")
    assert refused.value.message == (
        "INV-00001-1 was £0.02 VAT and £0.02 of it has been credited before. Credit £0.00 VAT or less, not £0.01"
    )
    assert count(SupplierInvoice) == 3
    add_invoice(grant, replace(back, net_pence=Pence(-4), vat_pence=Pence(0)), number="CN-3")
    rows = db.session.scalars(select(SpendingRow)).all()
    assert sum(row.cost_pence for row in rows) == 0


def test_the_vat_of_credits_may_round_as_it_will_where_it_is_recovered(grant: World) -> None:
    add_invoice(grant, towels(1, 10))
    for number in range(3):
        add_invoice(grant, credit("INV-00001-1", -3), number=f"CN-{number}")
    rows = db.session.scalars(select(SpendingRow)).all()
    assert sum(row.cost_pence for row in rows) == 1


def test_a_credit_from_another_supplier_is_refused(grant: World) -> None:
    add_invoice(grant, towels(10, 100_00))
    with pytest.raises(RuleBroken, match="is not a row of an invoice from Moonraker Print"):
        add_invoice(grant, credit("INV-00001-1", -1_00), supplier="PRINT")


# ---- Orders -------------------------------------------------------------------------------------


def order(grant: World, *lines: NewOrderLine) -> PurchaseOrder:
    with transaction():
        return services.place_order(
            lines,
            supplier_code="BULK",
            ordered_on=date(2026, 4, 10),
            **acting(grant),
        )


def committed(code: str) -> int:
    return queries.commitments([line_id(code)]).get(line_id(code), 0)


def test_a_commitment_converts_into_spending_and_never_adds_to_it(grant: World) -> None:
    """
    ordered 10 towels for 100.00 on line A     committed 100.00
    invoiced 4 of them (at 45.00, dearer)      committed 60.00 (6 units at the order's price)
    invoiced the other 6                       committed 0.00
    """
    order(grant, NewOrderLine("Towels", "GB2026/A", Pence(100_00), 10, "TOWEL"))
    assert committed("A") == 100_00
    add_invoice(grant, towels(4, 45_00, order_line_position=1), order="PO-00001")
    assert committed("A") == 60_00
    add_invoice(grant, towels(6, 66_00, order_line_position=1), order="PO-00001", number="SI-1002")
    assert committed("A") == 0


def test_a_service_converts_by_its_price(grant: World) -> None:
    order(grant, NewOrderLine("Briefing", "GB2026/F", Pence(900_00)))
    row = NewRow("Briefing, first day", Pence(300_00), kind=SpendingKind.SERVICE, order_line_position=1)
    add_invoice(grant, row, order="PO-00001")
    assert committed("F") == 600_00


def test_an_order_line_of_which_nothing_more_will_come_commits_nothing(grant: World) -> None:
    order(grant, NewOrderLine("Briefing", "GB2026/F", Pence(900_00)))

    def end() -> None:
        with transaction():
            services.end_order_line("PO-00001", 1, reason="Cancelled", **acting(grant))

    end()
    assert committed("F") == 0
    with pytest.raises(AlreadyDone):
        end()


def test_an_invoice_answers_an_order_of_its_own_supplier_only(grant: World) -> None:
    order(grant, NewOrderLine("Towels", "GB2026/A", Pence(100_00), 10, "TOWEL"))
    with pytest.raises(RuleBroken, match="Order PO-00001 went to Bulk Hygiene Ltd, not to Moonraker Print"):
        add_invoice(grant, courier(10_00), supplier="PRINT", order="PO-00001")


# ---- Other spending -----------------------------------------------------------------------------


def test_spending_without_an_invoice_has_its_own_reference_and_no_supplier(grant: World) -> None:
    with transaction():
        row = services.record_other_spending(
            kind=SpendingKind.PAYROLL,
            description="Store assistant, April, 10%",
            net_pence=Pence(180_00),
            incurred_on=date(2026, 4, 30),
            reason="Timesheet 4/26",
            **acting(grant),
        )
    assert row.reference == "SP-00001"
    assert row.cost_pence == 180_00
    split(grant, "SP-00001", E=180_00)
    assert queries.apportioned_by_line([line_id("E")]) == {line_id("E"): 180_00}


def test_goods_are_never_recorded_without_an_invoice(grant: World) -> None:
    with pytest.raises(RuleBroken, match="Choose a journal"), transaction():
        services.record_other_spending(
            kind=SpendingKind.GOODS,
            description="Towels",
            net_pence=Pence(1_00),
            incurred_on=date(2026, 4, 30),
            **acting(grant),
        )


# ---- Apportionment ------------------------------------------------------------------------------


def left(reference: str) -> int:
    (state,) = queries.states_of([queries.row_by_reference(reference)])
    return state.left_pence


def test_a_row_is_split_by_pounds_and_what_remains_is_shown(grant: World) -> None:
    """100.00 = A 60.00 + D 25.00 + 15.00 not yet apportioned."""
    add_invoice(grant, towels(10, 100_00))
    split(grant, "INV-00001-1", A=60_00, D=25_00)
    assert left("INV-00001-1") == 15_00
    split(grant, "INV-00001-1", E=15_00)
    assert left("INV-00001-1") == 0


def test_a_row_is_split_by_percentage_to_the_penny(grant: World) -> None:
    """
    100.00 at 33.33%, 33.33% and 33.34% = 33.33 + 33.33 + 33.34
    0.05 at 50% and 50% = 0.03 + 0.02
    """
    add_invoice(grant, towels(10, 100_00), towels(1, 5, vat_pence=Pence(1)))
    with transaction():
        services.apportion_by_percentage(
            "INV-00001-1",
            [("GB2026/A", 3333), ("GB2026/B", 3333), ("GB2026/D", 3334)],
            **acting(grant),
        )
        services.apportion_by_percentage(
            "INV-00001-2",
            [("GB2026/A", 5000), ("GB2026/B", 5000)],
            **acting(grant),
        )
    spent = queries.apportioned_by_line([line_id(code) for code in "ABD"])
    assert [spent[line_id(code)] for code in "ABD"] == [33_33 + 3, 33_33 + 2, 33_34]
    assert left("INV-00001-1") == left("INV-00001-2") == 0


def test_percentages_below_a_hundred_leave_the_rest_to_apportion(grant: World) -> None:
    add_invoice(grant, towels(10, 100_01))
    with transaction():
        services.apportion_by_percentage(
            "INV-00001-1",
            [("GB2026/A", 2500)],
            **acting(grant),
        )
    assert left("INV-00001-1") == 75_01


def test_a_row_is_never_apportioned_beyond_what_it_costs(grant: World) -> None:
    add_invoice(grant, towels(10, 100_00))
    split(grant, "INV-00001-1", A=60_00)
    with pytest.raises(OverLimit) as refused:
        split(grant, "INV-00001-1", B=40_01)
    assert refused.value.message == (
        "This is £0.01 more than INV-00001-1 costs: £100.00, of which £40.00 is left to apportion"
    )
    assert left("INV-00001-1") == 40_00


def test_the_database_itself_holds_the_bound_of_a_row(grant: World) -> None:
    invoice = add_invoice(grant, towels(10, 100_00))
    over = Apportionment(
        row_id=invoice.rows[0].id, grant_line_id=line_id("A"), pence=100_01,
        account_id=grant.actor("grants").account_id, recorded_at=AT,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="between nothing and what the row costs"), transaction():
        db.session.add(over)
    assert count(Apportionment) == 0


@pytest.mark.parametrize(("over", "budget"), [(1, 1_000_00), (500_00, 1_000_00)])
def test_a_line_is_never_apportioned_beyond_its_budget(grant: World, over: int, budget: int) -> None:
    """Line E has 1,000.00, of which 800.00 is apportioned."""
    add_invoice(grant, towels(10, 800_00), courier(900_00))
    split(grant, "INV-00001-1", E=800_00)
    with pytest.raises(OverLimit) as refused:
        split(grant, "INV-00001-2", E=200_00 + over)
    assert refused.value.message == (
        f"This is £{over / 100:.2f} over the line. Record a virement first. Line E has a budget of £1,000.00 "
        "(agreement HO/MS/2026/017), of which £800.00 is apportioned"
    )
    split(grant, "INV-00001-2", E=200_00)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (
            date(2026, 3, 31),
            "31 March 2026, before the funding period of GB2026 (1 April 2026 to 31 March 2027, agreement "
            "HO/MS/2026/017)",
        ),
    ],
)
def test_cost_from_outside_the_award_is_refused_with_its_dates(grant: World, day: date, words: str) -> None:
    add_invoice(grant, courier(10_00), on=day)
    with pytest.raises(RuleBroken) as refused:
        split(grant, "INV-00001-1", A=10_00)
    assert refused.value.message == f"The cost is of {words}. Apportion it to another award"
    assert count(Apportionment) == 0


def test_on_accruals_goods_count_on_the_day_they_came_not_the_day_of_the_invoice(grant: World) -> None:
    """Received 28 March (before the period), invoiced 20 April (within it): refused, as the claim would be."""
    delivery = deliver(grant, DeliveredLine("TOWEL", 10), on=date(2026, 3, 28))
    add_invoice(grant, towels(10, 150_40))
    bill(grant, "INV-00001-1", delivery, 10)
    with pytest.raises(RuleBroken, match="The cost is of 28 March 2026, before the funding period"):
        split(grant, "INV-00001-1", A=150_40)


def test_an_invoice_from_before_the_period_for_goods_that_came_within_it_is_eligible(grant: World) -> None:
    delivery = deliver(grant, DeliveredLine("TOWEL", 10), on=date(2026, 4, 2))
    add_invoice(grant, towels(10, 150_40), on=date(2026, 3, 30))
    bill(grant, "INV-00001-1", delivery, 10)
    split(grant, "INV-00001-1", A=150_40)
    assert left("INV-00001-1") == 0


def test_an_award_that_counts_payments_looks_at_the_invoice_alone(world: World) -> None:
    add_award(world, replace(TERMS, basis=Basis.DEFRAYED))
    add_catalogue(world)
    delivery = deliver(world, DeliveredLine("TOWEL", 10), on=date(2026, 3, 28))
    add_invoice(world, towels(10, 150_40))
    bill(world, "INV-00001-1", delivery, 10)
    split(world, "INV-00001-1", A=150_40)
    assert left("INV-00001-1") == 0


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ([], "Enter an amount for at least one grant line"),
        ([Share("GB2026/A", Pence(0))], "more than £0"),
        ([Share("GB2026/A", Pence(-1))], "costs £100.00. Enter positive amounts"),
        ([Share("GB2026/A", Pence(1)), Share("GB2026/A", Pence(1))], "is there twice"),
        ([Share("GB2026/Z", Pence(1))], "Select a grant line you can use"),
        ([Share("OTHER/A", Pence(1))], "Select a grant line you can use"),
    ],
)
def test_shares_that_cannot_be_are_refused(grant: World, shares: list[Share], message: str) -> None:
    add_invoice(grant, towels(10, 100_00))
    with pytest.raises(RuleBroken, match=message), transaction():
        services.apportion("INV-00001-1", shares, **acting(grant))
    assert count(Apportionment) == 0


def test_a_reversal_negates_its_original_and_is_made_once(grant: World) -> None:
    add_invoice(grant, towels(10, 100_00))
    split(grant, "INV-00001-1", A=33_33)
    (original,) = queries.apportionments_of(queries.row_by_reference("INV-00001-1").id)

    def reverse(apportionment_id: int) -> Apportionment:
        with transaction():
            return services.reverse_apportionment(apportionment_id, **acting(grant))

    back = reverse(original.id)
    assert (back.pence, back.reverses_id, back.grant_line_id) == (-33_33, original.id, original.grant_line_id)
    assert left("INV-00001-1") == 100_00
    for again in (original.id, back.id):
        with pytest.raises(AlreadyDone, match="Already reversed"):
            reverse(again)
    assert count(Apportionment) == 2


def test_a_credit_goes_back_to_the_lines_that_paid(grant: World) -> None:
    """
    INV-1  100.00  A 70.00  D 30.00
    CN-7   -60.00  D -30.01 is refused; A -30.00 D -30.00 is not
    """
    add_invoice(grant, towels(10, 100_00))
    split(grant, "INV-00001-1", A=70_00, D=30_00)
    add_invoice(grant, credit("INV-00001-1", -60_00), number="CN-7")
    with pytest.raises(OverLimit, match="Line GB2026/D paid £30"):
        split(grant, "INV-00002-1", D=-30_01)
    split(grant, "INV-00002-1", A=-30_00, D=-30_00)
    assert left("INV-00002-1") == 0
    spent = queries.apportioned_by_line([line_id("A"), line_id("D")])
    assert spent == {line_id("A"): 40_00, line_id("D"): 0}


def test_what_a_credit_was_given_back_for_is_not_reversed_before_the_credit(grant: World) -> None:
    add_invoice(grant, towels(10, 100_00))
    split(grant, "INV-00001-1", A=100_00)
    add_invoice(grant, credit("INV-00001-1", -60_00), number="CN-7")
    split(grant, "INV-00002-1", A=-60_00)
    (original,) = queries.apportionments_of(queries.row_by_reference("INV-00001-1").id)
    with pytest.raises(OverLimit, match="Reverse the credit's apportionment first"), transaction():
        services.reverse_apportionment(original.id, **acting(grant))
    assert queries.apportioned_by_line([line_id("A")]) == {line_id("A"): 40_00}


def test_taking_back_a_credit_cannot_push_a_line_over_its_budget(grant: World) -> None:
    """E 1,000.00: 1,000.00 spent, 100.00 credited, 100.00 spent again; the credit cannot be taken back."""
    add_invoice(grant, towels(10, 1_000_00), courier(100_00))
    split(grant, "INV-00001-1", E=1_000_00)
    add_invoice(grant, credit("INV-00001-1", -100_00), number="CN-7")
    split(grant, "INV-00002-1", E=-100_00)
    split(grant, "INV-00001-2", E=100_00)
    (given,) = queries.apportionments_of(queries.row_by_reference("INV-00002-1").id)
    with pytest.raises(OverLimit, match=r"This is £100\.00 over the line"), transaction():
        services.reverse_apportionment(given.id, **acting(grant))
