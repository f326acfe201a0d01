"""Own the way from text to glyphs: which face, which direction, which shape.

A line may mix scripts. Text is cleaned, cut into runs of one face and one direction, and each run is
shaped by HarfBuzz. Order follows the Unicode bidirectional algorithm (python-bidi gives the levels). The
controls that turn text round invisibly are removed first: in a report they can only deceive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from unicodedata import category, name

from bidi.algorithm import (
    explicit_embed_and_overrides,
    get_base_level,
    get_embedding_levels,
    get_empty_storage,
    resolve_implicit_levels,
    resolve_neutral_types,
    resolve_weak_types,
)

from core.pdf.fonts import REPLACEMENT, Face, faces, hb

_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile("[\t\u1680\u2000-\u200a\u202f\u205f\u3000]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_JOINERS = "\u200c\u200d"
# A voice for a script, where the author gave no language: first word of a letter's Unicode name → BCP 47 tag.
_LANGUAGE = {
    "ARABIC": "ar",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
    "TAMIL": "ta",
    "BENGALI": "bn",
    "GURMUKHI": "pa",
    "ETHIOPIC": "am",
    "CJK": "zh",
}


def clean(text: str) -> str:
    """Make text fit to paint: one kind of space, one kind of line end, nothing invisible, nothing broken."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _UNSEEN.sub("", _SPACES.sub(" ", _SURROGATE.sub(REPLACEMENT, text)))


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Hold a shaped run: operators at rise 0, the width, and what each glyph stands for.

    `parts` is a run of (rise, operator) in painting order; `texts` pairs each glyph with its text;
    `spoken` is the text to give as ActualText where glyphs alone would not read back.
    """

    face: Face
    text: str
    parts: tuple[tuple[int, str], ...]
    width: int
    texts: tuple[tuple[int, str], ...]
    spoken: str
    language: str


@lru_cache(maxsize=20_000)
def literal(glyph: int) -> str:
    """Give a glyph number as two characters of a PDF string, escaped."""
    pair = chr(glyph >> 8) + chr(glyph & 255)
    return pair.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").replace("\r", "\\r").replace("\n", "\\n")


def is_right_to_left(text: str) -> bool:
    """Tell whether the first letter with a direction runs from right to left."""
    return bool(_RIGHT_TO_LEFT.search(text)) and bool(get_base_level(text))


def levels(text: str) -> list[int] | None:
    """Give the embedding level of each character, or `None` where all runs from left to right."""
    if not _RIGHT_TO_LEFT.search(text):
        return None
    base = get_base_level(text)
    storage = get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, ("L", "R")[base]
    get_embedding_levels(text, storage)
    explicit_embed_and_overrides(storage)
    resolve_weak_types(storage)
    resolve_neutral_types(storage, False)
    resolve_implicit_levels(storage, False)
    found = [char["level"] for char in storage["chars"]]
    # Joiners are removed by the algorithm; each takes the level of what stands before it.
    walk = iter(found)
    last = base
    result = []
    for char in text:
        last = last if char in _JOINERS else next(walk, base)
        result.append(last)
    return result


def face_of(char: str, bold: bool, before: Face | None) -> Face | None:
    """Choose the face of a character: a mark stays with what it stands on, else the first that has it."""
    if before is not None and (char in _JOINERS or (category(char)[0] == "M" and before.glyph(ord(char)))):
        return before
    return _first_face(char, bold)


@lru_cache(maxsize=20_000)
def _first_face(char: str, bold: bool) -> Face | None:
    return next((face for face in faces(bold) if face.glyph(ord(char))), None)


def runs(text: str, bold: bool) -> list[tuple[Face | None, str]]:
    """Cut text into runs of one face; `None` marks characters that no face has."""
    found: list[tuple[Face | None, str]] = []
    for char in text:
        face = face_of(char, bold, found[-1][0] if found else None)
        if found and found[-1][0] is face:
            found[-1] = (face, found[-1][1] + char)
        else:
            found.append((face, char))
    return found


@lru_cache(maxsize=8_000)
def glyphs(text: str, bold: bool, right_to_left: bool = False) -> tuple[Glyphs, ...]:
    """Shape text of one direction; the runs come in the order they are read."""
    return tuple(_shape(face, run, right_to_left) if face else _unknown(run, bold) for face, run in runs(text, bold))


def width(text: str, bold: bool) -> int:
    """Give the width of one line of text in thousandths of the type size."""
    return sum(run.width for run in glyphs(clean(text), bold))


def _unknown(text: str, bold: bool) -> Glyphs:
    """Paint the replacement sign for characters no face has, and keep the characters as spoken text."""
    face = faces(bold)[0]
    glyph = face.glyph(ord(REPLACEMENT))
    wide = face.advance(glyph) * len(text)
    return Glyphs(face, text, ((0, f"({literal(glyph) * len(text)})Tj"),), wide, ((glyph, "?"),), text, "")


def _shape(face: Face, text: str, right_to_left: bool) -> Glyphs:
    buffer = hb.Buffer()
    buffer.cluster_level = hb.BufferClusterLevel.MONOTONE_CHARACTERS
    buffer.flags = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if right_to_left else "ltr"
    hb.shape(face.font, buffer, {"kern": True, "liga": face.index % 20 > 0, "dlig": False})
    shaped = list(zip(buffer.glyph_infos, buffer.glyph_positions, strict=True))
    texts = _texts([(info.codepoint, info.cluster) for info, _ in shaped], text, face)
    plain = not right_to_left and "".join(part for _, part in texts) == text
    parts = _operators(face, [(info.codepoint, at.x_advance, at.x_offset, at.y_offset) for info, at in shaped])
    return Glyphs(
        face,
        text,
        parts,
        sum(at.x_advance for _, at in shaped),
        texts,
        "" if plain else text,
        _LANGUAGE.get(name(text[0], "").partition(" ")[0], ""),
    )


def _texts(found: list[tuple[int, int]], text: str, face: Face) -> tuple[tuple[int, str], ...]:
    """Pair each glyph with the text of its cluster; further glyphs of a cluster stand for nothing visible."""
    edges = sorted({cluster for _, cluster in found} | {len(text)})
    ends = dict(pairwise(edges))
    seen: set[int] = set()
    pairs = []
    for glyph, cluster in found:
        part = text[cluster : ends[cluster]]
        if cluster in seen:
            marks = [char for char in part if face.glyph(ord(char)) == glyph]
            part = marks[0] if marks else "\u200b"
        seen.add(cluster)
        pairs.append((glyph, part or "\u200b"))
    return tuple(pairs)


def _operators(face: Face, placed: list[tuple[int, int, int, int]]) -> tuple[tuple[int, str], ...]:
    """Turn (glyph, advance, x, y) into text operators, one for each stretch of equal rise."""
    parts: list[tuple[int, str]] = []
    body, rise, shift = "", 0, 0
    for glyph, advance, x, y in placed:
        if y != rise and body:
            parts.append((rise, f"[{body}]TJ"))
            body = ""
        rise, shift = y, shift - x
        if shift or not body:
            body += (f"{shift}" if shift else "") + "()"
        body = body[:-1] + literal(glyph) + ")"
        shift = face.advance(glyph) + x - advance
    if body or shift:
        parts.append((rise, f"[{body}{shift if shift else ''}]TJ"))
    return tuple(parts)
