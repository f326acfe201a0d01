"""The file that holds the key which signs checkpoints: outside the database, readable by its owner alone.

A service without the file goes on working, unsigned, and says since when. Nothing makes a new key by itself: whoever
could take the file away could otherwise have the log signed anew.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import current_app

from core.trail.signing import CheckingKey, NotReadable, SigningKey


class CannotSign(Exception):
    """Why checkpoints are not signed now, in words for the administrator and the auditor."""


def key_file() -> Path | None:
    """Tell where the key is kept, or None when the service has no such setting."""
    named = current_app.config.get("CHECKPOINT_KEY")
    return Path(named) if named else None


def checkpoint_folder() -> Path | None:
    """Tell where checkpoints are written beside the database, or None when the service has no such setting."""
    named = current_app.config.get("CHECKPOINT_FOLDER")
    return Path(named) if named else None


def signing_key(expected: CheckingKey) -> SigningKey:
    """Read the key that is expected to sign.

    A new key lies beside the old one until its hand-over is recorded; a crash between the two is mended here.

    Raises:
        CannotSign: there is no file, it cannot be read, or it holds another key.
    """
    file = key_file()
    if file is None:
        raise CannotSign("no file is set for the key that signs (CHECKPOINT_KEY)")
    waiting = following(file)
    if waiting.exists() and _held(waiting).checking == expected:
        waiting.replace(file)
    held = _held(file)
    if held.checking != expected:
        raise CannotSign(f"the key file holds key {held.checking.key_id}, and the log is signed by {expected.key_id}")
    return held


def following(file: Path) -> Path:
    """Name the file in which the next key waits for its hand-over."""
    return file.with_name(f"{file.name}.next")


def _held(file: Path) -> SigningKey:
    try:
        return SigningKey.read(file.read_text())
    except FileNotFoundError:
        raise CannotSign("the file of the key that signs is missing") from None
    except OSError as problem:
        raise CannotSign(f"the file of the key that signs cannot be read ({type(problem).__name__})") from problem
    except (NotReadable, UnicodeDecodeError) as problem:
        raise CannotSign("the file of the key that signs is damaged") from problem


def write_key(file: Path, key: SigningKey) -> None:
    """Write a key into a new file that only its owner may read; never over another.

    Raises:
        CannotSign: the file is there already, or cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
            written.write(key.private_text() + "\n")
            written.flush()
            os.fsync(written.fileno())
    except FileExistsError:
        raise CannotSign(f"{file.name} is there already; nothing writes over a key") from None
    except OSError as problem:
        raise CannotSign(f"{file.name} cannot be written ({type(problem).__name__})") from problem
