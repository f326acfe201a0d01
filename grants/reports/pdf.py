"""The statement of grant usage on paper: what a chief finance officer reads before signing, in that order.

The front says whose money and which records; then how far the grant has come, in one sentence and one picture;
the budget table; the walk from the finance extract, ending at the table's total; what the goods became; notes;
the certificate on a page of its own; and, as annexes, every row behind a figure. The CSV inside the file holds
every figure printed.
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
)
from grants.reports.report import Statement

CERTIFICATE = (
    "I have read this statement and the records it rests on, as far as I thought necessary. To the best of my "
    "knowledge and belief:",
    (
        "the spending shown as eligible was incurred for the purposes of the grant, within its funding period and "
        "under its terms;",
        "the goods and services it paid for were received;",
        "it is stated net of any VAT that can be recovered;",
        "no part of it has been, or will be, met by another grant or claimed a second time;",
        "the evidence for every amount is kept, and open to the funder and its auditors;",
        "the finance ledger agrees with this statement by the steps set out in the reconciliation walk; and",
        "anything that proves to have been overpaid will be given back.",
    ),
)
"""In our own words; it carries the sense of what funders ask a chief finance officer to certify."""


def file_of(statement: Statement, kind: FileKind) -> bytes:
    """Paint the statement in one of the forms it leaves the service in."""
    return painted(statement, kind, paint_statement)


def paint_statement(statement: Statement) -> bytes:
    """Paint the statement as a PDF; the same statement gives the same bytes."""
    return paint(
        [
            *_in_short(statement),
            *_figures(statement),
            *_walk(statement),
            *_certificate(statement),
            *_annexes(statement),
        ],
        front=_front(statement),
        at=statement.checkpoint.cut_off,
        attachments=csv_inside(statement, file_of, "statement"),
    )


def _front(statement: Statement) -> Front:
    return front_of(
        statement,
        organisation=statement.award.body,
        author="Grant accounts",
        period=statement.period_words,
        subject=statement.award.title,
    )


def budget_chart(statement: Statement) -> BarChart:
    """Draw each grant line's budget as one length, filled by what was eligible earlier and in this period."""
    bars = tuple(
        Bar(
            line.name,
            (max(line.figures.earlier, 0), max(line.figures.eligible, 0)),
            whole=line.revised,
        )
        for line in statement.lines
    )
    return BarChart(
        "Budget of each grant line and what has become eligible",
        ("Eligible earlier", "Eligible this period"),
        bars,
        show=pounds,
        whole_name="revised budget",
    )


def _in_short(statement: Statement) -> list[Flowable]:
    return [
        *page_break(),
        h2("How far the grant has come"),
        para(statement.sentence),
        chart(budget_chart(statement)),
        note("The figures of each bar are in the table “Budget to actual”."),
    ]


def _figures(statement: Statement) -> list[Flowable]:
    return [
        *page_break(True),
        h2("Budget to actual"),
        *on_paper(statement.budget_table),
    ]


def _walk(statement: Statement) -> list[Flowable]:
    return [
        *page_break(False),
        h2("Reconciliation walk"),
        para(
            f"From the finance extract for project {statement.award.project_code} to what is eligible, step by step. "
            "The last figure is the total of “Eligible this period” in the budget table."
        ),
        *on_paper(statement.walk_table),
        h2("Agreement with the grant position"),
        *on_paper(statement.agreement_table),
        *page_break(),
        h2("What the money became"),
        *on_paper(statement.outcome_table),
        h2("Notes"),
        *bullets(statement.notes, numbered=True),
    ]


def _certificate(statement: Statement) -> list[Flowable]:
    opening, points = CERTIFICATE
    figures = (
        f"Eligible in the period: {pounds(statement.total.eligible)}. Eligible from the start of the grant to the end "
        f"of the period: {pounds(statement.total.cumulative)}, of a revised budget of {pounds(statement.revised)}."
    )
    return [
        *page_break(),
        h2("Certificate of the Chief Finance Officer"),
        para(f"{statement.award.title}, {statement.award.agreement_reference}. {statement.period_words}."),
        para(figures),
        para(opening),
        *bullets(points),
        *signature_block(
            "Signed for the recipient of the grant:", role=f"Chief Finance Officer, {statement.award.body}"
        ),
        note(
            f"{statement.reference}, version {statement.version}: data cut-off {statement.cut_off_words}, "
            f"{statement.checkpoint_words.lower()}, chain hash {statement.checkpoint.chain_hash[:16]}…"
        ),
    ]


def _annexes(statement: Statement) -> list[Flowable]:
    behind = [part for table in statement.step_tables for part in (room_for(table), *on_paper(table, shares=_SHARES))]
    return [
        *page_break(True),
        h2("Annex A: rows behind the walk"),
        *(behind or [para(statement.walk_rows_table.empty)]),
        *page_break(),
        h2("Annex B: eligible spending"),
        *on_paper(statement.spending_table, shares=(3, 1, 4, 3, 3, 3, 6, 2, 2, 2, 1, 3)),
        room_for(statement.extracts_table),
        h2("Annex C: finance extracts"),
        *on_paper(statement.extracts_table),
    ]


_SHARES = (3, 2, 4, 6, 2)
