"""Own sheets of labels: A4 with three by seven of them, each with a QR code and a few lines beside it.

The grid is that of common label paper (63.5 by 38.1 mm, 21 to a page). A label is one paragraph and one figure, so that
a listener hears what a person would read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics import renderPDF
from reportlab.lib.pagesizes import A4
from reportlab.platypus.flowables import Flowable

from core.pdf.canvas import Tag
from core.pdf.flowables import INK, Block
from core.pdf.lines import lines
from core.pdf.qr import qr_drawing
from core.pdf.story import page_break
from core.pdf.text import Span

_MM = 72 / 25.4
_WIDE, _HIGH = 63.5 * _MM, 38.1 * _MM
_LEFT, _TOP, _STEP = 7.2 * _MM, 15.15 * _MM, 66.0 * _MM
_CODE, _EDGE = 78.0, 5.0
ACROSS, DOWN = 3, 7
ON_A_SHEET = ACROSS * DOWN


@dataclass(frozen=True)
class Label:
    """One label.

    Attributes:
        title: in bold, such as the tag of a bag.
        says: further lines, each on a line of its own.
        opens: the address its code leads to.
        alt: what a listener hears of the code.
    """

    title: str
    says: tuple[str, ...]
    opens: str
    alt: str


def label_sheets(labels: Sequence[Label], *, skipped: int = 0) -> list[Flowable]:
    """Set labels on sheets; the first `skipped` places of the first sheet stay empty, for paper that was begun."""
    places: list[Label | None] = [*([None] * skipped), *labels]
    story: list[Flowable] = []
    for start in range(0, len(places), ON_A_SHEET):
        story += [*(page_break() if start else []), _Sheet(places[start : start + ON_A_SHEET])]
    return story


class _Sheet(Block):
    """Paint one page of labels at their places on the paper, whatever the margins of the page."""

    def __init__(self, labels: Sequence[Label | None]) -> None:
        super().__init__(0, 0)
        self.labels = labels

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Take the page."""
        return width, height

    def draw(self) -> None:
        """Paint each label."""
        left, bottom = self.canvas.place(0, 0)
        for at, label in enumerate(self.labels):
            if label is not None:
                x = _LEFT + at % ACROSS * _STEP - left
                y = A4[1] - _TOP - (at // ACROSS + 1) * _HIGH - bottom
                self._paint(label, x, y)

    def _paint(self, label: Label, x: float, y: float) -> None:
        self._paint_words(label, x + _EDGE + _CODE, y + _HIGH - 20, _WIDE - 2 * _EDGE - _CODE)
        left, bottom = self.canvas.place(x + _EDGE, y + (_HIGH - _CODE) / 2)
        box = f"/A<</O/Layout/Placement/Block/BBox[{left:.2f} {bottom:.2f} {left + _CODE:.2f} {bottom + _CODE:.2f}]>>"
        with self.canvas.content(Tag("Figure", alt=label.alt, extra=box)):
            renderPDF.draw(qr_drawing(label.opens, _CODE), self.canvas, x + _EDGE, y + (_HIGH - _CODE) / 2)

    def _paint_words(self, label: Label, x: float, top: float, wide: float) -> None:
        """Paint title and lines, broken to the width, as far as the label is high."""
        floor, tag = top - _HIGH + 28, Tag("P")
        self.canvas.ink(INK)
        for text, size, bold in [(label.title, 12.0, True), *((line, 8.0, False) for line in label.says)]:
            for line in lines((Span(text, bold),), int(wide * 1000 / size)):
                if top < floor:
                    return
                with self.canvas.content(tag):
                    self.canvas.paint_line(line, x, top, size)
                top -= size * 1.25
            top -= 2
