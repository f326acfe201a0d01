"""The gate: every sample passes PDF/UA-1 and PDF/A-3a, and the gate bites when something is taken out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any

import pypdf
import pytest
from pypdf.generic import ArrayObject, NameObject, StreamObject

from core.pdf import Attachment, para
from tests.core.pdf.samples import FRONT, SENSITIVE, compact, everything, faults, painted


@cache
def sample() -> bytes:
    return painted(compact(), attachments=[Attachment("lines.csv", b"line\r\nA\r\n", "Rows of the claim")])


def test_a_report_with_everything_passes_both_standards() -> None:
    assert faults(painted()) == []


def test_a_landscape_report_passes_both_standards() -> None:
    assert faults(painted(everything(), landscape=True)) == []


def test_a_report_of_one_paragraph_passes_both_standards() -> None:
    assert faults(painted([para("Nothing was claimed.")], replace(FRONT, marking=SENSITIVE))) == []


def test_a_report_in_another_language_passes_both_standards() -> None:
    assert faults(painted([para("Ni hawliwyd dim.")], language="cy")) == []


def objects(writer: pypdf.PdfWriter) -> list[Any]:
    parts: list[Any] = list(writer._objects)
    return [part for part in parts if isinstance(part, dict)]


def elements(writer: pypdf.PdfWriter, tag: str) -> list[Any]:
    return [item for item in objects(writer) if item.get("/S") == tag and "/P" in item]


def root(writer: pypdf.PdfWriter) -> Any:
    return writer._root_object


def links(writer: pypdf.PdfWriter) -> list[Any]:
    return [item for item in objects(writer) if item.get("/Subtype") == "/Link"]


def rename(tag: str, new: str) -> Callable[[pypdf.PdfWriter], None]:
    def change(writer: pypdf.PdfWriter) -> None:
        elements(writer, tag)[0][NameObject("/S")] = NameObject(new)

    return change


def strip(tag: str, *keys: str) -> Callable[[pypdf.PdfWriter], None]:
    def change(writer: pypdf.PdfWriter) -> None:
        for element in elements(writer, tag):
            for key in keys:
                element.pop(key, None)

    return change


def strip_root(*keys: str) -> Callable[[pypdf.PdfWriter], None]:
    def change(writer: pypdf.PdfWriter) -> None:
        for key in keys:
            del root(writer)[key]

    return change


def strip_link(key: str) -> Callable[[pypdf.PdfWriter], None]:
    def change(writer: pypdf.PdfWriter) -> None:
        del links(writer)[0][key]

    return change


def no_parent_tree(writer: pypdf.PdfWriter) -> None:
    del root(writer)["/StructTreeRoot"].get_object()["/ParentTree"]


def no_ua_mark(writer: pypdf.PdfWriter) -> None:
    metadata = root(writer)["/Metadata"].get_object()
    changed = StreamObject()
    changed.set_data(metadata.get_data().replace(b"<pdfuaid:part>1</pdfuaid:part>", b""))
    changed.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    root(writer)[NameObject("/Metadata")] = writer._add_object(changed)


def untagged_footer(writer: pypdf.PdfWriter) -> None:
    sheet: Any = writer.pages[0]
    tail = sheet["/Contents"][1].get_object()
    changed = StreamObject()
    lines = tail.get_data().split(b"\n")
    changed.set_data(b"\n".join(line for line in lines if not line.startswith(b"/Artifact") and line != b"EMC"))
    sheet[NameObject("/Contents")] = ArrayObject([sheet["/Contents"].get_object()[0], writer._add_object(changed)])


def irregular_row(writer: pypdf.PdfWriter) -> None:
    row = next(row for row in elements(writer, "/TR") if len(row["/K"]) == 4)
    row[NameObject("/K")] = ArrayObject(row["/K"][:3])


def no_font_file(writer: pypdf.PdfWriter) -> None:
    for found in objects(writer):
        if found.get("/Type") == "/FontDescriptor":
            found.pop("/FontFile2", None)


def no_unicode(writer: pypdf.PdfWriter) -> None:
    for found in objects(writer):
        if found.get("/Type") == "/Font":
            found.pop("/ToUnicode", None)


def no_relationship(writer: pypdf.PdfWriter) -> None:
    del root(writer)["/AF"][0].get_object()["/AFRelationship"]


UA_MUTANTS: dict[str, Callable[[pypdf.PdfWriter], None]] = {
    "a figure without text alternative": strip("/Figure", "/Alt"),
    "a heading that skips a level": rename("/H2", "/H3"),
    "a paragraph as a table row": rename("/TR", "/P"),
    "a table row that is too short": irregular_row,
    "header cells without scope": strip("/TH", "/A"),
    "no language": strip_root("/Lang"),
    "no parent tree": no_parent_tree,
    "no mark that it is tagged": strip_root("/MarkInfo"),
    "the title is not shown": strip_root("/ViewerPreferences"),
    "no PDF/UA mark": no_ua_mark,
    "a link without description": strip_link("/Contents"),
    "a link outside the structure": strip_link("/StructParent"),
    "a footer that is neither tagged nor artifact": untagged_footer,
    "glyphs without text": no_unicode,
    "fonts that are not embedded": no_font_file,
}
A_MUTANTS: dict[str, Callable[[pypdf.PdfWriter], None]] = {
    "an attachment that is no associated file": strip_root("/AF"),
    "an attachment without relationship": no_relationship,
    "no output intent": strip_root("/OutputIntents"),
    "no metadata": strip_root("/Metadata"),
}


def mutant(change: Callable[[pypdf.PdfWriter], None] | None) -> bytes:
    writer = pypdf.PdfWriter(clone_from=BytesIO(sample()))
    if change:
        change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_copy_without_any_change_still_passes() -> None:
    assert faults(mutant(None)) == []


@pytest.mark.parametrize("name", UA_MUTANTS)
def test_the_accessibility_gate_bites(name: str) -> None:
    assert faults(mutant(UA_MUTANTS[name]), "ua1") != []


@pytest.mark.parametrize("name", A_MUTANTS)
def test_the_archive_gate_bites(name: str) -> None:
    assert faults(mutant(A_MUTANTS[name]), "3a") != []
