"""Own the flowables of running text: paragraphs, list items, headings.

They are ordinary platypus flowables and stand in any story. A paragraph that splits over a page is one
element with two pieces of content.
"""

from __future__ import annotations

from copy import copy
from typing import Any, Self

from reportlab.platypus.flowables import Flowable

from core.pdf.canvas import Tag, TaggedCanvas
from core.pdf.lines import Atom, Line, lines, operators
from core.pdf.metadata import pdf_text
from core.pdf.text import PARAGRAPH_LIMIT, Style, Words, begins_right_to_left, plain, spans_of

NAVY, LINK, INK = "#12284b", "#1d4f91", "#0b0c0c"
_HEADING_LIMIT = 300
_PUNCTUATION = "-._~:/?#[]@!$&'*+,;=%"


class Block(Flowable):
    """Share what the flowables of this package have in common: space before and after, and the canvas."""

    width: float  # type: ignore[assignment]  # reportlab's stubs say int; it is points and their parts

    def __init__(self, before: float = 0, after: float = 8, keep: bool = False) -> None:
        """Stand with `before` and `after` points of space; `keep` holds on to the next flowable."""
        base: Any = super()
        base.__init__()
        self.before, self.after, self.keepWithNext = before, after, int(keep)

    def getSpaceBefore(self) -> float:  # noqa: N802 (reportlab's name)
        """Give the space above in points."""
        return self.before

    def getSpaceAfter(self) -> float:  # noqa: N802 (reportlab's name)
        """Give the space below in points."""
        return self.after

    def least(self, width: float) -> float:
        """Give the least height worth beginning at the foot of a page, in points."""
        return float(self.wrap(width, 0)[1])

    def part(self, **changes: Any) -> Self:
        """Give a copy for one page, with some attributes changed; it shares the tag."""
        new = copy(self)
        new.__dict__.pop("_postponed", None)  # platypus marks what it put off once
        new.__dict__.update(changes)
        return new

    @property
    def canvas(self) -> TaggedCanvas:
        """Give the canvas being painted on."""
        canvas: TaggedCanvas = self.canv
        return canvas


