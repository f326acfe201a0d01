"""What a document says of itself, and what the register says of it, in words; no database.

The answer to "is this the document that was issued?" names a kind of report, a version and days. It never repeats
anything a report says, so it can be given to anybody.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.dates import day_text, local_day, moment_text
from core.register.rules import PREFIX

LARGEST_FILE = 40 * 1024 * 1024
MOST_ASKED = 30
COUNTED_FOR = timedelta(minutes=10)
"""How often one address may ask in how long."""

_SIGN = "[2-9BCDFGHJKMNP-TV-Z]"
_PRINTED = re.compile(rf"{PREFIX}-{_SIGN}{{4}}-{_SIGN}{{4}}-{_SIGN}{{4}}".encode())
_TYPED = re.compile(rf"(?:{PREFIX})?({_SIGN}{{4}})({_SIGN}{{4}})({_SIGN}{{4}})")
LOOKED_AT = 4 * 1024 * 1024
_MEMBERS = ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml")
_PACKED_AS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""How a workbook's parts may be packed. Python unpacks the other ways in one go, however little of a part it is asked
for: 600 bytes become a gigabyte."""

_LISTED, _MOST_LISTED = b"PK\x01\x02", 1_000
"""What stands before each name in a workbook's list of parts, and how many there may be; ours list about twenty."""


class Verdict(StrEnum):
    """Whether a document is the one that was issued."""

    ISSUED = "issued"
    ADDED_TO = "added to"
    CHANGED = "changed"
    NEVER_ISSUED = "never issued"
    UNKNOWN = "unknown"
    KNOWN_REFERENCE = "known reference"
    UNKNOWN_REFERENCE = "unknown reference"


SOUND = frozenset({Verdict.ISSUED, Verdict.KNOWN_REFERENCE})


@dataclass(frozen=True)
class Issued:
    """What may be told of an issued report.

    Attributes:
        what: which kind of report it is, without a capital ("statement of grant usage").
        forms: in which forms it was issued ("PDF").
        later: when a later version was first issued, the newest there is; None where this is the newest.
    """

    reference: str
    what: str
    version: str
    marking: str
    issued_at: datetime
    forms: tuple[str, ...]
    later: datetime | None


