"""Own the tagged canvas: every mark on a page belongs to a structure element or is an artifact.

`TaggedCanvas` is a reportlab canvas, so drawings and any flowable that draws strings work on it unchanged;
its strings go through the text setting of this package (fallback faces, direction, shaping).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from reportlab.pdfgen.canvas import Canvas

from core.pdf import fonts
from core.pdf.metadata import Meta, pdf_text
from core.pdf.scripts import clean, width
from core.pdf.text import Line, Span, lines, operators
from core.pdf.writer import Attachment, Element, StreamDoc


class Tag:
    """Name a structure element before it is painted; parts of a split flowable share one.

    `under` is the tag of the parent, or `None` for the element that is open on the canvas. The element is
    made anew in each document, so a story may be painted again.
    """

    def __init__(
        self, name: str, under: Tag | None = None, *, alt: str = "", language: str = "", extra: str = ""
    ) -> None:
        """Name an element `name` with its text alternative, language and further PDF attributes."""
        self.name, self.under = name, under
        self.element: Element | None = None
        self.document: StreamDoc | None = None
        self.attributes = (
            (f"/Alt{pdf_text(clean(alt)[:4000])}" if alt else "")
            + (f"/Lang{pdf_text(language)}" if language else "")
            + extra
        )


class TaggedCanvas(Canvas):  # type: ignore[misc,unused-ignore]
    """Paint tagged pages through a `StreamDoc`."""

    def __init__(
        self,
        filename: Any,
        *,
        out: BinaryIO,
        meta: Meta,
        attachments: tuple[Attachment, ...] = (),
        **options: Any,
    ) -> None:
        """Begin a document written to `out`; `filename` and `options` are what a document template passes."""
        fonts.register_fonts()
        options.update(initialFontName=fonts.REGULAR, pageCompression=1, invariant=1, lang=meta.language)
        super().__init__(filename, **options)
        self._doc = StreamDoc(out, meta, attachments)
        self._open: list[Element] = [self._doc.document]

    @property
    def document(self) -> StreamDoc:
        """Give the document being written."""
        doc: StreamDoc = self._doc
        return doc

    def _make_preamble(self) -> None:
        """Begin pages without reportlab's own font selection, which names a font that is not embedded."""
        self._preamble = "1 0 0 1 0 0 cm"

    def element_of(self, tag: Tag) -> Element:
        """Give the element a tag names, made at its first use."""
        if tag.element is None or tag.document is not self.document:
            parent = self.element_of(tag.under) if tag.under else self._open[-1]
            tag.document = self.document
            tag.element = self.document.element(tag.name, parent.number, tag.attributes)
            parent.kids.append(f"{tag.element.number} 0 R")
        return tag.element

    @contextmanager
    def inside(self, tag: Tag) -> Iterator[Element]:
        """Hang what is tagged within the block under `tag`; paints nothing itself."""
        element = self.element_of(tag)
        self._open.append(element)
        yield element
        self._open.pop()

    @contextmanager
    def content(self, tag: Tag) -> Iterator[Element]:
        """Paint within the block as the content of `tag`."""
        element = self.element_of(tag)
        self._code.append(f"/{element.tag}<</MCID {self.document.mark(element)}>>BDC")
        yield element
        self._code.append("EMC")

    @contextmanager
    def artifact(self, kind: str = "Layout", place: str = "") -> Iterator[None]:
        """Paint within the block what is no content: rules, headers, footers, repeated table heads."""
        subtype = f"/Subtype/{place}/Attached[/{'Top' if place == 'Header' else 'Bottom'}]" if place else ""
        self._code.append(f"/Artifact<</Type/{kind}{subtype}>>BDC")
        yield
        self._code.append("EMC")

    def paint_line(self, line: Line, x: float, y: float, size: float) -> None:
        """Paint a set line with its left edge at `x` and its base line at `y`."""
        if line.atoms:
            self._code.append(operators(self.document, line.placed(), x, y, size, space_after=not line.last))

    def drawString(self, x: float, y: float, text: str, *_: Any, **__: Any) -> None:
        """Paint a string with fallback faces, direction and shaping in the current font and size."""
        [line] = lines((Span(clean(text).replace("\n", " "), self._fontname == fonts.BOLD),), 10**9)
        self.paint_line(line, x, y, self._fontsize)

    def drawRightString(self, x: float, y: float, text: str, *_: Any, **__: Any) -> None:
        """Paint a string that ends at `x`."""
        self.drawString(x - self._wide(text), y, text)

    def drawCentredString(self, x: float, y: float, text: str, *_: Any, **__: Any) -> None:
        """Paint a string centred on `x`."""
        self.drawString(x - self._wide(text) / 2, y, text)

    def _wide(self, text: str) -> float:
        return width(text, self._fontname == fonts.BOLD) * float(self._fontsize) / 1000

    def paint_apart(self, paint: Any) -> str:
        """Run `paint(self)` on an empty page stream and give the code, leaving this page as it was."""
        kept, self._code = self._code, []
        paint(self)
        code, self._code = "\n".join(self._code), kept
        return code
