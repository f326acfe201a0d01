"""Own the typefaces: which glyph paints a character, and how a face goes into the file.

Faces are read through HarfBuzz, which maps the file instead of parsing it, so the ten-megabyte Chinese
face costs nothing until a Chinese character is painted. A face is embedded as one CID font whose codes
are the glyph numbers themselves. reportlab's own TrueType subsets of 256 characters are not used: they
hand out codes in order of first use in the process, which makes the same report differ from run to run,
and they cannot carry a shaped glyph.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import uharfbuzz
from reportlab.pdfbase import pdfmetrics

from core.pdf.objects import ObjectFile

# The binding is compiled and carries no types.
hb: Any = uharfbuzz

REGULAR = "Report"
BOLD = "Report-Bold"
REPLACEMENT = "\ufffd"

# The order is the order of trial. Noto Sans comes first, so that digits and points look alike everywhere;
# it holds Latin, Greek, Cyrillic and Devanagari.
_SCRIPTS = ("", "Arabic", "Hebrew", "Tamil", "Bengali", "Gurmukhi", "Ethiopic", "SC")
_NO_BOLD = "SC"
_DROPPED = (
    "GSUB",
    "GPOS",
    "GDEF",
    "BASE",
    "STAT",
    "name",
    "post",
    "OS/2",
    "cmap",
    "meta",
    "DSIG",
    "gasp",
    "vhea",
    "vmtx",
    "VORG",
    "hdmx",
    "VDMX",
    "LTSH",
    "kern",
    "MATH",
    "prop",
    "avar",
    "HVAR",
    "MVAR",
)


class FontMissing(RuntimeError):
    """Say which font file is not where it should be."""


def font_folder() -> Path:
    """Give the folder of the font files: `CORE_PDF_FONTS`, or `static/dist/fonts` beside the code."""
    named = os.environ.get("CORE_PDF_FONTS")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "static" / "dist" / "fonts"


class Face:
    """Hold one font file: its glyph numbers, advances and the bytes to embed.

    All measures are in thousandths of the type size; a file with another grid is refused, so that no
    rounding ever enters a width.
    """

    def __init__(self, path: Path, index: int) -> None:
        """Open the file at `path`; `index` numbers the face within every document.

        Raises:
            FontMissing: when the file is absent or not on a grid of 1,000.
        """
        if not path.is_file():
            raise FontMissing(f"The font file {path.name} is missing from {path.parent}. Run `make assets`.")
        self.hb_face = hb.Face(hb.Blob.from_file_path(str(path)))
        if self.hb_face.upem != 1000:
            raise FontMissing(f"The font file {path.name} is drawn on {self.hb_face.upem} units, not 1,000.")
        self.font = hb.Font(self.hb_face)
        self.index = index
        self.resource = f"/F{index}"
        self.name = self.hb_face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or path.stem
        extents = self.font.get_font_extents("ltr")
        self.ascent, self.descent = extents.ascender, extents.descender
        self._glyphs: dict[int, int] = {}
        self._advances: dict[int, int] = {}

    def glyph(self, code: int) -> int:
        """Give the glyph number of a code point, 0 where the face has none."""
        found = self._glyphs.get(code)
        if found is None:
            found = self._glyphs[code] = self.font.get_nominal_glyph(code) or 0
        return found

    def advance(self, glyph: int) -> int:
        """Give the advance of a glyph in thousandths of the type size."""
        found = self._advances.get(glyph)
        if found is None:
            found = self._advances[glyph] = self.font.get_glyph_h_advance(glyph)
        return found

    def subset(self, glyphs: Iterable[int]) -> bytes:
        """Cut the file down to `glyphs`, with their numbers kept, as a TrueType font program."""
        wanted = hb.SubsetInput()
        wanted.glyph_set.update({0, *glyphs})
        wanted.drop_table_tag_set.update(int.from_bytes(tag.ljust(4).encode(), "big") for tag in _DROPPED)
        wanted.flags = hb.SubsetFlags.RETAIN_GIDS | hb.SubsetFlags.NOTDEF_OUTLINE | hb.SubsetFlags.NO_HINTING
        return bytes(hb.subset(self.hb_face, wanted).blob.data)

    def box(self) -> tuple[int, int, int, int]:
        """Give the bounding box of all glyphs, from the `head` table."""
        head = bytes(self.hb_face.reference_table("head").data)
        left, bottom, right, top = struct.unpack(">4h", head[36:44])
        return left, bottom, right, top


@cache
def faces(bold: bool) -> tuple[Face, ...]:
    """Open the faces of one weight, in order of trial; Chinese has one weight for both."""
    opened = []
    for order, script in enumerate(_SCRIPTS):
        if bold and script == _NO_BOLD:
            opened.append(faces(False)[order])
        else:
            file = font_folder() / f"NotoSans{script}-{'Bold' if bold else 'Regular'}.ttf"
            opened.append(Face(file, order + 20 * bold))
    return tuple(opened)


def to_unicode(texts: Mapping[int, str]) -> bytes:
    """Write the map from glyph number to text that lets the file be searched and read aloud."""
    rows = [f"<{glyph:04x}> <{text.encode('utf-16-be').hex()}>" for glyph, text in sorted(texts.items())]
    blocks = [
        f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar"
        for part in (rows[at : at + 100] for at in range(0, len(rows), 100))
    ]
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        + "\n".join(blocks)
        + "\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()


def embed(file: ObjectFile, face: Face, texts: Mapping[int, str]) -> int:
    """Write a face with the glyphs of `texts` (glyph → text) into `file`; give its object number."""
    program = face.subset(texts)
    check = zlib.crc32(program)
    name = "/" + "".join([chr(65 + (check >> shift) % 26) for shift in (0, 5, 10, 15, 20, 25)]) + f"+{face.name}"
    font_file = file.stream(program, f"/Length1 {len(program)}")
    unicode_map = file.stream(to_unicode(texts))
    left, bottom, right, top = face.box()
    descriptor = file.small(
        f"<</Type/FontDescriptor/FontName{name}/Flags 4/FontBBox[{left} {bottom} {right} {top}]/ItalicAngle 0"
        f"/Ascent {face.ascent}/Descent {face.descent}/CapHeight 714/StemV {140 if 'Bold' in face.name else 80}"
        f"/FontFile2 {font_file} 0 R>>"
    )
    widths = " ".join([f"{glyph}[{face.advance(glyph)}]" for glyph in sorted({0, *texts})])
    descendant = file.small(
        f"<</Type/Font/Subtype/CIDFontType2/BaseFont{name}/CIDToGIDMap/Identity/DW 0/W[{widths}]"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        f"/FontDescriptor {descriptor} 0 R>>"
    )
    return file.small(
        f"<</Type/Font/Subtype/Type0/BaseFont{name}/Encoding/Identity-H"
        f"/DescendantFonts[{descendant} 0 R]/ToUnicode {unicode_map} 0 R>>"
    )


class _Measure:
    """Let reportlab's own flowables and charts measure text; painting never goes through here."""

    _multiByte = 1  # noqa: N815 (reportlab asks for these names)
    _dynamicFont = 1  # noqa: N815 (as above)
    shapable = False

    def __init__(self, name: str, bold: bool, measure: Callable[[str, bool], int]) -> None:
        """Stand for one weight under `name`; `measure` gives a width in thousandths of the type size."""
        self.fontName, self._bold, self._measure = name, bold, measure

    @property
    def face(self) -> Face:
        """Give the first face, whose ascent and descent reportlab asks for."""
        return faces(self._bold)[0]

    def stringWidth(self, text: str, size: float, encoding: str = "utf8") -> float:  # noqa: ARG002, N802 (reportlab's name and arguments)
        """Give the width of `text` in points."""
        return self._measure(text, self._bold) * size / 1000


def register_fonts(measure: Callable[[str, bool], int]) -> None:
    """Make `Report` and `Report-Bold` known to reportlab, as names to measure with."""
    for name, bold in ((REGULAR, False), (BOLD, True)):
        pdfmetrics._fonts.setdefault(name, _Measure(name, bold, measure))
