"""Naming a deputy for somebody who is absent.

A deputy holds the absent person's roles between two days, both included, as long as the absent person holds
them. Approving one's own request stays refused: that is checked by person, whatever role they act in.
"""

from __future__ import annotations

from datetime import date, datetime

from core import trail
from core.access import Actor, Permission
from core.dates import local_day, period_text
from core.db import db
from core.errors import NotPermitted, RuleBroken
from organisation.accounts import queries
from organisation.accounts.models import Account, Deputy
from organisation.accounts.rules import clash
from organisation.accounts.services.roles import refuse_past


def name_deputy(
    absent_reference: str,
    deputy_reference: str,
    since: date,
    until: date,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Account:
    """Name a deputy for an absent person between two days; give the absent person's account.

    Raises:
        NotPermitted: one would name oneself.
        RuleBroken: the days or the people do not fit.
    """
    body = {"absent": absent_reference, "deputy": deputy_reference, "since": since, "until": until}
    if trail.earlier(submission_id, by=by, act="account.name_deputy", body=body):
        return queries.account(absent_reference)
    absent, standing_in = _pair(absent_reference, deputy_reference, by=by)
    refuse_past(since, at=at)
    if until < since:
        raise RuleBroken("The last day must be the first day or later", "until")
    _refuse_unfit(absent, standing_in, since, until)
    db.session.add(Deputy(absent_id=absent.id, deputy_id=standing_in.id, since=since, until=until))
    db.session.flush()
    trail.record(
        act="account.name_deputy", subject=absent_reference, by=by, at=at, submission_id=submission_id,
        deputy=deputy_reference, since=since, until=until,
    )  # fmt: skip
    return absent


def _pair(absent_reference: str, deputy_reference: str, *, by: Actor) -> tuple[Account, Account]:
    """Give the absent person and the deputy, both locked in one order."""
    if not by.may(Permission.KEEP_ACCOUNTS):
        raise NotPermitted
    if absent_reference == deputy_reference:
        raise RuleBroken("Choose another person as deputy", "deputy")
    locked = {each: queries.account(each, lock=True) for each in sorted((absent_reference, deputy_reference))}
    absent, standing_in = locked[absent_reference], locked[deputy_reference]
    if standing_in.id == by.account_id:
        raise NotPermitted("You cannot name yourself as deputy. Ask another administrator")
    for person in (absent, standing_in):
        if person.disabled_at is not None:
            raise RuleBroken(f"{person.name} is disabled", "deputy")
    return absent, standing_in


def _refuse_unfit(absent: Account, standing_in: Account, since: date, until: date) -> None:
    lent = queries.own_roles_between(absent.id, since, until)
    if not lent:
        raise RuleBroken(f"{absent.name} holds no role in that time, so there is nothing to stand in for", "since")
    why = clash({*lent, *queries.roles_between(standing_in.id, since, until)})
    if why is not None:
        raise RuleBroken(f"{standing_in.name} cannot stand in for {absent.name}. {why}", "deputy")
    if standing_in.id in queries.deputies_between(absent.id, since, until):
        raise RuleBroken(
            f"{standing_in.name} already stands in for {absent.name} from {period_text(since, until)}", "deputy"
        )


def end_deputy(absent_reference: str, deputy_id: int, *, by: Actor, at: datetime, submission_id: str) -> Account:
    """End a deputy's time now; give the absent person's account.

    Raises:
        RuleBroken: it has ended already.
    """
    body = {"absent": absent_reference, "deputy": deputy_id}
    if trail.earlier(submission_id, by=by, act="account.end_deputy", body=body):
        return queries.account(absent_reference)
    if not by.may(Permission.KEEP_ACCOUNTS):
        raise NotPermitted
    absent = queries.account(absent_reference, lock=True)
    naming = queries.deputy(deputy_id, absent_id=absent.id)
    if naming.ended_at is not None or naming.until < local_day(at):
        raise RuleBroken(f"{naming.deputy.name} no longer stands in")
    naming.ended_at = at
    trail.record(
        act="account.end_deputy", subject=absent_reference, by=by, at=at, submission_id=submission_id,
        deputy=naming.deputy.reference,
    )  # fmt: skip
    return absent
