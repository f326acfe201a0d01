"""Own the table with wrapped cells: money tables, particulars, anything of up to a few thousand rows.

platypus tables copy what is left at every split, so their cost grows with the square of the rows; this one
sets each row once and paints a range of rows on each page. It chooses the largest type in which no figure is
cut and carries its structure: caption, header cells with scope, row headers, totals in a foot. On later
pages the header is repeated as an artifact, for the eye only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.platypus.doctemplate import FrameBreak
from reportlab.platypus.flowables import Flowable

from core.pdf.canvas import Tag
from core.pdf.columns import Cell, Column, Spans, cell_text, fitted, gap
from core.pdf.flowables import INK, NAVY, Block
from core.pdf.lines import Line, lines, single_line
from core.pdf.text import CELL_LIMIT, Span, cut, spans_of

RULE = "#b9c2cf"
NOTHING = "There is nothing to show."
_SIZES = (10.5, 9.5, 8.5, 7.5, 6.5)
# A row and the header it stands under must fit on one page across.
_MOST_LINES, _MOST_HEADING_LINES = 20, 5
_CAPTION = 20.0


@dataclass(frozen=True, slots=True)
class _Row:
    """Hold the set lines of each cell of a row and its height in points."""

    cells: tuple[tuple[Line, ...], ...]
    height: float


class Grid(Block):
    """Paint a table whose first cell of each row is the header of that row."""

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        total: Sequence[Sequence[Cell]] = (),
        *,
        caption: str = "",
        size: float = 0,
        headless: bool = False,
        row_height: float = 0,
    ) -> None:
        """Prepare a table; `total` rows stand in the foot, ruled and bold. An int in a cell is pence.

        `headless` leaves the column headings out (row headers alone explain the cells), `row_height` is the
        least height of a row in points, `size` fixes the type size.

        Raises:
            ValueError: when a row does not have one cell for each column.
        """
        super().__init__(4, 14)
        self.columns, self.caption = tuple(columns), caption
        self.headless, self.row_height, self.size = headless, row_height, size
        body = list(rows) or [[NOTHING, *[""] * (len(columns) - 1)]]
        if any(len(row) != len(columns) for row in (*body, *total)):
            raise ValueError(f"Each row needs {len(columns)} cells, one for each column.")
        self.texts = [
            [spans_of(column.heading, CELL_LIMIT, True) for column in columns],
            # Without headings the row headers carry the table, so they are bold.
            *(
                [spans_of(cell_text(cell), CELL_LIMIT, headless and not at) for at, cell in enumerate(row)]
                for row in body
            ),
            *([spans_of(cell_text(cell), CELL_LIMIT, True) for cell in row] for row in total),
        ]
        self.foot_at = 1 + len(body)
        self.start, self.end = 1, len(self.texts)
        self.rows: list[_Row] = []
        self.table = Tag("Table")
        self.groups = {name: Tag(name, self.table) for name in ("THead", "TBody", "TFoot")}
        self.remark: Block | None = None
        self.below = 0.0

    def with_remark(self, remark: Block) -> list[Flowable]:
        """Give this table and the remark that follows it, which never begins a page without a row of the table."""
        self.remark = remark
        return [self, remark]

    # Setting

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Set the rows for `width` once; give the size of the rows this part paints.

        Where those fit and the remark below them does not, more than there is: then the last of them go along with it.
        """
        if not self.rows:
            self.width = width
            self._fit(width)
            self.leading = self.size * 1.35
            self.rows = [self._set_row(index) for index in range(len(self.texts))]
            if self.remark is not None:
                self.below = self.remark.wrap(width, 10_000)[1] + max(self.after, self.remark.getSpaceBefore())
        tall = self._tall(self.end)
        if tall <= height < tall + self.below and self._cut(height) < self.end:
            return width, height + 1
        return width, tall

    def least(self, width: float) -> float:
        """Give the height of the header and two rows."""
        self.wrap(width, 0)
        return self._tall(min(self.start + 2, self.end))

    def _tall(self, end: int) -> float:
        head = 0.0 if self.headless else self.rows[0].height
        caption = _CAPTION if self.caption and self.start == 1 else 0.0
        return head + caption + sum([row.height for row in self.rows[self.start : end]])

    def _fit(self, width: float) -> None:
        """Choose the type size and the widths; where nothing fits, share the width evenly."""
        for size in (self.size,) if self.size else _SIZES:
            self.size = size
            self.widths = fitted(self.columns, self.texts, width, size)
            if self.widths:
                return
        self.widths = [width / len(self.columns)] * len(self.columns)

    def _set_row(self, index: int) -> _Row:
        most = _MOST_LINES if index else _MOST_HEADING_LINES
        pairs = zip(self.texts[index], self.widths, strict=True)
        cells = tuple(self._set_cell(cell, width - gap(self.size), most) for cell, width in pairs)
        height = max(len(cell) for cell in cells) * self.leading + self.size * 0.7
        return _Row(cells, max(height, self.row_height))

    def _set_cell(self, cell: Spans, width: float, most: int) -> tuple[Line, ...]:
        """Break a cell; one that would fill the page is cut with a notice."""
        # Half a point of grace, so that a figure which just fits is not broken by rounding.
        measure = max(int((width + 0.5) * 1000 / self.size), 600)
        found, text = lines(cell, measure), "".join([span.text for span in cell])
        keep = len(text)
        while len(found) > most and keep > 1:
            keep = keep * most // (len(found) + 1)
            found = lines((Span(cut(text, keep), cell[0].bold),), measure)
        return found[: most + 2]

    def split(self, width: float, height: float) -> list[Flowable]:
        """Give the rows that fit and the rest; neither a total nor a single row stands alone where two can."""
        self.wrap(width, height)
        count = self._cut(height)
        if count >= self.end:
            return [self]
        if count <= self.start:
            return []
        # A part that ends early would leave room for a row of the rest, below a second header.
        return [self.part(end=count, after=0), FrameBreak, self.part(start=count, before=0)]

    def _cut(self, height: float) -> int:
        """Give the row before which a page of this height ends; the end of this part where all of it fits."""
        count, tall = self.start, self._tall(self.start)
        while count < self.end and tall + self.rows[count].height <= height:
            tall += self.rows[count].height
            count += 1
        is_last, two_stay = self.end == len(self.texts), self.foot_at - 2 > self.start
        if count >= self.end and (not is_last or not two_stay or tall + self.below <= height):
            return self.end
        return min(count, self.foot_at - (2 if two_stay else 1))

    # Painting

    def draw(self) -> None:
        """Paint caption, header and rows."""
        y = self._draw_head(self._draw_caption(self._tall(self.end)))
        for index in range(self.start, self.end):
            if index == self.foot_at:
                self._rule(y, 1.1, NAVY)
            self._draw_row(index, y)
            y -= self.rows[index].height
            if index + 1 < min(self.foot_at, self.end):
                self._rule(y, 0.4, RULE)
        has_total = self.end > self.foot_at
        self._rule(y, 1.1 if has_total else 0.5, NAVY)
        if has_total:
            self._rule(y - 2.4, 1.1, NAVY)

    def _draw_caption(self, y: float) -> float:
        if not self.caption or self.start > 1:
            return y
        [line, *_] = lines(spans_of(self.caption, 160, True), int(self.width * 1000 / 11))
        self.canvas.ink(NAVY)
        with self.canvas.content(Tag("Caption", self.table)):
            self.canvas.paint_line(line, 0, y - 11, 11)
        return y - _CAPTION

    def _draw_head(self, y: float) -> float:
        if self.headless:
            self._rule(y, 0.4, RULE)
            return y
        if self.start == 1:
            self._draw_row(0, y)
        else:
            with self.canvas.artifact("Pagination", "Header"):
                self._draw_cells(0, y, None)
        y -= self.rows[0].height
        self._rule(y, 1.1, NAVY)
        return y

    def _rule(self, y: float, weight: float, colour: str) -> None:
        self.canvas.rule(0, y, self.width, y, weight, colour)

    def _draw_row(self, index: int, top: float) -> None:
        group = "THead" if index == 0 else "TFoot" if index >= self.foot_at else "TBody"
        self._draw_cells(index, top, Tag("TR", self.groups[group]))

    def _draw_cells(self, index: int, top: float, row: Tag | None) -> None:
        """Paint the cells of a row; without a tag they are part of an artifact."""
        self.canvas.ink(INK if 0 < index < self.foot_at else NAVY)
        x = 0.0
        for column, cell in enumerate(self.rows[index].cells):
            # Headings stand on the rule below them, cells hang from the rule above.
            drop = 0.0 if index else self.rows[0].height - self.size * 0.7 - len(cell) * self.leading
            if row is None:
                self._draw_cell(column, cell, x, top - drop)
            else:
                with self.canvas.content(self._cell_tag(index, column, row)):
                    self._draw_cell(column, cell, x, top - drop)
            x += self.widths[column]

    def _cell_tag(self, index: int, column: int, row: Tag) -> Tag:
        scope = self.canvas.document.scope_row if index else self.canvas.document.scope_column
        return Tag("TH", row, extra=f"/A {scope} 0 R") if index == 0 or column == 0 else Tag("TD", row)

    def _draw_cell(self, column: int, cell: tuple[Line, ...], x: float, top: float) -> None:
        figures, last = self.columns[column].figures, column == len(self.columns) - 1
        right = x + self.widths[column] - (0 if last else gap(self.size))
        top -= self.size * 0.35
        for line in cell or (single_line("", False),):
            wide = line.width * self.size / 1000
            middle = top - self.leading + (self.leading - self.size) / 2 + self.size * 0.12
            self.canvas.paint_line(line, right - wide if figures else x, middle, self.size)
            top -= self.leading
