"""Own the flowables of running text: paragraphs, headings, lists, figures.

They are ordinary platypus flowables and stand in any story. A paragraph that splits over a page is one
element with two pieces of content.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.platypus.flowables import Flowable

from core.pdf.canvas import Tag, TaggedCanvas
from core.pdf.metadata import pdf_text
from core.pdf.text import (
    PARAGRAPH_LIMIT,
    Atom,
    Line,
    Span,
    Style,
    begins_right_to_left,
    lines,
    operators,
    spans_of,
)

LINK_COLOUR = "#1d4f91"


class Block(Flowable):  # type: ignore[misc,unused-ignore]
    """Share what the flowables of this package have in common: space before and after, and the canvas."""

    def __init__(self, before: float = 0, after: float = 8, keep: bool = False) -> None:
        """Stand with `before` and `after` points of space; `keep` holds on to the next flowable."""
        super().__init__()
        self.before, self.after, self.keepWithNext = before, after, int(keep)

    def getSpaceBefore(self) -> float:
        """Give the space above in points."""
        return self.before

    def getSpaceAfter(self) -> float:
        """Give the space below in points."""
        return self.after

    @property
    def canvas(self) -> TaggedCanvas:
        """Give the canvas being painted on."""
        canvas: TaggedCanvas = self.canv
        return canvas


class P(Block):
    """Paint a paragraph of literal text under one tag.

    `text` is a string or a row of strings and `Span`s; `language` marks a paragraph in another language.
    """

    def __init__(
        self,
        text: str | Span | Sequence[str | Span],
        style: Style | None = None,
        tag: str | Tag = "P",
        *,
        language: str = "",
        limit: int = PARAGRAPH_LIMIT,
    ) -> None:
        """Prepare a paragraph; text over `limit` characters is cut with a notice."""
        self.style = style or Style()
        super().__init__(self.style.before, self.style.after, self.style.keep)
        self.spans = spans_of(text, limit, self.style.bold)
        self.tag = tag if isinstance(tag, Tag) else Tag(tag, language=language)
        self.right_to_left = begins_right_to_left(self.spans)
        self.set: tuple[Line, ...] | None = None
        self.links: dict[int, Tag] = {}

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Break the text for `width`; give the size in points."""
        self.width = width
        if self.set is None:
            self.set = lines(self.spans, int((width - self.style.indent) * 1000 / self.style.size))
        return width, len(self.set) * self.style.leading

    def split(self, width: float, height: float) -> list[Flowable]:
        """Give the part that fits `height` and the rest; never a single line alone on either side."""
        self.wrap(width, height)
        whole = self.set or ()
        count = min(int(height / self.style.leading), len(whole) - 2 if len(whole) > 3 else len(whole))
        if count < min(2, len(whole)):
            return []
        if count >= len(whole):
            return [self]
        return [self._part(whole[:count], after=0), self._part(whole[count:], before=0)]

    def _part(self, some: tuple[Line, ...], **space: float) -> P:
        part = P("", self.style, self.tag)
        part.spans, part.set, part.links, part.right_to_left = (
            self.spans,
            some,
            self.links,
            self.right_to_left,
        )
        part.before, part.after = space.get("before", self.before), space.get("after", self.after)
        part.keepWithNext = 0 if "after" in space else self.keepWithNext
        return part

    def draw(self) -> None:
        """Paint the lines."""
        self.paint(self.canvas)

    def paint(self, canvas: TaggedCanvas, x: float = 0, top: float | None = None) -> None:
        """Paint the lines with the left edge at `x` and the top at `top`."""
        style = self.style
        y = (top if top is not None else len(self.set or ()) * style.leading) - style.leading
        y += (style.leading - style.size) / 2 + style.size * 0.12
        canvas.setFillColor(style.colour)
        for line in self.set or ():
            self._paint_line(canvas, line, x + style.indent + self._shift(line), y)
            y -= style.leading

    def _shift(self, line: Line) -> float:
        spare = self.width - self.style.indent - line.width * self.style.size / 1000
        align = "right" if self.right_to_left and self.style.align == "left" else self.style.align
        return {"left": 0, "right": spare, "centre": spare / 2}[align]

    def _paint_line(self, canvas: TaggedCanvas, line: Line, x: float, y: float) -> None:
        if not any(span.link for span in self.spans):
            with canvas.content(self.tag):
                canvas.paint_line(line, x, y, self.style.size)
            return
        placed = line.placed()
        start = 0
        while start < len(placed):
            span = placed[start][1].span
            end = start
            while end < len(placed) and placed[end][1].span == span:
                end += 1
            self._paint_span(canvas, span, placed[start:end], x, y, end == len(placed) and not line.last)
            start = end

    def _paint_span(
        self, canvas: TaggedCanvas, span: int, part: list[tuple[int, Atom]], x: float, y: float, space: bool
    ) -> None:
        link, size = self.spans[span].link, self.style.size
        if not link:
            with canvas.content(self.tag):
                canvas._code.append(operators(canvas.document, part, x, y, size, space))
            return
        tag = self.links.setdefault(span, Tag("Link", self.tag))
        canvas.setFillColor(LINK_COLOUR)
        with canvas.content(tag) as element:
            canvas._code.append(operators(canvas.document, part, x, y, size, space))
        canvas.setFillColor(self.style.colour)
        left = min(offset for offset, _ in part) * size / 1000 + x
        right = max(offset + atom.run.width for offset, atom in part) * size / 1000 + x
        with canvas.artifact():
            canvas.setStrokeColor(LINK_COLOUR)
            canvas.setLineWidth(0.6)
            canvas.line(left, y - 0.16 * size, right, y - 0.16 * size)
        x1, y1 = canvas.absolutePosition(left, y - 0.3 * size)
        x2, y2 = canvas.absolutePosition(right, y + size)
        canvas.document.annotate(
            f"<</Type/Annot/Subtype/Link/F 4/Border[0 0 0]/Rect[{x1:.2f} {y1:.2f} {x2:.2f} {y2:.2f}]"
            f"/Contents{pdf_text(self.spans[span].text)}/A<</S/URI/URI({_address(link)})>>",
            element,
        )


