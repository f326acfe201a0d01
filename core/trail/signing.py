"""Notes that are signed, and checkpoints: what a log signs about itself; no database.

A **note** is lines of text, a blank line, and signature lines "— name base64(key id, signature)". A **checkpoint** is
a note whose text begins with the origin of the log, its number of leaves and its root. Both are the published forms
that transparency logs use, so that programs other than ours read them, and a person can read them on paper.

A key is written as those programs write it: "name+id+base64" to check with, "PRIVATE+KEY+name+id+base64" to sign
with. Its name is the origin of the log.

Source: C2SP, signed-note and tlog-checkpoint; Go, golang.org/x/mod/sumdb/note.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.trail.rules import moment

_ED25519 = b"\x01"
_DASH = "— "


class NotReadable(ValueError):
    """A note or key that is not in its form."""


@dataclass(frozen=True)
class CheckingKey:
    """A public key with its name: what a signature is checked with."""

    name: str
    key: bytes

    @classmethod
    def read(cls, text: str) -> CheckingKey:
        """Read "name+id+base64".

        Raises:
            NotReadable: it is not in this form, or its id is not that of its key.
        """
        name, _, rest = text.strip().partition("+")
        key_id, _, packed = rest.partition("+")
        found = cls(name, _unpacked(packed))
        if not name or found.key_id != key_id:
            raise NotReadable("This is not a key to check signatures with")
        return found

    @property
    def key_id(self) -> str:
        """The key's id, as 8 hexadecimal digits: a hint at which key a signature is of."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:4].hex()

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id}+{base64.b64encode(_ED25519 + self.key).decode()}"

    def signed(self, note: Note) -> bool:
        """Say whether a note bears a signature of this key."""
        return any(
            name == self.name and blob[:4].hex() == self.key_id and self._fits(note.text, blob[4:])
            for name, blob in note.signatures
        )

    def _fits(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A private key with its name. Its text goes into a file outside the database, and nowhere else."""

    name: str
    seed: bytes

    @classmethod
    def made(cls, name: str) -> SigningKey:
        """Make a new key at random.

        Raises:
            NotReadable: the name cannot stand in a note.
        """
        if not name or "+" in name or any(each.isspace() for each in name):
            raise NotReadable("The name of a key is one word without a plus sign, like gobags.example.police.uk/log")
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def read(cls, text: str) -> SigningKey:
        """Read "PRIVATE+KEY+name+id+base64".

        Raises:
            NotReadable: it is not in this form, or its id is not that of its key.
        """
        words = text.strip().split("+", 4)
        if len(words) != 5 or words[:2] != ["PRIVATE", "KEY"]:
            raise NotReadable("This file holds no key to sign with")
        found = cls(words[2], _unpacked(words[4]))
        if found.checking.key_id != words[3]:
            raise NotReadable("The key in this file is damaged")
        return found

    @property
    def checking(self) -> CheckingKey:
        """The public half."""
        return CheckingKey(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def private_text(self) -> str:
        """Write the key for its file."""
        return f"PRIVATE+KEY+{self.name}+{self.checking.key_id}+{base64.b64encode(_ED25519 + self.seed).decode()}"

    def __repr__(self) -> str:
        return f"SigningKey({self.checking})"


def _unpacked(packed: str) -> bytes:
    found = _from_base64(packed)
    if len(found) != 33 or found[:1] != _ED25519:
        raise NotReadable("This is not an Ed25519 key")
    return found[1:]


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as problem:
        raise NotReadable("This is not base64") from problem


@dataclass(frozen=True)
class Note:
    """A text and its signatures: (name, key id and signature)."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]

    @classmethod
    def read(cls, words: str) -> Note:
        """Read a note.

        Raises:
            NotReadable: it has no text, no signature, or a line that is neither.
        """
        text, blank, rest = words.rpartition("\n\n")
        lines = rest.splitlines()
        if not blank or not text or not lines or not words.endswith("\n"):
            raise NotReadable("This is not a signed note")
        signatures = []
        for line in lines:
            name, _, packed = line.removeprefix(_DASH).partition(" ")
            blob = _from_base64(packed)
            if not line.startswith(_DASH) or not name or len(blob) < 5:
                raise NotReadable("A signature line of this note is not in its form")
            signatures.append((name, blob))
        return cls(text + "\n", tuple(signatures))

    def __str__(self) -> str:
        lines = [f"{_DASH}{name} {base64.b64encode(blob).decode()}\n" for name, blob in self.signatures]
        return f"{self.text}\n{''.join(lines)}"


def sign(text: str, keys: Iterable[SigningKey]) -> Note:
    """Sign a text that ends with a newline, by each key."""
    signatures = []
    for key in keys:
        signature = Ed25519PrivateKey.from_private_bytes(key.seed).sign(text.encode())
        signatures.append((key.name, bytes.fromhex(key.checking.key_id) + signature))
    return Note(text, tuple(signatures))


@dataclass(frozen=True)
class Statement:
    """What a checkpoint says.

    Attributes:
        origin: the log's own name, that of no other.
        size: leaves of the log of changes.
        root: their Merkle root.
        access_size, access_root: the same of the log of access.
        rows: SHA-256 of the canonical account of every append-only table, see ``core.trail.kept.Tables``.
        at: when it was made.
        next_key: the key that signs from now on, when this checkpoint hands over.
    """

    origin: str
    size: int
    root: bytes
    access_size: int
    access_root: bytes
    rows: bytes
    at: datetime
    next_key: CheckingKey | None = None

    def text(self) -> str:
        """Write the checkpoint without its signatures."""
        lines = [
            self.origin,
            str(self.size),
            _base64(self.root),
            f"access {self.access_size} {_base64(self.access_root)}",
            f"rows {_base64(self.rows)}",
            f"at {moment(self.at)}",
            *([f"next-key {self.next_key}"] if self.next_key else []),
        ]
        return "\n".join(lines) + "\n"

    @classmethod
    def read(cls, text: str) -> Statement:
        """Read the text of a checkpoint.

        Raises:
            NotReadable: a line is missing or not in its form.
        """
        origin, size, top, *extensions = text.split("\n")[:-1] + [""] * 3
        named = _extensions(extensions)
        try:
            access_size, access_root = named["access"].split(" ")
            next_key = named.get("next-key")
            return cls(
                origin,
                _count(size),
                _hash(top),
                _count(access_size),
                _hash(access_root),
                _hash(named["rows"]),
                datetime.fromisoformat(named["at"]),
                CheckingKey.read(next_key) if next_key else None,
            )
        except (KeyError, ValueError) as problem:
            raise NotReadable("This is not a checkpoint of a log of this service") from problem


def _extensions(lines: Iterable[str]) -> Mapping[str, str]:
    return {name: value for name, _, value in (line.partition(" ") for line in lines if line)}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _hash(text: str) -> bytes:
    found = _from_base64(text)
    if len(found) != 32:
        raise NotReadable("This is not a SHA-256 hash")
    return found


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or text != str(int(text)):
        raise NotReadable("This is not a number of leaves")
    return int(text)
