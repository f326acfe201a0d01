"""Setting and changing passwords. They are kept as argon2id hashes and compared nowhere but in sign_in."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from argon2 import PasswordHasher

from core import trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken
from organisation.accounts import queries
from organisation.accounts.models import Account, Credential, CredentialKind
from organisation.accounts.rules import DEMONSTRATION_PASSWORD, refuse_weak_password
from organisation.accounts.services.sessions import end_every_session

HASHER = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
"""argon2id with 19 MiB, two passes and one lane: many can sign in at once on a small machine.

Source: OWASP, Password Storage Cheat Sheet.
"""


def set_password(account: Account, password: str, *, at: datetime) -> None:
    """Give an account a password, in place of the one it had.

    Raises:
        RuleBroken: the password is weak.
    """
    in_public = password == DEMONSTRATION_PASSWORD and queries.is_demonstration()
    if not in_public:
        refuse_weak_password(password, email=account.email, name=account.name)
    kept = queries.password_of(account.id)
    if kept is None:
        kept = Credential(account_id=account.id, kind=CredentialKind.PASSWORD, identifier=account.email)
        db.session.add(kept)
    kept.secret_hash = _hashed_in_public(password) if in_public else HASHER.hash(password)
    kept.created_at, kept.used_at = at, None
    db.session.flush()


@cache
def _hashed_in_public(password: str) -> str:
    """Hash the demonstration's password once for all its accounts: what everybody can read needs no salt of its own."""
    return HASHER.hash(password)


def change_password(compared_hash: str, password: str, *, by: Actor, at: datetime, submission_id: str) -> Account:
    """Change one's own password; every other session of the account ends.

    Args:
        compared_hash: the hash the current password was just compared with.

    Raises:
        RuleBroken: the new password is weak, or the current one was changed meanwhile.
    """
    account = queries.account_by_id(by.account_id)
    if trail.earlier(submission_id, by=by, act="account.change_password", body=account.reference):
        return account
    kept = queries.password_of(account.id)
    if kept is None or kept.secret_hash != compared_hash:
        raise RuleBroken("Your current password is incorrect", "current")
    set_password(account, password, at=at)
    end_every_session(account)
    trail.record(act="account.change_password", subject=account.reference, by=by, at=at, submission_id=submission_id)
    return account


def end_other_sessions(*, by: Actor, at: datetime, submission_id: str) -> Account:
    """End every session of one's own account; the caller begins the present one anew."""
    account = queries.account_by_id(by.account_id)
    if trail.earlier(submission_id, by=by, act="account.end_other_sessions", body=account.reference):
        return account
    end_every_session(account)
    trail.record(act="account.end_other_sessions", subject=account.reference, by=by, at=at, submission_id=submission_id)
    return account
