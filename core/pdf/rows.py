"""Own the fast listing: tens of thousands of single-line rows, fully tagged, in flat memory.

A page is one template with every position and content number baked in, filled by a single `%`. Structure
elements are written page by page as finished text and forgotten. Latin text goes through a table from
character to glyph; anything else is set by the slow road and remembered. A value that is too wide is cut
with an ellipsis. Cut long reports into volumes of at most `VOLUME` rows: readers hold the whole structure
tree in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from unicodedata import bidirectional, category

from reportlab.platypus.flowables import Flowable

from core.pdf.canvas import Tag, TaggedCanvas
from core.pdf.flowables import Block
from core.pdf.fonts import Face, faces
from core.pdf.scripts import clean, literal
from core.pdf.tables import INK, NAVY, RULE, Cell, cell_text
from core.pdf.text import Atom, Line, Span, lines, run_operators
from core.pdf.writer import Element, StreamDoc

VOLUME = 10_000
_SLOW = "\uffff"
_REMEMBERED = 20_000


@dataclass(frozen=True)
class ListColumn:
    """Describe a column of a listing: heading, its share of the width, whether it holds figures."""

    heading: str
    share: float = 1
    figures: bool = False


class _Table(dict[int, str]):
    """Map a character to its glyph as PDF text; what needs shaping maps to a mark that says so."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self.face = face

    def __missing__(self, code: int) -> str:
        char = chr(code)
        glyph = self.face.glyph(code)
        simple = glyph and category(char)[0] in "LNPSZ" and bidirectional(char) not in ("R", "AL", "AN")
        complex_script = 0x0900 <= code < 0x0E00
        found = self[code] = (
            literal(glyph) if simple and not complex_script and clean(char) == char else _SLOW
        )
        return found


