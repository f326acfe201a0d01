"""Own the fast listing: tens of thousands of single-line rows, fully tagged, in flat memory.

A page is one template with every position and content number baked in, filled by a single `%`. Structure
elements are written page by page as finished text and forgotten. A value that is too wide is cut with an
ellipsis. Long reports are cut into volumes of at most `VOLUME` rows: readers hold the whole structure tree
in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

from reportlab.platypus.flowables import Flowable

from core.pdf.canvas import Tag, operands
from core.pdf.cells import Cells
from core.pdf.columns import Cell
from core.pdf.flowables import INK, NAVY, Block
from core.pdf.lines import Line, single_line
from core.pdf.scripts import clean
from core.pdf.tables import NOTHING, RULE
from core.pdf.writer import Element, StreamDoc

VOLUME = 10_000
_HEAD = 1.6
_GAP = 6.0
Row = Sequence[Cell]


@dataclass(frozen=True)
class ListColumn:
    """Describe a column of a listing: heading, its share of the width, whether it holds figures."""

    heading: str
    share: float = 1
    figures: bool = False


class RowTable(Block):
    """Paint a long listing from an iterator of rows; platypus takes it a page at a time.

    Each row is as long as `columns`. The first column holds the row headers; an int is pence. The iterator
    is read once, so this flowable is painted once.
    """

    def __init__(self, columns: Sequence[ListColumn], rows: Iterable[Row], *, size: float = 8) -> None:
        """Prepare a listing in `size` points."""
        super().__init__(4, 14)
        self.columns, self.size = tuple(columns), size
        self.lead = round(size * 1.55, 2)
        self.source: Iterator[Row] = iter(rows)
        self.rows: list[Row] = []
        self.table = Tag("Table")
        self.head, self.body = Tag("THead", self.table), Tag("TBody", self.table)
        self.remembered: list[Cells] = []
        self.first, self.whole = True, False

    # Cutting into pages

    def _fill(self, count: int) -> None:
        """Read rows until `count` are at hand or there are no more."""
        self.rows += islice(self.source, max(count - len(self.rows), 0))
        if not self.rows and self.first:
            self.rows = [[NOTHING, *[""] * (len(self.columns) - 1)]]

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Give the height of the rows at hand; one row more than fits asks to be split."""
        self.width = width
        if not self.whole:
            self._fill(max(int(height / self.lead), 1) + 1)
        return width, (len(self.rows) + _HEAD) * self.lead

    def least(self, width: float) -> float:
        """Give the height of the header and three rows."""
        self.width = width
        self._fill(4)
        return (min(len(self.rows), 3) + _HEAD) * self.lead

    def split(self, width: float, height: float) -> list[Flowable]:
        """Give a page of rows, and this listing with what is left."""
        self.width = width
        fit = int(height / self.lead - _HEAD)
        if fit < 2:
            return []
        self._fill(fit + 1)
        if len(self.rows) <= fit:
            return [self]
        page, self.rows = self.rows[:fit], self.rows[fit:]
        self.__dict__.pop("_postponed", None)  # platypus marks what it put off once
        chunk = self.part(rows=page, whole=True, after=0)
        self.first, self.before = False, 0
        return [chunk, self]

    # Painting

    def draw(self) -> None:
        """Paint the rows below a header; on the first page the header is content, later an artifact."""
        canvas, count = self.canvas, len(self.rows)
        cells = self._cells(canvas.document)
        edges = self._edges()
        self._draw_head(edges)
        with canvas.artifact():
            canvas.write(_rules(self.width, count, self.lead))
        canvas.rule(0, self.lead * count, self.width, self.lead * count, 0.9, NAVY)
        canvas.ink(INK)
        mark = len(canvas.document.mcids)
        rooms = [int((right - left) * 1000 / self.size) for left, right in edges]
        rooms = [-room if column.figures else room for room, column in zip(rooms, self.columns, strict=True)]
        pens = tuple(
            right if column.figures else left for (left, right), column in zip(edges, self.columns, strict=True)
        )
        template = _template(pens, count, self.lead, mark, f"{cells.face.resource} {self.size:g} Tf")
        columns = zip(zip(*self.rows, strict=True), rooms, strict=True)
        shown = zip(*[cells.column(values, room) for values, room in columns], strict=True)
        canvas.write(template % tuple(chain.from_iterable(shown)))
        cells.settle()
        _write_rows(canvas.document, canvas.element_of(self.body), count, len(self.columns), mark)

    def _cells(self, doc: StreamDoc) -> Cells:
        """Give what all pages of the listing remember of its values."""
        if not self.remembered:
            self.remembered.append(Cells(doc, self.size))
        return self.remembered[0]

    def _edges(self) -> list[tuple[float, float]]:
        """Give the left and right edge of each column, less the gap between columns."""
        total, x, edges = sum([column.share for column in self.columns]), 0.0, []
        for column in self.columns:
            wide = self.width * column.share / total
            edges.append((x, x + wide - _GAP))
            x += wide
        return [*edges[:-1], (edges[-1][0], self.width)]

    def _draw_head(self, edges: list[tuple[float, float]]) -> None:
        canvas, row = self.canvas, Tag("TR", self.head)
        canvas.ink(NAVY)
        y = (len(self.rows) + _HEAD - 1.2) * self.lead
        scope = canvas.document.scope_column
        for column, (left, right) in zip(self.columns, edges, strict=True):
            line = _head_line(column.heading, int((right - left) * 1000 / self.size))
            x = right - line.width * self.size / 1000 if column.figures else left
            heading = canvas.content(Tag("TH", row, extra=f"/A {scope} 0 R"))
            with heading if self.first else canvas.artifact("Pagination", "Header"):
                canvas.paint_line(line, x, y, self.size)


