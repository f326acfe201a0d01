"""Keeping sessions: a record on the server for a random key in the browser's cookie.

The cookie holds 256 random bits and nothing else; the table holds their SHA-256, so neither a copy of the
database nor an old cookie signs anybody in. These write on a connection of their own, beside the session of the
request: a session record is no domain row and must be kept even where the request itself changes nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, update

from core.db import db
from organisation.accounts.models import Account, SessionRecord
from organisation.accounts.rules import ABSOLUTE_LIMIT, hashed_key


@dataclass(frozen=True)
class Kept:
    """What a session holds.

    Attributes:
        account_id: whose it is, or None before signing in.
        data: its content as text.
    """

    account_id: int | None
    data: str


def begin_session(connection: Connection, kept: Kept, *, at: datetime) -> str:
    """Begin a session and give its key, which is kept nowhere else; put away the records that ran out."""
    key = secrets.token_urlsafe(32)
    connection.execute(
        insert(SessionRecord).values(
            key_hash=hashed_key(key),
            account_id=kept.account_id,
            data=kept.data,
            created_at=at,
            seen_at=at,
        )
    )
    forget_expired_sessions(connection, at=at)
    return key


def keep_session(connection: Connection, key_hash: str, kept: Kept, *, at: datetime) -> None:
    """Keep what a session holds now. One that was ended meanwhile stays ended."""
    connection.execute(
        update(SessionRecord)
        .where(SessionRecord.key_hash == key_hash)
        .values(account_id=kept.account_id, data=kept.data, seen_at=at)
    )


def see_session(connection: Connection, key_hash: str, *, at: datetime) -> None:
    """Note that a session was used. One that was ended meanwhile stays ended."""
    connection.execute(update(SessionRecord).where(SessionRecord.key_hash == key_hash).values(seen_at=at))


def end_session(connection: Connection, key_hash: str) -> None:
    """End a session: its cookie signs nobody in any more."""
    connection.execute(delete(SessionRecord).where(SessionRecord.key_hash == key_hash))


def forget_expired_sessions(connection: Connection, *, at: datetime) -> None:
    """Put away the records nobody has used for so long that they can never count again."""
    connection.execute(delete(SessionRecord).where(SessionRecord.seen_at < at - ABSOLUTE_LIMIT))


def end_every_session(account: Account) -> None:
    """End every session of an account, within the change that calls for it."""
    account.sign_in_epoch += 1
    db.session.execute(delete(SessionRecord).where(SessionRecord.account_id == account.id))
