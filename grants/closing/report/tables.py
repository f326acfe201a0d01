"""The tables of an outturn statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.figures import Figures, summed
from core.sheets import Column, Kind
from grants.awards.rules import points_text
from grants.closing.rules import variance_words

if TYPE_CHECKING:
    from grants.closing.report.outturn import Outturn

_M = Kind.MONEY


def lines(made: Outturn) -> Figures:
    """Set out budget to outturn, one row for each grant line."""
    columns = (
        Column("Grant line", width=34),
        Column("Approved", _M, "The line's budget in the agreement."),
        Column("Virement", _M),
        Column("Revised", _M),
        Column("Claimed", _M, "In all signed claims."),
        Column("Forecast to end", _M, "As the newest signed claim has it; nothing after the final one."),
        Column("Outturn", _M, "Claimed and forecast."),
        Column("Variance", _M, "Revised budget less outturn; an underspend is above nothing."),
        Column("Variance %"),
        Column("Explanation", width=50),
    )
    rows = [
        (
            line.name, line.approved, line.virement, line.revised, line.claimed, line.forecast, line.outturn,
            line.variance, line.variance_words, line.explanation,
        )
        for line in made.lines
    ]  # fmt: skip
    total = list(summed("Total", columns, rows))
    revised, variance = sum(line.revised for line in made.lines), sum(line.variance for line in made.lines)
    total[8] = variance_words(variance, revised)
    return Figures(
        "Outturn",
        "Budget to outturn, in pounds",
        columns,
        tuple(rows),
        tuple(total),
        note=f"A variance beyond {points_text(made.award.variance_limit_points)} of the line is explained.",
    )


def settlement(made: Outturn) -> Figures:
    """Set out what is owed between funder and recipient."""
    owed = made.settlement
    return Figures(
        "Settlement",
        "From the award to what is owed, in pounds",
        (Column("What", width=60), Column("Amount", _M)),
        (
            ("Award", owed.award),
            ("Claimed", owed.claimed),
            ("Not drawn: the award less what was claimed", owed.underspend),
            ("Received on claims", owed.paid),
            ("Given back", owed.repaid),
            ("Still to come from the funder", owed.to_come),
        ),
        ("Still to be given back to the funder", owed.to_repay),
    )


def claims(made: Outturn) -> Figures:
    """List every signed claim, and what was paid of it."""
    columns = (
        Column("Claim", width=14),
        Column("First day", Kind.DATE),
        Column("Last day", Kind.DATE),
        Column("Final"),
        Column("Claimed", _M),
        Column("Received", _M),
    )
    rows = [(each.reference, each.first, each.last, each.is_final, each.claimed, each.paid) for each in made.claims]
    return Figures(
        "Claims",
        "Claims of the award, in pounds",
        columns,
        tuple(rows),
        summed("Total", columns, rows) if rows else None,
        empty="No claim of this award is signed.",
    )


def repayments(made: Outturn) -> Figures:
    """List what was given back to the funder."""
    columns = (Column("Repayment", width=14), Column("Date", Kind.DATE), Column("Reference"), Column("Amount", _M))
    rows = [(each.reference, each.on, each.outside_reference, each.pence) for each in made.repayments]
    return Figures(
        "Repayments",
        "Grant given back to the funder, in pounds",
        columns,
        tuple(rows),
        summed("Total", columns, rows) if rows else None,
        empty="Nothing was given back.",
    )
