"""Writing a backup's file, and unpacking one that a stranger may have written.

A file comes under its name only when it is whole and on the disk: it is written beside, and linked to its name last.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from audit.backups import rules
from audit.backups.rules import Entry, Manifest, Part, unusable
from core.errors import RuleBroken, Unavailable

_CHUNK = 1024 * 1024
_WRITTEN_BY_US = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_UNREADABLE = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, ValueError, NotImplementedError)


def part_of(name: str, file: Path) -> Part:
    """Describe a file as a part of a backup."""
    hashed = hashlib.sha256()
    with file.open("rb") as opened:
        while piece := opened.read(_CHUNK):
            hashed.update(piece)
    return Part(name, file.stat().st_size, hashed.hexdigest())


def evidence_in(folder: Path | None) -> dict[str, Path]:
    """List the evidence in a folder: its name in a backup → the file. A hidden file is one being written.

    Raises:
        RuleBroken: something in the folder is no plain file, or its name could not be restored.
    """
    found = {}
    for file in sorted(folder.rglob("*")) if folder and folder.is_dir() else []:
        name = f"{rules.EVIDENCE}{file.relative_to(folder).as_posix()}" if folder else ""
        if file.is_symlink() or not (file.is_dir() or file.is_file()):
            raise RuleBroken(f"{file} is not a plain file. Take it out of the evidence folder")
        if file.is_file() and not file.name.startswith("."):
            found[name] = file
    rules.demand_names(found)
    return found


def pack(target: Path, manifest: Manifest, files: Mapping[str, Path], secret_key: str) -> None:
    """Write a backup under its name, whole or not at all.

    Raises:
        RuleBroken: there is a file of that name.
        Unavailable: the disk is full or cannot be written to; nothing is left of it.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            _write(file, manifest, files, secret_key)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, target)
    except FileExistsError:
        raise RuleBroken(f"There is a file {target} already. Choose another name") from None
    except OSError as problem:
        raise Unavailable(f"{target} cannot be written: {problem.strerror}. No backup has been made") from problem
    finally:
        with suppress(OSError):
            beside.unlink()
    settle(target.parent)


def _write(file: IO[bytes], manifest: Manifest, files: Mapping[str, Path], secret_key: str) -> None:
    words = rules.written(manifest)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(rules.MANIFEST, words)
        archive.writestr(rules.KEYED_HASH, rules.keyed_hash(words, secret_key))
        for part in manifest.parts:
            archive.write(files[part.name], part.name)


def settle(folder: Path) -> None:
    """Wait until a folder's names are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Archive:
    """A backup that was opened; nothing of it has been believed yet."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.entries: Sequence[Entry] = [_entry(each) for each in archive.infolist()]

    def small(self, name: str) -> bytes:
        """Read a small part whole."""
        with self._archive.open(name) as part:
            data = part.read(rules.MOST_MANIFEST_BYTES + 1)
        if len(data) > rules.MOST_MANIFEST_BYTES:
            raise unusable(f"its {name} is larger than {rules.size(rules.MOST_MANIFEST_BYTES)}")
        return data

    def unpack(self, part: Part, into: Path) -> Path:
        """Unpack a part, and never more of it than its manifest says.

        Raises:
            RuleBroken: it is not what the manifest says.
        """
        hashed, left = hashlib.sha256(), part.byte_count
        into.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._archive.open(part.name) as packed, into.open("xb") as file:
                while left and (piece := packed.read(min(_CHUNK, left))):
                    hashed.update(piece)
                    file.write(piece)
                    left -= len(piece)
                whole = not left and not packed.read(1)
                os.fsync(file.fileno())
        except _UNREADABLE:
            raise unusable(f"“{part.name}” in it is damaged") from None
        if not whole or hashed.hexdigest() != part.sha256:
            raise unusable(f"“{part.name}” in it is not the file its manifest lists")
        return into


@contextmanager
def opened(file: Path) -> Iterator[Archive]:
    """Open a file that should be a backup.

    Raises:
        RuleBroken: it is none.
    """
    with file.open("rb") as raw:
        if raw.read(16) == b"SQLite format 3\0":
            raise unusable(
                "it is a bare database file with nothing to prove that it is whole; a copy of a database in use can "
                "come out empty. Restore a file that `backup make` wrote"
            )
        try:
            with zipfile.ZipFile(raw) as archive:
                yield Archive(archive)
        except _UNREADABLE:
            raise unusable("it is not a backup of this program, or it was cut off or damaged") from None


def _entry(info: zipfile.ZipInfo) -> Entry:
    mode = info.external_attr >> 16
    plain = stat.S_IFMT(mode) in (0, stat.S_IFREG) and not info.is_dir()
    ours = info.compress_type in _WRITTEN_BY_US and not info.flag_bits & _ENCRYPTED
    return Entry(info.orig_filename, info.file_size, info.compress_size, plain and ours)
