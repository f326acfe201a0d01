"""Four real finance extracts are read whole; every figure is checked against a plain csv and Decimal sum."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.money import Pence
from grants.ledgers.rules import Confidence, DateNotation, Layout, Reading, Role, guess_layout, read_lines, read_table

FOLDER = Path(__file__).parents[2] / "data" / "ledgers"
OXFORD = "oxford-2016-04-to-06.csv"
SALFORD = "salford-sap-2018-05.csv"
GATESHEAD = "gateshead-agresso-2018-05.csv"
CALDERDALE = "calderdale-card-2019-05.csv"


def reading_of(name: str) -> Reading:
    table = read_table((FOLDER / name).read_bytes(), name)
    return read_lines(table, guess_layout(table))


def pence_in_column(name: str, heading: str) -> int:
    """Add up a column with nothing of the product's own."""
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
        return int(sum((Decimal(row[heading]) for row in csv.DictReader(file)), Decimal()) * 100)


@pytest.mark.parametrize(
    ("name", "line_count", "net_pence", "heading", "earliest_on", "latest_on"),
    [
        (OXFORD, 3335, 1_159_733_591, "amount", date(2016, 4, 1), date(2016, 6, 28)),
        (SALFORD, 1425, 2_336_006_963, "Net", date(2018, 5, 1), date(2018, 5, 31)),
        (GATESHEAD, 5212, 2_102_703_097, "Amount", date(2018, 5, 1), date(2018, 5, 31)),
        (CALDERDALE, 208, 1_124_858, "Net Amount", date(2019, 1, 22), date(2019, 5, 22)),
    ],
)
def test_every_row_of_a_real_extract_becomes_a_line(
    name: str, line_count: int, net_pence: int, heading: str, earliest_on: date, latest_on: date
) -> None:
    totals = reading_of(name).totals
    assert (totals.rows_read, totals.line_count, totals.refused_count, totals.skipped_count) == (
        line_count,
        line_count,
        0,
        0,
    )
    assert totals.net_pence == net_pence == pence_in_column(name, heading)
    assert (totals.earliest_on, totals.latest_on) == (earliest_on, latest_on)


def test_salford_gives_net_vat_and_gross_that_tie() -> None:
    reading = reading_of(SALFORD)
    assert reading.totals.vat_pence == 181_680_375 == pence_in_column(SALFORD, "VAT")
    assert reading.totals.gross_pence == 2_517_687_338 == pence_in_column(SALFORD, "Gross")
    assert reading.flagged == ()


def test_salford_is_understood_without_a_doubt() -> None:
    table = read_table((FOLDER / SALFORD).read_bytes(), SALFORD)
    layout = guess_layout(table)
    assert layout.roles == (
        Role.OTHER,
        Role.DATE,
        Role.TRANSACTION,
        Role.GROSS,
        Role.VAT,
        Role.NET,
        Role.SUPPLIER,
        Role.COST_CENTRE,
        Role.DESCRIPTION,
    )
    assert (layout.confidence, layout.date_notation) == (Confidence.SURE, DateNotation.ISO)


def test_oxford_parts_the_line_number_from_the_transaction_number() -> None:
    first, vat = reading_of(OXFORD).lines[:2]
    assert (first.transaction_number, first.line_number, first.net_pence) == ("46289405", "1", Pence(224_000))
    assert (vat.transaction_number, vat.line_number, vat.net_pence) == ("46289405", "2", Pence(44_800))
    assert (first.dated_on, first.supplier, first.account_code) == (date(2016, 4, 5), "Infomill", "D3703")
    assert first.supplier_code == "20000000_46289405"


def test_oxford_vat_rows_stay_rows_of_their_own_and_say_so() -> None:
    lines = reading_of(OXFORD).lines
    assert [(line.transaction_number, line.net_pence) for line in lines if line.is_vat] == [
        ("46289405", 44_800),
        ("48021546", 1_327_802),
        ("1026895", 46_080),
    ]


def test_oxford_keeps_the_credit_and_the_unnamed_suppliers() -> None:
    lines = reading_of(OXFORD).lines
    assert [(line.line_number, line.net_pence) for line in lines if line.net_pence < 0] == [("3", -20_000)]
    assert sum(line.supplier == "" for line in lines) == 80


def test_gateshead_repeats_are_numbered_and_flagged_and_nothing_is_dropped() -> None:
    reading = reading_of(GATESHEAD)
    assert Counter(line.occurrence for line in reading.lines) == {1: 5170, 2: 42}
    assert len({(line.transaction_number, line.line_number, line.occurrence) for line in reading.lines}) == 5212
    assert len(reading.flagged) == 42
    assert (reading.flagged[0].row_number, reading.flagged[0].reason) == (
        4227,
        "Transaction 60040476, line 21, is in the file 2 times so far",
    )


def test_gateshead_reads_the_name_behind_an_agresso_code_and_keeps_the_number_as_written() -> None:
    reading = reading_of(GATESHEAD)
    assert reading.lines[0].supplier == "CLICK TRAVEL LTD"
    assert sum(line.transaction_number == "200006188.00" for line in reading.lines) == 1
    assert reading.layout.doubts == ("'Amount' does not say whether VAT is in it. It is read as the net amount",)


def test_calderdale_is_read_in_spite_of_a_misspelt_heading_and_keeps_leading_zeros() -> None:
    reading = reading_of(CALDERDALE)
    assert "Organistion Name" in reading.layout.headings
    assert reading.layout.confidence is Confidence.SURE
    assert reading.lines[1].account_code == "08154017"
    assert reading.lines[1].raw[-1] == "08154017"


@pytest.mark.parametrize("name", [OXFORD, SALFORD, GATESHEAD, CALDERDALE])
def test_a_layout_is_the_same_after_being_kept_as_plain_data(name: str) -> None:
    layout = guess_layout(read_table((FOLDER / name).read_bytes(), name))
    assert Layout.from_plain(layout.to_plain()) == layout
    assert len(layout.signature) == 32


def test_no_two_real_layouts_share_a_signature() -> None:
    names = (OXFORD, SALFORD, GATESHEAD, CALDERDALE)
    assert len({guess_layout(read_table((FOLDER / n).read_bytes(), n)).signature for n in names}) == 4
