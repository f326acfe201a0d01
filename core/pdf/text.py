"""Own the setting of text: breaking it into lines and painting a line.

Text is never markup. What a person typed is what is painted, so a note that says `<b>` shows `<b>`, and no
file or address can be reached through it. Lines break at spaces, between Chinese characters, after a hyphen
between letters, and, where a single word is wider than the measure, anywhere but before a mark. Text that is
too long for a report is cut with a notice and never refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from unicodedata import category

from core.pdf.scripts import Glyphs, clean, glyphs, is_right_to_left, levels

PARAGRAPH_LIMIT = 20_000
CELL_LIMIT = 1_500

_CHINESE = "\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
# A line may break at a space, beside a Chinese character, and after a hyphen between two letters.
_LETTER = "[^\\W\\d_]"
_PIECES = re.compile(f"[{_CHINESE}]|(?:[^ \\n{_CHINESE}-]|(?<!{_LETTER})-|-(?!{_LETTER}))+-?|-|\\n| +")


@dataclass(frozen=True)
class Style:
    """Say how text looks: sizes in points, colour as `#rrggbb`, `align` one of left, right, centre."""

    size: float = 12
    leading: float = 17
    bold: bool = False
    colour: str = "#0b0c0c"
    align: str = "left"
    before: float = 0
    after: float = 8
    indent: float = 0
    keep: bool = False

    def but(self, **changes: Any) -> Style:
        """Give the same style with some values changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Span:
    """Hold a stretch of text inside a paragraph; with `link` it is an address to open."""

    text: str
    bold: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Atom:
    """Hold one shaped run of a line, its bidirectional level and the span it comes from."""

    run: Glyphs
    level: int
    span: int
    space: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Hold the atoms of a line as they are read; `width` is in thousandths of the type size."""

    atoms: tuple[Atom, ...]
    width: int
    last: bool

    def placed(self) -> list[tuple[int, Atom]]:
        """Pair each atom, in reading order, with where it stands from the left edge."""
        order = list(range(len(self.atoms)))
        for level in range(max((atom.level for atom in self.atoms), default=0), 0, -1):
            start = 0
            while start < len(order):
                end = start
                while end < len(order) and self.atoms[order[end]].level >= level:
                    end += 1
                order[start:end] = reversed(order[start:end])
                start = max(end, start + 1)
        offsets, at = [0] * len(order), 0
        for index in order:
            offsets[index] = at
            at += self.atoms[index].run.width
        return list(zip(offsets, self.atoms, strict=True))


def cut(text: str, limit: int) -> str:
    """Give text no longer than `limit` characters; what is cut is replaced by a notice with the number."""
    if len(text) <= limit:
        return text
    return f"{text[:limit].rstrip()} … [shortened here: {len(text) - limit:,} more characters]"


def spans_of(text: str | Span | Sequence[str | Span], limit: int, bold: bool = False) -> tuple[Span, ...]:
    """Clean a text, or a row of texts and spans, and cut it to `limit` characters."""
    parts = [text] if isinstance(text, str | Span) else list(text)
    found: list[Span] = []
    for part in parts:
        span = part if isinstance(part, Span) else Span(part)
        # Only what may be painted is cleaned: a text of millions of characters costs no more than the limit.
        spare = len(span.text) - 2 * limit
        head = clean(span.text[: 2 * limit])
        kept = cut(head + "\ufffd" * max(spare, 0), limit) if len(head) > limit or spare > 0 else head
        found.append(Span(kept, span.bold or bold, span.link))
        limit = max(limit - len(kept), 0)
        if limit == 0:
            break
    return tuple(found)


@lru_cache(maxsize=4_000)
def lines(spans: tuple[Span, ...], measure: int) -> tuple[Line, ...]:
    """Break spans into lines no wider than `measure` (thousandths of the type size)."""
    text = "".join(span.text for span in spans)
    owner = [index for index, span in enumerate(spans) for _ in span.text]
    found = levels(text.replace("\n", " ")) if text else None
    setting = _Setting(spans, measure)
    for match in _PIECES.finditer(text):
        if match.group() == "\n":
            setting.end_line(last=False)
            continue
        atoms = list(_atoms(match.group(), match.start(), spans, owner, found))
        setting.add(atoms)
    setting.end_line(last=True)
    return tuple(setting.lines)


def natural_width(spans: tuple[Span, ...]) -> int:
    """Give the width of the text unbroken, in thousandths of the type size."""
    return max(line.width for line in lines(spans, 10**9))


def longest_word(spans: tuple[Span, ...]) -> int:
    """Give the width of the widest unbreakable piece, in thousandths of the type size."""
    return max(
        (
            sum(run.width for run in glyphs(match.group(), span.bold))
            for span in spans
            for match in _PIECES.finditer(span.text)
            if not match.group().isspace()
        ),
        default=0,
    )


def _atoms(
    piece: str, start: int, spans: tuple[Span, ...], owner: list[int], found: list[int] | None
) -> Iterator[Atom]:
    """Cut a piece where span or direction changes, and shape each part."""
    at = 0
    while at < len(piece):
        span, level = owner[start + at], found[start + at] if found else 0
        end = at + 1
        while end < len(piece) and owner[start + end] == span and (not found or found[start + end] == level):
            end += 1
        part = piece[at:end]
        for run in glyphs(part, spans[span].bold, level % 2 == 1):
            yield Atom(run, level, span, part.isspace())
        at = end


class _Setting:
    """Gather atoms into lines."""

    def __init__(self, spans: tuple[Span, ...], measure: int) -> None:
        self.spans, self.measure = spans, measure
        self.lines: list[Line] = []
        self.now: list[Atom] = []
        self.width = 0

    def end_line(self, last: bool) -> None:
        while self.now and self.now[-1].space:
            self.width -= self.now.pop().run.width
        self.lines.append(Line(tuple(self.now), self.width, last))
        self.now, self.width = [], 0

    def add(self, atoms: list[Atom]) -> None:
        wide = sum(atom.run.width for atom in atoms)
        if self.width + wide > self.measure and not atoms[0].space:
            if self.now:
                self.end_line(last=False)
            if wide > self.measure:
                self._add_broken(atoms)
                return
        if atoms[0].space and not self.now:
            return
        self.now += atoms
        self.width += wide

    def _add_broken(self, atoms: list[Atom]) -> None:
        """Break a word that is wider than the measure, never before a mark."""
        for atom in atoms:
            bold = self.spans[atom.span].bold
            for part in self._fitting(atom.run.text, bold, atom.level % 2 == 1):
                for run in glyphs(part, bold, atom.level % 2 == 1):
                    if self.now and self.width + run.width > self.measure:
                        self.end_line(last=False)
                    self.now.append(Atom(run, atom.level, atom.span, False))
                    self.width += run.width

    def _fitting(self, text: str, bold: bool, right_to_left: bool) -> Iterator[str]:
        """Cut text into parts that fit the measure on their own."""
        part, wide = "", self.width
        for cluster in _clusters(text):
            width = sum(run.width for run in glyphs(cluster, bold, right_to_left))
            if part and wide + width > self.measure:
                yield part
                part, wide = "", 0
            part, wide = part + cluster, wide + width
        yield part


def _clusters(text: str) -> Iterator[str]:
    """Give characters with the marks and joiners that belong to them."""
    now = ""
    for char in text:
        if now and (category(char)[0] == "M" or char in "\u200c\u200d"):
            now += char
            if len(now) < 16:
                continue
            yield now
            now = ""
            continue
        if now:
            yield now
        now = char
    if now:
        yield now


def begins_right_to_left(spans: Sequence[Span]) -> bool:
    """Tell whether a paragraph reads from right to left."""
    return is_right_to_left("".join(span.text for span in spans)[:200])


def operators(
    doc: Any, placed: Sequence[tuple[int, Atom]], x: float, y: float, size: float, space_after: bool = False
) -> str:
    """Write the text operators of placed atoms; `doc` notes the glyphs. Coordinates are in points.

    Atoms go into the stream in reading order, each at its own place, so that a reader which follows the
    stream reads Arabic the right way round. A line that goes on ends with a space: without it, readers
    join the last word of a line to the first of the next.
    """
    code, face, expected = ["BT"], None, None
    for offset, atom in placed:
        run = atom.run
        if run.face is not face:
            face = run.face
            code.append(f"{face.resource} {size:g} Tf")
        if offset != expected:
            code.append(f"1 0 0 1 {x + offset * size / 1000:.2f} {y:.2f} Tm")
        expected = offset + run.width
        code.append(run_operators(doc, run, size))
    if space_after and face is not None and face.glyph(32):
        for space in glyphs(" ", False):
            code.append(f"{space.face.resource} {size:g} Tf " + run_operators(doc, space, size))
    code.append("ET")
    return " ".join(code)


def run_operators(doc: Any, run: Glyphs, size: float) -> str:
    """Write the operators of one run, wrapped in its spoken text where the glyphs do not read back."""
    needs_words = doc.use(run)
    code = " ".join(f"{rise * size / 1000:.3f} Ts {part} 0 Ts" if rise else part for rise, part in run.parts)
    if not needs_words and not run.language:
        return code
    language = f"/Lang({run.language})" if run.language else ""
    words = f"/ActualText<feff{run.text.encode('utf-16-be').hex()}>" if needs_words else ""
    return f"/Span<<{words}{language}>>BDC {code} EMC"
