"""Own the bar chart: its words and its drawing.

One drawing serves the report and, through `svg.py`, the web page, so both show the same picture. Parts of a
bar differ in pattern as well as colour, every colour stands at least 3:1 against white, parts are kept apart
by white, and the legend is in words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import HexColor

from core.pdf.fonts import BOLD, REGULAR
from core.pdf.scripts import clean, width

# Navy, blue, green, purple, grey; contrast with white 14.6, 5.2, 6.2, 10.1 and 4.6.
_COLOURS = ("#12284b", "#1d70b8", "#00703c", "#4c2c92", "#6f777b")
_INK, _SOFT = "#0b0c0c", "#505a5f"
_BAR, _STEP, _LEGEND, _SIZE = 18.0, 44.0, 22.0, 10.0


@dataclass(frozen=True)
class Bar:
    """Describe one bar: its label, its parts in legend order and the whole it is measured by.

    A part that is `None` is withheld: nothing of it is painted or said.
    """

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
    longest: int = 0

    def __post_init__(self) -> None:
        """Refuse a chart that cannot be drawn honestly.

        Raises:
            ValueError: when there are more than five parts, or a bar has other parts than the legend.
        """
        if not 1 <= len(self.legend) <= len(_COLOURS):
            raise ValueError(f"A bar has 1 to {len(_COLOURS)} parts, not {len(self.legend)}.")
        for bar in self.bars:
            if len(bar.parts) != len(self.legend):
                raise ValueError(f"The bar {bar.label!r} needs {len(self.legend)} parts, as the legend has.")

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

    def first(self, count: int) -> BarChart:
        """Give the chart of the first bars, on the scale of the whole."""
        return replace(self, bars=self.bars[:count], longest=self.full_length())

    def rest(self, count: int) -> BarChart:
        """Give the chart of the other bars, on the scale of the whole."""
        return replace(self, bars=self.bars[count:], longest=self.full_length())

    def full_length(self) -> int:
        """Give the value that goes across the whole chart."""
        return self.longest or max((bar.length() for bar in self.bars), default=0) or 1

    def height(self, wide: float) -> float:
        """Give the height in points when drawn `wide` points across."""
        return _STEP * len(self.bars) + _LEGEND * (self._places(wide)[-1][1] + 1) + 6

    def fitting(self, wide: float, high: float) -> int:
        """Give how many bars fit into `high` points with the legend."""
        return min(int((high - self.height(wide)) // _STEP) + len(self.bars), len(self.bars))

    def drawing(self, wide: float = 480) -> Drawing:
        """Draw the chart `wide` points across."""
        drawing = Drawing(wide, self.height(wide))
        y = float(drawing.height)
        for bar in self.bars:
            self._draw_bar(drawing, bar, y, wide)
            y -= _STEP
        for index, (x, row, name) in enumerate(self._places(wide)):
            bottom = y - 18 - _LEGEND * row
            if index < len(self.legend):
                _draw_part(drawing, x, bottom, 13, index, 11)
            else:
                _draw_outline(drawing, x, bottom, 13, 11)
            drawing.add(_text(x + 19, bottom + 2, name))
        return drawing

    def _draw_bar(self, drawing: Drawing, bar: Bar, top: float, wide: float) -> None:
        scale = wide / self.full_length()
        known = [part for part in bar.parts if part is not None]
        total = self.show(sum(known)) + (f" of {self.show(bar.whole)}" if bar.whole is not None else "")
        total = total if len(known) == len(bar.parts) else "withheld"
        room = wide - _wide(total, _SIZE, False) - 12
        drawing.add(_text(0, top - 12, _fit(bar.label, room, True), bold=True))
        drawing.add(_text(wide, top - 12, total, anchor="end"))
        bottom, x = top - 18 - _BAR, 0.0
        if bar.whole is not None:
            _draw_outline(drawing, 0, bottom, bar.length() * scale, _BAR)
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
            drawing.add(Rect(x + 3, bottom + 3.5, wide + 6, 11, fillColor=HexColor("#ffffff"), strokeColor=None))
            drawing.add(_text(x + 6 + wide / 2, bottom + 6, text, 8.5, bold=True, anchor="middle"))

    def _places(self, wide: float) -> list[tuple[float, int, str]]:
        """Give each legend entry its x and its row."""
        places, x, row = [], 0.0, 0
        for name in [*self.legend, *([self.whole_name] if self.whole_name else [])]:
            name = _fit(name, wide - 20, False)
            need = 20 + _wide(name, _SIZE, False)
            if x and x + need > wide:
                x, row = 0.0, row + 1
            places.append((x, row, name))
            x += need + 18
        return places


def _wide(text: str, size: float, bold: bool) -> float:
    return width(text, bold) * size / 1000


def _fit(text: str, room: float, bold: bool) -> str:
    text = clean(text).replace("\n", " ")[:300]
    if _wide(text, _SIZE, bold) <= room:
        return text
    while text and _wide(text + "…", _SIZE, bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _text(x: float, y: float, text: str, size: float = _SIZE, *, bold: bool = False, anchor: str = "start") -> String:
    """Set text that begins, ends or is centred at `x`: a page may set it in another face than a report."""
    font = BOLD if bold else REGULAR
    return String(x, y, text, fontName=font, fontSize=size, fillColor=HexColor(_INK), textAnchor=anchor)


def _draw_outline(drawing: Drawing, x: float, y: float, length: float, high: float) -> None:
    """Draw the whole a bar is measured by."""
    outline: Any = Rect(x + 0.4, y + 0.4, max(length - 0.8, 0.8), high - 0.8, fillColor=None)
    outline.strokeColor, outline.strokeWidth = HexColor(_SOFT), 0.8
    drawing.add(outline)


def _draw_part(drawing: Drawing, x: float, y: float, length: float, index: int, high: float = _BAR) -> None:
    """Draw one part: solid, or with white stripes that lean, lie, stand or fall, by its place in the legend."""
    gap = min(1.0, length / 4)
    x, length = x + gap / 2, length - gap
    drawing.add(Rect(x, y, length, high, fillColor=HexColor(_COLOURS[index]), strokeColor=None))
    for x1, y1, x2, y2 in _stripes(index, x, y, length, high):
        drawing.add(Line(x1, y1, x2, y2, strokeColor=HexColor("#ffffff"), strokeWidth=1))


def _stripes(index: int, x: float, y: float, length: float, high: float) -> list[tuple[float, float, float, float]]:
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
        low, up = (high - at + left, high - at + right) if index == 1 else (at - left, at - right)
        found.append((x + left, y + low, x + right, y + up))
    return found


def _steps(step: float, end: float) -> list[float]:
    return [step * count for count in range(1, int(end / step) + 1) if step * count < end]