def _address(link: str) -> str:
    """Write an address as plain ASCII that cannot leave its PDF string."""
    return "".join(
        char
        if (char.isalnum() and char.isascii()) or char in "-._~:/?#[]@!$&'*+,;=%"
        else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
        for char in link
    )


class Heading(P):
    """Paint a heading of level 1 to 3; it goes into the bookmarks."""

    def __init__(self, text: str, level: int, style: Style) -> None:
        """Prepare a heading.

        Raises:
            ValueError: when `level` is not 1, 2 or 3.
        """
        if level not in (1, 2, 3):
            raise ValueError(f"A heading has level 1, 2 or 3, not {level}.")
        super().__init__(text, style, f"H{level}", limit=300)
        self.level = level

    def split(self, width: float, height: float) -> list[Flowable]:
        """Refuse to split."""
        return []

    def draw(self) -> None:
        """Paint the heading and set its bookmark."""
        canvas = self.canvas
        key = f"h{canvas.document.new_bookmark()}"
        canvas.bookmarkHorizontal(key, 0, self.height + 12)
        canvas.addOutlineEntry(" ".join(span.text for span in self.spans), key, self.level - 1)
        self.paint(canvas)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Break the text for `width`; give the size in points."""
        self.width, self.height = super().wrap(width, height)
        return self.width, self.height


class Figure(Block):
    """Paint a reportlab drawing as one figure with a text alternative."""

    def __init__(self, drawing: Any, alt: str, after: float = 12) -> None:
        """Prepare a figure.

        Raises:
            ValueError: when `alt` is empty; a figure nobody can hear is no figure.
        """
        super().__init__(0, after)
        if not alt.strip():
            raise ValueError("A figure needs a text alternative.")
        self.drawing, self.alt = drawing, alt

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Give the size of the drawing."""
        return float(self.drawing.width), float(self.drawing.height)

    def draw(self) -> None:
        """Paint the drawing as the content of one Figure element."""
        from reportlab.graphics import renderPDF

        x, y = self.canvas.absolutePosition(0, 0)
        box = f"[{x:.2f} {y:.2f} {x + self.drawing.width:.2f} {y + self.drawing.height:.2f}]"
        tag = Tag("Figure", alt=self.alt, extra=f"/A<</O/Layout/Placement/Block/BBox{box}>>")
        with self.canvas.content(tag):
            renderPDF.draw(self.drawing, self.canvas, 0, 0)
