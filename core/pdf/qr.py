"""Own the QR code: a drawing of dark stretches, with its quiet zone."""

from __future__ import annotations

from collections.abc import Sequence

import segno
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import HexColor


def qr_drawing(text: str, wide: float = 96) -> Drawing:
    """Draw a QR code of `text` with its quiet zone, `wide` points across."""
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
