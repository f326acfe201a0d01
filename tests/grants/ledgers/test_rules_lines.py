"""Every row of an extract is a line, refused or skipped, and the control totals account for all of them."""

import csv
import io
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grants.ledgers.rules import Layout, Reading, Role, guess_layout, read_lines, read_table

HEADER = "Transaction number,Line,Date,Supplier,Invoice number,Description,Net amount,VAT,Gross,Cost centre,Project\n"
GOOD = "100,1,25/04/2026,Acme Ltd,INV-1,Soap,10.00,2.00,12.00,0712,P1\n"


def reading_of(*rows: str, header: str = HEADER) -> Reading:
    table = read_table((header + "".join(rows)).encode(), "ledger.csv")
    return read_lines(table, guess_layout(table))


def test_a_line_carries_every_mapped_cell() -> None:
    line = reading_of(GOOD).lines[0]
    assert (line.row_number, line.transaction_number, line.line_number, line.occurrence) == (2, "100", "1", 1)
    assert (line.dated_on, line.supplier, line.reference) == (date(2026, 4, 25), "Acme Ltd", "INV-1")
    assert (line.net_pence, line.vat_pence, line.gross_pence) == (1_000, 200, 1_200)
    assert (line.description, line.cost_centre, line.project) == ("Soap", "0712", "P1")
    assert line.raw == ("100", "1", "25/04/2026", "Acme Ltd", "INV-1", "Soap", "10.00", "2.00", "12.00", "0712", "P1")


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("101,1,31/02/2026,A,I,D,1.00,,,,\n", "Date", "'31/02/2026' is not a real date. Use DD/MM/YYYY"),
        ("101,1,01/02/27,A,I,D,1.00,,,,\n", "Date", "'01/02/27' has a year of two digits. Use DD/MM/YYYY"),
        ("101,1,,A,I,D,1.00,,,,\n", "Date", "There is no date"),
        ("101,1,25/04/2026,A,I,D,1.005,,,,\n", "Net amount", "'1.005' has more than two decimals"),
        (
            "101,1,25/04/2026,A,I,D,Infinity,,,,\n",
            "Net amount",
            "'Infinity' is not an amount in pounds and pence, like 12.50",
        ),
        ("101,1,25/04/2026,A,I,D,,,,,\n", "Net amount", "There is no amount"),
        ("101,1,25/04/2026,A,I,D,1.00,x,,,\n", "VAT", "'x' is not an amount in pounds and pence, like 12.50"),
        (",1,25/04/2026,A,I,D,1.00,,,,\n", "Transaction number", "There is no transaction number"),
        ("101,1,25/04/2026,A,I,D,1,000.00,,,,\n", "", "It has 12 cells and the header has 11"),
        (
            f"{'9' * 200},1,25/04/2026,A,I,D,1.00,,,,\n",
            "Transaction number",
            "It has 200 characters and 120 is the most",
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_listed_and_the_others_go_on(row: str, column: str, reason: str) -> None:
    reading = reading_of(GOOD * 10, row, GOOD.replace("100", "102"))
    refused = reading.refused[0]
    assert (refused.row_number, refused.column, refused.reason) == (12, column, reason)
    assert refused.raw[1] == "1"
    assert (reading.totals.rows_read, reading.totals.line_count, reading.totals.refused_count) == (12, 11, 1)
    assert reading.totals.net_pence == 11_000


def test_total_blank_note_and_header_rows_are_skipped_with_the_reason() -> None:
    reading = reading_of(
        GOOD,
        ",,,,,,,,,,\n",
        HEADER,
        GOOD.replace("100", "101"),
        "Total,,,,,,20.00,4.00,24.00,,\n",
        ",,,Grand total,,,25.00,,,,\n",
        "\n",
        ",,,Printed on 25 April by the ledger team,,,,,,,\n",
    )
    assert [(row.row_number, row.reason) for row in reading.skipped] == [
        (3, "Blank row"),
        (4, "The header row again"),
        (6, "Total row of £20.00, which is what the lines above add up to"),
        (7, "Total row of £25.00; all lines above it add up to £20.00"),
        (8, "Blank row"),
        (9, "A note with no number, date or amount: Printed on 25 April by the ledger team"),
    ]
    assert (reading.totals.rows_read, reading.totals.line_count, reading.totals.skipped_count) == (8, 2, 6)


def test_a_supplier_called_total_is_no_total_row() -> None:
    reading = reading_of(GOOD.replace("Acme Ltd", "Total Gas & Power Ltd"))
    assert reading.lines[0].supplier == "Total Gas & Power Ltd"


def test_equal_rows_are_lines_of_their_own_and_flagged() -> None:
    reading = reading_of(GOOD, GOOD, GOOD.replace("100,1", "100,2"), GOOD)
    assert [line.occurrence for line in reading.lines] == [1, 2, 1, 3]
    assert [(row.row_number, row.reason) for row in reading.flagged] == [
        (3, "Transaction 100, line 1, is in the file 2 times so far"),
        (5, "Transaction 100, line 1, is in the file 3 times so far"),
    ]


def test_net_and_vat_that_do_not_give_the_gross_are_imported_and_flagged() -> None:
    reading = reading_of(GOOD.replace("12.00", "13.00"))
    assert reading.lines[0].gross_pence == 1_300
    assert reading.flagged[0].reason == "Net £10.00 and VAT £2.00 do not add up to gross £13.00"


def test_codes_keep_their_exact_text_and_unpack_a_spreadsheet_trick() -> None:
    line = reading_of('="00123",001,25/04/2026,Acme,1E5,Soap,10.00,,,00712,-\n').lines[0]
    assert (line.transaction_number, line.line_number, line.reference, line.cost_centre, line.project) == (
        "00123",
        "001",
        "1E5",
        "00712",
        "-",
    )


def test_unseen_characters_go_from_the_line_and_stay_in_the_raw_cells() -> None:
    line = reading_of(GOOD.replace("Acme Ltd", "Ac\u200bme\u00a0Ltd\u202e")).lines[0]
    assert line.supplier == "Acme Ltd"
    assert line.raw[3] == "Ac\u200bme\u00a0Ltd\u202e"


def test_a_row_cut_short_by_the_exporter_reads_as_if_its_end_were_empty() -> None:
    line = reading_of("100,1,25/04/2026,Acme,INV,Soap,10.00\n").lines[0]
    assert (line.vat_pence, line.cost_centre, line.net_pence) == (None, "", 1_000)


def test_gross_less_vat_is_the_net_where_no_column_gives_it() -> None:
    reading = reading_of("1,25/04/2026,A,12.00,2.00\n", header="Transaction number,Date,Supplier,Gross,VAT\n")
    assert (reading.lines[0].net_pence, reading.lines[0].gross_pence) == (1_000, 1_200)


@pytest.mark.parametrize(
    ("debit", "credit", "reason"),
    [
        ("5.00", "6.00", "It has both a debit of £5.00 and a credit of £6.00"),
        ("", "", "There is neither a debit nor a credit"),
    ],
)
def test_a_debit_and_credit_that_contradict_are_refused(debit: str, credit: str, reason: str) -> None:
    header = "Journal number,Date,Supplier,Debit,Credit\n"
    reading = reading_of("1,25/04/2026,A,5.00,\n", f"2,25/04/2026,A,{debit},{credit}\n", header=header)
    assert (reading.refused[0].row_number, reading.refused[0].reason) == (3, reason)


def test_a_supplier_that_looks_like_an_nhs_number_is_no_reason_to_refuse() -> None:
    assert reading_of(GOOD.replace("100,", "9434765919,")).totals.line_count == 1


CELLS = st.one_of(
    st.sampled_from(["", "1.00", "-2", "(3.5)", "25/04/2026", "99/99/9999", "Total", "100", "Acme", "\u0000x"[1:]]),
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(CELLS, min_size=0, max_size=13), max_size=25))
def test_whatever_stands_in_the_rows_each_is_a_line_refused_or_skipped(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([HEADER.strip().split(","), GOOD.strip().split(","), *rows])
    table = read_table(out.getvalue().encode(), "ledger.csv")
    layout = Layout(table.header, guess_layout(read_table((HEADER + GOOD).encode(), "a.csv")).roles)
    reading = read_lines(table, layout)
    totals = reading.totals
    assert totals.rows_read == len(table.rows) == totals.line_count + totals.refused_count + totals.skipped_count
    assert totals.net_pence == sum(line.net_pence for line in reading.lines)
    numbers = [row.row_number for part in (reading.lines, reading.refused, reading.skipped) for row in part]
    assert sorted(numbers) == list(range(2, 2 + len(table.rows)))
    keys = [(line.transaction_number, line.line_number, line.occurrence) for line in reading.lines]
    assert len(set(keys)) == len(keys)


def test_twenty_thousand_rows_are_read_in_a_moment() -> None:
    data = (HEADER + GOOD * 20_000).encode()
    started = time.process_time()
    table = read_table(data, "ledger.csv")
    reading = read_lines(table, guess_layout(table))
    assert reading.totals.net_pence == 20_000_000
    assert table.header.index("Project") == reading.layout.column(Role.PROJECT)
    # Target 30,000 rows/s; a third of it still passes on a busy machine.
    assert time.process_time() - started < 2
