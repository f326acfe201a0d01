"""Reading what signing in rests on: credentials, links, failed attempts and sessions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select
from sqlalchemy.orm import joinedload

from core.db import db
from organisation.accounts.models import (
    Account,
    Credential,
    CredentialKind,
    ServiceSetting,
    SessionRecord,
    SignInAttempt,
)
from organisation.accounts.rules import ABSOLUTE_LIMIT, COUNTED_FOR, IDLE_LIMIT


@dataclass(frozen=True)
class Opened:
    """The record of a session, whose it is, and whether the data are a demonstration: what every page asks."""

    record: SessionRecord
    account: Account | None
    demonstration: bool


_DEMONSTRATED = exists().where(ServiceSetting.name == "demonstration")
_OPENED = (
    select(SessionRecord, Account, _DEMONSTRATED)
    .outerjoin(Account, Account.id == SessionRecord.account_id)
    .where(SessionRecord.key_hash == bindparam("key_hash"))
)
"""A session with its account. Every request asks it, and preparing it costs more than running it."""


def opened_session(key_hash: str) -> Opened | None:
    """Give the record of a session by the hash of its key, with its account, in one statement; or None."""
    found = db.session.execute(_OPENED, {"key_hash": key_hash}).first()
    return Opened(found[0], found[1], bool(found[2])) if found else None


def session_count(account_id: int, *, at: datetime) -> int:
    """Count the sessions of an account that still count by their times."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(SessionRecord)
            .where(
                SessionRecord.account_id == account_id,
                SessionRecord.seen_at > at - IDLE_LIMIT,
                SessionRecord.created_at > at - ABSOLUTE_LIMIT,
            )
        )
        or 0
    )


def credential(kind: CredentialKind, identifier: str) -> Credential | None:
    """Give a credential with its account by what identifies it in its kind, or None."""
    return db.session.scalar(
        select(Credential)
        .options(joinedload(Credential.account))
        .where(Credential.kind == kind, Credential.identifier == identifier)
    )


def password_of(account_id: int) -> Credential | None:
    """Give the password credential of an account, or None when none is set."""
    return db.session.scalar(
        select(Credential).where(Credential.account_id == account_id, Credential.kind == CredentialKind.PASSWORD)
    )


def open_links(account_id: int, *, at: datetime) -> list[Credential]:
    """List the links of an account that were not used and have not run out."""
    return list(
        db.session.scalars(
            select(Credential).where(Credential.account_id == account_id, _open_link(at)).order_by(Credential.id)
        )
    )


def open_link(identifier: str, *, at: datetime, lock: bool = False) -> Credential | None:
    """Give a link that was not used, has not run out and belongs to no disabled account, or None."""
    asked = (
        select(Credential)
        .join(Account)
        .where(Credential.identifier == identifier, _open_link(at), Account.disabled_at.is_(None))
    )
    return db.session.scalar(asked.with_for_update() if lock else asked)


def _open_link(at: datetime) -> ColumnElement[bool]:
    return and_(Credential.kind == CredentialKind.INVITATION, Credential.used_at.is_(None), Credential.expires_at > at)


def failures(subjects: Collection[str], *, at: datetime) -> Mapping[str, list[datetime]]:
    """Give subject → when sign-in failed for it in the last fifteen minutes, oldest first."""
    counted: dict[str, list[datetime]] = {subject: [] for subject in subjects}
    rows = db.session.execute(
        select(SignInAttempt.subject, SignInAttempt.at)
        .where(SignInAttempt.subject.in_(list(subjects)), SignInAttempt.at > at - COUNTED_FOR)
        .order_by(SignInAttempt.at)
    )
    for subject, when in rows:
        counted[subject].append(when)
    return counted


def is_demonstration() -> bool:
    """Say whether this database is a demonstration."""
    return bool(db.session.scalar(select(_DEMONSTRATED)))
