"""Keeping an entry of the register, in the transaction in which the access log learns that the report left."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text

from core import trail
from core.access import Actor
from core.db import db, writing_connection
from core.figures.tables import Imprint
from core.register.models import IssuedDownload, IssuedFile, IssuedReport
from core.register.rules import Entry, Painted
from core.trail.checkpoints import share_barrier

_REGISTERING = 7_230_422
"""The PostgreSQL advisory lock under which an entry is looked for and written; SQLite's writers queue anyway."""


def imprint_of(reference: str) -> Imprint | None:
    """Give what a report bears that is in the register already, or None."""
    asked = select(IssuedReport.reference, IssuedReport.verify_at, IssuedReport.signed)
    found = db.session.execute(asked.where(IssuedReport.reference == reference)).first()
    return Imprint(*found) if found else None


def keep(
    entry: Entry,
    imprint: Imprint,
    painted: Painted,
    *,
    parts: Sequence[Painted] = (),
    by: Actor | None,
    at: datetime,
    **facts: Any,
) -> Imprint | None:
    """Keep that a report left, and write the leaf of the access log that says so.

    Args:
        imprint: what the bytes bear.
        parts: the files within the one that left, where it is a bundle of them: each is a document of its own.
        facts: further facts of the leaf.

    Returns:
        None; or, where somebody else registered the same figures at this very moment with another imprint, that one:
        nothing has been kept then, and the report is to be painted again.
    """
    with writing_connection(db.engine) as connection:
        share_barrier(connection)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _REGISTERING})
        found = _entry(connection, entry.reference)
        if found is not None and (found.verify_at, found.signed) != (imprint.verify_at, imprint.signed):
            return Imprint(entry.reference, found.verify_at, found.signed)
        report_id = found.id if found is not None else _new_entry(connection, entry, imprint, at)
        file_id = _file(connection, report_id, painted, at)
        for part in parts:
            _file(connection, report_id, part, at)
        row = {"file_id": file_id, "account_id": by.account_id if by else None, "left_at": at}
        connection.execute(insert(IssuedDownload), row)
        trail.write_access(
            connection,
            act="report.download",
            subject=entry.document,
            by=by,
            at=at,
            kind=painted.kind,
            sha256=painted.sha256,
            registered=entry.reference,
            **facts,
        )
    return None


def _entry(connection: Connection, reference: str) -> Row[int, str, str] | None:
    asked = select(IssuedReport.id, IssuedReport.verify_at, IssuedReport.signed)
    return connection.execute(asked.where(IssuedReport.reference == reference)).first()


def _new_entry(connection: Connection, entry: Entry, imprint: Imprint, at: datetime) -> int:
    row = {
        "reference": entry.reference,
        "sort": entry.sort,
        "document": entry.document,
        "title": entry.title,
        "filters_json": json.dumps([list(each) for each in entry.filters], ensure_ascii=False),
        "marking": entry.marking,
        "sequence": entry.sequence,
        "chain_hash": entry.chain_hash,
        "cut_off": entry.cut_off,
        "verify_at": imprint.verify_at,
        "signed": imprint.signed,
        "frozen_sha256": entry.digest,
        "frozen_json": entry.frozen,
        "issued_at": at,
    }
    return int(connection.execute(insert(IssuedReport).returning(IssuedReport.id), row).scalar_one())


def _file(connection: Connection, report_id: int, painted: Painted, at: datetime) -> int:
    """Give the row of these bytes, a new one when they never left before."""
    known = connection.scalar(select(IssuedFile.id).where(IssuedFile.sha256 == painted.sha256))
    if known is not None:
        return known
    row = {
        "report_id": report_id,
        "kind": painted.kind,
        "sha256": painted.sha256,
        "byte_count": painted.byte_count,
        "painted_by": painters(),
        "issued_at": at,
    }
    return int(connection.execute(insert(IssuedFile).returning(IssuedFile.id), row).scalar_one())


@cache
def painters() -> str:
    """Name what shapes the bytes of a file beside our own program: another version of it may give others."""
    named = ", ".join(f"{name} {version(name)}" for name in ("reportlab", "uharfbuzz", "XlsxWriter"))
    return f"{named}, zlib {zlib.ZLIB_RUNTIME_VERSION}"[:120]
