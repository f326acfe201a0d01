"""Reading accounts: who signs in, what they hold on a day, how often a sign-in failed.

Accounts belong to no place, so these queries take no scope: whoever keeps accounts keeps all of them, and
everybody else reads only their own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from core.access import Actor, Appointment, Role
from core.db import db
from core.errors import NotFound, RuleBroken
from core.parse import search_text
from organisation.accounts.models import (
    Account,
    Credential,
    CredentialKind,
    Deputy,
    RoleHeld,
    ServiceSetting,
    SessionRecord,
    SignInAttempt,
)
from organisation.accounts.rules import COUNTED_FOR
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS

PAGE_SIZE = 25


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
        return max(1, -(-self.total // PAGE_SIZE))


def account(reference: str) -> Account:
    """Give an account by its reference.

    Raises:
        NotFound: there is none.
    """
    found = db.session.scalar(select(Account).where(Account.reference == reference))
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


def actor_of(account_id: int, *, on: date) -> Actor:
    """Give a person with every appointment in force on a day, their own first, then those they deputise in.

    Raises:
        NotFound: there is no such account.
    """
    person = account_by_id(account_id)
    return Actor(person.id, person.name, _appointments(person.id, on=on))


def _appointments(account_id: int, *, on: date) -> tuple[Appointment, ...]:
    own = select(RoleHeld.id, RoleHeld.role, RoleHeld.place_id).where(RoleHeld.account_id == account_id, held_on(on))
    held = [Appointment(row.role, row.place_id) for row in db.session.execute(own.order_by(RoleHeld.id))]
    lent = (
        select(RoleHeld.role, RoleHeld.place_id, Account.name)
        .join(Deputy, Deputy.absent_id == RoleHeld.account_id)
        .join(Account, Account.id == Deputy.absent_id)
        .where(Deputy.deputy_id == account_id, deputising_on(on), held_on(on), Account.disabled_at.is_(None))
        .order_by(Deputy.id, RoleHeld.id)
    )
    held += [Appointment(row.role, row.place_id, row.name) for row in db.session.execute(lent)]
    return tuple(held)


def held_on(day: date) -> ColumnElement[bool]:
    """Say, in SQL, that a role is in force on a day."""
    return and_(
        RoleHeld.since <= day, or_(RoleHeld.until.is_(None), RoleHeld.until >= day), RoleHeld.ended_at.is_(None)
    )


def deputising_on(day: date) -> ColumnElement[bool]:
    """Say, in SQL, that a deputy stands in on a day."""
    return and_(Deputy.since <= day, Deputy.until >= day, Deputy.ended_at.is_(None))


def session_record(key_hash: str) -> SessionRecord | None:
    """Give the record of a session by the hash of its key, or None."""
    return db.session.get(SessionRecord, key_hash)


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


def setting(name: str) -> str | None:
    """Give a fact about the whole service, or None when it was never written."""
    return db.session.scalar(select(ServiceSetting.value).where(ServiceSetting.name == name))


def is_demonstration() -> bool:
    """Say whether this database is a demonstration."""
    return setting("demonstration") is not None


def any_account() -> bool:
    """Say whether there is any account."""
    return db.session.scalar(select(Account.id).limit(1)) is not None


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


def roles_of(account_id: int) -> list[RoleHeld]:
    """List every role an account holds, held or will hold, newest first, with its place."""
    return list(
        db.session.scalars(
            select(RoleHeld)
            .options(joinedload(RoleHeld.place))
            .where(RoleHeld.account_id == account_id)
            .order_by(RoleHeld.since.desc(), RoleHeld.id.desc())
        )
    )


def role_held(role_id: int, *, account_id: int) -> RoleHeld:
    """Give a role held by an account.

    Raises:
        NotFound: the account holds no such role.
    """
    found = db.session.scalar(
        select(RoleHeld)
        .options(joinedload(RoleHeld.place))
        .where(RoleHeld.id == role_id, RoleHeld.account_id == account_id)
    )
    if found is None:
        raise NotFound
    return found


def deputies_of(account_id: int) -> list[Deputy]:
    """List the deputies an account has, had and will have, and for whom it deputises, newest first."""
    return list(
        db.session.scalars(
            select(Deputy)
            .options(joinedload(Deputy.absent), joinedload(Deputy.deputy))
            .where(or_(Deputy.absent_id == account_id, Deputy.deputy_id == account_id))
            .order_by(Deputy.since.desc(), Deputy.id.desc())
        )
    )


def deputy(deputy_id: int) -> Deputy:
    """Give a naming of a deputy.

    Raises:
        NotFound: there is none.
    """
    found = db.session.get(Deputy, deputy_id)
    if found is None:
        raise NotFound
    return found
