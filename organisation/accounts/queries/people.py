"""Reading accounts one by one, and the places their roles can be at."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from core.db import db
from core.errors import NotFound
from organisation.accounts.models import (
    Account,
)
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS


def account(reference: str, *, lock: bool = False) -> Account:
    """Give an account by its reference, locked until the change commits when asked.

    Raises:
        NotFound: there is none.
    """
    asked = select(Account).where(Account.reference == reference)
    found = db.session.scalar(asked.with_for_update() if lock else asked)
    if found is None:
        raise NotFound
    return found


def account_by_id(account_id: int) -> Account:
    """Give an account by its own number, as a session names it.

    Raises:
        NotFound: there is none.
    """
    found = db.session.get(Account, account_id)
    if found is None:
        raise NotFound
    return found


def account_by_email(email: str) -> Account | None:
    """Give the account with an email address, or None."""
    return db.session.scalar(select(Account).where(Account.email == email.strip().lower()))


def any_account() -> bool:
    """Say whether there is any account."""
    return db.session.scalar(select(Account.id).limit(1)) is not None


def others(account_id: int) -> list[Account]:
    """List the accounts that are not disabled, but for one, by name."""
    return list(
        db.session.scalars(
            select(Account).where(Account.id != account_id, Account.disabled_at.is_(None)).order_by(Account.name)
        )
    )


def places_by_code(codes: Collection[str]) -> dict[str, Place]:
    """Give code → place for the real and open places among the codes."""
    rows = db.session.scalars(
        select(Place).where(Place.code.in_(list(codes)), Place.kind.in_(REAL_KINDS), Place.closed_on.is_(None))
    )
    return {place.code: place for place in rows}


def open_places() -> list[Place]:
    """List the real places that are open, by name."""
    return list(
        db.session.scalars(
            select(Place).where(Place.kind.in_(REAL_KINDS), Place.closed_on.is_(None)).order_by(Place.name)
        )
    )
