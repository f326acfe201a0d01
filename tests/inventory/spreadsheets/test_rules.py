"""A spreadsheet's cells become values, or are named by row and column; no database."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import RuleBroken
from core.sheets import Column, Sheet, xlsx_bytes
from inventory.spreadsheets.rules import (
    HEADINGS,
    SheetRead,
    Sort,
    fingerprint_of,
    from_text,
    headings_by_key,
    read_sheet,
    to_text,
)
from tests.factories import AT

STOCK = "Place,Counted on,Item,Quantity,Use by,Edition,Numbers\n"


def csv(text: str, sort: Sort = Sort.OPENING_STOCK, name: str = "stock.csv") -> SheetRead:
    return read_sheet(text.encode(), name, sort)


def test_cells_become_values_and_codes_keep_their_zeros() -> None:
    sheet = csv(STOCK + 'SALISBURY,05/04/2026,00123,12,31/05/2027,,\nstore,2026-04-05,1e5,"1,200",,2,a; b\n')
    assert sheet.problems == ()
    first, second = sheet.rows
    assert (first.number, first.values["item"], first.values["unit_count"]) == (2, "00123", 12)
    assert (first.values["counted_on"], first.values["expires_on"]) == (date(2026, 4, 5), date(2027, 5, 31))
    assert (second.values["item"], second.values["unit_count"], second.values["edition_number"]) == ("1E5", 1200, 2)
    assert second.values["serial_numbers"] == ("a", "b")


def test_every_wrong_cell_is_named_by_its_row_and_column() -> None:
    sheet = csv(STOCK + "SALISBURY,01/02/27,TOWEL,1_000,,,\n\nSALISBURY,05/04/2026,,0,31/02/2027,,\n")
    assert [(each.row, each.column, each.words) for each in sheet.problems] == [
        (2, "Counted on", "Use DD/MM/YYYY"),
        (2, "Quantity", "Enter a whole number, like 12"),
        (4, "Item", "Enter the item"),
        (4, "Quantity", "Quantity must be 1 or more"),
        (4, "Use by", "Use DD/MM/YYYY"),
    ]
    assert sheet.rows == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Place,Item\nSALISBURY,TOWEL\n", "The file lacks a column named Counted on and one named Quantity"),
        (STOCK, "The file has no rows below its headings"),
        (STOCK.replace("Use by", "Item") + "A,05/04/2026,TOWEL,1,,,\n", "Row 1, columns C and E are both named Item"),
        (STOCK + 'A,05/04/2026,"TOWEL,1,,,\n', "Row 2, column C has a quote mark that is not closed"),
        (STOCK + "A,05/04/2026,TOWEL,1,,,\n" * 2_001, "The file has too much data: a spreadsheet can have 2,000 rows"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_remedy(text: str, words: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        csv(text)
    assert refused.value.message.startswith(words)


def test_a_name_that_could_identify_a_person_is_refused_in_its_cell() -> None:
    sheet = csv("Code,Name,Kind\nWASH,Jo 07700 900123,Bag content\nB,Bag,Food\n", Sort.ITEMS)
    assert [(each.row, each.column) for each in sheet.problems] == [(2, "Name"), (3, "Kind")]
    assert sheet.problems[0].words == "Remove details that could identify a person: phone number"
    assert sheet.problems[1].words.startswith("Kind must be Bag content, Clothing,")
    assert "07700" not in repr(sheet.problems)


@pytest.mark.parametrize("sort", Sort)
def test_a_template_filled_in_is_read_whichever_way_it_was_saved(sort: Sort) -> None:
    columns = [Column(heading.title, note=heading.note) for heading in HEADINGS[sort]]
    filled = {
        "code": "A-1", "name": "A thing", "kind": "booklet" if sort is Sort.ITEMS else "Hub", "language": "Romanian",
        "body": "FORCE", "opened_on": date(2026, 4, 5), "place": "A-1", "counted_on": date(2026, 4, 5), "item": "B",
        "unit_count": "3", "thing": "B", "level_count": "0",
    }  # fmt: skip
    row = [filled.get(key) for key in headings_by_key(sort)]
    data = xlsx_bytes([Sheet("x", columns, [row])], title="Template", marking="OFFICIAL", created_at=AT)
    sheet = read_sheet(data, "filled.xlsx", sort)
    assert (sheet.problems, len(sheet.rows)) == ((), 1)
    again = from_text(to_text(sheet), sheet.filename, sort)
    assert again.rows == sheet.rows
    assert sheet.rows[0].values.get("language") in (None, "ro")


def test_the_same_rows_have_one_fingerprint_in_whatever_order() -> None:
    one, two = "SALISBURY,05/04/2026,TOWEL,1,,,\n", "SALISBURY,05/04/2026,SOAP,2,,,\n"
    assert fingerprint_of(csv(STOCK + one + two)) == fingerprint_of(csv(STOCK + two + one, name="other.csv"))
    assert fingerprint_of(csv(STOCK + one)) != fingerprint_of(csv(STOCK + one + one))


@pytest.mark.parametrize("sent", ["", "{}", "[[1]]", '[["1","a","b","c","d","e","f","g"]]', "[" * 5_000])
def test_a_form_that_confirms_something_else_is_refused(sent: str) -> None:
    with pytest.raises(RuleBroken, match="Choose the file again"):
        from_text(sent, "stock.csv", Sort.OPENING_STOCK)
