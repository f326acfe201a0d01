"""Accounts, how each signs in, the roles it holds, who deputises, and the records behind sessions.

A credential is a row of its own kind (password today; Microsoft Entra, one-time codes and passkeys later), so
a further way of signing in adds rows and a route, never a column here.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.access import Role
from core.db import APPEND_ONLY, Base, Key, words_of
from organisation.places.models import Place


class CredentialKind(StrEnum):
    """A way of proving who one is."""

    PASSWORD = "password"
    INVITATION = "invitation"


class Account(Base):
    """A member of staff who signs in. The name is how colleagues know them, e.g. "Sgt 1182 Salisbury"."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("email"), UniqueConstraint("reference"))

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(12))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    sign_in_epoch: Mapped[int] = mapped_column(default=0)
    """Raised when a password changes, is reset, or the account is disabled; sessions of an earlier epoch end.

    Not when a role changes: roles are read again on each request, so one that was taken away is refused at once.
    """


class Credential(Base):
    """One way an account signs in: its kind, what identifies it there, and its secret, hashed."""

    __tablename__ = "credential"
    __table_args__ = (UniqueConstraint("kind", "identifier"), Index("ix_credential_account_id", "account_id"))

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[CredentialKind] = mapped_column(words_of(CredentialKind))
    identifier: Mapped[str] = mapped_column(String(254))
    secret_hash: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class RoleHeld(Base):
    """A role at a place (or everywhere) from one day until another, both included."""

    __tablename__ = "role_held"
    __table_args__ = (
        Index("ix_role_held_account_id", "account_id"),
        CheckConstraint("until IS NULL OR until >= since", name="ends_after_start"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role: Mapped[Role] = mapped_column(words_of(Role))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    since: Mapped[date]
    until: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    """When it was taken away before its last day, at once."""

    account: Mapped[Account] = relationship()
    place: Mapped[Place | None] = relationship()


class Deputy(Base):
    """A named person who holds an absent person's roles from one day until another, both included."""

    __tablename__ = "deputy"
    __table_args__ = (
        CheckConstraint("until >= since", name="ends_after_start"),
        CheckConstraint("absent_id <> deputy_id", name="is_another_person"),
    )

    id: Mapped[Key]
    absent_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    since: Mapped[date]
    until: Mapped[date]
    ended_at: Mapped[datetime | None]

    absent: Mapped[Account] = relationship(foreign_keys=[absent_id])
    deputy: Mapped[Account] = relationship(foreign_keys=[deputy_id])


class SessionRecord(Base):
    """A session, kept on the server; the cookie holds only a random key of which this is the hash."""

    __tablename__ = "session_record"
    __table_args__ = (
        Index("ix_session_record_account_id", "account_id"),
        Index("ix_session_record_seen_at", "seen_at"),
    )

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    data: Mapped[str] = mapped_column(String)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SignInAttempt(Base):
    """A failed sign-in, counted by account name and by address to slow guessing."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_subject", "subject", "at"), APPEND_ONLY)

    id: Mapped[Key]
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ServiceSetting(Base):
    """A fact about the whole service that is written once, such as that it is a demonstration."""

    __tablename__ = "service_setting"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(80))
