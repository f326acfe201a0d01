"""Own the table with wrapped cells: money tables, descriptions, anything of up to a few thousand rows.

platypus tables copy what is left at every split, so their cost grows with the square of the rows; this one
sets each row once and paints a range of rows on each page. It fits its columns to their contents, chooses the
largest type in which no figure is cut, and carries its structure: caption, header cells with scope, row
headers, totals in a foot. On later pages the header is repeated as an artifact, for the eye only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.platypus.flowables import Flowable

from core.pdf.canvas import Tag, TaggedCanvas
from core.pdf.flowables import Block
from core.pdf.text import CELL_LIMIT, Line, Span, cut, lines, longest_word, natural_width, spans_of

INK, NAVY, RULE, SHADE = "#0b0c0c", "#12284b", "#b9c2cf", "#eef1f6"
_SIZES = (10.5, 9.5, 8.5, 7.5, 6.5)
_GAP = 10.0
_MOST_LINES = 26

Cell = str | int | None


@dataclass(frozen=True)
class Column:
    """Describe a column: its heading, whether it holds figures (right aligned, never wrapped)."""

    heading: str
    figures: bool = False


def pounds(pence: int) -> str:
    """Write pence as pounds with two decimals and commas, a true minus before negatives: `−1,234.50`."""
    sign = "−" if pence < 0 else ""
    return f"{sign}{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def cell_text(cell: Cell) -> str:
    """Give what a cell shows: text as it is, an int as pence in pounds, `None` as nothing."""
    if cell is None:
        return ""
    return pounds(cell) if isinstance(cell, int) else cell


@dataclass(frozen=True, slots=True)
class _Row:
    """Hold the set lines of each cell of a row and its height in points."""

    cells: tuple[tuple[Line, ...], ...]
    height: float


class Grid(Block):
    """Paint a table.

    Each row is as long as `columns`. The first cell of a row is its header. `total` rows stand in the foot,
    ruled and bold. An int in a cell is pence.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        total: Sequence[Sequence[Cell]] = (),
        *,
        caption: str = "",
        size: float | None = None,
        headless: bool = False,
        row_height: float = 0,
        empty: str = "There is nothing to show.",
    ) -> None:
        """Prepare a table; `empty` stands in the first cell when there are no rows.

        `headless` leaves the column headings out (row headers alone explain the cells), `row_height` is the
        least height of a row in points, `size` fixes the type size.

        Raises:
            ValueError: when a row does not have one cell for each column.
        """
        super().__init__(4, 14)
        self.columns, self.caption = tuple(columns), caption
        self.headless, self.row_height = headless, row_height
        body = list(rows) or [[empty, *[""] * (len(columns) - 1)]]
        if any(len(row) != len(columns) for row in (*body, *total)):
            raise ValueError(f"Each row needs {len(columns)} cells, one for each column.")
        self.texts = (
            [self._spans([column.heading for column in columns], True)]
            + [self._spans([cell_text(cell) for cell in row], False) for row in body]
            + [self._spans([cell_text(cell) for cell in row], True) for row in total]
        )
        self.foot_at = 1 + len(body)
        self.wanted = size
        self.start, self.end = 1, len(self.texts)
        self.size = 0.0
        self.rows: list[_Row] = []
        self.table = Tag("Table")
        self.groups = [Tag(name, self.table) for name in ("THead", "TBody", "TFoot")]

    def _spans(self, cells: Sequence[str], bold: bool) -> list[tuple[Span, ...]]:
        return [spans_of(cell, CELL_LIMIT, bold) for cell in cells]

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Set the rows for `width` once; give the size of the rows this part paints."""
        self.width = width
        if not self.rows:
            self._set(width)
        return width, self._head_height() + sum(row.height for row in self.rows[self.start : self.end])

    def _head_height(self) -> float:
        return (0 if self.headless else self.rows[0].height) + (20 if self.caption and self.start == 1 else 0)

    def _set(self, width: float) -> None:
        for size in (self.wanted,) if self.wanted else _SIZES:
            self.size, self.widths = size, self._column_widths(width, size)
            if self.widths:
                break
        self.widths = self.widths or [width / len(self.columns)] * len(self.columns)
        self.leading = self.size * 1.35
        self.rows = [self._set_row(row) for row in self.texts]

    def _column_widths(self, width: float, size: float) -> list[float]:
        """Share `width` among the columns; nothing when the type is too large to fit."""
        scale, gap = size / 1000, _GAP * min(1.0, size / 9.5)
        least, natural = [], []
        for index, column in enumerate(self.columns):
            body = [row[index] for row in self.texts[1:]]
            words = max(longest_word(cell) for cell in body)
            whole = max(natural_width(cell) for cell in body)
            head = longest_word(self.texts[0][index])
            least.append(max(head, whole if column.figures else min(words, 12_000)) * scale + gap)
            natural.append(
                max(least[-1], max(whole, min(natural_width(self.texts[0][index]), 9_000)) * scale + gap)
            )
        spare = width - sum(least)
        if spare < 0:
            return []
        wishes = [want - need for want, need in zip(natural, least, strict=True)]
        if sum(wishes) <= spare:
            return self._spread(natural, width - sum(natural))
        # A very long text must not starve its neighbours: wishes count by their square root.
        roots = [wish**0.5 for wish in wishes]
        return [need + spare * root / sum(roots) for need, root in zip(least, roots, strict=True)]

    def _spread(self, natural: list[float], over: float) -> list[float]:
        """Give what is left over to the text columns, or to all where there are none."""
        texts = [not column.figures for column in self.columns]
        takers = texts if any(texts) else [True] * len(texts)
        share = over / sum(takers)
        return [width + share * take for width, take in zip(natural, takers, strict=True)]

    def _set_row(self, cells: list[tuple[Span, ...]]) -> _Row:
        gap = _GAP * min(1.0, self.size / 9.5)
        found = tuple(
            self._set_cell(cell, width - gap + 0.5) for cell, width in zip(cells, self.widths, strict=True)
        )
        height = max(len(cell) for cell in found) * self.leading + self.size * 0.7
        return _Row(found, max(height, self.row_height))

    def _set_cell(self, cell: tuple[Span, ...], width: float) -> tuple[Line, ...]:
        """Break a cell; one that would fill the page is cut with a notice."""
        measure = max(int(width * 1000 / self.size), 600)
        found = lines(cell, measure)
        text = "".join(span.text for span in cell)
        keep = len(text)
        while len(found) > _MOST_LINES:
            keep = keep * _MOST_LINES // (len(found) + 4)
            found = lines((Span(cut(text, keep), cell[0].bold),), measure)
        return found

    def split(self, width: float, height: float) -> list[Flowable]:
        """Give the rows that fit and the rest; a total never stands alone."""
        self.wrap(width, height)
        room, count = height - self._head_height(), self.start
        while count < self.end and room >= self.rows[count].height:
            room -= self.rows[count].height
            count += 1
        if count >= self.end:
            return [self]
        count = min(count, self.foot_at - 1) if count >= self.foot_at else count
        if count <= self.start:
            return []
        return [self._part(self.start, count), self._part(count, self.end)]

    def _part(self, start: int, end: int) -> Grid:
        part = Grid.__new__(Grid)
        part.__dict__.update(self.__dict__)
        part.__dict__.pop("_postponed", None)
        part.start, part.end = start, end
        part.before = self.before if start == self.start else 0
        return part

    def draw(self) -> None:
        """Paint the header and the rows."""
        canvas = self.canvas
        y = self._head_height() + sum(row.height for row in self.rows[self.start : self.end])
        if self.start == 1:
            y = self._draw_caption(canvas, y)
        y = self._draw_head(canvas, y)
        for index in range(self.start, self.end):
            group = self.groups[2 if index >= self.foot_at else 1]
            if index == self.foot_at:
                self._rule(canvas, y, 1.1, NAVY)
            self._draw_row(canvas, index, y, Tag("TR", group))
            y -= self.rows[index].height
            if index + 1 < self.foot_at:
                self._rule(canvas, y, 0.4, RULE)
        self._close(canvas, y)

    def _draw_head(self, canvas: TaggedCanvas, y: float) -> float:
        if self.headless:
            self._rule(canvas, y, 0.4, RULE)
            return y
        if self.start == 1:
            self._draw_row(canvas, 0, y, Tag("TR", self.groups[0]))
        else:
            with canvas.artifact("Pagination", "Header"):
                self._draw_row(canvas, 0, y, None)
        self._rule(canvas, y - self.rows[0].height, 1.1, NAVY)
        return y - self.rows[0].height

    def _draw_caption(self, canvas: TaggedCanvas, y: float) -> float:
        if not self.caption:
            return y
        [line, *_] = lines(spans_of(self.caption, 200, True), int(self.width * 1000 / 11))
        canvas.setFillColor(NAVY)
        with canvas.content(Tag("Caption", self.table)):
            canvas.paint_line(line, 0, y - 11, 11)
        return y - 20

    def _close(self, canvas: TaggedCanvas, y: float) -> None:
        """Rule off: a double rule under a total, a single one under rows."""
        self._rule(canvas, y, 1.1 if self.end > self.foot_at else 0.4, NAVY)
        if self.end > self.foot_at:
            self._rule(canvas, y - 2.2, 1.1, NAVY)

    def _rule(self, canvas: TaggedCanvas, y: float, weight: float, colour: str) -> None:
        with canvas.artifact():
            canvas.setStrokeColor(colour)
            canvas.setLineWidth(weight)
            canvas.line(0, y, self.width, y)

    def _draw_row(self, canvas: TaggedCanvas, index: int, top: float, row: Tag | None) -> None:
        """Paint a row; without a tag it is the repeated header, painted as part of an artifact."""
        canvas.setFillColor(NAVY if index == 0 or index >= self.foot_at else INK)
        x, gap = 0.0, _GAP * min(1.0, self.size / 9.5)
        for column, (cell, width) in enumerate(zip(self.rows[index].cells, self.widths, strict=True)):
            inset = 0.0 if column == 0 else gap if self.columns[column].figures else gap / 2
            shift = 0 if index else self.rows[0].height - self.size * 0.7 - len(cell) * self.leading
            if row is None:
                self._draw_cell(canvas, column, cell, x + inset, width - gap, top - shift)
            else:
                with canvas.content(self._cell_tag(index, column, row)):
                    self._draw_cell(canvas, column, cell, x + inset, width - gap, top - shift)
            x += width

    def _cell_tag(self, index: int, column: int, row: Tag) -> Tag:
        if index == 0:
            return Tag("TH", row, extra="/A<</O/Table/Scope/Column>>")
        if column == 0:
            return Tag("TH", row, extra="/A<</O/Table/Scope/Row>>")
        return Tag("TD", row)

    def _draw_cell(
        self, canvas: TaggedCanvas, column: int, cell: tuple[Line, ...], x: float, width: float, top: float
    ) -> None:
        y = top - self.size * 0.35 - self.leading + (self.leading - self.size) / 2 + self.size * 0.12
        for line in cell:
            spare = width - line.width * self.size / 1000 if self.columns[column].figures else 0.0
            canvas.paint_line(line, x + spare, y, self.size)
            y -= self.leading
