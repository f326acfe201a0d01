"""The tables of a working paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dates import day_text, local_day
from core.figures import Figures, summed
from core.sheets import Cell, Column, Kind

if TYPE_CHECKING:
    from audit.samples.report.paper import WorkingPaper

_M = Kind.MONEY


def rows(paper: WorkingPaper) -> Figures:
    """List the drawn rows with what was found of each."""
    with_money = paper.terms.population_pence is not None
    columns = (
        Column("Row", width=20),
        Column("What it is", width=50),
        Column("Drawn by", width=16, note="The first digits of its ticket, or the first penny that hit it."),
        *(_money_columns() if with_money else ()),
        Column("Result", width=18),
        Column("Note", width=50),
        Column("Checked", width=34),
    )
    made = []
    for row in paper.rows:
        checked = f"{row.checked_by}, {day_text(local_day(row.checked_at))}" if row.checked_at else ""
        amounts: tuple[Cell, ...] = (row.pence, _right(row.pence, row.error_pence), row.error_pence)
        result = str(row.outcome or "to be checked")
        made.append((row.reference, row.about, row.mark, *(amounts if with_money else ()), result, row.note, checked))
    return Figures(
        "Rows drawn",
        f"Rows drawn{', in pounds' if with_money else ''}",
        columns,
        tuple(made),
        summed("Total", columns, made) if with_money else None,
        note="What could not be checked counts as wholly wrong." if with_money else "",
    )


def _money_columns() -> tuple[Column, ...]:
    return (
        Column("In the books", _M),
        Column("Right", _M, "What the auditor found to be right."),
        Column("Error", _M, "In the books less right: above nothing, the books say too much."),
    )


def _right(pence: int | None, error: int | None) -> int | None:
    return None if pence is None or error is None else pence - error


def projection(paper: WorkingPaper) -> Figures:
    """Set out what the sample says of the whole, each way it is estimated."""
    columns = (
        Column("Estimated by", width=40),
        Column("Most likely error", _M),
        Column("Not below", _M, "Lower limit at the confidence of the paper."),
        Column("Not above", _M, "Upper limit at the confidence of the paper."),
    )
    made = paper.projection
    ways = made.ways if made else ()
    return Figures(
        "Error of the whole",
        "Error of the whole population, in pounds: above nothing, the books say too much",
        columns,
        tuple((each.way, each.likely, each.least, each.most) for each in ways),
        note=f"Limits at {paper.terms.confidence}% confidence. The first line is the one the sentence gives.",
        empty="It follows when every row has a result." if made is None else "This population has no amounts.",
    )


def population(paper: WorkingPaper) -> Figures:
    """List every row that could have been drawn, in the order in which it was drawn from."""
    columns = (Column("Row", width=30), Column("Number", Kind.COUNT), Column("In the books", _M))
    listed = tuple((reference, at, pence) for at, (reference, pence) in enumerate(paper.population, start=1))
    pence = paper.terms.population_pence
    total = None if pence is None else ("Total", None, pence)
    return Figures("Population", "Rows that could have been drawn, in pounds", columns, listed, total)
