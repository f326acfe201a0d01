"""Own the columns of a table: what a cell shows and how wide each column is.

Figures are never wrapped or cut: their column is as wide as its widest figure. Text columns share what is
left. Where that is too little, the caller tries smaller type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.pdf.lines import longest_word, natural_width
from core.pdf.text import Span

Cell = str | int | None
Spans = tuple[Span, ...]

# In thousandths of the type size: text is not squeezed below about a dozen letters before type shrinks, a
# word may be broken only beyond two dozen, and a heading asks for no more than one long word.
_LEAST_TEXT, _MOST_WORD, _MOST_HEADING = 7_000, 13_000, 9_000


@dataclass(frozen=True)
class Column:
    """Describe a column: its heading, and whether it holds figures (right aligned, never wrapped).

    Columns that all have a `share` divide the width by it; otherwise widths follow the contents.
    """

    heading: str
    figures: bool = False
    share: float = 0


def pounds(pence: int) -> str:
    """Write pence as pounds with two decimals and commas, a true minus before negatives: `−1,234.50`."""
    whole, rest = divmod(abs(pence), 100)
    return f"{'−' if pence < 0 else ''}{whole:,}.{rest:02d}"


def cell_text(cell: Cell) -> str:
    """Give what a cell shows: text as it is, an int as pence in pounds, `None` as nothing."""
    if cell is None:
        return ""
    return pounds(cell) if isinstance(cell, int) else cell


def gap(size: float) -> float:
    """Give the space between columns in points."""
    return min(10.0, size * 1.05)


def fitted(columns: Sequence[Column], texts: Sequence[Sequence[Spans]], width: float, size: float) -> list[float]:
    """Share `width` points among columns whose headings and rows are `texts`.

    Gives the width of each column, or nothing when type of this `size` is too large to fit.
    """
    shares = [column.share for column in columns]
    if all(shares):
        return [width * share / sum(shares) for share in shares]
    needs = [_needs(column, [row[index] for row in texts]) for index, column in enumerate(columns)]
    least = [need * size / 1000 + gap(size) for need, _ in needs]
    natural = [wish * size / 1000 + gap(size) for _, wish in needs]
    if sum(least) > width:
        return []
    if sum(natural) <= width:
        return _spread(columns, natural, width - sum(natural))
    # A very long text must not starve its neighbours: wishes count by their square root.
    roots = [(wish - need) ** 0.5 for wish, need in zip(natural, least, strict=True)]
    spare = width - sum(least)
    return [need + spare * root / sum(roots) for need, root in zip(least, roots, strict=True)]


def _needs(column: Column, cells: Sequence[Spans]) -> tuple[int, int]:
    """Give the least and the natural width of a column in thousandths of the type size."""
    head, body = cells[0], cells[1:]
    whole = max(natural_width(cell) for cell in body)
    if column.figures:
        return max(whole, longest_word(head)), max(whole, longest_word(head), min(natural_width(head), _MOST_HEADING))
    words = min(max(longest_word(cell) for cell in (head, *body)), _MOST_WORD)
    least = max(words, min(whole, _LEAST_TEXT))
    return least, max(least, whole, min(natural_width(head), _MOST_HEADING))


def _spread(columns: Sequence[Column], natural: Sequence[float], over: float) -> list[float]:
    """Give out what is left over: text columns take three shares each, figures one."""
    shares = [1 if column.figures else 3 for column in columns]
    return [width + over * share / sum(shares) for width, share in zip(natural, shares, strict=True)]
