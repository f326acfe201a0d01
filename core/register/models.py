"""Tables of the register. All are append-only: what was issued stays issued."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
from core.figures.tables import FileKind


class IssuedReport(Base):
    """A report that left the service: its frozen figures, and what every form of it bears.

    ``sort`` says which kind of report it is, ``document`` names it among its kind: the same award and period have the
    same name in every version. ``sequence`` and ``chain_hash`` are those of the log's last entry it rests on.
    ``filters_json`` is a list of label and words. ``frozen_json`` is empty where a report is only bytes.
    """

    __tablename__ = "issued_report"
    __table_args__ = (
        UniqueConstraint("reference"),
        Index("ix_issued_report_document", "sort", "document", "sequence"),
        CheckConstraint("sequence >= 0", name="not_before_the_log"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    sort: Mapped[str] = mapped_column(String(40))
    document: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    filters_json: Mapped[str] = mapped_column(String)
    marking: Mapped[str] = mapped_column(String(40))
    sequence: Mapped[int]
    chain_hash: Mapped[str] = mapped_column(String(64))
    cut_off: Mapped[datetime]
    verify_at: Mapped[str] = mapped_column(String(200))
    signed: Mapped[str] = mapped_column(String(400))
    frozen_sha256: Mapped[str] = mapped_column(String(64))
    # Read only where the report is made again: it may be megabytes.
    frozen_json: Mapped[str | None] = deferred(mapped_column(String))
    issued_at: Mapped[datetime]

    files: Mapped[list[IssuedFile]] = relationship(order_by="IssuedFile.id", viewonly=True)

    @property
    def version(self) -> str:
        """Which state of the records it shows."""
        return f"{self.sequence:,}"


class IssuedFile(Base):
    """One form of an issued report, in the bytes that left. ``painted_by`` names what shaped them."""

    __tablename__ = "issued_file"
    __table_args__ = (UniqueConstraint("sha256"), CheckConstraint("byte_count > 0", name="not_empty"), APPEND_ONLY)

    id: Mapped[Key]
    report_id: Mapped[int] = mapped_column(ForeignKey("issued_report.id"), index=True)
    kind: Mapped[FileKind] = mapped_column(words_of(FileKind))
    sha256: Mapped[str] = mapped_column(String(64))
    byte_count: Mapped[int]
    painted_by: Mapped[str] = mapped_column(String(120))
    issued_at: Mapped[datetime]


class IssuedDownload(Base):
    """That a file left the service once: with whom, and when. Nobody stands for a command on the server."""

    __tablename__ = "issued_download"
    __table_args__ = (APPEND_ONLY,)

    id: Mapped[Key]
    file_id: Mapped[int] = mapped_column(ForeignKey("issued_file.id"), index=True)
    account_id: Mapped[int | None]
    left_at: Mapped[datetime]


class IssuedSignature(Base):
    """The digital signature of a PDF: what stands behind the bytes that were painted, made once and kept.

    Whoever paints the same bytes again adds the same, so a signed file is made again byte for byte too. ``sha256`` is
    of the file with its signature.
    """

    __tablename__ = "issued_signature"
    __table_args__ = (UniqueConstraint("painted_sha256"), UniqueConstraint("sha256"), APPEND_ONLY)

    id: Mapped[Key]
    painted_sha256: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    added_base64: Mapped[str] = mapped_column(String, deferred=True)
    subject: Mapped[str] = mapped_column(String(300))
    issuer: Mapped[str] = mapped_column(String(300))
    certificate_sha256: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]


class VerifyAttempt(Base):
    """That somebody asked the public page about a document, counted to slow down whoever tries references."""

    __tablename__ = "verify_attempt"
    __table_args__ = (Index("ix_verify_attempt_subject", "subject", "at"), APPEND_ONLY)

    id: Mapped[Key]
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
