"""Factory reset, no previous owner: recorded before a handset that had one may be packed."""

from __future__ import annotations

from datetime import date, datetime

from core import trail
from core.access import Actor, Scope
from core.dates import day_text, local_day
from core.db import db
from core.errors import NotFound, RuleBroken
from inventory.phones import queries
from inventory.phones.models import FactoryReset, SerialUnit
from inventory.phones.rules import NumberKind


def record_reset(
    unit_id: int, *, reset_on: date, scope: Scope, by: Actor, at: datetime, submission_id: str
) -> FactoryReset:
    """Record that a handset was reset to its factory settings and that nothing of a previous owner is on it.

    Raises:
        NotFound: there is no such handset for this person.
        RuleBroken: the day lies ahead, or before the handset was received.
    """
    if done := trail.earlier(submission_id, by=by, act="phones.reset", body=[unit_id, reset_on]):
        return db.session.get_one(FactoryReset, int(done.rpartition(" ")[2]))
    unit = db.session.get(SerialUnit, unit_id)
    here = queries.units_here([unit.number], scope=scope) if unit else {}
    if unit is None or unit.number not in here or unit.number_kind is not NumberKind.IMEI:
        raise NotFound
    if reset_on > local_day(at):
        raise RuleBroken(f"{day_text(reset_on)} has not come yet. Enter today or an earlier day", "reset_on")
    if reset_on < here[unit.number].received_on:
        raise RuleBroken(
            f"This phone was received on {day_text(here[unit.number].received_on)}. Enter that day or a later one",
            "reset_on",
        )
    reset = FactoryReset(handset_id=unit_id, reset_on=reset_on, account_id=by.account_id, recorded_at=at)
    db.session.add(reset)
    db.session.flush()
    trail.record(
        act="phones.reset",
        subject=f"reset {reset.id}",
        by=by,
        at=at,
        submission_id=submission_id,
        unit=unit_id,
        reset_on=reset_on,
    )
    return reset
