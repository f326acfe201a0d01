"""The tables of the statement, and its notes in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dates import day_text, period_text
from core.figures import Figures, summed
from core.money import pounds
from core.sheets import Cell, Column, Kind
from grants.reports.report.walks import ELIGIBLE, rows_behind, walked

if TYPE_CHECKING:
    from grants.reports.report.statement import Statement

_M = Kind.MONEY
BUDGET_COLUMNS = (
    Column("Grant line", width=34),
    Column("Approved budget", _M, "The line's budget in the agreement."),
    Column("Virement", _M, "Budget moved to or from the line by the end of the period."),
    Column("Revised budget", _M, "Approved budget and virement."),
    Column("Eligible earlier", _M, "Became eligible from the start of the grant to the day before the period."),
    Column("In the ledger", _M, "Booked in the finance ledger in the period and apportioned to the line."),
    Column(
        "Less opening accruals",
        _M,
        "Eligible before the period and not in the ledger then, less what the ledger held unreceived.",
    ),
    Column(
        "Plus closing accruals",
        _M,
        "Eligible by the end of the period and not in the ledger then, less what the ledger held unreceived.",
    ),
    Column(ELIGIBLE, _M, "In the ledger, less opening accruals, plus closing accruals."),
    Column("Cumulative", _M, "Eligible earlier and eligible this period."),
    Column("Remaining", _M, "Revised budget less cumulative."),
)


def budget(statement: Statement) -> Figures:
    """Set out budget to actual: one row for each grant line, in pence."""
    rows = []
    for line in statement.lines:
        figures = line.figures
        rows.append(
            (
                line.name,
                line.approved,
                line.virement,
                line.revised,
                figures.earlier,
                figures.ledger,
                figures.opening,
                figures.closing,
                figures.eligible,
                figures.cumulative,
                line.remaining,
            )
        )
    total = summed("Total", BUDGET_COLUMNS, rows)
    caption = f"Budget to actual, {statement.period.name or 'this period'}, in pounds"
    return Figures("Budget to actual", caption, BUDGET_COLUMNS, tuple(rows), total)


def walk(statement: Statement) -> Figures:
    """Set out the walk from the finance extract to the eligible figure, one row for each step."""
    return walked(
        "Reconciliation walk",
        "From the finance extract to the eligible figure, in pounds",
        statement.walk,
        note="The rows behind each step are listed under its own name.",
    )


def walk_rows(statement: Statement) -> Figures:
    """List the rows behind each step of the walk; the extract's own lines are listed where they leave it."""
    steps = ((step.label, step.rows) for step in statement.walk[1:])
    return rows_behind("Rows behind the walk", "Rows behind the reconciliation walk, in pounds", steps)


def spending(statement: Statement) -> Figures:
    """List the spending that became eligible in the period."""
    rows = tuple(
        (
            each.reference,
            each.line,
            each.supplier,
            each.invoice_number,
            each.dated_on,
            each.received_on,
            each.description,
            each.net_pence,
            each.vat_pence,
            each.eligible_pence,
            each.accrued,
            each.ledger,
        )
        for each in statement.spending
    )
    columns = (
        Column("Spending", width=14),
        Column("Grant line", width=10),
        Column("Supplier"),
        Column("Invoice", width=16),
        Column("Dated", Kind.DATE),
        Column("Received", Kind.DATE),
        Column("Description", width=40),
        Column("Net", _M),
        Column("VAT", _M, "For memory: recoverable VAT is never part of the cost."),
        Column("Eligible", _M),
        Column("Accrued", note="Yes when the ledger did not hold all of it by the end of the period."),
        Column("Ledger", width=20),
    )
    eligible = sum(each.eligible_pence for each in statement.spending)
    return Figures(
        "Eligible spending",
        "Spending that became eligible in the period, in pounds",
        columns,
        rows,
        ("Total", *[None] * 8, eligible, None, None),
        empty="Nothing became eligible in this period.",
    )


def outcome(statement: Statement) -> Figures:
    """Set out what the goods that each line paid for have become, at cost."""
    names = [name for name, _ in statement.outcomes[0].by_whereabouts] if statement.outcomes else []
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (each.line, each.received_pence, *(pence for _, pence in each.by_whereabouts)) for each in statement.outcomes
    )
    columns = (
        Column("Grant line", width=34),
        Column("Goods received", _M, "At cost, for goods received up to the data cut-off."),
        *(Column(name, _M) for name in names),
    )
    total = summed("Total", columns, rows)
    return Figures(
        "What the money became",
        "What the money became, at cost, in pounds",
        columns,
        rows,
        total,
        note=f"Goods received are everything to their right, added up. Counted at {statement.cut_off_words}.",
    )


def agreement(statement: Statement) -> Figures:
    """Set out how the cumulative figure agrees with all that is apportioned to the grant."""
    total = statement.total
    steps = [
        (f"Eligible by {day_text(statement.period.last)} (cumulative)", total.cumulative),
        ("Became eligible after the period", total.later),
        ("Apportioned and not yet received" if not statement.award.defrayed else "Not yet paid", total.awaited),
        ("Received outside the funding period, never eligible", total.outside),
    ]
    return Figures(
        "Agreement with the position",
        "From the cumulative figure to all that is apportioned to the grant, in pounds",
        (Column("Step", width=60), Column("Amount", _M)),
        tuple(steps),
        ("Apportioned to the grant", total.apportioned),
        note="The grant position page shows the same last figure.",
    )


def notes(statement: Statement) -> tuple[str, ...]:
    """Say how the figures are made, and what a reader must know before relying on them."""
    basis = (
        "Cost is eligible when the ledger paid it, whenever the goods came."
        if statement.award.defrayed
        else "Cost is eligible when the goods were received; spending that brings no goods, when it was incurred. "
        "It does not matter when a Go Bag was handed out."
    )
    said = [
        basis,
        "Amounts are net of VAT that is recovered and include VAT that is not.",
        f"Only what was received from {period_text(statement.award.starts_on, statement.award.ends_on)}, "
        "the funding period, is eligible.",
        "Opening and closing accruals are less any amount the ledger already held for goods not yet received; "
        "the walk shows the two apart.",
        f"The version is the number of the last entry of the log of changes. {statement.checkpoint_words} and its "
        "chain hash fix every record this statement rests on.",
    ]
    return (*said, *_warnings(statement))


def _warnings(statement: Statement) -> list[str]:
    """Say what is not as it should be before somebody signs."""
    said = [f"Line {line.name} is {pounds(-line.remaining)} over its revised budget." for line in statement.overspent]
    if statement.unexplained_pence:
        said.append(f"{pounds(statement.unexplained_pence)} of the finance extract is not explained yet.")
    if not statement.has_ended:
        said.append("The period had not ended at the data cut-off; the figures will change.")
    if statement.ledger_until is None:
        said.append(f"No finance extract has been read for project {statement.award.project_code}.")
    elif statement.ledger_until < statement.period.last:
        said.append(
            f"The newest ledger line of project {statement.award.project_code} is dated "
            f"{day_text(statement.ledger_until)}: what was booked later is not in these figures."
        )
    if statement.unsealed_count:
        said.append(
            f"{statement.unsealed_count:,} recent changes were recorded and not yet in the log when this was made."
        )
    return said
