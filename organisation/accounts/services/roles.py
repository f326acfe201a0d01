"""Giving, moving and taking away roles.

Nobody changes what they themselves may do, and somebody who can sign in always keeps the accounts. Whoever
takes an administrator away locks the administrators' roles first, so two who remove each other cannot both win.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from core import trail
from core.access import ROLES_AT_PLACES, Actor, Permission, Role
from core.dates import day_text, local_day
from core.db import db
from core.errors import NotPermitted, RuleBroken
from organisation.accounts import queries
from organisation.accounts.models import Account, RoleHeld
from organisation.accounts.rules import LastAdministrator, clash
from organisation.places.models import Place
from organisation.places.rules import PlaceKind

RoleAt = tuple[Role, str | None]
"""A role and the code of the place it is held at, or None for the whole organisation."""


def someone_else(reference: str, *, by: Actor) -> Account:
    """Give the account to change, locked, with the administrators' roles.

    Raises:
        NotPermitted: the person keeps no accounts, or it is their own.
        NotFound: there is no such account.
    """
    if not by.may(Permission.KEEP_ACCOUNTS):
        raise NotPermitted
    queries.lock_administrators()
    account = queries.account(reference, lock=True)
    if account.id == by.account_id:
        raise NotPermitted("You cannot change your own account. Ask another administrator")
    return account


def refuse_without_administrator(account: Account, *, at: datetime) -> None:
    """Refuse a change to an administrator after which nobody who can sign in would keep the accounts.

    Raises:
        LastAdministrator: nobody would.
    """
    db.session.flush()
    if queries.was_administrator(account.id) and not queries.administrators(on=local_day(at)):
        raise LastAdministrator


def give_roles(
    reference: str,
    role: Role,
    place_codes: Sequence[str],
    since: date,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
    until: date | None = None,
) -> Account:
    """Give somebody a role from a day on, at one or several places.

    Args:
        place_codes: none for a role held for the whole organisation.
        until: the last day, or None for no end.

    Raises:
        RuleBroken: the days, the role and the places do not fit.
        NotPermitted: it is one's own account.
    """
    body = {"account": reference, "role": role, "places": list(place_codes), "since": since, "until": until}
    if trail.earlier(submission_id, by=by, act="account.give_role", body=body):
        return queries.account(reference)
    account = someone_else(reference, by=by)
    refuse_past(since, at=at)
    if until is not None and until < since:
        raise RuleBroken("The last day must be the first day or later", "until")
    add_roles(account, roles_at(role, place_codes), since, until)
    trail.record(
        act="account.give_role", subject=reference, by=by, at=at, submission_id=submission_id,
        role=role, places=list(place_codes), since=since, until=until,
    )  # fmt: skip
    return account


def end_role(
    reference: str, role_id: int, last_day: date | None, *, by: Actor, at: datetime, submission_id: str
) -> Account:
    """Take a role away at the end of a day, or at once when no day is given.

    Raises:
        RuleBroken: the day has passed, or the role ends sooner already.
        LastAdministrator: nobody else could keep the accounts.
    """
    body = {"account": reference, "role": role_id, "last_day": last_day}
    if trail.earlier(submission_id, by=by, act="account.end_role", body=body):
        return queries.account(reference)
    account = someone_else(reference, by=by)
    held = _in_force(role_id, account, at=at)
    if last_day is None:
        held.ended_at = at
    else:
        _end_on(held, last_day, at=at)
    refuse_without_administrator(account, at=at)
    trail.record(
        act="account.end_role", subject=reference, by=by, at=at, submission_id=submission_id,
        role=held.role, place=held.place.code if held.place else None, last_day=last_day,
    )  # fmt: skip
    return account


def move(
    reference: str, role_id: int, place_code: str, first_day: date, *, by: Actor, at: datetime, submission_id: str
) -> Account:
    """Move somebody's role to another place from a day on; until then they keep the old one.

    Raises:
        RuleBroken: the day has passed, the role is held nowhere, or the place does not fit.
    """
    body = {"account": reference, "role": role_id, "place": place_code, "since": first_day}
    if trail.earlier(submission_id, by=by, act="account.move", body=body):
        return queries.account(reference)
    account = someone_else(reference, by=by)
    held = _in_force(role_id, account, at=at)
    refuse_past(first_day, at=at)
    if held.place is None:
        raise RuleBroken(f"The role {held.role} is held for the whole organisation and cannot be moved")
    old_end, old_place = held.until, held.place.code
    if old_end is not None and old_end < first_day:
        raise RuleBroken(f"This role ends on {day_text(old_end)}, before the move", "first_day")
    if first_day > held.since:
        held.until = first_day - timedelta(days=1)
    else:
        held.ended_at = at
    db.session.flush()
    add_roles(account, [(held.role, place_code)], first_day, old_end)
    trail.record(
        act="account.move", subject=reference, by=by, at=at, submission_id=submission_id,
        role=held.role, from_place=old_place, to_place=place_code, since=first_day,
    )  # fmt: skip
    return account


def add_roles(account: Account, roles: Sequence[RoleAt], since: date, until: date | None = None) -> None:
    """Give an account roles from a day on.

    Raises:
        RuleBroken: a role and its place do not fit, it is held already, or the roles may not be held together.
    """
    if not roles:
        raise RuleBroken("Choose a role", "role")
    places = queries.places_by_code([code for _, code in roles if code is not None])
    refuse_clash(account.id, {role for role, _ in roles}, since, until)
    held = [each for each in queries.roles_of(account.id) if _overlaps(each, since, until)]
    for role, code in dict.fromkeys(roles):
        place = _place_for(role, code, places)
        place_id = place.id if place else None
        if any(each.role == role and each.place_id == place_id for each in held):
            where = f" at {place.name}" if place else ""
            raise RuleBroken(f"{account.name} already holds the role {role}{where} in that time", "places")
        db.session.add(RoleHeld(account_id=account.id, role=role, place_id=place_id, since=since, until=until))
    db.session.flush()


def refuse_clash(account_id: int, roles: Collection[Role], since: date, until: date | None) -> None:
    """Refuse roles that somebody, or a deputy of theirs, may not hold beside those they have in that time.

    Raises:
        RuleBroken: saying which and why.
    """
    for person_id in [account_id, *queries.deputies_between(account_id, since, until)]:
        why = clash({*roles, *queries.roles_between(person_id, since, until)})
        if why is not None:
            raise RuleBroken(why, "role")


def roles_at(role: Role, place_codes: Sequence[str]) -> list[RoleAt]:
    """Pair a role with each place, or with none when no place is given."""
    return [(role, code) for code in place_codes] or [(role, None)]


def refuse_past(first_day: date, *, at: datetime, field: str = "since") -> None:
    """Refuse a first day before today: who held what in the past is not rewritten.

    Raises:
        RuleBroken: the day has passed.
    """
    if first_day < local_day(at):
        raise RuleBroken(f"The first day must be today, {day_text(local_day(at))}, or later", field)


def _in_force(role_id: int, account: Account, *, at: datetime) -> RoleHeld:
    held = queries.role_held(role_id, account_id=account.id)
    if held.ended_at is not None or (held.until is not None and held.until < local_day(at)):
        raise RuleBroken("This role has ended already")
    return held


def _end_on(held: RoleHeld, last_day: date, *, at: datetime) -> None:
    if last_day < local_day(at):
        raise RuleBroken("The last day must be today or later. To take the role away now, choose now", "last_day")
    if last_day < held.since:
        raise RuleBroken(f"This role begins on {day_text(held.since)}. To take it away, choose now", "last_day")
    held.until = last_day


def _overlaps(held: RoleHeld, since: date, until: date | None) -> bool:
    if held.ended_at is not None:
        return False
    return (held.until is None or held.until >= since) and (until is None or held.since <= until)


def _place_for(role: Role, code: str | None, places: dict[str, Place]) -> Place | None:
    """Give the place a role is to be held at, or None for a role of the whole organisation."""
    if role not in ROLES_AT_PLACES:
        if code is not None:
            raise RuleBroken(f"The role {role} is held for the whole organisation: choose no place", "places")
        return None
    place = places.get(code or "")
    if place is None:
        raise RuleBroken(f"Choose the places the role {role} is held at", "places")
    if not _fits(role, place.kind):
        raise RuleBroken(f"The role {role} cannot be held at {place.name}, a {place.kind}", "places")
    return place


def _fits(role: Role, kind: PlaceKind) -> bool:
    """Say whether a role can be held at a kind of place: partners at their sites alone, police never there.

    An approver decides on what a partner site asks the store for, so that role reaches both.
    """
    if role is Role.APPROVER:
        return True
    return (role is Role.PARTNER) == (kind is PlaceKind.PARTNER)