def _head_line(heading: str, room: int) -> Line:
    text = clean(heading)[:100]
    line = single_line(text, True)
    while line.width > room and text:
        text = text[:-1]
        line = single_line(text + "…", True)
    return line


@lru_cache(maxsize=4)
def _rules(width: float, count: int, lead: float) -> str:
    """Write the rules below the rows."""
    moves = [f"0 {lead * index:.2f} m {width:.2f} {lead * index:.2f} l" for index in range(count)]
    return " ".join([operands(RULE), "RG 0.3 w", *moves, "S"])


@lru_cache(maxsize=4)
def _template(pens: tuple[float, ...], count: int, lead: float, mark: int, font: str) -> str:
    """Write the operators of a page of rows with a `%s` for each cell."""
    code, y = [f"BT {font}"], (count - 0.7) * lead
    for _ in range(count):
        for column, pen in enumerate(pens):
            tag = "TD" if column else "TH"
            code.append(f"/{tag}<</MCID {mark}>>BDC 1 0 0 1 {pen:.2f} {y:.2f} Tm %s EMC")
            mark += 1
        y -= lead
    return "\n".join([*code, "ET"])


def _write_rows(doc: StreamDoc, body: Element, count: int, columns: int, mark: int) -> None:
    """Write the structure of `count` rows as finished objects, numbered in a row."""
    first = doc.file.new(count * (columns + 1))
    page, bodies = doc.page_number(), []
    tail = f" 0 R/Pg {page} 0 R/K "
    for row in range(first, first + count * (columns + 1), columns + 1):
        kids = range(row + 1, row + columns + 1)
        cell = f"<</S/TD/P {row}{tail}"
        bodies.append(f"<</S/TR/P {body.number} 0 R/K[{' 0 R '.join(map(str, kids))} 0 R]>>")
        bodies.append(f"<</S/TH/A {doc.scope_row} 0 R/P {row}{tail}{mark}>>")
        bodies += [f"{cell}{key}>>" for key in range(mark + 1, mark + columns)]
        doc.mcids += kids
        mark += columns
    body.kids.append(" ".join([f"{row} 0 R" for row in range(first, first + len(bodies), columns + 1)]))
    doc.file.many(first, bodies)