@dataclass(frozen=True)
class Answer:
    """Whether a document is the one that was issued: a heading, and sentences below it."""

    verdict: Verdict
    heading: str
    sentences: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing speaks against the document."""
        return self.verdict in SOUND


def typed_reference(text: str) -> str | None:
    """Read a reference as people type it, with or without its beginning and its hyphens; None when it is none."""
    bare = re.sub(r"[\s\-–—_.]", "", text).upper()
    found = _TYPED.fullmatch(bare) if bare.isascii() else None
    return f"{PREFIX}-{'-'.join(found.groups())}" if found else None


def subject_of(address: str) -> str:
    """Name an address without keeping it."""
    return hashlib.sha256(f"verify {address}".encode()).hexdigest()


def references_in(data: bytes) -> list[str]:
    """Give the references a file bears, each once: in a workbook, in the metadata of a PDF, or as plain text.

    Nothing of the file is run or unpacked whole: of a workbook, the beginning of two parts is looked at.
    """
    looked_at = [data[:LOOKED_AT], data[-LOOKED_AT:]]
    if data[:4] == b"PK\x03\x04":
        looked_at += _parts_of_workbook(data)
    found = [each.decode() for part in looked_at for each in _PRINTED.findall(part)]
    return list(dict.fromkeys(found))[:5]


def _parts_of_workbook(data: bytes) -> list[bytes]:
    parts: list[bytes] = []
    if data.count(_LISTED) > _MOST_LISTED:
        return parts
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            for name in _MEMBERS:
                found = book.NameToInfo.get(name)
                if found is not None and found.compress_type in _PACKED_AS:
                    with book.open(found) as member:
                        parts.append(member.read(LOOKED_AT))
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError, zlib.error):
        return parts
    return parts


# ---- Answers ------------------------------------------------------------------------------------


def is_issued(found: Issued, form: str) -> Answer:
    """Say that a file is, byte for byte, what was issued."""
    said = (
        f"Every byte of it is as it left this service on {moment_text(found.issued_at)}.",
        _what(found, form),
        _later(found),
    )
    return Answer(Verdict.ISSUED, "This is the document that was issued", said)


def was_added_to(found: Issued, form: str, whole: int, added: bytes) -> Answer:
    """Say that a file begins with the whole document that was issued, and what was added after it.

    Args:
        whole: how many bytes were issued.
        added: what comes after them.
    """
    bytes_were = f"{len(added):,} {'byte was' if len(added) == 1 else 'bytes were'}"
    said = (
        f"It holds the whole of it, unchanged: its first {whole:,} bytes are, one by one, those that left this service "
        f"on {moment_text(found.issued_at)}. {bytes_were} added after them.",
        *((_SIGNED,) if form == "PDF" and _SIGNATURE in added else ()),
        "What is added to a file can change what a reader shows of it. Where you do not know who added it, and why, "
        "ask for the document again.",
        _what(found, form),
        _later(found),
    )
    after = "and it was signed afterwards" if _SIGNED in said else "with something added after it"
    return Answer(Verdict.ADDED_TO, f"This is the document that was issued, {after}", said)


_SIGNATURE = b"/ByteRange"
"""What a digital signature in a PDF has, to say which bytes it signs."""

_SIGNED = (
    "What was added holds a digital signature, as programs that sign a PDF write it. This service did not make it and "
    "cannot say whose it is: a PDF reader can."
)


def was_changed(found: Issued) -> Answer:
    """Say that a file bears the reference of an issued report and is not what was issued."""
    said = (
        f"It bears the reference {found.reference}, and no file with its bytes was ever issued under it: it was "
        "changed, or opened and saved again by another program, or damaged on its way.",
        "Do not rely on it. Ask whoever gave it to you for the document as it was issued.",
        f"What was issued: {_what(found, *found.forms).removeprefix('It is ')}",
        _later(found),
    )
    return Answer(Verdict.CHANGED, "This is not the document that was issued", said)


def was_never_issued(reference: str) -> Answer:
    """Say that a file bears a reference that the register does not have."""
    said = (f"It bears the reference {reference}. This service never issued a document of that reference.",)
    return Answer(Verdict.NEVER_ISSUED, "This is not a document that was issued", said)


def is_unknown() -> Answer:
    """Say that the register has nothing like a file."""
    said = (
        "No file with these bytes was issued by this service, and it bears no reference of this service.",
        "A document that is opened and saved again is another file, and one without its first page may bear no "
        "reference. Ask whoever gave it to you for the document as it was issued.",
    )
    return Answer(Verdict.UNKNOWN, "This document is not in the register", said)


def is_a_reference(found: Issued) -> Answer:
    """Say what was issued under a reference."""
    said = (
        _what(found, *found.forms).replace("It is", "Under it was issued", 1),
        f"It was first issued on {moment_text(found.issued_at)}.",
        _later(found),
        "That says nothing of the file you hold: choose the file, and every byte of it is compared.",
    )
    return Answer(Verdict.KNOWN_REFERENCE, f"The reference {found.reference} is in the register", said)


def is_no_reference(reference: str) -> Answer:
    """Say that nothing was issued under a reference."""
    said = (
        "Check it against the first page of the document. Where it is typed as it is printed there, this service did "
        "not issue the document.",
    )
    return Answer(Verdict.UNKNOWN_REFERENCE, f"The reference {reference} is not in the register", said)


def _what(found: Issued, *forms: str) -> str:
    article = "an" if found.what[:1] in "aeiou" else "a"
    return (
        f"It is {article} {found.what}, version {found.version}, as {_and(forms)}, marked {found.marking}, "
        f"reference {found.reference}."
    )


def _and(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def _later(found: Issued) -> str:
    if found.later is None:
        return "No later version of this report has been issued."
    return (
        f"A later version of this report was issued on {day_text(local_day(found.later))}. This one is what was known "
        "then; for what is known since, ask for the later one."
    )
