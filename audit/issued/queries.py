"""Reading the register: what was issued, in which forms, to whom, and how often the public page was asked.

Whoever takes reports may see what was taken; reports are of all places, so no scope belongs here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import selectinload, undefer

from audit.issued.rules import COUNTED_FOR
from core.dates import day_bounds
from core.db import db
from core.errors import NotFound
from core.figures import FileKind
from core.paging import Paged, paged
from core.register import IssuedDownload, IssuedFile, IssuedReport, IssuedSignature, VerifyAttempt
from organisation.accounts.models import Account


@dataclass(frozen=True)
class Asked:
    """Which part of the register is asked for; an empty part asks for everything.

    Attributes:
        words: a part of a reference, a document's name or a title.
        order: "newest", "oldest", "document" or "taken".
    """

    sort: str = ""
    words: str = ""
    first: date | None = None
    last: date | None = None
    order: str = "newest"


def reports(asked: Asked, *, page: int) -> Paged[Row[Any]]:
    """Give a page of the register: each report with how often it left, and when last.

    Raises:
        NotFound: there is no such page.
    """
    left = (
        select(
            IssuedFile.report_id,
            func.count(IssuedDownload.id).label("times"),
            func.max(IssuedDownload.left_at).label("last_at"),
        )
        .join(IssuedDownload, IssuedDownload.file_id == IssuedFile.id)
        .group_by(IssuedFile.report_id)
        .subquery()
    )
    found = select(IssuedReport, left.c.times, left.c.last_at).join(left, left.c.report_id == IssuedReport.id)
    if asked.sort:
        found = found.where(IssuedReport.sort == asked.sort)
    if asked.words:
        like = f"%{asked.words.lower().replace('%', '').replace('_', '')}%"
        places = (IssuedReport.reference, IssuedReport.document, IssuedReport.title, IssuedReport.filters_json)
        found = found.where(func.lower(places[0] + " " + places[1] + " " + places[2] + " " + places[3]).like(like))
    if asked.first:
        found = found.where(IssuedReport.issued_at >= day_bounds(asked.first, asked.first)[0])
    if asked.last:
        found = found.where(IssuedReport.issued_at < day_bounds(asked.last, asked.last)[1])
    orders: dict[str, tuple[Any, ...]] = {
        "newest": (IssuedReport.id.desc(),),
        "oldest": (IssuedReport.id,),
        "document": (IssuedReport.document, IssuedReport.id.desc()),
        "taken": (left.c.times.desc(), IssuedReport.id.desc()),
    }
    return paged(found.order_by(*orders.get(asked.order, orders["newest"])), number=page)


def filters_of(report: IssuedReport) -> list[tuple[str, str]]:
    """Give what a report was asked for: label and words."""
    return [(str(label), str(words)) for label, words in json.loads(report.filters_json)]


def report_by_reference(reference: str, *, whole: bool = False) -> IssuedReport:
    """Find a report with its files; with its frozen figures where it is to be made again.

    Raises:
        NotFound: nothing was issued under this reference.
    """
    asked = select(IssuedReport).where(IssuedReport.reference == reference)
    asked = asked.options(selectinload(IssuedReport.files), *([undefer(IssuedReport.frozen_json)] if whole else []))
    found = db.session.scalar(asked)
    if found is None:
        raise NotFound
    return found


def downloads(report: IssuedReport, *, most: int) -> Sequence[Row[datetime, FileKind, str]]:
    """List the newest times a report left: (when, form, name of who took it or None)."""
    asked = (
        select(IssuedDownload.left_at, IssuedFile.kind, Account.name)
        .join(IssuedFile, IssuedFile.id == IssuedDownload.file_id)
        .outerjoin(Account, Account.id == IssuedDownload.account_id)
        .where(IssuedFile.report_id == report.id)
        .order_by(IssuedDownload.id.desc())
        .limit(most)
    )
    return db.session.execute(asked).all()


def signatures(report: IssuedReport) -> dict[str, IssuedSignature]:
    """Give the digital signatures of a report's files: SHA-256 of the file → its signature."""
    asked = select(IssuedSignature).where(IssuedSignature.sha256.in_([file.sha256 for file in report.files]))
    return {each.sha256: each for each in db.session.scalars(asked)}


def versions(report: IssuedReport, *, most: int) -> Sequence[IssuedReport]:
    """List the newest versions of the same document, the newest first; this one may be among them."""
    asked = select(IssuedReport).where(IssuedReport.sort == report.sort, IssuedReport.document == report.document)
    return db.session.scalars(asked.order_by(IssuedReport.sequence.desc(), IssuedReport.id.desc()).limit(most)).all()


def files_with(digests: Sequence[str]) -> list[tuple[IssuedFile, IssuedReport]]:
    """Find issued files by the SHA-256 of their bytes."""
    asked = select(IssuedFile, IssuedReport).join(IssuedReport, IssuedReport.id == IssuedFile.report_id)
    return [(row[0], row[1]) for row in db.session.execute(asked.where(IssuedFile.sha256.in_(list(digests))))]


def reports_with(references: Sequence[str]) -> list[IssuedReport]:
    """Find issued reports, with their files, by their references."""
    asked = select(IssuedReport).where(IssuedReport.reference.in_(list(references)))
    return list(db.session.scalars(asked.options(selectinload(IssuedReport.files)).order_by(IssuedReport.id.desc())))


def later_than(report: IssuedReport) -> datetime | None:
    """Tell when the newest later version of a document was issued, or None."""
    asked = select(func.max(IssuedReport.issued_at)).where(
        IssuedReport.sort == report.sort,
        IssuedReport.document == report.document,
        IssuedReport.sequence > report.sequence,
    )
    return db.session.scalar(asked)


def asked_lately(subject: str, *, at: datetime) -> list[datetime]:
    """List when somebody asked the public page lately, oldest first."""
    asked = select(VerifyAttempt.at).where(VerifyAttempt.subject == subject, VerifyAttempt.at > at - COUNTED_FOR)
    return list(db.session.scalars(asked.order_by(VerifyAttempt.at)))
