"""The tables of a reconciliation, and its notes in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dates import day_text
from core.figures import Figures, summed
from core.money import pounds
from core.sheets import Column, Kind
from grants.reconciliation.rules import AGES, Figure, age_words
from grants.reports.report.walks import rows_behind, walked

if TYPE_CHECKING:
    from grants.reconciliation.report.reconciled import LineWalk, ReconciledPeriod

_M = Kind.MONEY

LINE_COLUMNS = (
    Column("Grant line", width=34),
    Column("Bought", _M, "Invoices dated in the period, on the line their order was placed for."),
    Column("Other lines, or not apportioned", _M, "What lies between bought and apportioned."),
    Column("Apportioned", _M, "Of the invoices dated in the period."),
    Column("Other periods, or not received", _M, "What lies between apportioned and received."),
    Column("Received", _M, "Goods received, and work done, in the period."),
    Column("Ledger earlier or later", _M, "What lies between received and in the ledger."),
    Column("In the ledger", _M, "Dated in the period in the finance ledger and matched to this line’s spending."),
)


def count(many: int, thing: str) -> str:
    """Count things in words, such as "1 ledger line" and "3 ledger lines"."""
    return f"{many:,} {thing}{'' if many == 1 else 's'}"


def lines(made: ReconciledPeriod) -> Figures:
    """Set out the four figures of each line with what lies between them, in pence that add up from left to right."""
    found = []
    for line in made.lines:
        bought, apportioned, received, booked = (line.figure(each) for each in Figure)
        found.append(
            (line.name, bought, apportioned - bought, apportioned, received - apportioned, received,
             booked - received, booked)
        )  # fmt: skip
    return Figures(
        "Reconciliation by line",
        f"Bought, apportioned, received and in the ledger, {made.period.name or 'this period'}, in pounds",
        LINE_COLUMNS,
        tuple(found),
        summed("Total", LINE_COLUMNS, found),
        note="Each row adds up from left to right. Every difference is a sum of rows, listed line by line.",
    )


def line_steps(line: LineWalk) -> Figures:
    """Set out one line's walk, a row for each step of something."""
    found = tuple((step.label, len(step.rows), step.pence) for step in line.steps if step.is_figure or step.rows)
    return Figures(
        f"Line {line.code}",
        f"Line {line.name}, in pounds",
        (Column("Step", width=60), Column("Rows behind it", Kind.COUNT), Column("Amount", _M)),
        found,
    )


def walk(made: ReconciledPeriod) -> Figures:
    """Set out the walk from the finance extract to the claim, one row for each step."""
    return walked("Walk to the claim", "From the finance extract to the claim, in pounds", made.walk)


def ages(made: ReconciledPeriod) -> Figures:
    """Set out how old what is unexplained was at the data cut-off."""
    columns = (Column("Age", width=24), Column("Ledger lines", Kind.COUNT), Column("Not explained", _M))
    pence: dict[str, list[int]] = {words: [] for words, _ in AGES}
    for row in made.unexplained:
        pence[age_words(made.age_of(row))].append(row.pence)
    found = [(words, len(some), sum(some)) for words, some in pence.items()]
    return Figures(
        "Age of the unexplained",
        "How long ledger lines have not been explained, in pounds",
        columns,
        tuple(found) if made.unexplained else (),
        summed("Total", columns, found) if made.unexplained else None,
        empty="No ledger line dated by the end of the period is unexplained.",
    )


def unexplained(made: ReconciledPeriod) -> Figures:
    """List the ledger lines that are not explained, largest first."""
    found = tuple(
        (row.name, row.transaction, row.day, row.supplier, row.description, made.age_of(row), row.pence)
        for row in made.unexplained
    )
    return Figures(
        "Unexplained",
        "Ledger lines that no spending explains wholly, in pounds",
        (
            Column("Ledger line", width=14),
            Column("Transaction"),
            Column("Date", Kind.DATE),
            Column("Supplier"),
            Column("Description", width=40),
            Column("Days open", Kind.COUNT),
            Column("Not explained", _M),
        ),
        found,
        ("Total", None, None, None, None, None, made.unexplained_pence) if found else None,
        empty="No ledger line dated by the end of the period is unexplained.",
    )


def rows(made: ReconciledPeriod) -> Figures:
    """List every row behind every step of every line."""
    return rows_behind(
        "Rows by line",
        "Rows behind each line’s walk, in pounds",
        ((f"{line.code}: {step.label}", step.rows) for line in made.lines for step in line.steps),
        first="Line and step",
        empty="Nothing was bought, received or booked in this period.",
    )


def gap_rows(made: ReconciledPeriod) -> Figures:
    """List the rows for which two figures of a line differ: what paper prints of them."""
    between = ((line.code, step) for line in made.lines for step in line.steps if not step.is_figure)
    return rows_behind(
        "Rows of differences",
        "Rows for which the figures of a line differ, in pounds",
        ((f"{code}: {step.label}", step.rows) for code, step in between),
        first="Line and step",
        note="The rows that make up each figure are in the CSV inside this file.",
        empty="The four figures of every line agree row by row; the rows are in the CSV inside this file.",
    )


def walk_rows(made: ReconciledPeriod) -> Figures:
    """List every row behind the steps from the finance extract to the claim."""
    steps = ((step.label, step.rows) for step in made.walk[1:])
    return rows_behind("Rows of the walk", "Rows behind the walk to the claim, in pounds", steps)


def notes(made: ReconciledPeriod) -> tuple[str, ...]:
    """Say how the figures are made, and what a reader must know before relying on them."""
    said = [
        "Bought is the cost of invoices dated in the period, on the line their order was placed for, or, where there "
        "was no order, the line they are apportioned to. Amounts are net of VAT that is recovered.",
        "Received counts goods on the day they were received, and work on the day of its invoice.",
        "In the ledger counts ledger lines by their date, as far as they are matched to spending of this grant.",
    ]
    if made.note:
        said.append(f"Said of what is not explained: {made.note}")
    if not made.claim_reference:
        said.append("No claim of this period was signed when this was made.")
    if made.unexplained:
        oldest = min(row.day for row in made.unexplained)
        said.append(
            f"{pounds(made.unexplained_pence)} of the finance extract up to {day_text(made.period.last)} is not "
            f"explained; the oldest line is dated {day_text(oldest)}."
        )
    if not made.is_signed:
        said.append("This reconciliation has not been signed off by two people.")
    return tuple(said)
