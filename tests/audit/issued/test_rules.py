"""References as people type them and as files bear them."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from audit.issued.rules import Issued, Verdict, references_in, typed_reference, was_added_to, was_changed
from core.figures.storing import digest_of
from core.register import reference_of

REFERENCE = "GBR-7K4M-Q2XD-9PBC"
ISSUED = Issued(
    REFERENCE, "statement of grant usage", "1,234", "OFFICIAL", datetime(2022, 8, 5, 9, 0, tzinfo=UTC), ("PDF",), None
)


@pytest.mark.parametrize(
    "typed",
    [REFERENCE, "gbr-7k4m-q2xd-9pbc", "7K4M Q2XD 9PBC", " gbr 7k4mq2xd9pbc ", "GBR–7K4M–Q2XD–9PBC"],
)
def test_a_reference_is_read_however_it_is_typed(typed: str) -> None:
    assert typed_reference(typed) == REFERENCE


@pytest.mark.parametrize(
    "typed", ["", "GBR-7K4M-Q2XD", "GBR-7K4M-Q2XD-9PBCX", "GBR-0K4M-Q2XD-9PBC", "SGU-GB2026", "é" * 12]
)
def test_what_is_no_reference_is_none(typed: str) -> None:
    assert typed_reference(typed) is None


def test_the_same_figures_have_the_same_reference_and_others_another() -> None:
    first = reference_of("usage", digest_of("{}"))
    assert typed_reference(first) == first
    assert first == reference_of("usage", digest_of("{}"))
    assert len({first, reference_of("statement", digest_of("{}")), reference_of("usage", digest_of("{ }"))}) == 3


def workbook(members: Mapping[str, bytes], packed_as: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed_as) as book:
        for name, data in members.items():
            book.writestr(name, data)
    return out.getvalue()


def test_a_file_says_which_reference_it_bears() -> None:
    assert references_in(f"Register reference,{REFERENCE}\r\n".encode()) == [REFERENCE]
    words = f"<t>{REFERENCE}</t>".encode()
    assert references_in(workbook({"xl/sharedStrings.xml": words})) == [REFERENCE]
    assert references_in(workbook({"xl/elsewhere.xml": words})) == []
    assert references_in(b"GBR-7K4M-Q2XD-9PB") == []


def test_a_workbook_that_is_no_workbook_and_one_that_unpacks_for_ever_are_looked_at_in_bounds() -> None:
    whole = workbook({"xl/sharedStrings.xml": b"A" * 50_000_000})
    assert references_in(whole) == []
    assert references_in(whole[: len(whole) // 2]) == []
    damaged = bytearray(workbook({"xl/sharedStrings.xml": b"words " * 10_000}))
    damaged[60:90] = bytes(30)
    assert references_in(bytes(damaged)) == []
    assert references_in(b"PK\x03\x04") == []


@pytest.mark.parametrize("packed_as", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_python_unpacks_in_one_go_is_not_unpacked(packed_as: int) -> None:
    """A part of a few hundred bytes could become gigabytes, asked for by anybody; no workbook of ours is packed so."""
    bomb = workbook({"xl/sharedStrings.xml": REFERENCE.encode() + bytes(60_000_000)}, packed_as)
    assert len(bomb) < 10_000
    tracemalloc.start()
    found = references_in(bomb)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == []
    assert most < 1_000_000


def test_a_workbook_that_lists_more_parts_than_any_of_ours_is_not_listed() -> None:
    many = workbook({"xl/sharedStrings.xml": REFERENCE.encode() * 100, **{f"x{at}": b"" for at in range(1_000)}})
    assert references_in(many) == []


def test_a_signature_that_came_later_is_named_as_one_in_a_pdf_alone() -> None:
    tail = b"9 0 obj<</Type/Sig/ByteRange[0 10 20 30]/Contents<00>>>endobj"
    signed = was_added_to(ISSUED, "PDF", 49_737, tail)
    assert signed.heading == "This is the document that was issued, and it was signed afterwards"
    assert "cannot say whose it is: a PDF reader can" in signed.sentences[1]
    assert not signed.is_sound
    assert was_added_to(ISSUED, "CSV", 100, tail).heading.endswith("with something added after it")


def test_answers_are_sentences() -> None:
    added = was_added_to(ISSUED, "PDF", 49_737, b" ")
    assert added.verdict is Verdict.ADDED_TO
    assert added.heading == "This is the document that was issued, with something added after it"
    assert added.sentences[0] == (
        "It holds the whole of it, unchanged: its first 49,737 bytes are, one by one, those that left this service "
        "on 5 August 2022 at 10am. 1 byte was added after them."
    )
    assert not added.is_sound
    changed = was_changed(ISSUED)
    assert changed.sentences[2:] == (
        "What was issued: a statement of grant usage, version 1,234, as PDF, marked OFFICIAL, reference "
        "GBR-7K4M-Q2XD-9PBC.",
        "No later version of this report has been issued.",
    )
