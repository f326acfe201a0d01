"""What every form bears, and documents judged: on SQLite alone, since nothing here depends on the database."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import page as validator
import pytest
from flask import Flask
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from audit.issued.report import judge_file, judge_reference
from audit.issued.rules import Verdict
from core.figures import FileKind
from core.trail.signing import CheckingKey
from tests.audit.issued.taking import only, something_happens, statement, take
from tests.factories import World


def test_every_form_bears_the_signed_checkpoint_that_covers_it(quarters: World, signing: CheckingKey) -> None:
    book = take(statement(), FileKind.XLSX)
    report = only()
    assert report.signed.startswith("1 of gobags.example/log: ")
    assert judge_file(book).verdict is Verdict.ISSUED
    text = take(statement()).decode()
    assert f'Signed checkpoint,"{report.signed}"' in text


def test_without_a_key_it_says_since_when_the_log_is_unsigned(quarters: World) -> None:
    take(statement())
    assert only().signed.startswith("Unsigned since ")
    assert only().signed.endswith(": no key to sign with was ever made")


def test_a_key_that_goes_missing_is_said_and_what_was_covered_stays_covered(
    app: Flask, quarters: World, signing: CheckingKey
) -> None:
    take(statement())
    covered = only().signed
    Path(app.config["CHECKPOINT_KEY"]).unlink()
    assert f'"{covered}"' in take(statement()).decode()
    something_happens(quarters)
    assert "the file of the key that signs is missing" in take(statement()).decode()


def test_the_pdf_shows_a_code_that_leads_to_its_verification_and_says_so(quarters: World) -> None:
    data = take(statement(), FileKind.PDF)
    reader = PdfReader(BytesIO(data))
    reference = only().reference
    front = " ".join(reader.pages[0].extract_text().split())
    assert f"Register reference {reference} Verify at https://localhost/verify/{reference}" in front
    assert validator.validate_pdf_bytes(data, profile="ua1").failures == []
    assert validator.validate_pdf_bytes(data, profile="3a").failures == []
    figures = [each for each in _elements(reader.root_object["/StructTreeRoot"]) if each.get("/S") == "/Figure"]
    assert f"QR code that opens https://localhost/verify/{reference}" in str(figures[0]["/Alt"])


def _elements(node: object) -> list[dict[str, object]]:
    """Walk the structure of a PDF."""
    if isinstance(node, ArrayObject):
        return [found for each in node for found in _elements(each.get_object())]
    if not isinstance(node, DictionaryObject):
        return []
    kids = node.get("/K")
    inner = _elements(kids.get_object()) if kids is not None and not isinstance(kids, int) else []
    return [dict(node), *inner]


# ---- Judging ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(FileKind))
def test_a_file_as_it_was_issued_is_known_in_every_form(quarters: World, kind: FileKind) -> None:
    found = judge_file(take(statement(), kind))
    assert found.verdict is Verdict.ISSUED
    assert found.heading == "This is the document that was issued"
    assert (
        f"It is a statement of grant usage, version {only().version}, as {kind.upper()}, marked OFFICIAL"
        in (found.sentences[1])
    )
    assert found.sentences[2] == "No later version of this report has been issued."


def test_an_older_version_is_the_document_and_a_later_one_is_named(quarters: World) -> None:
    old = take(statement())
    something_happens(quarters)
    take(statement())
    found = judge_file(old)
    assert found.is_sound
    assert found.sentences[2].startswith("A later version of this report was issued on ")


@pytest.mark.parametrize("kind", list(FileKind))
def test_one_changed_byte_is_found_in_every_form(quarters: World, kind: FileKind) -> None:
    data = bytearray(take(statement(), kind))
    data[-30] ^= 1
    found = judge_file(bytes(data))
    assert found.verdict is Verdict.CHANGED
    assert found.heading == "This is not the document that was issued"
    assert only().reference in found.sentences[0]
    assert not found.is_sound


def test_a_moved_decimal_in_a_csv_is_found(quarters: World) -> None:
    data = take(statement())
    assert b"343.66" in data
    assert judge_file(data.replace(b"343.66", b"3436.6")).verdict is Verdict.CHANGED


def test_what_begins_with_an_issued_file_is_said_to_have_something_added(quarters: World) -> None:
    found = judge_file(take(statement(), FileKind.PDF) + b"\n1 0 obj<<>>endobj\n%%EOF\n")
    assert found.verdict is Verdict.ADDED_TO
    assert "25 bytes were added after them" in found.sentences[0]


def test_a_reference_that_was_never_issued_and_a_file_without_one_are_unknown(quarters: World) -> None:
    take(statement())
    assert judge_file(b"Register reference,GBR-2222-3333-4444").verdict is Verdict.NEVER_ISSUED
    assert judge_file(b"anything else").verdict is Verdict.UNKNOWN
    assert judge_reference("GBR-2222-3333-4444").verdict is Verdict.UNKNOWN_REFERENCE
    known = judge_reference(only().reference)
    assert known.verdict is Verdict.KNOWN_REFERENCE
    assert known.sentences[0].startswith("Under it was issued a statement of grant usage, version ")


def test_no_answer_says_what_a_report_says(quarters: World) -> None:
    data = take(statement())
    for found in (judge_file(data), judge_file(data + b" "), judge_file(data[:-3]), judge_reference(only().reference)):
        words = " ".join((found.heading, *found.sentences))
        for secret in ("GB2026", "Quarter 2", "SGU-", "343.66", "Home Office", "2026-07"):
            assert secret not in words
