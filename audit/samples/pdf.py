"""The working paper on paper. The CSV inside the file holds every figure, and every row that could have been drawn."""

from __future__ import annotations

from reportlab.platypus.flowables import Flowable

from audit.samples.report import WorkingPaper
from core.figures import FileKind
from core.figures.paper import csv_inside, front_of, on_paper, painted
from core.pdf import Marking, bullets, facts, h2, note, page_break, paint, para

HOW = (
    "The rows that could be drawn are listed in the CSV inside this file, in the order of their references; the "
    "SHA-256 is of that list.",
    "Random: a row’s ticket is the SHA-256 of the seed, a space and its reference; the rows with the smallest tickets "
    "are drawn.",
    "By value: all pence are numbered in the order of the list from 0; the start is the SHA-256 of the seed, a space "
    "and the word start, as a number, modulo the total; hit k is penny (start + k × total) ÷ hits, rounded down.",
    "What could not be checked counts as wholly wrong, since nothing shows that it is right.",
)
"""How the sample is drawn again by anybody (docs/SAMPLES.md)."""


def file_of(made: WorkingPaper, kind: FileKind) -> bytes:
    """Paint the working paper in one of the forms it leaves the service in."""
    return painted(made, kind, paint_paper, marking=Marking.OFFICIAL_SENSITIVE)


def paint_paper(made: WorkingPaper) -> bytes:
    """Paint the working paper as a PDF; the same paper gives the same bytes."""
    return paint(
        _story(made),
        front=front_of(
            made,
            organisation="Internal audit",
            author=made.terms.drawn_by,
            period=made.terms.period,
            subject=made.terms.of,
            marking=Marking.OFFICIAL_SENSITIVE,
            foi_disclosable=False,
        ),
        at=made.checkpoint.cut_off,
        attachments=csv_inside(made, file_of, "working paper, and the population"),
    )


def _story(made: WorkingPaper) -> list[Flowable]:
    estimated = made.terms.population_pence is not None and made.projection is not None
    return [
        para(made.sentence),
        *page_break(True),
        *((h2("What the sample says"), *on_paper(made.projection_table)) if estimated else ()),
        h2("Rows drawn"),
        *on_paper(made.rows_table),
        *page_break(False),
        h2("How it was drawn"),
        facts(made.drawing),
        h2("How to draw it again"),
        *bullets(HOW, numbered=True),
        note(f"{made.reference}, version {made.version}: data cut-off {made.cut_off_words}"),
    ]
