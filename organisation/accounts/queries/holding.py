"""Reading what people hold on a day: their own roles, and those they stand in for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    and_,
    bindparam,
    exists,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import joinedload

from core.access import ROLE_PERMISSIONS, Actor, Appointment, Permission, Role
from core.db import ask, db
from core.errors import NotFound
from organisation.accounts.models import (
    Account,
    Credential,
    CredentialKind,
    Deputy,
    RoleHeld,
)
from organisation.accounts.queries.people import account_by_id


def actor_of(account_id: int, *, on: date) -> Actor:
    """Give a person with every appointment in force on a day, their own first, then those they deputise in.

    Raises:
        NotFound: there is no such account.
    """
    person = account_by_id(account_id)
    return Actor(person.id, person.name, _appointments(person.id, on=on))


def _appointments(account_id: int, *, on: date) -> tuple[Appointment, ...]:
    """Give what somebody holds on a day, in one statement: their own roles, then those they stand in for."""
    rows = ask(_HELD, account_id=account_id, day=on)
    return tuple(Appointment(role, place_id, absent) for role, place_id, absent, *_ in rows)


def held_on(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Say, in SQL, that a role is in force on a day."""
    return and_(
        RoleHeld.since <= day, or_(RoleHeld.until.is_(None), RoleHeld.until >= day), RoleHeld.ended_at.is_(None)
    )


def deputising_on(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Say, in SQL, that a deputy stands in on a day."""
    return and_(Deputy.since <= day, Deputy.until >= day, Deputy.ended_at.is_(None))


_ACCOUNT, _DAY = bindparam("account_id", type_=Integer), bindparam("day", type_=Date)
_HELD = (
    select(RoleHeld.role, RoleHeld.place_id, null().label("absent"), literal(0).label("deputy_id"), RoleHeld.id)
    .where(RoleHeld.account_id == _ACCOUNT, held_on(_DAY))
    .union_all(
        select(RoleHeld.role, RoleHeld.place_id, Account.name, Deputy.id, RoleHeld.id)
        .join(Deputy, Deputy.absent_id == RoleHeld.account_id)
        .join(Account, Account.id == Deputy.absent_id)
        .where(Deputy.deputy_id == _ACCOUNT, deputising_on(_DAY), held_on(_DAY), Account.disabled_at.is_(None))
    )
    .order_by("deputy_id", "id")
)
"""What somebody holds on a day. Every request asks it, and preparing it costs more than running it."""


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


def holders(permission: Permission, place_ids: Collection[int], *, on: date, but_not: int | None = None) -> list[str]:
    """Name the people whose own role at one of the places, or everywhere, carries a permission on a day.

    Args:
        but_not: account id to leave out: who asked does not approve.
    """
    roles = [role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions]
    asked = (
        select(Account.name)
        .join(RoleHeld, RoleHeld.account_id == Account.id)
        .where(
            RoleHeld.role.in_(roles),
            RoleHeld.place_id.is_(None) | RoleHeld.place_id.in_(place_ids),
            held_on(on),
            Account.disabled_at.is_(None),
        )
        .distinct()
        .order_by(Account.name)
    )
    if but_not is not None:
        asked = asked.where(Account.id != but_not)
    return list(db.session.scalars(asked))


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
