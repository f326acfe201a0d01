"""Which SIMs lapse when: computed for a day from activations, rules and uses, in one statement however many SIMs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from core.db import ask, db
from core.errors import NotFound, RuleBroken
from inventory.bags.models import Bag, BagPosition
from inventory.phones.models import (
    OperatorRule,
    Pairing,
    PairingEnd,
    PhoneOperator,
    SerialUnit,
    SimActivation,
    SimUse,
    SimUseUndone,
    UnitPosition,
)
from inventory.phones.rules import LapseRule, NumberKind, PairedSide, SimState, UseKind, lapses_on

_Handset = aliased(SerialUnit, name="handset")
_HandsetAt = aliased(UnitPosition, name="handset_at")
_OtherActivation = aliased(SimActivation)
_OtherRule = aliased(OperatorRule)
_DAY = bindparam("day", type_=Date)

_COUNTED = {
    UseKind.TEXT: OperatorRule.counts_text,
    UseKind.CALL: OperatorRule.counts_call,
    UseKind.DATA: OperatorRule.counts_data,
    UseKind.TOP_UP: OperatorRule.counts_top_up,
}
_UNDONE = exists().where(SimUseUndone.sim_use_id == SimUse.id)
_NEWEST_ACTIVATION = (
    select(func.max(_OtherActivation.id))
    .where(_OtherActivation.sim_id == SerialUnit.id, _OtherActivation.activated_on <= _DAY)
    .correlate(SerialUnit)
    .scalar_subquery()
)
_RULE_IN_FORCE = (
    select(_OtherRule.id)
    .where(_OtherRule.operator_id == SimActivation.operator_id, _OtherRule.first_day <= _DAY)
    .order_by(_OtherRule.first_day.desc(), _OtherRule.id.desc())
    .limit(1)
    .correlate(SimActivation)
    .scalar_subquery()
)
_LAST_USED = (
    select(func.max(SimUse.used_on))
    .where(SimUse.sim_id == SerialUnit.id, SimUse.used_on <= _DAY, ~_UNDONE)
    .where(or_(*(and_(SimUse.kind == kind, column) for kind, column in _COUNTED.items())))
    .correlate(SerialUnit, OperatorRule)
    .scalar_subquery()
)
STATES: Select[*tuple[Any, ...]] = (
    select(
        SerialUnit.id, SerialUnit.number, PhoneOperator.name, SimActivation.activated_on, _LAST_USED,
        OperatorRule.days_to_lapse, OperatorRule.counts_text, OperatorRule.counts_call, OperatorRule.counts_data,
        OperatorRule.counts_top_up,
    )
    .select_from(SerialUnit)
    .outerjoin(SimActivation, SimActivation.id == _NEWEST_ACTIVATION)
    .outerjoin(PhoneOperator, PhoneOperator.id == SimActivation.operator_id)
    .outerjoin(OperatorRule, OperatorRule.id == _RULE_IN_FORCE)
    .order_by(SerialUnit.id)
)  # fmt: skip
"""Units with what tells when a SIM lapses (``state_of`` reads a row); preparing it costs more than running it."""

_STATES = STATES.where(SerialUnit.number_kind == NumberKind.ICCID)

_IN_BAGS = (
    _STATES.add_columns(Bag.id)
    .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
    .join(Bag, Bag.place_id == UnitPosition.place_id)
    .where(Bag.id.in_(bindparam("bag_ids", expanding=True)))
)
_BY_ID = _STATES.where(SerialUnit.id.in_(bindparam("unit_ids", expanding=True)))


def state_of(row: Any) -> SimState:
    """Turn a selected row into what is known of a SIM."""
    unit_id, number, operator, activated_on, last_used_on, days = row[:6]
    if activated_on is None or days is None:
        return SimState(unit_id, number, operator, activated_on, last_used_on)
    rule = _rule(operator, row[5:10])
    until = lapses_on(rule, activated_on=activated_on, last_used_on=last_used_on)
    return SimState(unit_id, number, operator, activated_on, last_used_on, until)


def _rule(operator: str, columns: Any) -> LapseRule:
    counted = zip(_COUNTED, columns[1:], strict=True)
    return LapseRule(operator, columns[0], frozenset(kind for kind, counts in counted if counts))


def sim_states(unit_ids: Collection[int], *, on: date) -> dict[int, SimState]:
    """Tell what is known of SIMs on a day: unit id → state; handsets are left out."""
    rows = ask(_BY_ID, unit_ids=list(unit_ids), day=on)
    return {row[0]: state_of(row) for row in rows}


def sims_in_bags(bag_ids: Collection[int], *, on: date) -> dict[int, tuple[SimState, ...]]:
    """Tell what is known of the SIMs in Go Bags on a day: bag id → states."""
    found: dict[int, tuple[SimState, ...]] = {}
    for row in ask(_IN_BAGS, bag_ids=list(bag_ids), day=on):
        found[row[10]] = (*found.get(row[10], ()), state_of(row))
    return found


@dataclass(frozen=True)
class Ringing:
    """A SIM at a place with what a person needs to find the phone and text from it.

    Attributes:
        handset_number: the IMEI of the handset it is paired with, where that is in the same spot, or None.
        bag_tag: the Go Bag it is in, or None when it is loose.
        credit_pence: as last read, or None.
    """

    state: SimState
    handset_number: str | None
    bag_id: int | None
    bag_tag: str | None
    credit_pence: int | None
    credit_read_on: date | None

    @property
    def words(self) -> str:
        """What to look for: the phone by the end of its IMEI, or the SIM where it is in none on record."""
        if self.handset_number:
            return f"the phone with IMEI ending {self.handset_number[-4:]}"
        return f"the SIM ending {self.state.number[-4:]}"


_ENDED = exists().where(PairingEnd.pairing_id == Pairing.id)
_LAST_READ = (
    select(func.max(SimUse.id))
    .where(SimUse.sim_id == SerialUnit.id, SimUse.credit_pence.is_not(None), ~_UNDONE)
    .correlate(SerialUnit)
    .scalar_subquery()
)
_Read = aliased(SimUse, name="read")
_AT_PLACE = (
    _STATES.add_columns(_Handset.number, Bag.id, Bag.tag, _Read.credit_pence, _Read.used_on)
    .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
    .outerjoin(Bag, Bag.place_id == UnitPosition.place_id)
    .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
    .outerjoin(Pairing, and_(Pairing.sim_id == SerialUnit.id, Pairing.side == PairedSide.HANDSET, ~_ENDED))
    .outerjoin(_HandsetAt, and_(_HandsetAt.unit_id == Pairing.handset_id, _HandsetAt.place_id == UnitPosition.place_id))
    .outerjoin(_Handset, _Handset.id == _HandsetAt.unit_id)
    .outerjoin(_Read, _Read.id == _LAST_READ)
    .where(case((Bag.id.is_(None), UnitPosition.place_id), else_=BagPosition.place_id) == bindparam("place_id"))
)


def sims_at(place_id: int, *, on: date) -> list[Ringing]:
    """List the SIMs at a place, loose and in Go Bags standing there, those that lapse first first."""
    rows = ask(_AT_PLACE, place_id=place_id, day=on)
    found = [Ringing(state_of(row), *row[10:]) for row in rows]
    return sorted(found, key=lambda each: (each.state.lapses_on or date.max, each.state.unit_id))


def by_bag(ringing: Iterable[Ringing]) -> dict[int, tuple[SimState, ...]]:
    """Put what is known of the SIMs of a place by the Go Bag they are in: bag id → states; loose ones are left out."""
    found: dict[int, tuple[SimState, ...]] = {}
    for each in ringing:
        if each.bag_id is not None:
            found[each.bag_id] = (*found.get(each.bag_id, ()), each.state)
    return found


def credit_of(unit_id: int) -> tuple[int, date] | None:
    """Give a SIM's credit as last read: (pence, the day), or None."""
    row = db.session.execute(
        select(SimUse.credit_pence, SimUse.used_on)
        .where(SimUse.sim_id == unit_id, SimUse.credit_pence.is_not(None), ~_UNDONE)
        .order_by(SimUse.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row and row[0] is not None else None


def rules_in_force(*, on: date) -> dict[int, LapseRule]:
    """Give the lapse rule of each operator on a day: operator id → rule."""
    rows = db.session.execute(
        select(PhoneOperator, OperatorRule)
        .join(OperatorRule, OperatorRule.operator_id == PhoneOperator.id)
        .where(OperatorRule.first_day <= on)
        .order_by(OperatorRule.first_day, OperatorRule.id)
    )
    return {
        operator.id: LapseRule(
            operator.name,
            rule.days_to_lapse,
            frozenset(kind for kind, column in _COUNTED.items() if getattr(rule, column.key)),
        )
        for operator, rule in rows
    }


def operator_by_code(code: str, *, field: str | None = None) -> PhoneOperator:
    """Find an operator.

    Raises:
        NotFound: there is none, and no field to say so on.
        RuleBroken: there is none.
    """
    found = db.session.scalar(select(PhoneOperator).where(PhoneOperator.code == code))
    if found is None:
        raise RuleBroken("Select the operator", field) if field else NotFound
    return found


def operators() -> list[PhoneOperator]:
    """List the operators by name."""
    return list(db.session.scalars(select(PhoneOperator).order_by(PhoneOperator.name_key)))