class _Cells:
    """Turn values into operators: quickly for Latin, by the text setting for the rest."""

    def __init__(self, doc: StreamDoc, size: float) -> None:
        self.doc, self.size, self.face = doc, size, faces(False)[0]
        self.table = _Table(self.face)
        self.known: dict[tuple[str, int], tuple[str, int]] = {}
        self.advances: dict[str, int] = {}

    def width(self, text: str) -> int:
        """Give the width of text in thousandths of the type size; characters of other faces count as wide."""
        advances = self.advances
        try:
            return sum([advances[char] for char in text])
        except KeyError:
            for char in text:
                glyph = self.face.glyph(ord(char))
                advances.setdefault(char, self.face.advance(glyph) if glyph else 1000)
            return sum([advances[char] for char in text])

    def set(self, text: str, room: int) -> tuple[str, int]:
        """Give the operators of a value and its width, cut to `room` thousandths of the type size."""
        found = self.known.get((text, room))
        if found is None:
            found = self._set(text, room)
            if len(self.known) > _REMEMBERED:
                self.known.clear()
            self.known[text, room] = found
        return found

    def _set(self, text: str, room: int) -> tuple[str, int]:
        shown = text[:400].translate(self.table)
        wide = self.width(text[:400])
        if _SLOW not in shown:
            if wide > room or len(text) > 400:
                text, wide = self._shorten(text[:400], room)
                shown = text.translate(self.table)
            self.doc.use_latin(self.face, text)
            return f"({shown})Tj", wide
        return self._set_slowly(clean(text[:400]).replace("\n", " "), room)

    def _shorten(self, text: str, room: int) -> tuple[str, int]:
        room -= self.width("…")
        while text and self.width(text) > room:
            text = text[: min(len(text) - 1, max(1, len(text) * room // self.width(text)))]
        return text.rstrip() + "…", self.width(text.rstrip() + "…")

    def _set_slowly(self, text: str, room: int) -> tuple[str, int]:
        line = self._line(text)
        while line.width > room and text:
            text = text[: min(len(text) - 1, max(1, len(text) * room // line.width))]
            line = self._line(text + "…")
        atoms: list[tuple[int, Atom]] = line.placed()
        return _relative(self.doc, atoms, self.size, self.face), line.width

    def _line(self, text: str) -> Line:
        [line] = lines((Span(text),), 10**9)
        return line


def _relative(doc: StreamDoc, placed: list[tuple[int, Atom]], size: float, home: Face) -> str:
    """Write placed runs with relative moves, ending in the face the listing goes on with."""
    parts, start = [], 0
    for offset, atom in placed:
        parts.append(
            f"{atom.run.face.resource} {size:g} Tf {(offset - start) * size / 1000:.2f} 0 Td "
            + run_operators(doc, atom.run, size)
        )
        start = offset
    return " ".join(parts) + f" {home.resource} {size:g} Tf"


class RowTable(Block):
    """Paint a long listing from an iterator of rows; platypus gives it a page at a time.

    Each row is as long as `columns`; a cell is text, pence (an int) or `None`. The first column holds the row
    headers.
    """

    def __init__(
        self,
        columns: Sequence[ListColumn],
        rows: Iterable[Sequence[Cell]],
        *,
        size: float = 8,
        empty: str = "There is nothing to show.",
    ) -> None:
        """Prepare a listing; `rows` is read once, a page at a time."""
        super().__init__(4, 14)
        self.columns, self.size = tuple(columns), size
        self.lead = round(size * 1.55, 2)
        self.source: Iterator[Sequence[Cell]] = iter(rows)
        self.empty = empty
        self.rows: list[Sequence[Cell]] = []
        self.table = Tag("Table")
        self.head, self.body = Tag("THead", self.table), Tag("TBody", self.table)
        self.cells: _Cells | None = None
        self.first = True

    def fill(self, count: int) -> None:
        """Read rows until `count` are at hand or there are no more."""
        self.rows += islice(self.source, max(count - len(self.rows), 0))
        if not self.rows and self.first:
            self.rows = [[self.empty, *[""] * (len(self.columns) - 1)]]

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Give the height of the rows at hand; more than a page asks to be split."""
        self.width = width
        self.fill(int(height / self.lead) + 1)
        return width, (len(self.rows) + 1.6) * self.lead

    def split(self, width: float, height: float) -> list[Flowable]:
        """Give a page of rows, and this listing with what is left."""
        fit = int((height - 1.6 * self.lead) / self.lead)
        if fit < 2:
            return []
        self.fill(fit + 1)
        if len(self.rows) <= fit:
            return [self]
        page, self.rows = self.rows[:fit], self.rows[fit:]
        self.__dict__.pop("_postponed", None)
        chunk = _Chunk(self, page, self.first)
        self.first, self.before = False, 0
        return [chunk, self]

    def draw(self) -> None:
        """Paint the last rows."""
        self.paint(self.canvas, self.rows, self.first)

    def paint(self, canvas: TaggedCanvas, rows: list[Sequence[Cell]], first: bool) -> None:
        """Paint rows below a header; on the first page the header is content, later an artifact."""
        top = (len(rows) + 1.6) * self.lead
        self._paint_head(canvas, top, first)
        with canvas.artifact():
            canvas.setStrokeColor(RULE)
            canvas.setLineWidth(0.3)
            canvas._code.append(
                " ".join(
                    f"0 {self.lead * index:.2f} m {self.width:.2f} {self.lead * index:.2f} l"
                    for index in range(len(rows))
                )
                + " S"
            )
            canvas.setStrokeColor(NAVY)
            canvas.setLineWidth(0.9)
            canvas.line(0, self.lead * len(rows), self.width, self.lead * len(rows))
        canvas.setFillColor(INK)
        doc = canvas.document
        doc.use_face(faces(False)[0])
        body = canvas.element_of(self.body)
        first_mark = len(doc.mcids)
        canvas._code.append(self._page_code(doc, rows, first_mark))
        _write_rows(doc, body, len(rows), len(self.columns), first_mark)

    def _edges(self) -> list[tuple[float, float]]:
        """Give the left and right edge of each column, less the gap between columns."""
        total, x, edges = sum(column.share for column in self.columns), 0.0, []
        for column in self.columns:
            wide = self.width * column.share / total
            edges.append((x, x + wide - 6))
            x += wide
        return edges

    def _paint_head(self, canvas: TaggedCanvas, top: float, first: bool) -> None:
        canvas.setFillColor(NAVY)
        row = Tag("TR", self.head)
        for column, (left, right) in zip(self.columns, self._edges(), strict=True):
            line = self._head_line(column.heading, int((right - left) * 1000 / self.size))
            x = right - line.width * self.size / 1000 if column.figures else left
            y = top - 1.2 * self.lead
            if first:
                with canvas.content(Tag("TH", row, extra="/A<</O/Table/Scope/Column>>")):
                    canvas.paint_line(line, x, y, self.size)
            else:
                with canvas.artifact("Pagination", "Header"):
                    canvas.paint_line(line, x, y, self.size)

    def _head_line(self, heading: str, room: int) -> Line:
        text = clean(heading)
        line = lines((Span(text, True),), 10**9)[0]
        while line.width > room and len(text) > 1:
            text = text[:-1]
            line = lines((Span(text + "…", True),), 10**9)[0]
        return line

    def _page_code(self, doc: StreamDoc, rows: list[Sequence[Cell]], mark: int) -> str:
        """Write the content of all rows."""
        cells = self.cells
        if cells is None or cells.doc is not doc:
            cells = self.cells = _Cells(doc, self.size)
        edges = [
            (left, right, int((right - left) * 1000 / self.size), column.figures)
            for column, (left, right) in zip(self.columns, self._edges(), strict=True)
        ]
        code = [f"BT {cells.face.resource} {self.size:g} Tf"]
        y, scale, put = (len(rows) - 0.7) * self.lead, self.size / 1000, cells.set
        for row in rows:
            tag = "TH"
            for cell, (left, right, room, figures) in zip(row, edges, strict=True):
                shown, wide = put(cell if isinstance(cell, str) else cell_text(cell), room)
                x = right - wide * scale if figures else left
                code.append(f"/{tag}<</MCID {mark}>>BDC 1 0 0 1 {x:.2f} {y:.2f} Tm {shown} EMC")
                mark += 1
                tag = "TD"
            y -= self.lead
        code.append("ET")
        return "\n".join(code)


class _Chunk(Block):
    """Paint one full page of a listing."""

    def __init__(self, listing: RowTable, rows: list[Sequence[Cell]], first: bool) -> None:
        super().__init__(4 if first else 0, 0)
        self.listing, self.rows, self.first = listing, rows, first

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return width, (len(self.rows) + 1.6) * self.listing.lead

    def draw(self) -> None:
        self.listing.paint(self.canvas, self.rows, self.first)


def _write_rows(doc: StreamDoc, body: Element, count: int, columns: int, mark: int) -> None:
    """Write the structure of `count` rows as finished objects, numbered in one stretch."""
    first = doc.new_numbers(count * (columns + 1))
    page, bodies = doc.page_number(), []
    head = "<</S/TH/A<</O/Table/Scope/Row>>/P %d 0 R/Pg %d 0 R/K %d>>"
    cell = "<</S/TD/P %%d 0 R/Pg %d 0 R/K %%d>>" % page
    number = first
    for _ in range(count):
        kids = range(number + 1, number + columns + 1)
        bodies.append(f"<</S/TR/P {body.number} 0 R/K[{' 0 R '.join(map(str, kids))} 0 R]>>")
        bodies.append(head % (number, page, mark))
        bodies += [cell % (number, key) for key in range(mark + 1, mark + columns)]
        body.kids.append(f"{number} 0 R")
        doc.mcids += kids
        mark += columns
        number += columns + 1
    doc.pack(list(range(first, first + len(bodies))), bodies)
