"""An exposure on paper, and in the other forms it leaves the service in."""

from __future__ import annotations

from reportlab.platypus.flowables import Flowable

from core.dates import day_text
from core.figures import FileKind
from core.figures.paper import csv_inside, front_of, on_paper, painted, room_for
from core.pdf import Marking, h2, note, page_break, paint, para
from grants.exposure.report import NOTE, Exposure

MARKING = Marking.OFFICIAL_SENSITIVE
"""It shows how fast single places use things: small counts, for those who run the scheme."""


def file_of(made: Exposure, kind: FileKind) -> bytes:
    """Paint an exposure in one of the forms it leaves the service in."""
    return painted(made, kind, paint_exposure, marking=MARKING)


def paint_exposure(made: Exposure) -> bytes:
    """Paint an exposure as a PDF; the same exposure gives the same bytes."""
    story: list[Flowable] = [para(made.sentence), note(NOTE), *page_break(False)]
    for table in (made.lines_table, made.places_table, made.transfers_table):
        story += [room_for(table), h2(table.name), *on_paper(table)]
    story += [*page_break(True), h2(made.items_table.name), *on_paper(made.items_table)]
    return paint(
        story,
        front=front_of(
            made,
            organisation=made.body,
            author="Grant accounts",
            period=f"On {day_text(made.day)}",
            subject=made.award_title,
            marking=MARKING,
            foi_disclosable=False,
        ),
        at=made.checkpoint.cut_off,
        attachments=csv_inside(made, file_of, "exposure"),
    )
