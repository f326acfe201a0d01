"""Reading the list of accounts, a page of it at a time, with what each holds today in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, exists, func, or_, select

from core.access import Role
from core.db import db
from core.paging import page_size
from organisation.accounts.models import (
    Account,
    Credential,
    CredentialKind,
    RoleHeld,
)
from organisation.accounts.queries.holding import held_on
from organisation.accounts.queries.signing_in import password_of
from organisation.places.models import Place

PAGE_SIZE = 25
STATES = ("active", "invited", "disabled")
"""How an account can stand: with a password, without one yet, or disabled."""


@dataclass(frozen=True)
class AccountLine:
    """One line of the list of accounts.

    Attributes:
        state: "active", "invited" (no password yet) or "disabled".
        roles: the roles held today with their places, in words.
    """

    reference: str
    name: str
    email: str
    state: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class AccountList:
    """One page of the list of accounts."""

    lines: tuple[AccountLine, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.total // page_size(PAGE_SIZE)))


def account_list(*, on: date, search: str = "", state: str = "", role: str = "", page: int = 1) -> AccountList:
    """Give one page of the accounts by name.

    Args:
        search: what the name, the address or the reference holds, taken literally.
        state: one of ``STATES``; "" for all.
        role: a role held today; "" for all.
    """
    asked = _accounts_asked_for(on, search, state, role)
    total = db.session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    size = page_size(PAGE_SIZE)
    return AccountList(_lines(asked.limit(size).offset((page - 1) * size), on=on), total, page)


def every_account(*, on: date) -> tuple[AccountLine, ...]:
    """Give every account by name, for the command line."""
    return _lines(_accounts_asked_for(on, "", "", ""), on=on)


def _lines(asked: Select[Any], *, on: date) -> tuple[AccountLine, ...]:
    rows = db.session.execute(asked.order_by(Account.name, Account.id)).all()
    held = _roles_in_words([row.id for row in rows], on=on)
    return tuple(
        AccountLine(row.reference, row.name, row.email, row.state, tuple(held.get(row.id, ()))) for row in rows
    )


def state_of(account: Account) -> str:
    """Say whether an account is "active", "invited" (no password yet) or "disabled"."""
    if account.disabled_at is not None:
        return "disabled"
    return "active" if password_of(account.id) is not None else "invited"


def _accounts_asked_for(on: date, search: str, state: str, role: str) -> Select[Any]:
    has_password = exists().where(Credential.account_id == Account.id, Credential.kind == CredentialKind.PASSWORD)
    stands = case((Account.disabled_at.is_not(None), "disabled"), (has_password, "active"), else_="invited")
    asked = select(Account.id, Account.reference, Account.name, Account.email, stands.label("state"))
    if search:
        columns = (Account.name, Account.email, Account.reference)
        asked = asked.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    if state:
        asked = asked.where(stands == state)
    if role:
        asked = asked.where(exists().where(RoleHeld.account_id == Account.id, RoleHeld.role == Role(role), held_on(on)))
    return asked


def _roles_in_words(account_ids: list[int], *, on: date) -> dict[int, list[str]]:
    """Give account id → the roles held on a day, each with its place."""
    rows = db.session.execute(
        select(RoleHeld.account_id, RoleHeld.role, Place.name)
        .outerjoin(Place, Place.id == RoleHeld.place_id)
        .where(RoleHeld.account_id.in_(account_ids), held_on(on))
        .order_by(RoleHeld.id)
    )
    words: dict[int, list[str]] = {}
    for account_id, role, place in rows:
        words.setdefault(account_id, []).append(f"{role.capitalize()}, {place}" if place else role.capitalize())
    return words
