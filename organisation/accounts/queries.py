"""Reading accounts: who signs in, what they hold on a day, how often a sign-in failed.

Accounts belong to no place, so these queries take no scope: whoever keeps accounts keeps all of them, and
everybody else reads only their own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, null, or_, select, true
from sqlalchemy.orm import joinedload

from core.access import Actor, Appointment, Role
from core.db import db
from core.errors import NotFound
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
from organisation.accounts.rules import ABSOLUTE_LIMIT, COUNTED_FOR, IDLE_LIMIT
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS

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
        return max(1, -(-self.total // PAGE_SIZE))


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


def actor_of(account_id: int, *, on: date) -> Actor:
    """Give a person with every appointment in force on a day, their own first, then those they deputise in.

    Raises:
        NotFound: there is no such account.
    """
    person = account_by_id(account_id)
    return Actor(person.id, person.name, _appointments(person.id, on=on))


def _appointments(account_id: int, *, on: date) -> tuple[Appointment, ...]:
    """Give what somebody holds on a day, in one statement: their own roles, then those they stand in for."""
    own = select(
        RoleHeld.role, RoleHeld.place_id, null().label("absent"), literal(0).label("deputy_id"), RoleHeld.id
    ).where(RoleHeld.account_id == account_id, held_on(on))
    lent = (
        select(RoleHeld.role, RoleHeld.place_id, Account.name, Deputy.id, RoleHeld.id)
        .join(Deputy, Deputy.absent_id == RoleHeld.account_id)
        .join(Account, Account.id == Deputy.absent_id)
        .where(Deputy.deputy_id == account_id, deputising_on(on), held_on(on), Account.disabled_at.is_(None))
    )
    rows = db.session.execute(own.union_all(lent).order_by("deputy_id", "id"))
    return tuple(Appointment(role, place_id, absent) for role, place_id, absent, *_ in rows)


def held_on(day: date) -> ColumnElement[bool]:
    """Say, in SQL, that a role is in force on a day."""
    return and_(
        RoleHeld.since <= day, or_(RoleHeld.until.is_(None), RoleHeld.until >= day), RoleHeld.ended_at.is_(None)
    )


def deputising_on(day: date) -> ColumnElement[bool]:
    """Say, in SQL, that a deputy stands in on a day."""
    return and_(Deputy.since <= day, Deputy.until >= day, Deputy.ended_at.is_(None))


@dataclass(frozen=True)
class Opened:
    """The record of a session, whose it is, and whether the data are a demonstration: what every page asks."""

    record: SessionRecord
    account: Account | None
    demonstration: bool


def opened_session(key_hash: str) -> Opened | None:
    """Give the record of a session by the hash of its key, with its account, in one statement; or None."""
    found = db.session.execute(
        select(SessionRecord, Account, _demonstrated())
        .outerjoin(Account, Account.id == SessionRecord.account_id)
        .where(SessionRecord.key_hash == key_hash)
    ).first()
    return Opened(found[0], found[1], bool(found[2])) if found else None


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


def _demonstrated() -> ColumnElement[bool]:
    """Say, in SQL, that this database is a demonstration."""
    return exists().where(ServiceSetting.name == "demonstration")


def is_demonstration() -> bool:
    """Say whether this database is a demonstration."""
    return bool(db.session.scalar(select(_demonstrated())))


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


def deputy(deputy_id: int, *, absent_id: int) -> Deputy:
    """Give a naming of a deputy for an absent person.

    Raises:
        NotFound: there is none.
    """
    found = db.session.scalar(
        select(Deputy).options(joinedload(Deputy.deputy)).where(Deputy.id == deputy_id, Deputy.absent_id == absent_id)
    )
    if found is None:
        raise NotFound
    return found


def own_roles_between(account_id: int, since: date, until: date | None) -> set[Role]:
    """Give the roles somebody holds themselves on any day of a time without end or with one."""
    asked = select(RoleHeld.role).where(RoleHeld.account_id == account_id, _held_between(since, until))
    return set(db.session.scalars(asked))


def roles_between(account_id: int, since: date, until: date | None) -> set[Role]:
    """Give the roles somebody holds on any day of a time, those they stand in for included."""
    lent = (
        select(RoleHeld.role)
        .join(Deputy, Deputy.absent_id == RoleHeld.account_id)
        .where(Deputy.deputy_id == account_id, _deputising_between(since, until), _held_between(since, until))
    )
    return own_roles_between(account_id, since, until) | set(db.session.scalars(lent))


def deputies_between(account_id: int, since: date, until: date | None) -> list[int]:
    """List the ids of the accounts that stand in for somebody on any day of a time."""
    asked = select(Deputy.deputy_id).where(Deputy.absent_id == account_id, _deputising_between(since, until))
    return list(db.session.scalars(asked.order_by(Deputy.id)))


def _held_between(since: date, until: date | None) -> ColumnElement[bool]:
    begun = true() if until is None else RoleHeld.since <= until
    return and_(begun, or_(RoleHeld.until.is_(None), RoleHeld.until >= since), RoleHeld.ended_at.is_(None))


def _deputising_between(since: date, until: date | None) -> ColumnElement[bool]:
    begun = true() if until is None else Deputy.since <= until
    return and_(begun, Deputy.until >= since, Deputy.ended_at.is_(None))


def lock_administrators() -> None:
    """Lock every administrator's role and account until the change commits (SQLite's writers queue anyway)."""
    db.session.execute(
        select(RoleHeld.id, Account.id)
        .join(Account)
        .where(RoleHeld.role == Role.ADMINISTRATOR)
        .order_by(RoleHeld.id)
        .with_for_update()
    ).all()


def administrators(*, on: date) -> list[int]:
    """List the ids of the accounts that can sign in and keep the accounts from a day on, without end."""
    can_sign_in = exists().where(Credential.account_id == Account.id, Credential.kind != CredentialKind.INVITATION)
    return list(
        db.session.scalars(
            select(Account.id)
            .join(RoleHeld)
            .where(
                RoleHeld.role == Role.ADMINISTRATOR,
                held_on(on),
                RoleHeld.until.is_(None),
                Account.disabled_at.is_(None),
                can_sign_in,
            )
            .distinct()
        )
    )


def was_administrator(account_id: int) -> bool:
    """Say whether an account was ever given the role of administrator."""
    asked = select(RoleHeld.id).where(RoleHeld.account_id == account_id, RoleHeld.role == Role.ADMINISTRATOR)
    return db.session.scalar(asked.limit(1)) is not None


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


def account_list(*, on: date, search: str = "", state: str = "", role: str = "", page: int = 1) -> AccountList:
    """Give one page of the accounts by name.

    Args:
        search: what the name, the address or the reference holds, taken literally.
        state: one of ``STATES``; "" for all.
        role: a role held today; "" for all.
    """
    asked = _accounts_asked_for(on, search, state, role)
    total = db.session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    return AccountList(_lines(asked.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE), on=on), total, page)


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


def others(account_id: int) -> list[Account]:
    """List the accounts that are not disabled, but for one, by name."""
    return list(
        db.session.scalars(
            select(Account).where(Account.id != account_id, Account.disabled_at.is_(None)).order_by(Account.name)
        )
    )
