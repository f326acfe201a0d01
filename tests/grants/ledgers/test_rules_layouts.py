"""Layouts of many finance systems are guessed from headings and cells, and doubts are said in words."""

import csv
import io
import json
from datetime import date

import pytest

from core.errors import RuleBroken
from grants.ledgers.rules import (
    Confidence,
    DateNotation,
    DecimalMark,
    Layout,
    Reading,
    Role,
    guess_layout,
    read_lines,
    read_table,
    signature_of,
)


def as_csv(*rows: str) -> str:
    """Write rows whose cells are parted by bars as a CSV with quotes where they are needed."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(row.split("|") for row in rows)
    return out.getvalue()


def layout_of(text: str) -> Layout:
    return guess_layout(read_table(text.encode(), "ledger.csv"))


def reading_of(text: str) -> Reading:
    table = read_table(text.encode(), "ledger.csv")
    return read_lines(table, guess_layout(table))


def roles_of(layout: Layout) -> dict[str, Role]:
    return {h: r for h, r in zip(layout.headings, layout.roles, strict=True) if r is not Role.OTHER}


WEST_MERCIA = as_csv(
    "URI|Company Name|Transaction Date (invoice processed)|Voucher Number|Invoice Number|Amount (line)|"
    "Supplier|G/L Description|G/L Code|Cost Centre|INV/CRN|Total Invoice Amount",
    "http://example.org/1|West Mercia Police|13/01/2026|V100234|INV-889|1,250.00|Hope Supplies Ltd|"
    "Operational equipment|04120|0712|INV|1,500.00",
    "http://example.org/2|West Mercia Police|13/01/2026|V100234|INV-889|250.00|Hope Supplies Ltd|Printing|"
    "04130|0712|INV|1,500.00",
    "http://example.org/3|West Mercia Police|20/01/2026|V100240|CN-12|75.00|Hope Supplies Ltd|Printing|"
    "04130|0712|CRN|75.00",
    "http://example.org/4|West Mercia Police|21/01/2026|V100251|7781|30.10|REDACTED PERSONAL DATA|Expenses|"
    "04990|0800|INV|30.10",
)


def test_west_mercia_police_is_understood() -> None:
    layout = layout_of(WEST_MERCIA)
    assert roles_of(layout) == {
        "Transaction Date (invoice processed)": Role.DATE,
        "Voucher Number": Role.TRANSACTION,
        "Invoice Number": Role.REFERENCE,
        "Amount (line)": Role.NET,
        "Supplier": Role.SUPPLIER,
        "G/L Description": Role.DESCRIPTION,
        "G/L Code": Role.ACCOUNT_CODE,
        "Cost Centre": Role.COST_CENTRE,
        "INV/CRN": Role.TYPE,
    }


def test_credit_notes_written_without_a_minus_are_read_as_negative_with_a_doubt() -> None:
    reading = reading_of(WEST_MERCIA)
    assert [line.net_pence for line in reading.lines] == [125_000, 25_000, -7_500, 3_010]
    assert "The 1 credit notes in 'INV/CRN' have no minus. They are read as negative amounts" in reading.layout.doubts
    assert reading.totals.net_pence == 145_510


def test_lines_of_one_voucher_without_a_line_number_are_told_apart_with_a_doubt() -> None:
    reading = reading_of(WEST_MERCIA)
    assert [(line.transaction_number, line.occurrence) for line in reading.lines[:2]] == [
        ("V100234", 1),
        ("V100234", 2),
    ]
    assert (
        "Numbers in 'Voucher Number' repeat and no column gives a line number: "
        "such rows are told apart by their order in the file" in reading.layout.doubts
    )


def test_a_redacted_supplier_is_kept() -> None:
    assert reading_of(WEST_MERCIA).lines[3].supplier == "REDACTED PERSONAL DATA"


EAST_CAMBS = as_csv(
    "Body|Transaction date|Supplier|Transaction number|Net amount (incl. irrecoverable VAT)|"
    "Irrecoverable VAT|Department|Procurement category|CIPFA code|Purpose|Card transaction",
    "East Cambs DC|14/02/2026|Ely Printers|5100234|120.00|20.00|Community Safety|Printing|C5|Leaflets|N",
    "East Cambs DC|15/02/2026|Fenland Foods|5100235|60.00||Housing|Catering|C5|Food parcels|Y",
)


def test_east_cambs_vat_that_is_within_the_net_amount_is_not_vat_beside_it() -> None:
    reading = reading_of(EAST_CAMBS)
    assert roles_of(reading.layout)["Irrecoverable VAT"] is Role.VAT_WITHIN_NET
    first, second = reading.lines
    assert (first.net_pence, first.irrecoverable_vat_pence, first.vat_pence) == (12_000, 2_000, None)
    assert (second.net_pence, second.irrecoverable_vat_pence) == (6_000, None)
    assert (first.transaction_number, first.cost_centre, first.account_code) == ("5100234", "Community Safety", "C5")
    assert first.description == "Printing / Leaflets"


CANNOCK_CHASE = as_csv(
    "Service area and division|Responsible unit|Expense type|Expense detail|Expense code|Narrative|Date|"
    "Transaction number|Amount inc VAT|Amount exc VAT|Capital/Revenue|Supplier|Supplier ID|Contract ID",
    "Environment - Waste|Waste team|Supplies|Bags|3301|Sacks for bags|28/03/2026|8000123|120.00|100.00|"
    "Revenue|Sack Co|S00017|K1",
    "Environment - Waste|Waste team|Supplies|Tools|3302||29/03/2026|8000124|55.10|55.10|Revenue|Spade Ltd|S00018|",
)


def test_cannock_chase_is_understood() -> None:
    reading = reading_of(CANNOCK_CHASE)
    assert reading.layout.confidence is Confidence.SURE
    line = reading.lines[0]
    assert (line.net_pence, line.gross_pence, line.vat_pence) == (10_000, 12_000, None)
    assert (line.transaction_number, line.supplier, line.supplier_code) == ("8000123", "Sack Co", "S00017")
    assert (line.cost_centre, line.account_code, line.kind) == ("Waste team", "3301", "Revenue")
    assert line.description == "Supplies / Bags / Sacks for bags"


HOUSING_GRANT = as_csv(
    "Vendor ID|Vendor Name|Cost Element|Account Description|Document No|Amount|Clearing Date",
    "0000100231|Places for People|521110|Grants to housing|5100000871|4,007,633.00|06 Feb 2013",
    "0000100245|St Mungo's|521110|Grants to housing|5100000872|12,500.50-|28 Feb 2013",
)


def test_a_housing_grant_extract_in_the_manner_of_sap_is_understood() -> None:
    reading = reading_of(HOUSING_GRANT)
    assert reading.layout.date_notation is DateNotation.MONTH_NAME
    first, second = reading.lines
    assert (first.transaction_number, first.net_pence, first.dated_on) == ("5100000871", 400_763_300, date(2013, 2, 6))
    assert (first.supplier_code, first.account_code) == ("0000100231", "521110")
    assert second.net_pence == -1_250_050
    assert reading.totals.net_pence == 399_513_250


ORACLE = as_csv(
    "Journal Source|Journal Name|Journal Number|Line|Category|Accounting Date|Currency|Actual/Budget Flag|"
    "Cost Centre|Account|Project|Debit|Credit",
    "Payables|AP Invoices|JE-10021|1|Purchase Invoices|05-JAN-26|GBP|A|0712|52110|P00042|2,600.00|",
    "Payables|AP Invoices|JE-10021|2|Purchase Invoices|05-JAN-26|GBP|A|0712|52110|||600.00",
    "Manual|Correction|JE-10022|1|Adjustment|31-JAN-26|GBP|A|0712|52110|P00042|0.00|15.25",
)


def test_oracle_debit_and_credit_become_one_signed_amount() -> None:
    reading = reading_of(ORACLE)
    assert [(line.transaction_number, line.line_number, line.net_pence) for line in reading.lines] == [
        ("JE-10021", "1", 260_000),
        ("JE-10021", "2", -60_000),
        ("JE-10022", "1", -1_525),
    ]
    assert (reading.lines[0].dated_on, reading.lines[0].project, reading.lines[1].project) == (
        date(2026, 1, 5),
        "P00042",
        "",
    )
    assert reading.lines[0].cost_centre == "0712"
    assert "No column names the supplier" in reading.layout.doubts


def test_an_oracle_report_with_brackets_takes_the_actual_and_not_the_budget() -> None:
    reading = reading_of(
        "Date,Journal/Source,Account,Project,Actual,Budget,Variance\n"
        '05-JAN-26,JE-10021 / Payables,52110,P00042,"(2,600)","1,000","(3,600)"\n'
        '06-JAN-26,JE-10022 / Manual,52110,,"1,100","1,000",100\n'
    )
    assert [line.net_pence for line in reading.lines] == [-260_000, 110_000]
    assert reading.lines[0].transaction_number == "JE-10021 / Payables"


# ---- Dates --------------------------------------------------------------------------------------


def simple(dates: list[str]) -> str:
    rows = "".join(f"{100 + n},{when},Acme Ltd,1.00,INV{n},GBP\n" for n, when in enumerate(dates))
    return "Transaction number,Posting date,Supplier name,Net amount,Invoice number,Currency\n" + rows


def test_months_come_first_only_where_the_dates_prove_it() -> None:
    layout = layout_of(simple(["04/05/2026", "04/25/2026"]))
    assert layout.date_notation is DateNotation.MONTH_FIRST
    assert layout.doubts == ("'Posting date' is read with the month first: 1 dates are real only that way",)


def test_dates_that_prove_nothing_are_read_day_first_with_a_doubt() -> None:
    layout = layout_of(simple(["04/05/2026", "05/05/2026"]))
    assert (layout.date_notation, layout.confidence) == (DateNotation.DAY_FIRST, Confidence.CHECK)
    assert layout.doubts == (
        "No date in 'Posting date' shows whether the day or the month comes first. It is read as DD/MM/YYYY",
    )


def test_mixed_dates_are_read_day_first_and_the_others_refused() -> None:
    reading = reading_of(simple(["25/04/2026"] * 12 + ["04/25/2026"]))
    assert len(reading.lines) == 12
    assert reading.refused[0].reason == "'04/25/2026' is not a real date. Use DD/MM/YYYY"


def test_a_period_alone_dates_each_line_the_last_day_of_its_fiscal_month_with_a_doubt() -> None:
    reading = reading_of("TransNo,Period,Supplier,Net amount\n100,201802,Acme,1.00\n101,201811,Acme,2.00\n")
    assert [line.dated_on for line in reading.lines] == [date(2018, 5, 31), date(2019, 2, 28)]
    assert reading.layout.doubts[0].startswith("There is no date column. 'Period' is read as months from April")


# ---- Headings -----------------------------------------------------------------------------------


def test_misspelt_headings_are_understood() -> None:
    layout = layout_of(
        "Trasaction Numbr,Posting Dtae,Suplier Name,Net Amuont,Invioce Number\n100,25/04/2026,Acme Ltd,1.00,A1\n"
    )
    assert layout.roles == (Role.TRANSACTION, Role.DATE, Role.SUPPLIER, Role.NET, Role.REFERENCE)


def test_what_only_the_cells_show_is_taken_with_a_doubt() -> None:
    rows = "".join(f"{n + 25:02}/04/2026,AB{n}00{n},{n}.25,Acme Ltd {n}\n" for n in range(1, 6))
    layout = layout_of("Wann,Beleg,Betrag,Wer\n" + rows)
    assert layout.roles == (Role.DATE, Role.TRANSACTION, Role.NET, Role.SUPPLIER)
    assert "'Betrag' is read as the net amount because its cells are amounts with pence" in layout.doubts


def test_a_heading_whose_cells_contradict_it_is_not_believed() -> None:
    layout = layout_of(
        "Transaction number,Date,Amount,Total cost\n100,25/04/2026,unknown,1.25\n101,26/04/2026,late,2.25\n"
    )
    assert layout.roles[2] is Role.OTHER
    assert layout.roles[3] is Role.NET


def test_two_columns_that_could_be_the_date_are_named() -> None:
    layout = layout_of(
        "Transaction number,Posting date,Transaction date,Supplier,Net amount\n1,25/04/2026,24/04/2026,A,1.00\n"
    )
    assert layout.doubts == (
        "Both 'Posting date' and 'Transaction date' could be the date; 'Posting date' is used",
    ) or layout.doubts == ("Both 'Transaction date' and 'Posting date' could be the date; 'Transaction date' is used",)


def test_a_continental_file_is_read_with_its_decimal_comma() -> None:
    text = "Transaction number;Date;Supplier;Net amount\n1;25.04.2026;Acme;1.234,56\n2;26.04.2026;Acme;12,50\n"
    reading = reading_of(text)
    assert reading.layout.decimal_mark is DecimalMark.COMMA
    assert [line.net_pence for line in reading.lines] == [123_456, 1_250]


def test_a_line_number_after_a_slash_is_found_only_where_it_counts_from_one() -> None:
    counted = "Transaction number,Date,Net amount\nA9/1,25/04/2026,1.00\nA9/2,25/04/2026,2.00\nB7/1,25/04/2026,3.00\n"
    assert layout_of(counted).line_suffix == "/"
    assert [line.line_number for line in reading_of(counted).lines] == ["1", "2", "1"]
    assert layout_of(counted.replace("A9/2", "A9/7")).line_suffix == ""


# ---- A layout as a thing to keep ----------------------------------------------------------------


def test_a_file_that_lacks_an_amount_cannot_be_read_until_it_is_mapped() -> None:
    table = read_table(b"Transaction number,Date,Supplier,Wert\n1,25/04/2026,Acme,12\n2,26/04/2026,Acme,13\n", "a.csv")
    layout = guess_layout(table)
    assert (layout.confidence, layout.missing) == (Confidence.INCOMPLETE, ("the amount",))
    with pytest.raises(RuleBroken, match="Say which column holds the amount"):
        read_lines(table, layout)
    mapped = layout.remapped([Role.TRANSACTION, Role.DATE, Role.SUPPLIER, Role.NET])
    assert (mapped.confidence, mapped.doubts) == (Confidence.SURE, ())
    assert [line.net_pence for line in read_lines(table, mapped).lines] == [1_200, 1_300]


def test_a_side_of_debit_or_credit_beside_amounts_without_a_sign_makes_credits_negative() -> None:
    for heading, debit, credit in (("D/C", "D", "C"), ("Dr/Cr", "DR", "CR"), ("Debit/Credit ind.", "S", "H")):
        text = as_csv(
            f"Transaction No|Date|Supplier|{heading}|Net Amount",
            f"T1|13/04/2026|Acme|{debit}|100.00",
            f"T2|14/04/2026|Acme|{credit}|12.00",
        )
        assert [line.net_pence for line in reading_of(text).lines] == [10_000, -1_200]
        assert layout_of(text).credit_words == (credit.lower(),)


def test_c_for_capital_beside_r_for_revenue_is_no_credit() -> None:
    text = as_csv("Transaction No|Date|Capital/Revenue|Net Amount", "T1|13/04/2026|C|1.00", "T2|14/04/2026|R|2.00")
    assert layout_of(text).credit_words == ()


def test_a_credit_column_below_zero_is_money_that_came_back_as_well() -> None:
    text = as_csv(
        "Transaction No|Date|Supplier|Debit|Credit", "T1|13/04/2026|Acme|100.00|", "T2|14/04/2026|Acme||-25.00"
    )
    layout = layout_of(text)
    assert [line.net_pence for line in reading_of(text).lines] == [10_000, -2_500]
    assert "Every amount in 'Credit' is below zero. Each is read as money that came back" in layout.doubts
    assert Layout.from_plain(layout.to_plain()).credits_negative


def test_day_numbers_of_a_spreadsheet_are_dates_under_a_heading_that_says_so() -> None:
    layout = layout_of(as_csv("Transaction No|Date|Net Amount", "45001|46113|5.00", "45002|46142|6.00"))
    assert layout.date_notation is DateNotation.DAY_NUMBER
    assert layout.roles == (Role.TRANSACTION, Role.DATE, Role.NET)
    assert layout.doubts[0] == "'Date' holds a spreadsheet's numbers of days: 46113 is read as 1 April 2026"


def test_a_date_column_that_cannot_be_read_is_refused_with_its_first_cell() -> None:
    text = as_csv("Transaction No|Date|Supplier|Net Amount", "T1|01/04/26|Acme|5.00", "T2|02/04/26|Acme|6.00")
    with pytest.raises(RuleBroken) as refused:
        reading_of(text)
    assert refused.value.message == (
        "Say which column holds the date. 'Date' is not read as the date: "
        "'01/04/26' has a year of two digits. Use DD/MM/YYYY"
    )


def test_one_role_cannot_be_given_to_two_columns() -> None:
    layout = layout_of(HOUSING_GRANT)
    with pytest.raises(RuleBroken, match=r"Only one column can be 'Net amount'. Choose which"):
        layout.remapped([Role.NET, Role.NET, *layout.roles[2:]])


def test_a_kept_layout_is_recognised_whatever_the_capitals_and_spaces_of_the_header() -> None:
    layout = layout_of(HOUSING_GRANT)
    again = read_table(HOUSING_GRANT.replace("Vendor ID,Vendor Name", "VENDOR id, Vendor  name ").encode(), "b.csv")
    assert signature_of(again.header) == layout.signature
    assert read_lines(again, layout).totals.line_count == 2


def test_a_layout_of_another_header_is_refused_with_what_is_new() -> None:
    table = read_table(HOUSING_GRANT.replace("Document No", "Paper").encode(), "b.csv")
    with pytest.raises(RuleBroken, match=r"'Paper' is new. Map the columns again"):
        read_lines(table, layout_of(HOUSING_GRANT))


@pytest.mark.parametrize("text", [WEST_MERCIA, EAST_CAMBS, CANNOCK_CHASE, HOUSING_GRANT, ORACLE])
def test_a_layout_survives_json(text: str) -> None:
    layout = layout_of(text)
    assert Layout.from_plain(json.loads(json.dumps(layout.to_plain()))) == layout


@pytest.mark.parametrize(
    "damage",
    [
        {"roles": ["net"]},
        {"roles": "net"},
        {"date_notation": "moon"},
        {"decimal_mark": 7},
        {"line_suffix": "#"},
        {"extra": 1},
    ],
)
def test_damaged_plain_data_is_refused(damage: dict[str, object]) -> None:
    plain = layout_of(HOUSING_GRANT).to_plain() | damage
    with pytest.raises(RuleBroken):
        Layout.from_plain(plain)
