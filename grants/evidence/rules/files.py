"""What may be kept as evidence: a PDF, JPG or PNG whose name and bytes tell the same story.

A browser acts on whichever it believes, so a file that could be two things is refused. Pictures are drawn anew:
what a camera wrote into them (where, when, whose) and anything hidden behind the picture is not kept.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.errors import RuleBroken
from core.parse import clean
from core.privacy import refuse_personal_details

if TYPE_CHECKING:
    from PIL import Image

LARGEST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_RATIO = 20
LONGEST_NAME = 120

WRONG_TYPE = "The file must be a PDF, JPG or PNG"
TOO_LARGE = "The file must be smaller than 10MB"

HEIC = "The photo is in Apple's HEIC form, which few programs open. Save or share it as a JPG and choose that"
LOCKED = (
    "The PDF is locked: it asks for a password, or limits what may be done with it, so nobody can rely on opening it "
    "later. Print it to a PDF and choose that"
)
NOT_OPENING = "The PDF cannot be opened: it is cut short or not whole. Save it again and choose that"

_MARKUP = re.compile(rb"<\s*(?:!doctype|html|script|svg|\?xml)", re.IGNORECASE)


class FileKind(StrEnum):
    """Kinds of file that are kept."""

    PDF = "pdf"
    JPG = "jpg"
    PNG = "png"

    @property
    def content_type(self) -> str:
        """What a browser is told it is."""
        return {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}[self.value]


_ENDINGS = {".pdf": FileKind.PDF, ".jpg": FileKind.JPG, ".jpeg": FileKind.JPG, ".png": FileKind.PNG}
_HEIC_BYTES = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1")
_FIRST_BYTES = {FileKind.PDF: b"%PDF-", FileKind.JPG: b"\xff\xd8\xff", FileKind.PNG: b"\x89PNG\r\n\x1a\n"}


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be kept.

    Attributes:
        name: as its sender called it, without folders.
        data: what is kept: a PDF as it came, a picture drawn anew.
    """

    name: str
    kind: FileKind
    data: bytes


def checked_file(name: str, data: bytes, *, field: str | None = None) -> CheckedFile:
    """Check a file by its name, its size and its bytes.

    Raises:
        RuleBroken: it is empty, too large, of another type, contradicts its name, or its name could identify a person.
    """
    shown = clean(name.replace("\\", "/").rsplit("/", 1)[-1]).strip()[-LONGEST_NAME:]
    refuse_personal_details(shown, field=field)
    if not data:
        raise RuleBroken("The file is empty. Choose another", field)
    if len(data) > LARGEST_BYTES:
        raise RuleBroken(TOO_LARGE, field)
    if shown.lower().endswith((".heic", ".heif")) or data[4:12] in _HEIC_BYTES:
        raise RuleBroken(HEIC, field)
    kind = _ENDINGS.get("." + shown.rpartition(".")[2].lower()) if "." in shown else None
    if kind is None or not data.startswith(_FIRST_BYTES[kind]):
        raise RuleBroken(WRONG_TYPE, field)
    return CheckedFile(shown, kind, _whole_pdf(data, field) if kind is FileKind.PDF else _drawn(data, kind, field))


_PDF_END = re.compile(rb"startxref\s+\d+\s+%%EOF\Z")
_PDF_ROOT = re.compile(rb"/Root\s+\d+\s+\d+\s+R")
# A letter of a name may be written by its number, and a comment may stand behind a name.
_PDF_LOCK = re.compile(rb"/(?:E|#45)(?:n|#6[eE])(?:c|#63)(?:r|#72)(?:y|#79)(?:p|#70)(?:t|#74)[\s\0%<]")


def _whole_pdf(data: bytes, field: str | None) -> bytes:
    """Refuse a PDF that is cut short, locked, or no document, or that a browser could take for a page.

    Whatever a PDF is made of, its end says where its table of objects begins, and its trailer, which is never packed
    or locked, names its root and the lock, if it has one.
    """
    if _MARKUP.search(data[:1024]):
        raise RuleBroken(WRONG_TYPE, field)
    end = data.rstrip(b"\r\n\t \0")
    if not end.endswith(b"%%EOF"):
        raise RuleBroken("The PDF is cut short, or something follows its end. Save it again and choose that", field)
    if not _PDF_END.search(end[-100:]) or not _PDF_ROOT.search(data):
        raise RuleBroken(NOT_OPENING, field)
    if _PDF_LOCK.search(data):
        raise RuleBroken(LOCKED, field)
    return data


def _drawn(data: bytes, kind: FileKind, field: str | None) -> bytes:
    """Draw a picture anew, upright, with nothing but its pixels."""
    # Slow to import, and nothing but a picture needs it.
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as picture:
            warnings.simplefilter("error")
            _refuse_huge(picture.size, field)
            upright = ImageOps.exif_transpose(picture)
            return _encoded(upright, kind)
    except RuleBroken:
        raise
    except (OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError, MemoryError):
        raise RuleBroken("The picture cannot be read. Take it again, or save it anew", field) from None


def _refuse_huge(size: tuple[int, int], field: str | None) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise RuleBroken(
            f"The picture is {width:,} by {height:,} pixels, more than {MOST_PIXELS // 1_000_000} million. "
            "Save it smaller",
            field,
        )
    if max(width, height) > LONGEST_RATIO * min(width, height):
        raise RuleBroken(f"The picture is {width:,} by {height:,} pixels, too long for a paper. Cut it", field)


def _encoded(picture: Image.Image, kind: FileKind) -> bytes:
    """Write the pixels alone."""
    from PIL import Image

    plain = picture.convert("RGB" if kind is FileKind.JPG or "A" not in picture.getbands() else "RGBA")
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    kept = io.BytesIO()
    if kind is FileKind.JPG:
        bare.save(kept, "JPEG", quality=88, optimize=True)
    else:
        bare.save(kept, "PNG", optimize=False)
    return kept.getvalue()
