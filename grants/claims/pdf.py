"""The claim pack on paper: what a chief finance officer signs and a funder pays by, in that order.

The front says whose money and which records; then what is asked for, in one sentence and one picture; the claim form;
financial monitoring; the walk from the finance extract, ending at the form's total; accruals and waivers; the
certificate on a page of its own; and, as annexes, every row behind a figure. The CSV inside holds every figure printed.
"""

from __future__ import annotations

from reportlab.platypus.flowables import Flowable

from core.figures import FileKind
from core.figures.paper import csv_inside, front_of, on_paper, painted, room_for
from core.money import pounds
from core.pdf import (
    Bar,
    BarChart,
    Front,
    bullets,
    chart,
    h2,
    note,
    page_break,
    paint,
    para,
    signature_block,
    signature_field,
)
from grants.claims.report import ClaimPack

CERTIFICATE = (
    "I have read this claim and the records it rests on, as far as I thought necessary. To the best of my knowledge "
    "and belief:",
    (
        "the claim is accurate and complete;",
        "the spending was properly incurred for the purposes of the grant, within its funding period and under its "
        "terms;",
        "the goods and services it pays for were received by the end of the period;",
        "it is net of any VAT that can be recovered;",
        "no part of it has been, or will be, claimed from another grant;",
        "the finance ledger agrees with it by the steps set out in the reconciliation walk; and",
        "anything that proves to have been overpaid will be given back.",
    ),
)
"""In our own words; it carries the sense of what funders ask a chief finance officer to certify."""


def file_of(pack: ClaimPack, kind: FileKind) -> bytes:
    """Paint the claim in one of the forms it leaves the service in."""
    return painted(pack, kind, paint_claim)


def paint_claim(pack: ClaimPack) -> bytes:
    """Paint the claim as a PDF; the same claim gives the same bytes."""
    return paint(
        [*_in_short(pack), *_form(pack), *_walk(pack), *_decided(pack), *_certificate(pack), *_annexes(pack)],
        front=_front(pack),
        at=pack.checkpoint.cut_off,
        attachments=csv_inside(pack, file_of, "claim"),
    )


def _front(pack: ClaimPack) -> Front:
    return front_of(
        pack,
        organisation=pack.award.body,
        author="Grant accounts",
        period=pack.period_words,
        subject=pack.award.title,
        suffix="" if pack.is_signed else "(draft)",
    )


def claim_chart(pack: ClaimPack) -> BarChart:
    """Draw each line's budget as one length, filled by what was claimed earlier and what is claimed now."""
    bars = tuple(
        Bar(line.name, (max(line.figures.earlier, 0), max(line.figures.eligible, 0)), whole=line.revised)
        for line in pack.lines
    )
    return BarChart(
        "Budget of each line and what has been claimed of it",
        ("Claimed earlier", "Claimed now"),
        bars,
        show=pounds,
        whole_name="revised budget",
    )


def _in_short(pack: ClaimPack) -> list[Flowable]:
    return [
        *page_break(),
        h2("What is asked for"),
        para(pack.sentence),
        chart(claim_chart(pack)),
        note("The figures of each bar are in the claim form."),
    ]


def _form(pack: ClaimPack) -> list[Flowable]:
    return [
        *page_break(True),
        h2("Claim form"),
        *on_paper(pack.form_table),
        *page_break(True),
        h2("Financial monitoring"),
        *on_paper(pack.monitoring_table),
    ]


def _walk(pack: ClaimPack) -> list[Flowable]:
    return [
        *page_break(False),
        h2("Reconciliation walk"),
        para(
            f"From the finance extract for project {pack.award.project_code} to this claim, step by step. The last "
            "figure is the total of “Eligible this period” in the claim form."
        ),
        *on_paper(pack.walk_table),
    ]


def _decided(pack: ClaimPack) -> list[Flowable]:
    return [
        *page_break(True),
        h2("Accruals without an invoice"),
        *on_paper(pack.estimates_table),
        h2("Waivers"),
        *on_paper(pack.waivers_table),
        h2("Notes"),
        *bullets(pack.notes, numbered=True),
    ]


def _certificate(pack: ClaimPack) -> list[Flowable]:
    opening, points = CERTIFICATE
    office = f"{pack.award.certifier_office}, {pack.award.body}"
    figures = (
        f"Claimed for the period: {pounds(pack.total.eligible)}. Claimed from the start of the grant: "
        f"{pounds(pack.total.cumulative)}, of a revised budget of {pounds(pack.revised)}."
    )
    return [
        *page_break(False),
        h2(f"Certificate of the {pack.award.certifier_office}"),
        para(f"{pack.award.title}, {pack.award.agreement_reference}. {pack.period_words}."),
        para(figures),
        para(opening),
        *bullets(points),
        *signature_block("Signed for the recipient of the grant:", role=office),
        *_field(pack),
        *_hands(pack),
        note(
            f"{pack.reference}, version {pack.version}: data cut-off {pack.cut_off_words}, "
            f"{pack.checkpoint_words.lower()}, chain hash {pack.checkpoint.chain_hash[:16]}…"
        ),
    ]


def _field(pack: ClaimPack) -> list[Flowable]:
    """Leave the field for a digital signature, empty and unseen: it is the organisation's to fill, or nobody's."""
    words = f"Digital signature for the {pack.award.certifier_office}"
    return [signature_field(pack.certificate_field, words)] if pack.certificate_field else []


def _hands(pack: ClaimPack) -> list[Flowable]:
    """Say who took each step in the service, or that nobody has certified it yet."""
    if not pack.is_signed:
        return [para("This is a draft. It has not been certified.")]
    return [para(f"{each.done.capitalize()} in the service by {each.words}.") for each in pack.signatures]


def _annexes(pack: ClaimPack) -> list[Flowable]:
    behind = [part for table in pack.step_tables for part in (room_for(table), *on_paper(table, shares=_SHARES))]
    return [
        *page_break(True),
        h2("Annex A: rows behind the walk"),
        *(behind or [para(pack.walk_rows_table.empty)]),
        *page_break(True),
        h2("Annex B: transaction list"),
        *on_paper(pack.rows_table, shares=(3, 1, 4, 3, 3, 3, 6, 2, 2, 2, 2)),
        *page_break(True),
        h2("Annex C: evidence"),
        *on_paper(pack.evidence_table, shares=(3, 1, 2, 2, 1, 5, 8)),
        room_for(pack.papers_table),
        h2("Annex D: papers"),
        *on_paper(pack.papers_table, shares=(2, 2, 3, 4, 8)),
        room_for(pack.extracts_table),
        h2("Annex E: finance extracts"),
        *on_paper(pack.extracts_table),
    ]


_SHARES = (3, 2, 4, 6, 2)
