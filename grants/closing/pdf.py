"""The outturn statement on paper, with the certificate of whoever certifies the award's claims."""

from __future__ import annotations

from reportlab.platypus.flowables import Flowable

from core.figures import FileKind
from core.figures.paper import csv_inside, front_of, on_paper, painted
from core.money import pounds
from core.pdf import bullets, h2, note, page_break, paint, para, signature_block
from grants.closing.report import Outturn

CERTIFICATE = (
    "To the best of my knowledge and belief:",
    (
        "the amounts shown were spent on the purposes of the grant, in its funding period and under its terms;",
        "no part of them has been, or will be, claimed from another grant;",
        "everything that was received and is not due has been given back, or is shown as still to be given back; and",
        "the records behind this statement are kept until the day it names, and open to the funder and its auditors.",
    ),
)
"""In our own words; it carries the sense of what funders ask a chief finance officer to certify."""


def file_of(made: Outturn, kind: FileKind) -> bytes:
    """Paint the outturn in one of the forms it leaves the service in."""
    return painted(made, kind, paint_outturn)


def paint_outturn(made: Outturn) -> bytes:
    """Paint the outturn as a PDF; the same outturn gives the same bytes."""
    return paint(
        [*_figures(made), *_certificate(made)],
        front=front_of(
            made,
            organisation=made.award.body,
            author="Grant accounts",
            period=made.period_words,
            subject=made.award.title,
            suffix="" if made.closed_at else "(forecast)",
        ),
        at=made.checkpoint.cut_off,
        attachments=csv_inside(made, file_of, "statement"),
    )


def _figures(made: Outturn) -> list[Flowable]:
    return [
        *page_break(True),
        h2("How the award ended" if made.closed_at else "How the award is expected to end"),
        para(made.sentence),
        *on_paper(made.lines_table),
        *page_break(False),
        h2("What is owed"),
        *on_paper(made.settlement_table),
        h2("Claims"),
        *on_paper(made.claims_table),
        h2("Given back"),
        *on_paper(made.repayments_table),
    ]


def _certificate(made: Outturn) -> list[Flowable]:
    opening, points = CERTIFICATE
    office = f"{made.award.certifier_office}, {made.award.body}"
    state = f"Closed in the service by {made.closed_words}." if made.closed_at else "The award is not closed."
    return [
        *page_break(False),
        h2(f"Certificate of the {made.award.certifier_office}"),
        para(f"{made.award.title}, {made.award.agreement_reference}. {made.period_words}."),
        para(f"Claimed: {pounds(made.settlement.claimed)} of an award of {pounds(made.settlement.award)}."),
        para(opening),
        *bullets(points),
        *signature_block("Signed for the recipient of the grant:", role=office),
        para(state),
        note(f"{made.reference}, version {made.version}: data cut-off {made.cut_off_words}"),
    ]
