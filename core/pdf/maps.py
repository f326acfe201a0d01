"""Own the schematic map: marks where they lie to each other, each with its name, and no land drawn.

Made of squares, lines and text like a bar chart, so the same drawing serves page and report. A mark is full or empty,
which is told apart without colour; marks at one spot are drawn once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reportlab.graphics.shapes import Drawing, Rect, String
from reportlab.lib.colors import HexColor

from core.pdf.fonts import REGULAR
from core.pdf.scripts import clean, width

_INK, _FULL, _WHITE, _GROUND = "#0b0c0c", "#12284b", "#ffffff", "#f3f2f1"
_MARK, _SIZE, _LINE, _EDGE, _LEGEND = 11.0, 9.5, 12.0, 34.0, 26.0


@dataclass(frozen=True)
class Mark:
    """Describe one mark: its name, where it lies (y upwards, any unit), whether it is full, what it stands for."""

    label: str
    x: int
    y: int
    full: bool
    says: str


@dataclass(frozen=True)
class MarkMap:
    """Hold a map; `full` and `empty` say in the legend what the two kinds of mark mean."""

    title: str
    marks: tuple[Mark, ...]
    full: str
    empty: str

    def words(self) -> str:
        """Say the whole map in words, for those who hear it."""
        said = [f"{mark.label}: {mark.says}, {self.full if mark.full else self.empty}." for mark in self.marks]
        return " ".join([f"Map: {self.title}.", *said])

    def drawing(self, wide: float = 480) -> Drawing:
        """Draw the map `wide` points across, north up, as high as its marks ask for."""
        xs, ys = [mark.x for mark in self.marks] or [0], [mark.y for mark in self.marks] or [0]
        across, up = max(max(xs) - min(xs), 1), max(max(ys) - min(ys), 1)
        # Names need room to the right of the easternmost mark.
        scale = min((wide - 2 * _EDGE - 70) / across, 420 / up)
        high = up * scale + 2 * _EDGE + _LEGEND
        drawing = Drawing(wide, high)
        drawing.add(Rect(0, _LEGEND, wide, high - _LEGEND, fillColor=HexColor(_GROUND), strokeColor=None))
        spots = [
            (_EDGE + (mark.x - min(xs)) * scale, _LEGEND + _EDGE + (mark.y - min(ys)) * scale, mark)
            for mark in self.marks
        ]
        taken = [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y, _ in spots]
        for x, y, mark in spots:
            _draw_mark(drawing, x, y, full=mark.full)
            drawing.add(_label(x, y, mark.label, taken, wide))
        _draw_legend(drawing, self.full, self.empty)
        return drawing


Box = tuple[float, float, float, float]


def _label(x: float, y: float, text: str, taken: list[Box], wide: float) -> String:
    """Set a name beside its mark, where it meets neither another name nor another mark if there is such a place."""
    text = clean(text).replace("\n", " ")[:60]
    length = width(text, False) * _SIZE / 1000
    places = [
        (x + _MARK, y - 3.5), (x - _MARK - length, y - 3.5),
        (x - length / 2, y + _MARK), (x - length / 2, y - 2 * _MARK),
    ]  # fmt: skip
    boxes = [(at, up - 2, at + length, up + _LINE - 2) for at, up in places]
    free = [
        box for box in boxes
        if box[0] >= 0 and box[2] <= wide and not any(_meet(box, other) for other in taken if not _holds(other, x, y))
    ]  # fmt: skip
    box = (free or boxes)[0]
    taken.append(box)
    return String(box[0], box[1] + 2, text, fontName=REGULAR, fontSize=_SIZE, fillColor=HexColor(_INK))


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] < x < box[2] and box[1] < y < box[3]


def _draw_mark(drawing: Drawing, x: float, y: float, *, full: bool) -> None:
    """Draw a square: full, or empty with a heavy edge."""
    square: Any = Rect(x - _MARK / 2, y - _MARK / 2, _MARK, _MARK, fillColor=HexColor(_FULL if full else _WHITE))
    square.strokeColor, square.strokeWidth = HexColor(_FULL), 2
    drawing.add(square)


def _draw_legend(drawing: Drawing, full: str, empty: str) -> None:
    x = 8.0
    for words, is_full in ((full, True), (empty, False)):
        _draw_mark(drawing, x + _MARK / 2, 10, full=is_full)
        said = words[:1].upper() + words[1:]
        drawing.add(String(x + _MARK + 8, 6, said, fontName=REGULAR, fontSize=10, fillColor=HexColor(_INK)))
        x += _MARK + 8 + width(said, False) * 10 / 1000 + 22
