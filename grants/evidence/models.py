"""Papers kept as evidence, and those set aside. The file itself lies in the evidence folder, by a random name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
from core.trail import Note
from grants.evidence.rules import FileKind, Proof, RecordKind
from organisation.accounts.models import Account


class Evidence(Base):
    """One paper beside one record: what it is, and the digest of the file as it is kept.

    ``record_reference`` is the record's own reference (an award's code), so a paper outlives any change of key.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("stored_name"),
        CheckConstraint("byte_count > 0", name="not_empty"),
        Index("ix_evidence_record", "record_kind", "record_reference"),
        Index("ix_evidence_sha256", "sha256"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    record_kind: Mapped[RecordKind] = mapped_column(words_of(RecordKind))
    record_reference: Mapped[str] = mapped_column(String(40))
    proof: Mapped[Proof] = mapped_column(words_of(Proof))
    file_name: Mapped[str] = mapped_column(String(120))
    file_kind: Mapped[FileKind] = mapped_column(words_of(FileKind))
    byte_count: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored_name: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    set_aside: Mapped[EvidenceSetAside | None] = relationship(viewonly=True)


class EvidenceSetAside(Base):
    """That a paper does not count any more, and why. Its file is kept."""

    __tablename__ = "evidence_set_aside"
    __table_args__ = (UniqueConstraint("evidence_id"), APPEND_ONLY)

    id: Mapped[Key]
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    note: Mapped[Note] = relationship()
    account: Mapped[Account] = relationship()
