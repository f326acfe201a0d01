"""A report has its front, its marking on every page, its bookmarks, its language and its files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from reportlab.platypus.flowables import Spacer

from core.pdf import (
    Attachment,
    Packed,
    Span,
    bullets,
    facts,
    gap,
    h2,
    h3,
    note,
    page_break,
    para,
    signature_block,
    signature_field,
    table,
)
from core.pdf.flowables import Heading
from core.pdf.report import day
from core.pdf.text import Style
from tests.core.pdf.samples import (
    FRONT,
    SENSITIVE,
    code_of,
    faults,
    info_of,
    painted,
    read,
    structure,
    tags,
    text_of,
)


def test_the_front_says_who_what_and_when() -> None:
    shown = text_of(painted([para("x")], replace(FRONT, more=(("Checkpoint", "4711"),))))
    for words in (
        "Office of the Police and Crime Commissioner Go Bag grant: claim for Quarter 2",
        "Reference CLM-2022-017",
        "Version 1.0",
        "Period Quarter 2 (July to September 2022)",
        "Data cut-off 30 September 2022, 23:59",
        "Prepared by Grant officer",
        "Created 5 October 2022",
        "Review date 5 August 2023",
        "Disclosable under FOI Yes",
        "Protective marking OFFICIAL",
        "Checkpoint 4711",
    ):
        assert words in shown


def test_the_front_says_no_where_the_answer_is_no() -> None:
    shown = text_of(painted([para("x")], replace(FRONT, foi_disclosable=False, review_on=None)))
    assert "Disclosable under FOI No" in shown
    assert "Review date None set" in shown


def test_the_front_is_a_heading_and_a_table_of_row_headers() -> None:
    [_, _, title, _, grid] = structure(painted([]))[:5]
    assert title == ["H1"]
    assert grid == ["Table", ["TBody", *[["TR", ["TH"], ["TD"]]] * 10]]


def test_every_page_bears_marking_reference_and_number_as_page_furniture() -> None:
    data = painted([para("x"), *page_break(), para("y"), *page_break(landscape=True), para("z")])
    sheets = read(data).pages
    for number, sheet in enumerate(sheets, 1):
        shown = " ".join(sheet.extract_text().split())
        assert shown.count("OFFICIAL") == (3 if number == 1 else 2)
        assert f"CLM-2022-017 · Version 1.0 Page {number} of 3" in shown
        furniture = code_of(data, number - 1, stream=1)
        assert "MCID" not in furniture
        assert furniture.count("/Artifact") == furniture.count("EMC") == 3


def test_a_sensitive_report_says_so_on_every_page() -> None:
    data = painted([para("x"), *page_break(), para("y")], replace(FRONT, marking=SENSITIVE))
    assert [sheet.extract_text().count("OFFICIAL-SENSITIVE") for sheet in read(data).pages] == [3, 2]


def test_pages_are_a4_and_turn_where_asked() -> None:
    data = painted([*page_break(landscape=True), para("x"), *page_break(landscape=False), para("y")])
    sizes = [(round(sheet.mediabox.width), round(sheet.mediabox.height)) for sheet in read(data).pages]
    assert sizes == [(595, 842), (842, 595), (595, 842)]
    assert round(read(painted([para("x")], landscape=True)).pages[0].mediabox.width) == 842


def test_title_author_and_language_are_in_the_file() -> None:
    data = painted([para("x")], replace(FRONT, subject="Claim"), language="cy")
    info = info_of(data)
    assert info["/Title"] == "Go Bag grant: claim for Quarter 2"
    assert info["/Author"] == "Grant officer, Office of the Police and Crime Commissioner"
    assert info["/Subject"] == "Claim"
    root: Any = read(data).trailer["/Root"]
    assert root["/Lang"] == "cy"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712 (a PDF boolean)
    assert b'<rdf:li xml:lang="x-default">Go Bag grant: claim for Quarter 2</rdf:li>' in data


def test_headings_are_bookmarks_that_open_their_page() -> None:
    data = painted([h2("First"), h3("Part"), *page_break(), h2("Second")])
    reader = read(data)
    outline: list[Any] = reader.outline
    assert titles(outline) == [FRONT.title, ["First", ["Part"], "Second"]]
    opened = [reader.get_destination_page_number(item) for item in (outline[0], outline[1][0], outline[1][2])]
    assert opened == [0, 0, 1]


def titles(outline: list[Any]) -> list[Any]:
    return [titles(item) if isinstance(item, list) else item.title for item in outline]


def test_a_heading_is_never_left_alone_at_the_foot_of_a_page() -> None:
    for space in range(180, 280, 20):
        data = painted([gap(space), h2("Alone"), table(["A"], [("row",)] * 30)])
        [home] = [sheet for sheet in read(data).pages if "Alone" in sheet.extract_text()]
        assert home.extract_text().count("row") >= 2


def test_a_long_table_begins_under_its_heading_on_the_same_page() -> None:
    data = painted([h2("Rows"), table(["A"], [(f"row {count}",) for count in range(100)])])
    assert "row 1 " in " ".join(read(data).pages[0].extract_text().split())


def test_a_heading_has_level_1_to_3() -> None:
    with pytest.raises(ValueError, match="level 1, 2 or 3, not 4"):
        Heading("x", 4, Style())


def test_a_list_is_items_of_label_and_body() -> None:
    whole = structure(painted([*bullets(["One", ["Two ", Span("more", link="https://example.org")]])]))[-1]
    assert whole == ["L", ["LI", ["Lbl"], ["LBody"]], ["LI", ["Lbl"], ["LBody", ["Link"]]]]
    assert "1. First 2. Second" in text_of(painted(bullets(["First", "Second"], numbered=True)))


def test_a_list_item_split_over_pages_keeps_one_label() -> None:
    data = painted([gap(150), *bullets(["word " * 400])])
    assert len(read(data).pages) == 2
    assert text_of(data).count("•") == 1
    assert faults(data) == []


def test_a_paragraph_split_over_pages_is_one_element() -> None:
    data = painted([para("word " * 1_500)])
    assert len(read(data).pages) > 2
    assert structure(data).count(["P"]) == 3  # organisation, period, paragraph


def test_a_link_opens_its_address_and_says_what_it_is() -> None:
    data = painted([para(["See ", Span("the terms", link="https://example.org/a?b=(c)&d=ŵ"), "."])])
    notes: Any = read(data).pages[0]["/Annots"]
    [annotation] = [note.get_object() for note in notes]
    assert annotation["/A"]["/URI"] == "https://example.org/a?b=%28c%29&d=%C5%B5"
    assert annotation["/Contents"] == "the terms"
    assert faults(data) == []


def test_attachments_are_associated_files_with_their_bytes() -> None:
    rows = b"line,net\r\nA,1.00\r\n"
    files = [
        Attachment("lines.csv", rows, "Rows of the claim"),
        Attachment("a.json", b"{}", "Seal", "application/json"),
    ]
    data = painted([para("x")], attachments=files)
    reader = read(data)
    assert reader.attachments == {"lines.csv": [rows], "a.json": [b"{}"]}
    in_parts = Attachment("lines.csv", Packed([rows[:5], rows[5:]]), "Rows of the claim")
    assert painted([para("x")], attachments=[in_parts, files[1]]) == data
    root: Any = reader.trailer["/Root"]
    specs = [item.get_object() for item in root["/AF"]]
    assert [(spec["/UF"], spec["/Desc"], spec["/AFRelationship"]) for spec in specs] == [
        ("lines.csv", "Rows of the claim", "/Data"),
        ("a.json", "Seal", "/Data"),
    ]
    assert specs[0]["/EF"]["/F"]["/Subtype"] == "/text/csv"
    assert faults(data) == []


def test_a_certificate_has_lines_for_ink_until_it_is_signed() -> None:
    inked = text_of(painted(signature_block("I certify.", role="Chief Finance Officer")))
    assert inked.find("I certify.") < inked.find("Name Role Chief Finance Officer Signature Date")
    signed = text_of(
        painted(signature_block("I certify.", role="CFO", name="B. Finance", signed="5 October 2022, 10:30"))
    )
    assert "Name B. Finance Role CFO Signature 5 October 2022, 10:30" in signed
    assert "Signature 5 October 2022, 10:30 Date" not in signed


def test_a_field_for_a_digital_signature_is_in_the_structure_and_says_what_is_signed() -> None:
    data = painted([para("I certify."), signature_field("ApprovedBy", "Signature of the Chief Finance Officer")])
    assert faults(data) == []
    assert structure(data)[-1] == ["Form"]
    [(name, field)] = (read(data).get_fields() or {}).items()
    assert (name, field["/FT"], field["/TU"]) == ("ApprovedBy", "/Sig", "Signature of the Chief Finance Officer")
    with pytest.raises(ValueError, match="needs a name and words"):
        signature_field("ApprovedBy", " ")


def test_space_at_the_foot_of_a_page_begins_no_new_one() -> None:
    """Where a page is full but for some points, a break after the space would leave the next page empty."""
    for used in range(630, 670, 5):
        data = painted([*page_break(), Spacer(0, used), para("The end"), gap(30), *page_break(), para("What follows")])
        assert len(read(data).pages) == 3, used


def test_a_front_that_fills_its_page_is_followed_by_no_empty_one_and_a_long_one_still_fits() -> None:
    """A claim has 22 particulars, some of two or three lines; what follows the front begins a page of its own."""
    for count in range(13, 17):
        more = tuple((f"Particular {at}", "words " * (2 if at % 3 else 20)) for at in range(count))
        story = [*page_break(), para("What follows")]
        assert len(read(painted(story, replace(FRONT, more=more))).pages) == 2, count


def test_small_print_particulars_and_space_stand_in_a_story() -> None:
    data = painted([note("Source: the ledger."), facts([("Key", "9f8e")], caption="Seal"), gap(), Spacer(0, 5)])
    assert "Source: the ledger. Seal Key 9f8e" in text_of(data)
    assert len(tags(data, "Caption")) == 1


def test_only_faces_that_are_in_the_file_are_named() -> None:
    """A face named but absent stops some readers."""
    data = painted()
    reader = read(data)
    for number, sheet in enumerate(reader.pages):
        fonts: Any = sheet["/Resources"]
        named = {part for stream in (0, 1) for part in code_of(data, number, stream).split() if part.startswith("/F")}
        assert {name for name in named if name[2:].isdigit()} <= set(fonts["/Font"])


def test_dates_are_written_as_people_read_them() -> None:
    assert day(date(2022, 8, 5)) == "5 August 2022"
