"""What may be kept: a file whose name and bytes tell one story."""

from __future__ import annotations

import io

import pikepdf
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from core.errors import NotFound, RuleBroken
from grants.evidence.rules import EXPECTED, LARGEST_BYTES, FileKind, Proof, RecordKind, checked_file, record_named

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n27\n%%EOF\n"


def picture(kind: str, size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(data, kind, **options)
    return data.getvalue()


def test_a_pdf_is_kept_byte_for_byte() -> None:
    kept = checked_file("C:\\papers\\invoice 1001.PDF", PDF)
    assert (kept.name, kept.kind, kept.data) == ("invoice 1001.PDF", FileKind.PDF, PDF)


@pytest.mark.parametrize(("name", "kind"), [("a.jpg", "JPEG"), ("a.jpeg", "JPEG"), ("a.png", "PNG")])
def test_a_picture_is_drawn_anew_without_what_the_camera_wrote(name: str, kind: str) -> None:
    secret = Image.Exif()
    secret[0x010E] = "taken at the safe house"
    secret[0x0112] = 6  # the camera was held upright
    sent = picture(kind, exif=secret) + b"<script>alert(1)</script>"
    kept = checked_file(name, sent).data
    assert b"safe house" not in kept
    assert b"<script>" not in kept
    drawn = Image.open(io.BytesIO(kept))
    assert drawn.size == (30, 40)
    assert not drawn.getexif()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.svg", b"<svg/>", "The file must be a PDF, JPG or PNG"),
        ("a.jpg.txt", picture("JPEG"), "The file must be a PDF, JPG or PNG"),
        ("pdf", PDF, "The file must be a PDF, JPG or PNG"),
        ("a.pdf", picture("PNG"), "The file must be a PDF, JPG or PNG"),
        ("a.png", PDF, "The file must be a PDF, JPG or PNG"),
        ("a.pdf", b"%PDF-1.7 <html><script>1</script>%%EOF", "The file must be a PDF, JPG or PNG"),
        ("a.pdf", PDF[:-7], "cut short"),
        ("a.pdf", PDF + b"PK\x03\x04", "something follows its end"),
        ("a.pdf", b"%PDF-1.7\nhello\n%%EOF\n", "The PDF cannot be opened"),
        ("a.pdf", PDF.replace(b"/Root", b"/Encrypt 4 0 R/Root"), "The PDF is locked"),
        ("a.pdf", PDF.replace(b"/Root", b"/#45#6Ecr#79pt 4 0 R/Root"), "The PDF is locked"),
        ("a.pdf", PDF.replace(b"/Root", b"/Encrypt%\n4 0 R/Root"), "The PDF is locked"),
        ("IMG_0412.HEIC", b"\0\0\0\x18ftypheic", "HEIC form"),
        ("a.jpg", b"\0\0\0\x18ftypmif1", "HEIC form"),
        ("a.png", picture("PNG")[:60], "The picture cannot be read"),
        ("a.png", picture("PNG", (2_100, 100)), "2,100 by 100 pixels, too long for a paper"),
        ("a.pdf", b"", "The file is empty"),
        ("a.pdf", PDF + b" " * LARGEST_BYTES, "The file must be smaller than 10MB"),
        ("born 4 May 2001.pdf", PDF, "Remove details that could identify a person"),
    ],
)
def test_anything_else_is_refused_in_words(name: str, data: bytes, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        checked_file(name, data, field="file")


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_drawn() -> None:
    huge = picture("PNG", (1, 1))
    header = huge[:16] + (9_000).to_bytes(4, "big") + (9_000).to_bytes(4, "big") + huge[24:]
    with pytest.raises(RuleBroken):
        checked_file("a.png", header)


def test_each_kind_of_record_has_one_paper_it_should_have() -> None:
    assert EXPECTED[RecordKind.INVOICE] is Proof.INVOICE
    assert EXPECTED[RecordKind.DELIVERY] is Proof.DELIVERY_NOTE
    assert set(EXPECTED) == set(RecordKind)
    assert record_named("budget-change") is RecordKind.BUDGET_CHANGE
    with pytest.raises(NotFound):
        record_named("person")


def test_a_pdf_as_real_programs_write_it_is_kept_and_a_locked_one_is_not() -> None:
    """One painted by ReportLab, one that packs its objects and its table of them, and the two ways of locking it."""
    paper = io.BytesIO()
    canvas = Canvas(paper)
    canvas.drawString(100, 100, "Invoice")
    canvas.save()
    assert checked_file("a.pdf", paper.getvalue()).data == paper.getvalue()
    with pikepdf.open(paper) as opened:
        packed = io.BytesIO()
        opened.save(packed, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        assert checked_file("a.pdf", packed.getvalue()).data == packed.getvalue()
        for lock in (pikepdf.Encryption(owner="a", user="b"), pikepdf.Encryption(owner="a", user="", R=4)):
            locked = io.BytesIO()
            opened.save(locked, encryption=lock)
            with pytest.raises(RuleBroken, match="The PDF is locked"):
                checked_file("a.pdf", locked.getvalue())
