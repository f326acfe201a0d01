"""The tables of a claim, and its notes in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dates import period_text
from core.figures import Figures, summed
from core.money import pounds
from core.sheets import Column, Kind
from grants.reports.report.walks import ELIGIBLE, rows_behind, walked

if TYPE_CHECKING:
    from grants.claims.report.pack import ClaimPack

_M = Kind.MONEY

FORM_COLUMNS = (
    Column("Budget line", width=34),
    Column("Approved", _M, "The line's budget in the agreement."),
    Column("Virement", _M, "Budget moved to or from the line so far."),
    Column("Revised", _M, "Approved budget and virement."),
    Column("Claimed earlier", _M, "Claimed in earlier claims of this award."),
    Column("Ledger, net", _M, "Recognised from the finance ledger in this claim, net of VAT that is recovered."),
    Column("Less opening accruals", _M, "The closing accruals of the claim before."),
    Column("Plus closing accruals", _M, "Received by the end of the period and not in the ledger by then."),
    Column(ELIGIBLE, _M, "Ledger, less opening accruals, plus closing accruals."),
    Column("Cumulative", _M, "Claimed earlier and eligible this period."),
    Column("Remaining", _M, "Revised budget less cumulative."),
)
MONITORING_COLUMNS = (
    Column("Budget line", width=34),
    Column("Revised", _M),
    Column("Cumulative", _M),
    Column("Forecast to end", _M, "Expected from the end of this period to the end of the award."),
    Column("Forecast outturn", _M, "Cumulative and forecast."),
    Column("Variance", _M, "Revised budget less forecast outturn; an underspend is above nothing."),
    Column("Variance %"),
    Column("Explanation", width=50),
)


def form(pack: ClaimPack) -> Figures:
    """Set out the claim: one row for each grant line, in pence."""
    rows = []
    for line in pack.lines:
        own = line.figures
        rows.append(
            (
                line.name, line.approved, line.virement, line.revised, own.earlier, own.ledger, own.opening,
                own.closing, own.eligible, own.cumulative, line.remaining,
            )
        )  # fmt: skip
    return Figures(
        "Claim",
        f"Claim {pack.number}, {pack.period.name or 'this period'}, in pounds",
        FORM_COLUMNS,
        tuple(rows),
        summed("Total", FORM_COLUMNS, rows),
    )


def monitoring(pack: ClaimPack) -> Figures:
    """Set out where each line is going: forecast, outturn and variance."""
    rows = tuple(
        (
            line.name, line.revised, line.figures.cumulative, line.forecast, line.outturn, line.variance,
            line.variance_words, line.explanation,
        )
        for line in pack.lines
    )  # fmt: skip
    numbers = summed("Total", MONITORING_COLUMNS, rows)
    return Figures(
        "Financial monitoring",
        "Forecast outturn of each line, in pounds",
        MONITORING_COLUMNS,
        rows,
        (*numbers[:6], _whole_variance(pack), None),
        note=f"A variance of more than {_percent(pack.award.variance_limit_points)} of a line is explained.",
    )


def _whole_variance(pack: ClaimPack) -> str:
    left = pack.revised - pack.outturn
    tenths = (2_000 * abs(left) + pack.revised) // (2 * pack.revised) if pack.revised else 0
    return f"{'−' if left < 0 else ''}{tenths // 10}.{tenths % 10}%"


def _percent(points: int) -> str:
    return f"{points / 100:g}%"


def walk(pack: ClaimPack) -> Figures:
    """Set out the walk from the finance extract to what is claimed, one row for each step."""
    return walked(
        "Reconciliation walk",
        "From the finance extract to the claim, in pounds",
        pack.walk,
        note="The rows behind each step are listed under its own name.",
    )


def walk_rows(pack: ClaimPack) -> Figures:
    """List the rows behind each step of the walk; the extract's own lines are listed where they leave it."""
    steps = ((step.label, step.rows) for step in pack.walk[1:])
    return rows_behind("Rows behind the walk", "Rows behind the reconciliation walk, in pounds", steps)