class P(Block):
    """Paint a paragraph of literal text under one tag.

    `words` is a string or a row of strings and `Span`s; `language` marks a paragraph in another language.
    """

    def __init__(
        self,
        words: Words,
        style: Style | None = None,
        tag: str | Tag = "P",
        *,
        language: str = "",
        limit: int = PARAGRAPH_LIMIT,
    ) -> None:
        """Prepare a paragraph; text over `limit` characters is cut with a notice."""
        self.style = style or Style()
        super().__init__(self.style.before, self.style.after, self.style.keep)
        self.spans = spans_of(words, limit, self.style.bold)
        self.tag = tag if isinstance(tag, Tag) else Tag(tag, language=language)
        self.right_to_left = begins_right_to_left(self.spans)
        self.links: dict[int, Tag] = {}
        self.set: tuple[Line, ...] = ()
        self.is_part = self.continued = False

    @property
    def tall(self) -> float:
        """Give the height of the set lines in points."""
        return len(self.set) * self.style.leading

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002 (reportlab's arguments)
        """Break the text for `width`; give the size in points."""
        self.width = width
        if not self.is_part:
            self.set = lines(self.spans, int((width - self.style.indent - self.style.aside) * 1000 / self.style.size))
        return width, self.tall

    def least(self, width: float) -> float:
        """Give the height of two lines, or of all there are."""
        self.wrap(width, 0)
        return min(len(self.set), 2) * self.style.leading

    def split(self, width: float, height: float) -> list[Flowable]:
        """Give the part that fits `height` and the rest; never a single line alone on either side."""
        self.wrap(width, height)
        whole = len(self.set)
        count = min(int(height / self.style.leading), whole - 2 if whole > 3 else whole)
        if count >= whole:
            return [self]
        if count < 2:
            return []
        return [
            self.part(set=self.set[:count], is_part=True, after=0, keepWithNext=0),
            self.part(set=self.set[count:], is_part=True, before=0, continued=True),
        ]

    def draw(self) -> None:
        """Paint the lines."""
        style, top = self.style, self.tall
        self.canvas.ink(style.colour)
        for line in self.set:
            self._draw_line(line, style.indent + self._shift(line), style.baseline(top))
            top -= style.leading

    def _shift(self, line: Line) -> float:
        spare = self.width - self.style.indent - self.style.aside - line.width * self.style.size / 1000
        align = "right" if self.right_to_left and self.style.align == "left" else self.style.align
        return {"left": 0.0, "right": spare, "centre": spare / 2}[align]

    def _draw_line(self, line: Line, x: float, y: float) -> None:
        """Paint a line, cut where a link begins or ends."""
        placed, start = line.placed(), 0
        while start < len(placed):
            link = self.spans[placed[start][1].span].link
            end = start
            while end < len(placed) and self.spans[placed[end][1].span].link == link:
                end += 1
            goes_on = end == len(placed) and not line.last
            if link:
                self._draw_link(placed[start:end], x, y, goes_on)
            else:
                with self.canvas.content(self.tag):
                    self._write(placed[start:end], x, y, goes_on)
            start = end

    def _write(self, placed: list[tuple[int, Atom]], x: float, y: float, goes_on: bool) -> None:
        self.canvas.write(operators(self.canvas.document, placed, x, y, self.style.size, goes_on))

    def _draw_link(self, placed: list[tuple[int, Atom]], x: float, y: float, goes_on: bool) -> None:
        """Paint a stretch of a link and lay its annotation over it."""
        canvas, size, index = self.canvas, self.style.size, placed[0][1].span
        left = x + min(offset for offset, _ in placed) * size / 1000
        right = x + max(offset + atom.run.width for offset, atom in placed) * size / 1000
        canvas.ink(LINK)
        with canvas.content(self.links.setdefault(index, Tag("Link", self.tag))) as element:
            self._write(placed, x, y, goes_on)
        canvas.ink(self.style.colour)
        canvas.rule(left, y - 0.16 * size, right, y - 0.16 * size, 0.6, LINK)
        x1, y1 = canvas.place(left, y - 0.3 * size)
        x2, y2 = canvas.place(right, y + size)
        span = self.spans[index]
        canvas.document.annotate(
            f"<</Type/Annot/Subtype/Link/F 4/Border[0 0 0]/Rect[{x1:.2f} {y1:.2f} {x2:.2f} {y2:.2f}]"
            f"/Contents{pdf_text(span.text)}/A<</S/URI/URI({_address(span.link)})>>",
            element,
        )


def _address(link: str) -> str:
    """Write an address as plain ASCII that cannot leave its PDF string."""
    safe = [char.isascii() and (char.isalnum() or char in _PUNCTUATION) for char in link]
    return "".join([char if kept else _percent(char) for char, kept in zip(link, safe, strict=True)])


def _percent(char: str) -> str:
    return "".join([f"%{byte:02X}" for byte in char.encode("utf-8", "replace")])


class Item(P):
    """Paint one list item: a label beside the first line, then the body."""

    def __init__(self, words: Words, label: str, whole: Tag, style: Style) -> None:
        """Prepare an item of the list `whole`."""
        item = Tag("LI", whole)
        self.label, self.label_tag = label, Tag("Lbl", item)
        super().__init__(words, style, Tag("LBody", item))

    def draw(self) -> None:
        """Paint the label, unless this is the rest of an item begun on the page before; then the text."""
        if not self.continued:
            self.canvas.ink(NAVY)
            with self.canvas.content(self.label_tag):
                self.canvas.put(self.label, 6, self.style.baseline(self.tall), self.style.size, bold=True)
        super().draw()


class Heading(P):
    """Paint a heading of level 1 to 3; it goes into the bookmarks."""

    def __init__(self, text: str, level: int, style: Style) -> None:
        """Prepare a heading.

        Raises:
            ValueError: when `level` is not 1, 2 or 3.
        """
        if level not in (1, 2, 3):
            raise ValueError(f"A heading has level 1, 2 or 3, not {level}.")
        super().__init__(plain(text, _HEADING_LIMIT), style, f"H{level}")
        self.level = level

    def split(self, width: float, height: float) -> list[Flowable]:  # noqa: ARG002 (reportlab's arguments)
        """Refuse to split."""
        return []

    def draw(self) -> None:
        """Paint the heading and set its bookmark."""
        self.canvas.bookmark("".join([span.text for span in self.spans]), self.level - 1, self.tall + 12)
        super().draw()
