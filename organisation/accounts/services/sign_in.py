"""Proving who one is with a password.

A wrong email and a wrong password take the same time and get the same answer: where there is no password to
compare with, one is compared with a hash that nothing matches. Hashing is slow by design, so it happens before
the transaction; what was read for it is read again inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from argon2.exceptions import InvalidHashError, VerificationError

from core.db import db
from core.errors import TooMany
from organisation.accounts import queries
from organisation.accounts.models import Account, Credential, CredentialKind, SignInAttempt
from organisation.accounts.rules import (
    COUNTED_FOR,
    NotSignedIn,
    attempt_subjects,
    is_demonstration_address,
)
from organisation.accounts.services.passwords import HASHER

NOBODYS_HASH = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""A hash of nothing, of the same cost as a real one."""


@dataclass(frozen=True)
class Proof:
    """That somebody knew the password of an account.

    Attributes:
        credential_id: the password it was.
        secret_hash: its hash when it was compared.
        renewed_hash: a hash of today's cost, when the kept one is of an older one.
    """

    credential_id: int
    secret_hash: str
    renewed_hash: str | None


def refuse_too_many(email: str, address: str, *, at: datetime) -> None:
    """Refuse a sign-in after too many wrong passwords for the account or from the address.

    Raises:
        TooMany: with the minutes to wait.
    """
    limits = attempt_subjects(email, address)
    for subject, failed in queries.failures(limits.keys(), at=at).items():
        if len(failed) >= limits[subject]:
            counts_again = failed[-limits[subject]] + COUNTED_FOR
            seconds = max(1, int((counts_again - at).total_seconds()) + 1)
            minutes = -(-seconds // 60)
            raise TooMany(f"Too many attempts. Try again in {minutes} minute{'s' if minutes > 1 else ''}", seconds)


def check_password(email: str, password: str) -> Proof:
    """Compare a password with the account's.

    Raises:
        NotSignedIn: no such account, no password, disabled, or the password is another.
    """
    kept = queries.credential(CredentialKind.PASSWORD, email.strip().lower())
    real_only = not queries.is_demonstration()
    known = _matches(kept.secret_hash if kept else NOBODYS_HASH, password)
    if kept is None or not known or kept.account.disabled_at is not None:
        raise NotSignedIn
    if real_only and is_demonstration_address(kept.account.email):
        raise NotSignedIn
    renewed = HASHER.hash(password) if HASHER.check_needs_rehash(kept.secret_hash) else None
    return Proof(kept.id, kept.secret_hash, renewed)


def _matches(secret_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(secret_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def count_failure(email: str, address: str, *, at: datetime) -> None:
    """Count a wrong password for the account at the address, for the address and for the account."""
    db.session.add_all(SignInAttempt(subject=subject, at=at) for subject in attempt_subjects(email, address))


def sign_in(proof: Proof, *, at: datetime) -> Account:
    """Sign in whoever gave the proof; give their account.

    Raises:
        NotSignedIn: the password was changed or the account disabled since it was compared.
    """
    kept = db.session.get(Credential, proof.credential_id, with_for_update=True)
    if kept is None or kept.secret_hash != proof.secret_hash or kept.account.disabled_at is not None:
        raise NotSignedIn
    kept.used_at = at
    kept.secret_hash = proof.renewed_hash or kept.secret_hash
    return kept.account
