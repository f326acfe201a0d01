"""The signed-in person, as Flask-Login carries them through a request."""

from __future__ import annotations

from flask import session
from flask_login import UserMixin

from core.access import Actor
from core.dates import local_day
from core.db import now
from core.errors import NotFound
from organisation.accounts import queries
from organisation.accounts.models import Account
from organisation.accounts.routes.sessions import rotate_key
from organisation.accounts.rules import is_fresh

EPOCH = "epoch"
"""Where a session keeps the epoch of the account it was begun in."""
PROVED_AT = "proved_at"
"""Where a session keeps when its person last gave their password."""


class Person(UserMixin):
    """A signed-in person with what they may do today."""

    def __init__(self, account: Account, actor: Actor) -> None:
        self.id = account.id
        self.account_reference = account.reference
        self.email = account.email
        self.actor = actor

    def proved_lately(self, *, sending: bool) -> bool:
        """Say whether the person gave their password lately enough for an act that binds others."""
        return is_fresh(session.get(PROVED_AT), sending=sending, at=now())


def load_person(account_id: str) -> Person | None:
    """Give the person of a session, or end it when it is of an earlier epoch or the account is disabled."""
    try:
        account = queries.account_by_id(int(account_id))
    except NotFound:
        _end()
        return None
    if account.disabled_at is not None or session.get(EPOCH) != account.sign_in_epoch:
        _end()
        return None
    return Person(account, queries.actor_of(account.id, on=local_day(now())))


def _end() -> None:
    """Empty the session, so that its record goes with this answer."""
    session.clear()
    rotate_key()
