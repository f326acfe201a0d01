"""Making a pack, editing one as somebody without the key could, and having it checked by both programs."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from audit import verify
from audit.packs.report import write_pack
from core import trail
from core.access import Scope
from core.db import transaction
from core.figures import FileKind
from core.money import Pence
from core.periods import Period
from core.trail.rules import canonical
from core.trail.signing import SigningKey, sign
from grants.awards import services as awards
from grants.awards.rules import NewLine
from grants.evidence import services
from grants.evidence.rules import CheckedFile, Proof, RecordKind
from grants.evidence.rules import FileKind as PaperKind
from tests.audit.signing import made
from tests.audit.tampering import tamper
from tests.factories import AT, World, submission

SECOND = Path(__file__).with_name("second.mjs")
PERIOD = Period(date(2026, 4, 1), date(2026, 6, 30))
PHOTO = b"%PDF-1.7 a signed delivery note"
EVIDENCE = hashlib.sha256(PHOTO).hexdigest()

Edit = Callable[[str], str | None]
"""Text of a file → its new text, or None to take the file out."""


def count_the_import() -> None:
    """Let the story's import say how many lines it has: the story puts them on the books by hand, and after it."""
    lines = "FROM ledger_line WHERE import_id = ledger_import.id"
    tamper(
        "ledger_import",
        "UPDATE ledger_import SET (read_count, imported_count, control_pence, imported_pence) = "
        f"(SELECT count(*), count(*), sum(net_pence), sum(net_pence) {lines})",
    )


def keep_a_paper(world: World, folder: Path) -> None:
    """Keep a signed delivery note as evidence of the first invoice."""
    with transaction():
        services.keep_paper(
            RecordKind.INVOICE,
            "INV-00001",
            Proof.INVOICE,
            CheckedFile("note.pdf", PaperKind.PDF, PHOTO),
            folder=services.Folder(folder),
            scope=Scope.everywhere(),
            by=world.actor("grants"),
            at=AT,
            submission_id=submission(),
        )


def correct_a_line(world: World) -> None:
    """Correct line F, on which nothing hangs, to a budget of 999.00."""
    line = NewLine("F", "Briefing", "Briefing, as in schedule 1", Pence(999_00))
    with transaction():
        awards.correct_line(
            "GB2026", line, shown_by="Schedule 1", reason="Copied wrong", seen=0, by=world.actor("grants"), at=AT,
            submission_id=submission(),
        )  # fmt: skip


def go_on() -> None:
    """Sign what is there, and let something happen after it."""
    made()
    trail.record_access(act="refused", subject="/audit", by=None, at=AT)
    with transaction():
        trail.record(act="par.set", subject="thing", by=None, at=AT)


def packed(folder: Path | None = None, *, at: datetime = AT) -> bytes:
    """Write a pack, with the evidence of a folder; give its bytes."""
    out = io.BytesIO()
    write_pack(out, period=PERIOD, at=at, evidence_folder=folder, forms=[FileKind.CSV])
    return out.getvalue()


def files_of(pack: bytes) -> dict[str, bytes]:
    """Give the files of a pack."""
    with zipfile.ZipFile(io.BytesIO(pack)) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def edited(pack: bytes, edits: Mapping[str, Edit], *, key: SigningKey | None = None) -> bytes:
    """Edit files of a pack and put its manifest right; sign that by a key of one's own, where there is one."""
    files = files_of(pack)
    for name, edit in edits.items():
        text = edit(files.get(name, b"").decode())
        files.pop(name, None)
        if text is not None:
            files[name] = text.encode()
    if "manifest.json" not in edits:
        manifest = json.loads(files["manifest.json"])
        inside = {name: data for name, data in files.items() if not name.startswith("manifest.")}
        manifest["files"] = {name: [len(data), hashlib.sha256(data).hexdigest()] for name, data in inside.items()}
        files["manifest.json"] = (canonical(manifest) + "\n").encode()
    if key is not None:
        from audit.packs.rules import manifest_note

        files["manifest.note"] = str(sign(manifest_note(key.name, files["manifest.json"].decode()), [key])).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, data in files.items():
            whole.writestr(name, data)
    return out.getvalue()


def line(number: int, old: str, new: str) -> Edit:
    """Replace a piece of one line of a file, counted from 1."""

    def edit(text: str) -> str:
        lines = text.splitlines(keepends=True)
        assert old in lines[number - 1], lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old, new, 1)
        return "".join(lines)

    return edit


def without(*numbers: int) -> Edit:
    """Take lines out of a file, counted from 1, or from -1 for the last."""

    def edit(text: str) -> str:
        lines = text.splitlines(keepends=True)
        gone = {number - 1 if number > 0 else len(lines) + number for number in numbers}
        return "".join(each for at, each in enumerate(lines) if at not in gone)

    return edit


def swapped(first: int, second: int) -> Edit:
    """Let two lines of a file change places, counted from 1."""

    def edit(text: str) -> str:
        lines = text.splitlines(keepends=True)
        lines[first - 1], lines[second - 1] = lines[second - 1], lines[first - 1]
        return "".join(lines)

    return edit


def checked(pack: bytes, key: str, folder: Path, earlier: Sequence[str] = ()) -> tuple[int, str]:
    """Have a pack checked by the program it brings along; give its exit code and what it printed."""
    arguments = _arguments(pack, key, folder, earlier)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = verify.main(
            [arguments[0], "--key", key, *(word for each in arguments[2:] for word in ("--earlier", each))]
        )
    return code, printed.getvalue()


def checked_again(pack: bytes, key: str, folder: Path, earlier: Sequence[str] = ()) -> tuple[int, set[str]]:
    """Have a pack checked by the second program; give its exit code and the kinds of what it found."""
    node = shutil.which("node") or ".tools/node/bin/node"
    arguments = _arguments(pack, key, folder, earlier)
    run = subprocess.run([node, str(SECOND), *arguments], capture_output=True, text=True, check=False)
    assert not run.stderr, run.stderr
    return run.returncode, {words.partition(":")[0] for words in run.stdout.splitlines()}


def kinds(printed: str) -> set[str]:
    """Give the kinds of what the first program found: the headings of what it printed."""
    return {words[:-1].lower() for words in printed.splitlines() if words.endswith(":") and not words.startswith(" ")}


def _arguments(pack: bytes, key: str, folder: Path, earlier: Sequence[str]) -> list[str]:
    file = folder / "pack.zip"
    file.write_bytes(pack)
    notes = [folder / f"kept-{number}.txt" for number in range(len(earlier))]
    for note, words in zip(notes, earlier, strict=True):
        note.write_text(words, encoding="utf-8")
    return [str(file), key, *map(str, notes)]
