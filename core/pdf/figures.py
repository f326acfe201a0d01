"""Own the flowables of pictures and of the field for a digital signature: one element each, with words.

None can be too large for a page: a drawing shrinks, a chart with many bars goes on as a further figure.
"""

from __future__ import annotations

from typing import Any

from reportlab.graphics import renderPDF
from reportlab.platypus.flowables import Flowable

from core.pdf.canvas import Tag
from core.pdf.charts import BarChart
from core.pdf.flowables import Block
from core.pdf.metadata import pdf_text
from core.pdf.scripts import clean

_TALLEST = 430.0


class Figure(Block):
    """Paint a reportlab drawing as one figure with a text alternative."""

    def __init__(self, drawing: Any, alt: str, after: float = 12) -> None:
        """Prepare a figure.

        Raises:
            ValueError: when `alt` is empty: a figure that says nothing to a listener is not finished.
        """
        super().__init__(0, after)
        if not alt.strip():
            raise ValueError("A figure needs a text alternative.")
        self.drawing, self.alt, self.scale = drawing, alt, 1.0
        self.at = (0.0, 0.0)

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002 (reportlab's arguments)
        """Give the size of the drawing, shrunk where it would not fit any page."""
        self.scale = min(1.0, width / self.drawing.width, _TALLEST / self.drawing.height)
        return self.drawing.width * self.scale, self.drawing.height * self.scale

    def draw(self) -> None:
        """Paint the drawing as the content of one Figure element."""
        x, y = self.canvas.place(*self.at)
        right, top = x + self.drawing.width * self.scale, y + self.drawing.height * self.scale
        box = f"/A<</O/Layout/Placement/Block/BBox[{x:.2f} {y:.2f} {right:.2f} {top:.2f}]>>"
        drawing: Any = self.drawing
        if self.scale < 1:
            drawing = self.drawing.copy()
            drawing.scale(self.scale, self.scale)
        with self.canvas.content(Tag("Figure", alt=self.alt, extra=box)):
            renderPDF.draw(drawing, self.canvas, *self.at)


class ChartFigure(Figure):
    """Paint a bar chart across the page; one with too many bars goes on as a further figure."""

    def __init__(self, picture: BarChart) -> None:
        """Prepare a chart; its text alternative says every value."""
        super().__init__(picture.drawing(), picture.words())
        self.picture = picture

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002 (reportlab's arguments)
        """Draw the chart for `width`; give its size."""
        self.drawing, self.alt = self.picture.drawing(width), self.picture.words()
        return float(self.drawing.width), float(self.drawing.height)

    def least(self, width: float) -> float:
        """Give the height of the chart, or of one with four bars."""
        return self.picture.first(4).height(width)

    def split(self, width: float, height: float) -> list[Flowable]:
        """Give the bars that fit and the rest."""
        count = self.picture.fitting(width, height)
        if count < 1:
            return []
        return [self.part(picture=self.picture.first(count)), self.part(picture=self.picture.rest(count))]


class SignatureField(Block):
    """Hold an empty field that a signing program fills later; it takes no space and shows nothing.

    It is made with the report because a program that adds one on signing would leave it out of the structure.
    """

    def __init__(self, name: str, says: str) -> None:
        """Prepare a field `name`, unique in the report; `says` tells a listener what is signed.

        Raises:
            ValueError: when either is empty.
        """
        super().__init__(0, 0)
        if not name.strip() or not says.strip():
            raise ValueError("A signature field needs a name and words.")
        self.name, self.says = name, says

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002 (reportlab's arguments)
        """Take no space."""
        return width, 0

    def draw(self) -> None:
        """Put the field into the structure."""
        document, (x, y) = self.canvas.document, self.canvas.place(0, 0)
        body = (
            f"<</Type/Annot/Subtype/Widget/FT/Sig/F 4/T{pdf_text(clean(self.name))}/TU{pdf_text(clean(self.says))}"
            f"/Rect[{x:.2f} {y:.2f} {x:.2f} {y:.2f}]"
        )
        document.fields.append(document.annotate(body, self.canvas.element_of(Tag("Form"))))
