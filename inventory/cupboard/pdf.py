"""A cupboard sheet on paper: what stands there, and room to write beside each line when it was handed over."""

from __future__ import annotations

from reportlab.platypus.flowables import Flowable

from core.dates import moment_text
from core.languages import language
from core.pdf import Column, Front, h1, note, paint, para, qr
from core.pdf.tables import Grid
from inventory.cupboard.models import CupboardSheet
from inventory.cupboard.rules import letter_of

_ROW = 27.0
"""Points of a row: room for a pen."""


def paint_sheet(sheet: CupboardSheet, *, key_at: str) -> bytes:
    """Paint a sheet as a PDF; the same sheet gives the same bytes.

    Args:
        key_at: address of the page on which it is keyed in.
    """
    columns = [
        Column("Line", share=4), Column("Go Bag", share=9), Column("Kit", share=13), Column("Seal", share=9),
        Column("Booklet inside", share=14), Column("Date", share=10), Column("Time", share=8),
        Column("Officer or partner", share=11), Column("Booklet given", share=13),
    ]  # fmt: skip
    rows = [
        (letter_of(line.position), line.bag.tag, line.kit, line.seal_number or "None", _booklets(line.languages),
         "", "", "", "")
        for line in sheet.lines
    ]  # fmt: skip
    story: list[Flowable] = [
        h1(f"Cupboard sheet {sheet.reference}: {sheet.place.name}"),
        para(
            f"Printed on {moment_text(sheet.printed_at)}. When a Go Bag is handed over and the service cannot be "
            "reached, write the date and the time on its line. Write nothing about the person it is for."
        ),
        Grid(columns, rows, caption="Go Bags in this cupboard", size=9, row_height=_ROW),
        note(
            f"Key it in once, when the service can be reached again: {key_at}. A Go Bag that came after this sheet was "
            "printed is not on it: print another. If the sheet is lost, write it off with the reason; one that is "
            "neither keyed in nor written off is asked for after a week."
        ),
        qr(key_at, f"QR code that opens {key_at}, where this sheet is keyed in", 64),
    ]
    front = Front(
        title=f"Cupboard sheet {sheet.reference}", reference=sheet.reference, version="1", organisation="",
        author=sheet.place.name, period="", cut_off="", foi_disclosable=False,
    )  # fmt: skip
    return paint(story, front=front, at=sheet.printed_at, landscape=True, bare=True)


def _booklets(codes: str) -> str:
    return ", ".join(language(code).english for code in codes.split(",") if code) or "None"
