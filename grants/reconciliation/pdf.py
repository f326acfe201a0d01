"""The reconciliation on paper: what two people sign off, and behind it every row.

The CSV inside the file holds every figure printed.
"""

from __future__ import annotations

from reportlab.platypus.flowables import Flowable

from core.dates import moment_text
from core.figures import FileKind
from core.figures.paper import csv_inside, front_of, on_paper, painted, room_for
from core.pdf import Front, bullets, facts, h2, note, page_break, paint, para
from grants.reconciliation.report import LineWalk, ReconciledPeriod
from grants.reconciliation.report.tables import gap_rows, line_steps
from grants.reports.report.walks import step_rows


def file_of(made: ReconciledPeriod, kind: FileKind) -> bytes:
    """Paint the reconciliation in one of the forms it leaves the service in."""
    return painted(made, kind, paint_reconciliation)


def paint_reconciliation(made: ReconciledPeriod) -> bytes:
    """Paint the reconciliation as a PDF; the same reconciliation gives the same bytes."""
    return paint(
        [*_by_line(made), *_walk(made), *_signed(made), *_annexes(made)],
        front=_front(made),
        at=made.checkpoint.cut_off,
        attachments=csv_inside(made, file_of, "reconciliation"),
    )


def _front(made: ReconciledPeriod) -> Front:
    return front_of(
        made,
        organisation=made.award.body,
        author="Grant accounts",
        period=made.period.words,
        subject=made.award.title,
    )


def _by_line(made: ReconciledPeriod) -> list[Flowable]:
    walks = [part for line in made.lines if any(step.rows for step in line.steps) for part in _line(line)]
    return [
        *page_break(True),
        h2("Whether the figures agree"),
        para(made.sentence),
        *on_paper(made.lines_table),
        *page_break(False),
        h2("From bought to the ledger, line by line"),
        *(walks or [para(made.rows_table.empty)]),
    ]


def _line(line: LineWalk) -> list[Flowable]:
    table = line_steps(line)
    return [room_for(table), *on_paper(table)]


def _walk(made: ReconciledPeriod) -> list[Flowable]:
    return [
        *page_break(False),
        h2("From the finance extract to the claim"),
        *on_paper(made.walk_table),
        h2("What is not explained"),
        *on_paper(made.ages_table),
        *(on_paper(made.unexplained_table, shares=(2, 3, 2, 4, 5, 1, 2)) if made.unexplained else []),
    ]


def _signed(made: ReconciledPeriod) -> list[Flowable]:
    said = [
        (f"{hand.done.capitalize()} by", f"{hand.name}, {moment_text(hand.at)}, in the service") for hand in made.hands
    ]
    return [
        h2("Sign-off"),
        facts(said) if said else para("This is not signed off."),
        h2("Notes"),
        *bullets(made.notes, numbered=True),
        note(f"{made.reference}, version {made.version}: data cut-off {made.cut_off_words}"),
    ]


def _annexes(made: ReconciledPeriod) -> list[Flowable]:
    behind = [step_rows(step) for step in made.walk[1:] if step.rows]
    walk = [part for table in behind for part in (room_for(table), *on_paper(table, shares=_SHARES))]
    return [
        *page_break(True),
        h2("Annex A: rows behind the differences of each line"),
        *on_paper(gap_rows(made), shares=(5, 3, 2, 4, 5, 2)),
        *page_break(True),
        h2("Annex B: rows behind the walk to the claim"),
        *(walk or [para(made.walk_rows_table.empty)]),
    ]


_SHARES = (3, 2, 4, 6, 2)
