"""Recording what belongs together: handset and SIM, SIM and number, a SIM's operator and activation.

Many lines at once, all or nothing. What already stands is passed over, so that a list can be sent again with more on
it; what would undo an earlier pairing is refused unless the person says that it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql

from core import trail
from core.access import Actor, Scope
from core.dates import local_day
from core.db import db
from core.errors import RuleBroken
from inventory.phones import queries
from inventory.phones.models import Pairing, PairingEnd, PhoneNumber, PhoneOperator, SerialUnit, SimActivation
from inventory.phones.rules import PairedSide, PhoneLine
from inventory.phones.services.checking import Register, Terms, problems, register_of

_NEW_NUMBERS = {
    "sqlite": insert(PhoneNumber),
    "postgresql": postgresql.insert(PhoneNumber).on_conflict_do_nothing(),
}
"""Built once. On PostgreSQL somebody else may record the same number meanwhile; on SQLite whoever writes is alone."""


def record_phones(
    lines: Sequence[PhoneLine],
    *,
    operator_code: str = "",
    paired_on: date,
    replace: bool = False,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> int:
    """Record which handset holds which SIM, which number each SIM has, and its operator and activation.

    Keeps: INV-23 (a number belongs to one unit), INV-28 (a number handed out is never paired again).

    Args:
        lines: what belongs together, line by line.
        operator_code: whose SIMs they are, for lines that give an activation.
        paired_on: when handset, SIM and number were put together.
        replace: that these pairings end the ones that stand.

    Returns:
        How many lines said something new.

    Raises:
        RuleBroken: the first line that is wrong, and how many are; nothing has been recorded.
    """
    body = [[line.plain for line in lines], operator_code, paired_on, replace]
    if done := trail.earlier(submission_id, by=by, act="phones.record", body=body):
        return int(done.partition(" ")[0])
    operator = queries.operator_by_code(operator_code, field="operator") if operator_code else None
    _lock(lines)
    register = register_of(lines, scope=scope)
    terms = Terms(paired_on, replace, local_day(at), operator is not None)
    wrong = problems(lines, register, terms)
    if wrong:
        more = f" (and {len(wrong) - 1:,} more)" if len(wrong) > 1 else ""
        raise RuleBroken(f"Line {wrong[0].row}: {wrong[0].words}{more}", "lines")
    changed = _write(lines, register, operator, paired_on, by=by, at=at)
    trail.record(
        act="phones.record",
        subject=f"{len(changed)} {'phone or SIM' if len(changed) == 1 else 'phones and SIMs'}",
        by=by,
        at=at,
        submission_id=submission_id,
        operator=operator.code if operator else None,
        paired_on=paired_on,
        lines=changed,
    )
    return len(changed)


def _lock(lines: Sequence[PhoneLine]) -> None:
    """Lock the units and numbers that the lines name, always in the same order.

    A number that is new is recorded first, so that two people who name it at once queue on it: what is read after, the
    other's pairing among it, holds until the change commits. A refusal undoes it.
    """
    numbers = [n for line in lines for n in (line.imei, line.iccid) if n]
    units = select(SerialUnit.id).where(SerialUnit.number.in_(numbers)).order_by(SerialUnit.id)
    db.session.execute(units.with_for_update(key_share=True)).all()
    dialled = sorted({line.number for line in lines if line.number})
    known = queries.numbers_known(dialled)
    new = [{"number": number} for number in dialled if number not in known]
    if new:
        connection = db.session.connection()
        connection.execute(_NEW_NUMBERS[connection.dialect.name], new)
    phones = select(PhoneNumber.id).where(PhoneNumber.number.in_(dialled))
    db.session.execute(phones.order_by(PhoneNumber.id).with_for_update(key_share=True)).all()


def _write(
    lines: Sequence[PhoneLine],
    register: Register,
    operator: PhoneOperator | None,
    paired_on: date,
    *,
    by: Actor,
    at: datetime,
) -> list[list[object]]:
    """Write what is new of each line; give it for the audit leaf: ids of handset, SIM and number, and the day."""
    who = {"account_id": by.account_id, "recorded_at": at}
    numbers = queries.numbers_known([line.number for line in lines if line.number])
    activated = _activations([register.units[line.iccid or ""].unit_id for line in lines])
    changed: list[list[object]] = []
    ends: dict[int, PairingEnd] = {}
    pairings: list[dict[str, Any]] = []
    activations: list[dict[str, Any]] = []
    for line in lines:
        sim_id = register.units[line.iccid or ""].unit_id
        handset_id = register.units[line.imei].unit_id if line.imei else None
        number_id = numbers[line.number] if line.number else None
        known = len(pairings) + len(activations)
        pairings += _pair(PairedSide.HANDSET, sim_id, handset_id, handset_id, register, ends, paired_on, who)
        pairings += _pair(PairedSide.NUMBER, sim_id, line.number, number_id, register, ends, paired_on, who)
        if operator is not None and line.activated_on is not None:
            fact = (operator.id, line.activated_on)
            if activated.get(sim_id) != fact:
                activations.append({"sim_id": sim_id, "operator_id": fact[0], "activated_on": fact[1], **who})
        if len(pairings) + len(activations) > known:
            changed.append([handset_id, sim_id, number_id, line.activated_on])
    db.session.add_all(ends.values())
    db.session.flush()
    if pairings:
        db.session.execute(insert(Pairing), pairings)
    if activations:
        db.session.execute(insert(SimActivation), activations)
    return changed


def _activations(sim_ids: Sequence[int]) -> dict[int, tuple[int, date]]:
    """Give what is on record of SIMs: SIM id → (operator id, activation), the newest row's."""
    asked = select(SimActivation).where(SimActivation.sim_id.in_(sim_ids)).order_by(SimActivation.id)
    return {row.sim_id: (row.operator_id, row.activated_on) for row in db.session.scalars(asked)}


def _pair(
    side: PairedSide, sim_id: int, other: object, other_id: int | None, register: Register,
    ends: dict[int, PairingEnd], paired_on: date, who: dict[str, object],
) -> list[dict[str, Any]]:  # fmt: skip
    """Make a pairing and the ends of those it replaces; nothing when it stands already or is not asked for."""
    if other is None:
        return []
    mine, theirs = register.standing(side, sim_id), register.standing(side, other)
    if mine is not None and theirs is not None and mine.pairing_id == theirs.pairing_id:
        return []
    for standing in (mine, theirs):
        if standing is not None:
            ends.setdefault(standing.pairing_id, PairingEnd(pairing_id=standing.pairing_id, ended_on=paired_on, **who))
    return [
        {
            "sim_id": sim_id,
            "side": side,
            "sim_turn": max((each.sim_turn for each in register.of(side, sim_id)), default=0) + 1,
            "handset_id": other_id if side is PairedSide.HANDSET else None,
            "phone_number_id": other_id if side is PairedSide.NUMBER else None,
            "turn": max((each.turn for each in register.of(side, other)), default=0) + 1,
            "began_on": paired_on,
            **who,
        }
    ]
