"""Opening accounts, and saying whether the service is a demonstration.

A demonstration and a real service never mix: addresses at demo.example sign in only to a demonstration, which
takes no others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from core import trail
from core.access import Actor, Role
from core.db import db
from core.errors import RuleBroken
from core.parse import one_line
from core.privacy import refuse_personal_details
from core.references import next_reference
from organisation.accounts import queries
from organisation.accounts.models import Account, ServiceSetting
from organisation.accounts.rules import (
    DEMONSTRATION_DOMAIN,
    email_address,
    is_demonstration_address,
)
from organisation.accounts.services.passwords import set_password
from organisation.accounts.services.roles import RoleAt, add_roles, refuse_without_administrator, someone_else
from organisation.accounts.services.sessions import end_every_session


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
    refuse_second_beginning()
    return open_account(email, name, [(Role.ADMINISTRATOR, None)], on, by=None, at=at, password=password)


def refuse_second_beginning() -> None:
    """Refuse to begin a service that has begun, or that is a demonstration.

    Raises:
        RuleBroken: saying which.
    """
    if queries.is_demonstration():
        raise RuleBroken("This database is a demonstration. Make an empty one for a real service")
    if queries.any_account():
        raise RuleBroken("There is an administrator already. Ask them for an account")


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


def disable_account(reference: str, *, by: Actor, at: datetime, submission_id: str) -> Account:
    """Disable an account: its sessions end, nobody signs in to it, and its deputies lose what they held for it.

    Raises:
        NotPermitted: it is one's own.
        LastAdministrator: nobody else could keep the accounts.
    """
    if trail.earlier(submission_id, by=by, act="account.disable", body=reference):
        return queries.account(reference)
    account = someone_else(reference, by=by)
    if account.disabled_at is not None:
        raise RuleBroken(f"{account.name} is disabled already")
    account.disabled_at = at
    end_every_session(account)
    refuse_without_administrator(account, at=at)
    trail.record(act="account.disable", subject=reference, by=by, at=at, submission_id=submission_id)
    return account


def enable_account(reference: str, *, by: Actor, at: datetime, submission_id: str) -> Account:
    """Let somebody sign in again, with the password and the roles they had.

    Raises:
        RuleBroken: the account is not disabled.
    """
    if trail.earlier(submission_id, by=by, act="account.enable", body=reference):
        return queries.account(reference)
    account = someone_else(reference, by=by)
    if account.disabled_at is None:
        raise RuleBroken(f"{account.name} is not disabled")
    account.disabled_at = None
    trail.record(act="account.enable", subject=reference, by=by, at=at, submission_id=submission_id)
    return account