def rows(pack: ClaimPack, line_code: str = "") -> Figures:
    """List every transaction the claim touches, or those of one line, with what it takes of each."""
    columns = (
        Column("Row", width=14),
        Column("Line", width=6),
        Column("Supplier"),
        Column("Invoice", width=14),
        Column("Dated", Kind.DATE),
        Column("Received", Kind.DATE),
        Column("Description", width=36),
        Column("Ledger", _M),
        Column("Opening accrual", _M),
        Column("Closing accrual", _M),
        Column("Claimed", _M),
    )
    listed = tuple(
        (
            row.reference, row.line, row.supplier, row.invoice_number, row.dated_on, row.received_on, row.description,
            row.figures.ledger, row.figures.opening, row.figures.closing, row.figures.eligible,
        )
        for row in pack.rows
        if line_code in ("", row.line)
    )  # fmt: skip
    return Figures(
        "Transaction list",
        f"Every transaction of {f'line {line_code} of ' if line_code else ''}the claim, in pounds",
        columns,
        listed,
        summed("Total", columns, listed),
        empty="The claim rests on no transaction.",
    )


def evidence(pack: ClaimPack) -> Figures:
    """List what stands behind every transaction: its ledger lines, order, deliveries and invoice."""
    return Figures(
        "Evidence",
        "What stands behind every transaction, in pounds",
        (
            Column("Row", width=14),
            Column("Line", width=6),
            Column("Net", _M),
            Column("VAT", _M, "For memory: VAT that is recovered is never claimed."),
            Column("Accrued", note="Yes when the ledger did not hold all of it by the end of the period."),
            Column("Ledger lines", width=24),
            Column("Order, deliveries and invoice", width=44),
        ),
        tuple(
            (row.reference, row.line, row.net_pence, row.vat_pence, row.accrued, row.ledger_lines, row.evidence)
            for row in pack.rows
        ),
        empty="The claim rests on no transaction.",
    )


def papers(pack: ClaimPack) -> Figures:
    """List the papers kept as evidence, each with the SHA-256 of its file."""
    return Figures(
        "Papers",
        "Papers kept as evidence beside the records of the claim",
        (
            Column("Paper", width=14),
            Column("Record", width=16),
            Column("What it is"),
            Column("File", width=30),
            Column("SHA-256 of the file", width=66),
        ),
        tuple((each.reference, each.record, each.proof, each.file_name, each.sha256) for each in pack.papers),
        empty="No paper is kept in the service beside the records of this claim.",
    )


def estimates(pack: ClaimPack) -> Figures:
    """List the accruals whose invoice is still to come, and what was left out."""
    return Figures(
        "Accruals without an invoice",
        "Received and not invoiced, in pounds",
        (
            Column("What was received", width=36),
            Column("Supplier"),
            Column("Line", width=6),
            Column("Received", Kind.DATE),
            Column("Price of the order", _M),
            Column("Accrued", _M),
            Column("Reason", width=40),
        ),
        tuple(
            (each.description, each.supplier, each.line, each.received_on, each.proposed_pence, each.pence, each.reason)
            for each in pack.estimates
        ),
        ("Total", None, None, None, None, sum(each.pence for each in pack.estimates), None),
        note="They reverse by themselves in the next claim.",
        empty="Everything received by the end of the period is invoiced.",
    )


def waivers(pack: ClaimPack) -> Figures:
    """List what the self-audit found and somebody let pass."""
    return Figures(
        "Waivers",
        "Found by the self-audit and waived, with the reason",
        (
            Column("Finding", width=60),
            Column("Amount", _M),
            Column("Waived by"),
            Column("On", Kind.DATE),
            Column("Reason", width=50),
        ),
        tuple((each.words, each.pence, each.by, each.on, each.reason) for each in pack.waivers),
        empty="The self-audit found nothing that had to be waived.",
    )


def notes(pack: ClaimPack) -> tuple[str, ...]:
    """Say how the figures are made, and what a reader must know before relying on them."""
    basis = (
        "Cost is eligible when the ledger paid it, whenever the goods came."
        if pack.award.defrayed
        else "Cost is eligible when the goods were received; spending that brings no goods, when it was incurred."
    )
    said = [
        basis,
        "Amounts are net of VAT that is recovered.",
        f"Only what was received from {period_text(pack.award.starts_on, pack.award.ends_on)}, the funding period, "
        "is eligible.",
        "Opening accruals are the closing accruals of the claim before, reversed. Closing accruals are less what the "
        "ledger holds and was not received by the end of the period.",
        "What became known about earlier periods since their claims were signed is part of this claim.",
    ]
    short = [line for line in pack.lines if line.remaining < 0]
    said += [f"Line {line.name} is {pounds(-line.remaining)} over its revised budget." for line in short]
    return tuple(said)
