"""Own the painting of a chart on a web page: inline SVG with presentation attributes alone.

reportlab's own SVG writer uses inline style and fixed ids, which a strict content security policy blanks and
two charts on a page share. Charts are made of rectangles, lines and text only, so this is short. Text takes
the face of the page it stands on.
"""

from __future__ import annotations

from typing import Any, Protocol
from xml.sax.saxutils import escape, quoteattr

from reportlab.graphics.shapes import Drawing, Line, Rect

from core.pdf.fonts import BOLD
from core.pdf.scripts import clean

PHONE_WIDE = 330
"""Points across: about as many as a phone has pixels for it, so that its text is as large there as it is drawn."""


class Picture(Protocol):
    """What can be painted: a bar chart or a map."""

    @property
    def title(self) -> str:
        """What it is called."""

    def words(self) -> str:
        """Say all of it in words."""

    def drawing(self, wide: float = 480) -> Drawing:
        """Draw it."""


def svg(chart: Picture, name: str, wide: float = PHONE_WIDE) -> str:
    """Write the chart as inline SVG that a phone need not shrink; `name` makes its ids unique on the page."""
    drawing = chart.drawing(wide)
    high = float(drawing.height)
    title, said = f"{name}-title", f"{name}-desc"
    shapes = "".join(_shape(shape, high) for shape in drawing.contents)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" width="{wide:g}" height="{high:g}"'
        f' role="img" aria-labelledby={quoteattr(f"{title} {said}")}>'
        f"<title id={quoteattr(title)}>{_literal(chart.title)}</title>"
        f"<desc id={quoteattr(said)}>{_literal(chart.words())}</desc>{shapes}</svg>"
    )


def _literal(text: str) -> str:
    return escape(clean(text))


def _shape(shape: Any, high: float) -> str:
    """Write one shape of a chart with presentation attributes; the y axis points down."""
    if isinstance(shape, Rect):
        stroke = (
            f' stroke="{_hex(shape.strokeColor)}" stroke-width="{shape.strokeWidth:g}"' if shape.strokeColor else ""
        )
        return (
            f'<rect x="{shape.x:.2f}" y="{high - shape.y - shape.height:.2f}" width="{shape.width:.2f}"'
            f' height="{shape.height:.2f}" fill="{_hex(shape.fillColor)}"{stroke}/>'
        )
    if isinstance(shape, Line):
        return (
            f'<line x1="{shape.x1:.2f}" y1="{high - shape.y1:.2f}" x2="{shape.x2:.2f}" y2="{high - shape.y2:.2f}"'
            f' stroke="{_hex(shape.strokeColor)}" stroke-width="{shape.strokeWidth:g}"/>'
        )
    weight = ' font-weight="700"' if shape.fontName == BOLD else ""
    anchor = "" if shape.textAnchor == "start" else f' text-anchor="{shape.textAnchor}"'
    return (
        f'<text x="{shape.x:.2f}" y="{high - shape.y:.2f}" font-size="{shape.fontSize:g}"{weight}{anchor}'
        f' fill="{_hex(shape.fillColor)}">{_literal(shape.text)}</text>'
    )


def _hex(colour: Any) -> str:
    return "none" if colour is None else f"#{colour.int_rgb():06x}"
