"""Own the QR code: a drawing of dark stretches, with its quiet zone."""

from __future__ import annotations

from collections.abc import Iterator

import segno
from reportlab.graphics.shapes import Drawing, Path
from reportlab.lib.colors import HexColor


def qr_drawing(text: str, wide: float = 96) -> Drawing:
    """Draw a QR code of `text` with its quiet zone, `wide` points across.

    It is one path: a shape for each stretch took longer than all else on its page.
    """
    rows = segno.make(text, error="m", micro=False).matrix_iter(border=4)
    lines = ["".join("1" if dark else " " for dark in row) for row in rows]
    drawing, unit = Drawing(wide, wide), wide / len(lines)
    path = Path(fillColor=HexColor("#000000"), strokeColor=None)
    for index, line in enumerate(lines):
        top = wide - index * unit
        for start, length in _dark(line):
            left, right = start * unit, (start + length) * unit
            path.moveTo(left, top)
            path.lineTo(right, top)
            path.lineTo(right, top - unit)
            path.lineTo(left, top - unit)
            path.closePath()
    drawing.add(path)
    return drawing


def _dark(line: str) -> Iterator[tuple[int, int]]:
    """Give the dark stretches of a row as (start, length)."""
    at = 0
    for stretch in line.split(" "):
        if stretch:
            yield at, len(stretch)
        at += len(stretch) + 1
