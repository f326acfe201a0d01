"""Signing a PDF once: the signature is kept, and stands behind the same bytes whenever they are painted again.

A signature holds the time at which it was made, and often chance, so signing twice gives two files. A file that leaves
can be made again (ADR 15), so what was added behind the painted bytes is kept, and nothing is signed twice.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text

from core.certificates import Signer, signature_of, signer_of
from core.db import db, writing_connection
from core.register.models import IssuedSignature

_SIGNING = 7_230_426
"""The PostgreSQL advisory lock under which a signature is looked for and written; SQLite's writers queue anyway."""


def sign_once(painted: bytes, field: str, settings: Mapping[str, Any], *, at: datetime) -> bytes:
    """Give a PDF with its signature: the one it has, or a new one; as it is where no certificate is set.

    Args:
        field: the empty field that the signature goes into.

    Raises:
        CannotCertify: a certificate is set and cannot sign.
    """
    signed = with_signature(painted)
    if signed is not None:
        return signed
    signer = signer_of(settings, at=at)
    if signer is None:
        return painted
    _keep(painted, signature_of(painted, field, by=signer), signer, at)
    return with_signature(painted) or painted


def with_signature(painted: bytes) -> bytes | None:
    """Give a PDF with the signature that was made of it; None where none was."""
    asked = select(IssuedSignature.added_base64).where(IssuedSignature.painted_sha256 == _digest(painted))
    added = db.session.scalar(asked)
    return painted + base64.b64decode(added) if added is not None else None


def _keep(painted: bytes, added: bytes, signer: Signer, at: datetime) -> None:
    """Keep a signature, unless somebody else signed the same bytes at this very moment: then theirs counts."""
    row = {
        "painted_sha256": _digest(painted),
        "sha256": _digest(painted + added),
        "added_base64": base64.b64encode(added).decode(),
        "subject": signer.subject[:300],
        "issuer": signer.issuer[:300],
        "certificate_sha256": signer.sha256,
        "signed_at": at,
    }
    db.session.rollback()  # the look for an earlier one was a read: the writer waits for no reader
    with writing_connection(db.engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SIGNING})
        known = select(IssuedSignature.id).where(IssuedSignature.painted_sha256 == row["painted_sha256"])
        if connection.scalar(known) is None:
            connection.execute(insert(IssuedSignature), row)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
