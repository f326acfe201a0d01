"""Opening accounts, and saying whether the service is a demonstration.

A demonstration and a real service never mix: addresses at demo.example sign in only to a demonstration, which
takes no others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from core import trail
from core.access import ROLES_AT_PLACES, Actor, Role
from core.db import db
from core.errors import RuleBroken
from core.parse import one_line
from core.privacy import refuse_personal_details
from core.references import next_reference
from organisation.accounts import queries
from organisation.accounts.models import Account, Credential, CredentialKind, RoleHeld, ServiceSetting
from organisation.accounts.rules import (
    DEMONSTRATION_DOMAIN,
    DEMONSTRATION_PASSWORD,
    clash,
    email_address,
    is_demonstration_address,
    refuse_weak_password,
)
from organisation.accounts.services.sign_in import HASHER
from organisation.places.models import Place
from organisation.places.rules import PlaceKind

RoleAt = tuple[Role, str | None]
"""A role and the code of the place it is held at, or None for the whole organisation."""


def declare_demonstration(*, at: datetime) -> None:
    """Mark an empty database as a demonstration, for good.

    Raises:
        RuleBroken: it has accounts, so it is a real service.
    """
    if queries.is_demonstration():
        return
    if queries.any_account():
        raise RuleBroken("This is a real service: it has accounts. Load the demonstration into an empty database")
    db.session.add(ServiceSetting(name="demonstration", value=at.isoformat()))
    trail.record(act="service.declare_demonstration", subject="service", by=None, at=at)


def open_account(
    email: str,
    name: str,
    roles: Sequence[RoleAt],
    since: date,
    *,
    by: Actor | None,
    at: datetime,
    password: str | None = None,
    submission_id: str | None = None,
) -> Account:
    """Open an account with its first roles.

    Args:
        roles: each role with the code of its place, or None where it is held for the whole organisation.
        since: the first day the roles count.
        by: the administrator; None for a demonstration and for the first administrator.
        password: only for a demonstration, tests and the first administrator; others are invited.

    Raises:
        RuleBroken: the address is taken or not allowed here, the password is weak, or the roles do not fit.
    """
    email, name = _who(email, name)
    opened = Account(reference=next_reference("ACC"), email=email, name=name, created_at=at, sign_in_epoch=0)
    db.session.add(opened)
    db.session.flush()
    if password is not None:
        set_password(opened, password, at=at)
    add_roles(opened, roles, since)
    trail.record(
        act="account.open",
        subject=opened.reference,
        by=by,
        at=at,
        submission_id=submission_id,
        roles=[f"{role} at {code}" if code else role.value for role, code in roles],
        since=since,
    )
    return opened


def open_first_administrator(email: str, name: str, password: str, *, on: date, at: datetime) -> Account:
    """Open the first account of a real service.

    Raises:
        RuleBroken: there is an account already, or this is a demonstration.
    """
    if queries.is_demonstration():
        raise RuleBroken("This database is a demonstration. Make an empty one for a real service")
    if queries.any_account():
        raise RuleBroken("There is an administrator already. Ask them for an account")
    return open_account(email, name, [(Role.ADMINISTRATOR, None)], on, by=None, at=at, password=password)


def _who(email: str, name: str) -> tuple[str, str]:
    """Check the address and the name of a new account."""
    email = email_address(email)
    name = one_line(name, most=80, field="name", required="Enter a name, like Sgt 1182 Salisbury")
    refuse_personal_details(name, field="name")
    if queries.is_demonstration() != is_demonstration_address(email):
        raise RuleBroken(
            f"Addresses at {DEMONSTRATION_DOMAIN} are refused in a real service"
            if is_demonstration_address(email)
            else f"This is a demonstration. Use an address at {DEMONSTRATION_DOMAIN}",
            "email",
        )
    if queries.account_by_email(email) is not None:
        raise RuleBroken("There is an account with this email address already", "email")
    return email, name


def set_password(account: Account, password: str, *, at: datetime) -> None:
    """Give an account a password, in place of the one it had.

    Raises:
        RuleBroken: the password is weak.
    """
    if not (password == DEMONSTRATION_PASSWORD and queries.is_demonstration()):
        refuse_weak_password(password, email=account.email, name=account.name)
    kept = queries.password_of(account.id)
    if kept is None:
        kept = Credential(account_id=account.id, kind=CredentialKind.PASSWORD, identifier=account.email)
        db.session.add(kept)
    kept.secret_hash, kept.created_at, kept.used_at = HASHER.hash(password), at, None
    db.session.flush()


def add_roles(account: Account, roles: Sequence[RoleAt], since: date, until: date | None = None) -> None:
    """Give an account roles from a day on.

    Raises:
        RuleBroken: a role and its place do not fit, it is held already, or the roles may not be held together.
    """
    if not roles:
        raise RuleBroken("Choose a role", "role")
    places = queries.places_by_code([code for _, code in roles if code is not None])
    held = [each for each in queries.roles_of(account.id) if _overlaps(each, since, until)]
    why = clash({role for role, _ in roles} | {each.role for each in held})
    if why is not None:
        raise RuleBroken(why, "role")
    for role, code in dict.fromkeys(roles):
        place = _place_for(role, code, places)
        place_id = place.id if place else None
        if any(each.role == role and each.place_id == place_id for each in held):
            where = f" at {place.name}" if place else ""
            raise RuleBroken(f"{account.name} already holds the role {role}{where} in that time", "places")
        db.session.add(RoleHeld(account_id=account.id, role=role, place_id=place_id, since=since, until=until))
    db.session.flush()


def _overlaps(held: RoleHeld, since: date, until: date | None) -> bool:
    if held.ended_at is not None:
        return False
    return (held.until is None or held.until >= since) and (until is None or held.since <= until)


def _place_for(role: Role, code: str | None, places: dict[str, Place]) -> Place | None:
    """Give the place a role is to be held at, or None for a role of the whole organisation."""
    if role not in ROLES_AT_PLACES:
        if code is not None:
            raise RuleBroken(f"The role {role} is held for the whole organisation, not at a place", "places")
        return None
    place = places.get(code or "")
    if place is None:
        raise RuleBroken(f"Choose the place the role {role} is held at", "places")
    if (role is Role.PARTNER) != (place.kind is PlaceKind.PARTNER):
        raise RuleBroken(f"The role {role} cannot be held at {place.name}, a {place.kind}", "places")
    return place
