"""Tables of the trail. Leaves and log entries are append-only in both databases."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import APPEND_ONLY, Base, Key, words_of


class Log(StrEnum):
    """Which of the two logs a leaf belongs to."""

    CHANGES = "changes"
    ACCESS = "access"


class AuditLeaf(Base):
    """One act, as canonical JSON, with the few facts the trail is searched by."""

    __tablename__ = "audit_leaf"
    __table_args__ = (
        Index("ix_audit_leaf_subject", "subject"),
        Index("ix_audit_leaf_recorded_at", "recorded_at"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    log: Mapped[Log] = mapped_column(words_of(Log))
    recorded_at: Mapped[datetime]
    account_id: Mapped[int | None]
    act: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(String)


class LogEntry(Base):
    """The place of a leaf in its log: gapless sequence, hash of the leaf, hash of the chain so far."""

    __tablename__ = "log_entry"
    __table_args__ = (
        UniqueConstraint("leaf_id"),
        CheckConstraint("sequence > 0", name="from_one"),
        APPEND_ONLY,
    )

    log: Mapped[Log] = mapped_column(words_of(Log), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leaf_id: Mapped[int] = mapped_column(ForeignKey("audit_leaf.id"))
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)
    chain_hash: Mapped[bytes] = mapped_column(LargeBinary)


class Submission(Base):
    """A form a person sent: one key, at most one effect.

    ``result`` is the reference of what it made, filled in by the same transaction that made it.
    """

    __tablename__ = "submission"

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    act: Mapped[str] = mapped_column(String(60))
    body_hash: Mapped[str] = mapped_column(String(64))
    result: Mapped[str | None] = mapped_column(String(80))


class Note(Base):
    """A piece of free text that passed the personal-data guard. Only its text and salt may be erased."""

    __tablename__ = "note"

    id: Mapped[Key]
    text: Mapped[str | None] = mapped_column(String(500))
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    commitment: Mapped[str] = mapped_column(String(64))
    erased_at: Mapped[datetime | None]

    def __str__(self) -> str:
        return self.text if self.text is not None else "(erased)"


class KeptHash(Base):
    """The hash of a full subtree of a Merkle tree, of a height that is kept: it never changes again.

    ``tree`` names a log, or a table as "table:move".
    """

    __tablename__ = "kept_hash"
    __table_args__ = (APPEND_ONLY,)

    tree: Mapped[str] = mapped_column(String(60), primary_key=True)
    height: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class CheckpointKey(Base):
    """A key that signs checkpoints from a moment on, as it is checked with. The newest row signs; no other may."""

    __tablename__ = "checkpoint_key"
    __table_args__ = (UniqueConstraint("checking_key"), APPEND_ONLY)

    id: Mapped[Key]
    checking_key: Mapped[str] = mapped_column(String(300))
    begun_at: Mapped[datetime]


class Checkpoint(Base):
    """A signed statement of how far both logs and every append-only table went, and of their roots.

    ``tables_json`` is table → [rows, id of the last, root]; the note is signed over its hash.
    """

    __tablename__ = "checkpoint"
    __table_args__ = (APPEND_ONLY,)

    id: Mapped[Key]
    made_at: Mapped[datetime]
    occasion: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    access_size: Mapped[int]
    tables_json: Mapped[str] = mapped_column(String)
    note: Mapped[str] = mapped_column(String)
