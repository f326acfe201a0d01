"""Own the bar chart and its two paintings: a figure in a PDF and inline SVG on a page.

One reportlab drawing serves both, so a page and its report show the same picture. Parts of a bar differ in
pattern as well as colour, every colour stands at least 3:1 against white, parts are kept apart by white, and
the legend is in words. The SVG uses presentation attributes alone, so it paints under a content security
policy that forbids inline style.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from reportlab.lib.colors import HexColor
from reportlab.graphics.shapes import Drawing, Line, Rect, String

from core.pdf.fonts import BOLD, REGULAR, register_fonts
from core.pdf.scripts import clean, width

# Navy, blue, green, purple, grey; contrast with white 14.6, 5.2, 6.2, 10.1 and 4.6.
_COLOURS = ("#12284b", "#1d70b8", "#00703c", "#4c2c92", "#6f777b")
_INK, _SOFT = "#0b0c0c", "#505a5f"
_BAR, _STEP, _SIZE = 18.0, 44.0, 10.0


@dataclass(frozen=True)
class Bar:
    """Describe one bar: its label, its parts in legend order (`None` is withheld) and the whole it is measured by."""

    label: str
    parts: tuple[int | None, ...]
    whole: int | None = None

    def length(self) -> int:
        """Give the value the bar stands for at full length."""
        return max(self.whole or 0, sum(max(part or 0, 0) for part in self.parts))


@dataclass(frozen=True)
class BarChart:
    """Hold stacked horizontal bars; `show` turns a value into words, such as pence into pounds."""

    title: str
    legend: tuple[str, ...]
    bars: tuple[Bar, ...]
    show: Callable[[int], str] = "{:,}".format
    whole_name: str = ""

    def __post_init__(self) -> None:
        """Refuse a chart that cannot be drawn honestly.

        Raises:
            ValueError: when there are more than five parts, or a bar has other parts than the legend.
        """
        if not 1 <= len(self.legend) <= len(_COLOURS):
            raise ValueError(f"A bar has 1 to {len(_COLOURS)} parts, not {len(self.legend)}.")
        for bar in self.bars:
            if len(bar.parts) != len(self.legend):
                raise ValueError(
                    f"The bar {bar.label!r} needs {len(self.legend)} parts, one for each legend entry."
                )

    def words(self) -> str:
        """Say the whole chart in words, for those who hear it."""
        said = [f"Bar chart: {self.title}."]
        for bar in self.bars:
            parts = [
                f"{name} {'withheld' if part is None else self.show(part)}"
                for name, part in zip(self.legend, bar.parts, strict=True)
            ]
            whole = f"; {self.whole_name or 'whole'} {self.show(bar.whole)}" if bar.whole is not None else ""
            said.append(f"{bar.label}: {', '.join(parts)}{whole}.")
        return " ".join(said)

    def drawing(self, wide: float = 480) -> Drawing:
        """Draw the chart `wide` points across."""
        register_fonts()
        height = _STEP * len(self.bars) + 22 * self._legend_rows(wide) + 6
        drawing = Drawing(wide, height)
        longest = max((bar.length() for bar in self.bars), default=0) or 1
        y = height
        for bar in self.bars:
            self._draw_bar(drawing, bar, y, wide / longest, wide)
            y -= _STEP
        self._draw_legend(drawing, y - 8, wide)
        return drawing

    def _draw_bar(self, drawing: Drawing, bar: Bar, top: float, scale: float, wide: float) -> None:
        known = [part for part in bar.parts if part is not None]
        total = self.show(sum(known)) + (f" of {self.show(bar.whole)}" if bar.whole is not None else "")
        total = total if len(known) == len(bar.parts) else "withheld"
        room = wide - _wide(total, _SIZE, False) - 12
        drawing.add(_text(0, top - 12, _fit(bar.label, room, True), BOLD, _INK))
        drawing.add(_text(wide - _wide(total, _SIZE, False), top - 12, total, REGULAR, _INK))
        bottom, x = top - 18 - _BAR, 0.0
        if bar.whole is not None:
            drawing.add(
                Rect(
                    0.4,
                    bottom + 0.4,
                    max(bar.length() * scale - 0.8, 0.8),
                    _BAR - 0.8,
                    strokeColor=HexColor(_SOFT),
                    strokeWidth=0.8,
                    fillColor=None,
                )
            )
        for index, part in enumerate(bar.parts):
            length = max(part or 0, 0) * scale
            if length > 0:
                _draw_part(drawing, x, bottom, length, index)
                self._label_part(drawing, part or 0, x, bottom, length)
            x += length

    def _label_part(self, drawing: Drawing, part: int, x: float, bottom: float, length: float) -> None:
        """Write the value into its part where there is room, on a plate that keeps it readable."""
        text = self.show(part)
        wide = _wide(text, 8.5, True)
        if wide + 12 < length:
            drawing.add(
                Rect(x + 3, bottom + 3.5, wide + 6, 11, fillColor=HexColor("#ffffff"), strokeColor=None)
            )
            drawing.add(_text(x + 6, bottom + 6, text, BOLD, _INK, 8.5))

    def _legend_places(self, wide: float) -> list[tuple[float, int, str]]:
        """Give each legend entry its x and its row."""
        places, x, row = [], 0.0, 0
        for name in self.legend:
            name = _fit(name, wide - 20, False)
            need = 20 + _wide(name, _SIZE, False)
            if x and x + need > wide:
                x, row = 0.0, row + 1
            places.append((x, row, name))
            x += need + 18
        return places

    def _legend_rows(self, wide: float) -> int:
        return self._legend_places(wide)[-1][1] + 1

    def _draw_legend(self, drawing: Drawing, top: float, wide: float) -> None:
        for index, (x, row, name) in enumerate(self._legend_places(wide)):
            y = top - 10 - 22 * row
            _draw_part(drawing, x, y, 13, index, 11)
            drawing.add(_text(x + 19, y + 2, name, REGULAR, _INK))


def _wide(text: str, size: float, bold: bool) -> float:
    return width(text, bold) * size / 1000


def _fit(text: str, room: float, bold: bool) -> str:
    text = clean(text).replace("\n", " ")[:300]
    if _wide(text, _SIZE, bold) <= room:
        return text
    while text and _wide(text + "…", _SIZE, bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _text(x: float, y: float, text: str, font: str, colour: str, size: float = _SIZE) -> String:
    return String(x, y, text, fontName=font, fontSize=size, fillColor=HexColor(colour))


def _draw_part(drawing: Drawing, x: float, y: float, length: float, index: int, high: float = _BAR) -> None:
    """Draw one part: solid, or with white stripes that lean, lie, stand or fall, by its place in the legend."""
    gap = min(1.0, length / 4)
    x, length = x + gap / 2, length - gap
    drawing.add(Rect(x, y, length, high, fillColor=HexColor(_COLOURS[index]), strokeColor=None))
    for x1, y1, x2, y2 in _stripes(index, x, y, length, high):
        drawing.add(Line(x1, y1, x2, y2, strokeColor=HexColor("#ffffff"), strokeWidth=1))


def _stripes(
    index: int, x: float, y: float, length: float, high: float
) -> list[tuple[float, float, float, float]]:
    """Give the stripes of a pattern, clipped to the part."""
    if index == 0:
        return []
    if index == 2:
        return [(x, y + high * share, x + length, y + high * share) for share in (0.3, 0.7)]
    if index == 4:
        return [(x + at, y, x + at, y + high) for at in _steps(4.0, length)]
    found = []
    for at in _steps(6.0, length + high):
        left, right = max(at - high, 0.0), min(at, length)
        low, up = max(high - at, 0.0) if index == 3 else max(at - length, 0.0), high - max(at - length, 0.0)
        if index == 3:
            found.append((x + left, y + max(high - at, 0.0) if at < high else y, x + right, y + up))
        else:
            found.append((x + left, y + (high if at >= high else at), x + right, y + low))
    return found


def _steps(step: float, end: float) -> list[float]:
    return [step * count for count in range(1, int(end / step) + 1) if step * count < end]


def svg(chart: BarChart, name: str, wide: float = 480) -> str:
    """Write the chart as inline SVG; `name` makes its ids unique on the page."""
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
            f' stroke="{_hex(shape.strokeColor)}" stroke-width="{shape.strokeWidth:g}"'
            if shape.strokeColor
            else ""
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
    return (
        f'<text x="{shape.x:.2f}" y="{high - shape.y:.2f}" font-size="{shape.fontSize:g}"{weight}'
        f' fill="{_hex(shape.fillColor)}">{_literal(shape.text)}</text>'
    )


def _hex(colour: Any) -> str:
    return "none" if colour is None else f"#{colour.int_rgb():06x}"


def qr_drawing(text: str, wide: float = 96) -> Drawing:
    """Draw a QR code of `text` with its quiet zone, `wide` points across."""
    import segno

    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]
    drawing, unit = Drawing(wide, wide), wide / len(rows)
    for index, row in enumerate(rows):
        for start, length in _dark(row):
            drawing.add(
                Rect(
                    start * unit,
                    wide - (index + 1) * unit,
                    length * unit,
                    unit,
                    fillColor=HexColor("#000000"),
                    strokeColor=None,
                )
            )
    return drawing


def _dark(row: Sequence[int]) -> list[tuple[int, int]]:
    """Give the dark stretches of a row as (start, length)."""
    found: list[tuple[int, int]] = []
    for at, dark in enumerate(row):
        if dark and found and sum(found[-1]) == at:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((at, 1))
    return found
