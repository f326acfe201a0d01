"""Own the cells of a fast listing: a value to operators, once for each value.

Latin, Greek and Cyrillic go through a table from character to glyph in one call. Whatever needs another
face, shaping or another direction is set by the slow road. Both are remembered, for values repeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import bidirectional, category

from core.pdf.columns import Cell, cell_text
from core.pdf.fonts import Face, faces
from core.pdf.lines import run_operators, single_line
from core.pdf.scripts import clean, literal
from core.pdf.writer import StreamDoc

_SLOW = "\uffff"
_REMEMBERED = 20_000
_LONGEST = 300
_WIDEST = 1_000  # no ASCII letter of Noto Sans is wider
# Scripts whose letters change with their neighbours: Devanagari to Lao, Myanmar, Khmer.
_SHAPED = ((0x0900, 0x0F00), (0x1000, 0x10A0), (0x1780, 0x1800))


class _Glyphs(dict[int, str]):
    """Map a character to its glyph as PDF text; what needs the slow road maps to a mark that says so."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self.face = face

    def __missing__(self, code: int) -> str:
        char = chr(code)
        simple = (
            category(char)[0] in "LNPSZ"
            and bidirectional(char) not in ("R", "AL", "AN")
            and not any(first <= code < end for first, end in _SHAPED)
            and clean(char) == char != "\n"
        )
        glyph = self.face.glyph(code)
        found = self[code] = literal(glyph) if simple and glyph else _SLOW
        return found


class _Advances(dict[str, int]):
    """Map a character to its advance in thousandths of the type size."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self.face = face

    def __missing__(self, char: str) -> int:
        found = self[char] = self.face.advance(self.face.glyph(ord(char)))
        return found


class Cells:
    """Turn the values of one listing in one document into operators that begin where the pen is."""

    def __init__(self, doc: StreamDoc, size: float) -> None:
        """Set values in `size` points."""
        self.doc, self.size, self.face = doc, size, faces(False)[0]
        self.glyphs, self.advances = _Glyphs(self.face), _Advances(self.face)
        self.painted: set[str] = set()
        self.known: dict[int, dict[Cell, str]] = {}

    def column(self, cells: Sequence[Cell], room: int) -> list[str]:
        """Give the operators of a column of values, each cut to `room` thousandths of the type size.

        A negative `room` means that the values end where the pen is.
        """
        known = self.known.setdefault(room, {})
        if len(known) > _REMEMBERED:
            known.clear()
        found = []
        for cell in cells:
            shown = known.get(cell)
            if shown is None:
                shown = known[cell] = self._set(cell_text(cell), room)
            found.append(shown)
        return found

    def _set(self, text: str, room: int) -> str:
        text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
        shown = text.translate(self.glyphs)
        if _SLOW in shown:
            return self._set_slowly(clean(text).replace("\n", " "), room)
        if room > len(text) * _WIDEST and text.isascii():
            self.painted.update(text)
            return f"({shown})Tj"
        wide = self._wide(text)
        if wide > abs(room):
            text = self._shortened(text, abs(room))
            shown, wide = text.translate(self.glyphs), self._wide(text)
        self.painted.update(text)
        back = f"{-wide * self.size / 1000:.2f} 0 Td " if room < 0 else ""
        return f"{back}({shown})Tj"

    def _wide(self, text: str) -> int:
        return sum(map(self.advances.__getitem__, text))

    def _shortened(self, text: str, room: int) -> str:
        room -= self.advances["…"]
        while text and self._wide(text) > room:
            text = text[: max(0, min(len(text) - 1, len(text) * room // self._wide(text)))]
        return text.rstrip() + "…"

    def _set_slowly(self, text: str, room: int) -> str:
        line = single_line(text, False)
        while line.width > abs(room) and text:
            text = text[: max(0, min(len(text) - 1, len(text) * abs(room) // line.width))]
            line = single_line(text + "…", False)
        parts, at = [], line.width if room < 0 else 0
        for offset, atom in line.placed():
            move = f"{(offset - at) * self.size / 1000:.2f} 0 Td" if offset != at else ""
            parts.append(
                f"{move} {atom.run.face.resource} {self.size:g} Tf {run_operators(self.doc, atom.run, self.size)}"
            )
            at = offset
        return " ".join([*parts, f"{self.face.resource} {self.size:g} Tf"])

    def settle(self) -> None:
        """Note the painted characters for embedding."""
        known = self.doc.texts_of(self.face)
        for char in sorted(self.painted):
            known.setdefault(self.face.glyph(ord(char)), char)
        self.painted.clear()
