"""Inviting people and resetting their sign-in, with links that work once.

No e-mail is sent: the administrator passes the link on. Only the hash of its key is kept, so it is shown once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core import trail
from core.access import Actor, Permission, Role
from core.dates import local_day
from core.db import db
from core.errors import NotPermitted, RuleBroken
from organisation.accounts import queries
from organisation.accounts.models import Account, Credential, CredentialKind
from organisation.accounts.rules import INVITATION_LASTS, hashed_key
from organisation.accounts.services.accounts import open_account
from organisation.accounts.services.passwords import set_password
from organisation.accounts.services.roles import (
    refuse_past,
    refuse_without_administrator,
    roles_at,
    someone_else,
)
from organisation.accounts.services.sessions import end_every_session

EXPIRED = "This link has expired"


@dataclass(frozen=True)
class Invitation:
    """A link that works once.

    Attributes:
        key: what the link ends in; None when the same form was sent before, since it is shown only once.
    """

    account: Account
    key: str | None


def invite(
    email: str,
    name: str,
    role: Role,
    place_codes: Sequence[str],
    since: date,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Invitation:
    """Open an account and make the link with which its holder chooses a password.

    Raises:
        RuleBroken: the address is taken, or the role, places and day do not fit.
    """
    if not by.may(Permission.KEEP_ACCOUNTS):
        raise NotPermitted
    body = {"email": email, "name": name, "role": role, "places": list(place_codes), "since": since}
    done = trail.earlier(submission_id, by=by, act="account.invite", body=body)
    if done is not None:
        return Invitation(queries.account(done), None)
    refuse_past(since, at=at)
    opened = open_account(email, name, roles_at(role, place_codes), since, by=by, at=at, submission_id=submission_id)
    return Invitation(opened, _new_link(opened, at=at))


def reset(reference: str, *, by: Actor, at: datetime, submission_id: str) -> Invitation:
    """Take somebody's password away, end their sessions and make a link to choose a new one.

    Raises:
        NotPermitted: it is one's own account.
        RuleBroken: the account is disabled.
        LastAdministrator: nobody who can sign in would keep the accounts meanwhile.
    """
    if trail.earlier(submission_id, by=by, act="account.reset", body=reference):
        return Invitation(queries.account(reference), None)
    account = someone_else(reference, by=by)
    if account.disabled_at is not None:
        raise RuleBroken(f"{account.name} is disabled. Enable the account first")
    kept = queries.password_of(account.id)
    if kept is not None:
        db.session.delete(kept)
    end_every_session(account)
    refuse_without_administrator(account, at=at)
    link = _new_link(account, at=at)
    trail.record(act="account.reset", subject=reference, by=by, at=at, submission_id=submission_id)
    return Invitation(account, link)


def _new_link(account: Account, *, at: datetime) -> str:
    """Make a link, and end those made for the account before."""
    for old in queries.open_links(account.id, at=at):
        old.expires_at = at
    key = secrets.token_urlsafe(32)
    db.session.add(
        Credential(
            account_id=account.id,
            kind=CredentialKind.INVITATION,
            identifier=hashed_key(key),
            secret_hash="",
            created_at=at,
            expires_at=at + INVITATION_LASTS,
        )
    )
    db.session.flush()
    return key


def accept_invitation(key: str, password: str, *, at: datetime) -> Account:
    """Choose a password with a link, which works no more after that; give the account.

    Raises:
        RuleBroken: the link was used or has run out, or the password is weak.
    """
    link = queries.open_link(hashed_key(key), at=at, lock=True)
    if link is None:
        raise RuleBroken(EXPIRED)
    account = link.account
    set_password(account, password, at=at)
    link.used_at = at
    end_every_session(account)
    person = queries.actor_of(account.id, on=local_day(at))
    # Whoever holds no role yet acts in none, so the leaf names them as its subject alone.
    by = person if person.appointments else None
    trail.record(act="account.accept_invitation", subject=account.reference, by=by, at=at)
    return account
