"""The evidence folder: files by random names, written whole or not at all, and a virus scanner where there is one.

A file is written before the row that names it: a row never names a file that is not there. What no row names is
an orphan of a change that was undone, and is swept once it is a day old.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import socket
import struct
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.errors import NotFound, RuleBroken, Unavailable

ORPHAN_AGE = timedelta(days=1)
_PATIENCE_SECONDS = 20
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Looked:
    """What looking through the folder found.

    Attributes:
        missing: references of papers whose file is not there.
        changed: references of papers whose file is not the one that was kept.
        orphans: names of files that no paper names.
    """

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    orphans: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Say that every paper's file is the one that was kept."""
        return not self.missing and not self.changed


class Folder:
    """The folder in which the files of papers lie, outside everything a browser is served from."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, data: bytes) -> str:
        """Write a file under a random name, whole and on the disk; give the name.

        Raises:
            Unavailable: the disk is full or the folder cannot be written.
        """
        name = secrets.token_hex(16)
        aside = self.path / f".{name}.part"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.rename(self.path / name)
            self._settle()
        except OSError as problem:
            with contextlib.suppress(OSError):
                aside.unlink()
            raise Unavailable("The file could not be stored. Nothing has been saved") from problem
        return name

    def _settle(self) -> None:
        """Put the folder's own list on the disk."""
        handle = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def read(self, name: str, *, sha256: str) -> bytes:
        """Read a file and prove that it is the one that was kept.

        Raises:
            NotFound: it is not there.
            Unavailable: its bytes are not those that were kept.
        """
        try:
            data = (self.path / name).read_bytes()
        except FileNotFoundError:
            raise NotFound from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Unavailable(
                "This file is not the one that was kept. Tell the administrator: restore it from a backup"
            )
        return data

    def discard(self, name: str) -> None:
        """Remove a file whose row was not saved."""
        (self.path / name).unlink(missing_ok=True)

    def look(self, papers: Iterable[tuple[str, str, str]]) -> Looked:
        """Compare every file with its digest.

        Args:
            papers: reference, stored name and SHA-256 of each paper.
        """
        missing, changed, named = [], [], set()
        for reference, name, sha256 in papers:
            named.add(name)
            file = self.path / name
            if not file.is_file():
                missing.append(reference)
            elif _digest(file) != sha256:
                changed.append(reference)
        there = sorted(each.name for each in self.path.iterdir()) if self.path.is_dir() else []
        return Looked(tuple(missing), tuple(changed), tuple(name for name in there if name not in named))

    def sweep(self, orphans: Iterable[str], *, at: datetime) -> int:
        """Remove files that no paper names, once they are a day old; give how many."""
        old = [
            self.path / name for name in orphans if (self.path / name).stat().st_mtime < (at - ORPHAN_AGE).timestamp()
        ]
        for file in old:
            file.unlink()
        return len(old)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def scan(data: bytes, *, scanner: Path | None) -> None:
    """Ask clamd, by its socket, whether a file holds a virus; without a scanner nothing is asked.

    Source: ClamAV manual, clamd, command INSTREAM: chunks each after its length in four bytes, a length of 0 last.

    Raises:
        RuleBroken: it does.
        Unavailable: the scanner does not answer.
    """
    if scanner is None:
        return
    try:
        with closing(socket.socket(socket.AF_UNIX)) as line:
            line.settimeout(_PATIENCE_SECONDS)
            line.connect(str(scanner))
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), _CHUNK):
                chunk = data[start : start + _CHUNK]
                line.sendall(struct.pack("!L", len(chunk)) + chunk)
            line.sendall(struct.pack("!L", 0))
            answer = b"".join(iter(lambda: line.recv(4096), b"")).rstrip(b"\0\n")
    except OSError as problem:
        raise Unavailable("The virus scanner does not answer. Nothing has been saved. Try again later") from problem
    if answer.endswith(b"FOUND"):
        raise RuleBroken("The file may contain a virus. It has not been kept", "file")
    if not answer.endswith(b"OK"):
        raise Unavailable("The virus scanner could not check the file. Nothing has been saved. Try again later")
