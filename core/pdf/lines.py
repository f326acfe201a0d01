"""Own the setting of lines: where a text breaks, and the operators that paint a line.

Lines break at spaces, beside Chinese characters, after a hyphen between letters, and, where a single word is
wider than the measure, anywhere but before a mark. Runs go into the page in reading order, each at its own
place, so that a reader which follows the page reads Arabic the right way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import category

from core.pdf.scripts import Glyphs, clean, glyphs, levels
from core.pdf.text import Span

if TYPE_CHECKING:
    from core.pdf.writer import StreamDoc

UNBROKEN = 10**9
_CHINESE = "\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
# A line may break at a space, between Chinese characters, and after a hyphen between two letters. Pieces have an
# end: shaping one of a hundred thousand letters would take minutes.
_LETTER = "[^\\W\\d_]"
_PIECES = re.compile(
    f"[{_CHINESE}]{{1,200}}|(?:[^ \\n{_CHINESE}-]|(?<!{_LETTER})-|-(?!{_LETTER})){{1,200}}-?|-|\\n| {{1,200}}"
)
_IS_CHINESE = re.compile(f"[{_CHINESE}]")


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


@lru_cache(maxsize=2_000)
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


def single_line(text: str, bold: bool) -> Line:
    """Set a text as one line, however long."""
    return lines((Span(clean(text).replace("\n", " "), bold),), UNBROKEN)[0]


def natural_width(spans: tuple[Span, ...]) -> int:
    """Give the width of the text unbroken, in thousandths of the type size."""
    return max(line.width for line in lines(spans, UNBROKEN))


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
        if atoms[0].space:
            if self.now:
                self._take(atoms)
            return
        wide = sum([atom.run.width for atom in atoms])
        flows = bool(_IS_CHINESE.match(atoms[0].run.text))
        if self.now and self.width + wide > self.measure and not flows:
            self.end_line(last=False)
        if self.width + wide > self.measure:
            self._add_broken(atoms)
        else:
            self._take(atoms)

    def _take(self, atoms: Sequence[Atom]) -> None:
        self.now += atoms
        self.width += sum([atom.run.width for atom in atoms])

    def _add_broken(self, atoms: list[Atom]) -> None:
        """Break Chinese, or a word that is wider than the measure, never before a mark."""
        for atom in atoms:
            bold, right_to_left = self.spans[atom.span].bold, atom.level % 2 == 1
            for part in self._fitting(atom.run.text, bold, right_to_left):
                found = [Atom(run, atom.level, atom.span, False) for run in glyphs(part, bold, right_to_left)]
                if self.now and self.width + sum([new.run.width for new in found]) > self.measure:
                    self.end_line(last=False)
                self._take(found)

    def _fitting(self, text: str, bold: bool, right_to_left: bool) -> Iterator[str]:
        """Cut text into parts that fit the rest of this line and then whole lines."""
        part, wide = "", self.width
        for cluster in _clusters(text):
            width = sum([run.width for run in glyphs(cluster, bold, right_to_left)])
            if wide and wide + width > self.measure:
                if part:
                    yield part
                part, wide = "", 0
            part, wide = part + cluster, wide + width
        if part:
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


def operators(
    doc: StreamDoc, placed: Sequence[tuple[int, Atom]], x: float, y: float, size: float, space_after: bool = False
) -> str:
    """Write the text operators of placed atoms; `doc` notes the glyphs. Coordinates are in points.

    A line that goes on ends with a space: without it, readers join its last word to the first of the next.
    """
    code, resource, expected = ["BT"], "", -1
    for offset, atom in placed:
        if atom.run.face.resource != resource:
            resource = atom.run.face.resource
            code.append(f"{resource} {size:g} Tf")
        if offset != expected:
            code.append(f"1 0 0 1 {x + offset * size / 1000:.2f} {y:.2f} Tm")
        expected = offset + atom.run.width
        code.append(run_operators(doc, atom.run, size))
    if space_after:
        [space] = glyphs(" ", False)
        code.append(f"{space.face.resource} {size:g} Tf {run_operators(doc, space, size)}")
    code.append("ET")
    return " ".join(code)


def run_operators(doc: StreamDoc, run: Glyphs, size: float) -> str:
    """Write the operators of one run, wrapped in its spoken text where the glyphs do not read back."""
    needs_words = doc.use(run)
    code = " ".join(f"{rise * size / 1000:.3f} Ts {part} 0 Ts" if rise else part for rise, part in run.parts)
    if not needs_words and not run.language:
        return code
    language = f"/Lang({run.language})" if run.language else ""
    words = f"/ActualText<feff{run.text.encode('utf-16-be').hex()}>" if needs_words else ""
    return f"/Span<<{words}{language}>>BDC {code} EMC"
