"""Own the tagged canvas: every mark on a page belongs to a structure element or is an artifact.

`TaggedCanvas` is a reportlab canvas, so drawings and any flowable that draws strings work on it unchanged;
its strings go through the text setting of this package (fallback faces, direction, shaping).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from core.pdf import fonts
from core.pdf.lines import Line, operators, single_line
from core.pdf.metadata import Meta, pdf_text
from core.pdf.objects import Sink
from core.pdf.scripts import clean, width
from core.pdf.writer import Attachment, Element, StreamDoc

_LONGEST_ALT = 4_000


class Tag:
    """Name a structure element before it is painted; parts of a split flowable share one.

    `under` is the tag of the parent, or `None` for the document. The element is made anew in each document,
    so a story may be painted again.
    """

    def __init__(
        self, name: str, under: Tag | None = None, *, alt: str = "", language: str = "", extra: str = ""
    ) -> None:
        """Name an element `name` with its text alternative, language and further PDF attributes."""
        self.name, self.under = name, under
        self.element: Element | None = None
        self.document: StreamDoc | None = None
        said = f"/Alt{pdf_text(clean(alt)[:_LONGEST_ALT])}" if alt else ""
        self.attributes = said + (f"/Lang{pdf_text(language)}" if language else "") + extra


class TaggedCanvas(Canvas):
    """Paint tagged pages through a `StreamDoc`."""

    def __init__(
        self, filename: Any, *, out: Sink, meta: Meta, attachments: tuple[Attachment, ...] = (), **options: Any
    ) -> None:
        """Begin a document written to `out`; `filename` and `options` are what a document template passes."""
        fonts.register_fonts(width)
        options.update(initialFontName=fonts.REGULAR, pageCompression=1, invariant=1, lang=meta.language)
        base: Any = super()
        base.__init__(filename, **options)
        self.document = StreamDoc(out, meta, attachments)
        self._raw._doc = self.document

    @property
    def _raw(self) -> Any:
        """Give this canvas as reportlab knows it, without types."""
        return self

    def _make_preamble(self) -> None:
        """Begin pages without reportlab's own font selection, which names a font that is not embedded."""
        self._preamble = "1 0 0 1 0 0 cm"

    # Structure

    def element_of(self, tag: Tag) -> Element:
        """Give the element a tag names, made at its first use."""
        if tag.element is None or tag.document is not self.document:
            parent = self.element_of(tag.under) if tag.under else self.document.document
            tag.document = self.document
            tag.element = self.document.element(tag.name, parent.number, tag.attributes)
            parent.kids.append(f"{tag.element.number} 0 R")
        return tag.element

    @contextmanager
    def content(self, tag: Tag) -> Iterator[Element]:
        """Paint within the block as the content of `tag`."""
        element = self.element_of(tag)
        self.write(f"/{element.tag}<</MCID {self.document.mark(element)}>>BDC")
        yield element
        self.write("EMC")

    @contextmanager
    def artifact(self, kind: str = "Layout", place: str = "") -> Iterator[None]:
        """Paint within the block what is no content: rules, headers, footers, repeated table heads."""
        edge = {"Header": "Top", "Footer": "Bottom"}.get(place)
        self.write(f"/Artifact<</Type/{kind}{f'/Subtype/{place}/Attached[/{edge}]' if edge else ''}>>BDC")
        yield
        self.write("EMC")

    # Painting

    def write(self, code: str) -> None:
        """Put operators on the page."""
        self._code.append(code)

    def ink(self, colour: str) -> None:
        """Fill what follows with a colour such as `#12284b`."""
        self.write(operands(colour) + " rg")

    def rule(self, x1: float, y1: float, x2: float, y2: float, weight: float, colour: str) -> None:
        """Paint a line as an artifact."""
        with self.artifact():
            self.write(f"{operands(colour)} RG {weight:g} w {x1:.2f} {y1:.2f} m {x2:.2f} {y2:.2f} l S")

    def block(self, x: float, y: float, wide: float, high: float, colour: str) -> None:
        """Paint a filled rectangle as an artifact."""
        with self.artifact():
            self.write(f"{operands(colour)} rg {x:.2f} {y:.2f} {wide:.2f} {high:.2f} re f")

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Give where a point of the current flowable stands on the page."""
        left, bottom = self._raw.absolutePosition(x, y)
        return float(left), float(bottom)

    def bookmark(self, title: str, level: int, top: float) -> None:
        """Add an entry to the outline that opens at `top` of the current flowable; levels count from 0."""
        self.document.bookmarks += 1
        key = f"h{self.document.bookmarks}"
        self._raw.bookmarkHorizontal(key, 0, top)
        self._raw.addOutlineEntry(title, key, level)

    def paint_line(self, line: Line, x: float, y: float, size: float) -> None:
        """Paint a set line with its left edge at `x` and its base line at `y`."""
        if line.atoms:
            self.write(operators(self.document, line.placed(), x, y, size, space_after=not line.last))

    def put(self, text: str, x: float, y: float, size: float, *, bold: bool = False, align: float = 0) -> None:
        """Paint a string; `align` is the share of its width left of `x`: 0 begins, 0.5 centres, 1 ends there."""
        line = single_line(text, bold)
        self.paint_line(line, x - align * line.width * size / 1000, y, size)

    def setFont(self, psfontname: str, size: float, leading: float | None = None) -> None:  # noqa: N802 (reportlab's name)
        """Note the font for the strings that follow; they name their own faces when they are painted.

        reportlab would name Helvetica here, which no file of ours holds.
        """
        self._fontname, self._fontsize, self._leading = psfontname, size, leading or size * 1.2

    def drawString(self, x: float, y: float, text: str, *_: Any, **__: Any) -> None:  # noqa: N802 (reportlab's name)
        """Paint a string with fallback faces, direction and shaping in the current font and size."""
        self.put(text, x, y, self._fontsize, bold=self._fontname == fonts.BOLD)

    def drawRightString(self, x: float, y: float, text: str, *_: Any, **__: Any) -> None:  # noqa: N802 (reportlab's name)
        """Paint a string that ends at `x`."""
        self.put(text, x, y, self._fontsize, bold=self._fontname == fonts.BOLD, align=1)

    def drawCentredString(self, x: float, y: float, text: str, *_: Any, **__: Any) -> None:  # noqa: N802 (reportlab's name)
        """Paint a string centred on `x`."""
        self.put(text, x, y, self._fontsize, bold=self._fontname == fonts.BOLD, align=0.5)

    def painted_apart(self, paint: Callable[[TaggedCanvas], None]) -> str:
        """Run `paint` on an empty page and give its operators, leaving the page in hand as it was."""
        kept, self._code = self._code, []
        paint(self)
        code, self._code = "\n".join(self._code), kept
        return code


@cache
def operands(colour: str) -> str:
    """Give a colour as three numbers from 0 to 1."""
    return " ".join([f"{int(colour[at : at + 2], 16) / 255:.4g}" for at in (1, 3, 5)])
