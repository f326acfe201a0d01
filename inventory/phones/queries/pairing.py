"""Who is paired with whom: what stands now, the history of a phone, and what is wrong with lines to be recorded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from core.access import Scope
from core.dates import local_day
from core.db import db
from inventory.bags.models import Bag, BagPosition
from inventory.phones.models import (
    Pairing,
    PairingEnd,
    PhoneNumber,
    SerialUnit,
    SimActivation,
    UnitMove,
    UnitPosition,
)
from inventory.phones.queries.handed_out import handed_out
from inventory.phones.rules import NumberKind, PairedSide
from inventory.stock.models import Move, Posting

_Sim = aliased(SerialUnit, name="sim")
_Handset = aliased(SerialUnit, name="handset")


@dataclass(frozen=True)
class UnitHere:
    """A handset or SIM that the person may record: where it stands and since when it is held.

    Attributes:
        spot_id: the place it stands at, or the Go Bag it is in.
        place_id: the real place.
    """

    unit_id: int
    number_kind: NumberKind
    number: str
    spot_id: int
    place_id: int
    received_on: date


def units_here(numbers: Collection[str], *, scope: Scope) -> dict[str, UnitHere]:
    """Find handsets and SIMs at places in scope, loose or in a Go Bag there: number → unit."""
    place = func.coalesce(BagPosition.place_id, UnitPosition.place_id)
    first = (
        select(func.min(Posting.happened_at))
        .join(Move, Move.posting_id == Posting.id)
        .join(UnitMove, UnitMove.move_id == Move.id)
        .where(UnitMove.unit_id == SerialUnit.id)
        .correlate(SerialUnit)
        .scalar_subquery()
    )
    asked = (
        select(SerialUnit.id, SerialUnit.number_kind, SerialUnit.number, UnitPosition.place_id, place, first)
        .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
        .outerjoin(Bag, Bag.place_id == UnitPosition.place_id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .where(SerialUnit.number.in_(numbers))
    )
    if scope.place_ids is not None:
        asked = asked.where(place.in_(scope.place_ids))
    return {row[2]: UnitHere(*row[:5], local_day(row[5])) for row in db.session.execute(asked)}


class Stands(NamedTuple):
    """A pairing on record, with its end where it has one."""

    pairing_id: int
    side: PairedSide
    sim_id: int
    sim_number: str
    handset_id: int | None
    handset_number: str | None
    phone_number_id: int | None
    phone_number: str | None
    began_on: date
    ended_on: date | None
    sim_turn: int
    turn: int


def _pairings() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Pairing.id, Pairing.side, Pairing.sim_id, _Sim.number, Pairing.handset_id, _Handset.number,
            Pairing.phone_number_id, PhoneNumber.number, Pairing.began_on, PairingEnd.ended_on, Pairing.sim_turn,
            Pairing.turn,
        )
        .join(_Sim, _Sim.id == Pairing.sim_id)
        .outerjoin(_Handset, _Handset.id == Pairing.handset_id)
        .outerjoin(PhoneNumber, PhoneNumber.id == Pairing.phone_number_id)
        .outerjoin(PairingEnd, PairingEnd.pairing_id == Pairing.id)
        .order_by(Pairing.id)
    )  # fmt: skip


def pairings_of(unit_ids: Collection[int], numbers: Collection[str] = ()) -> list[Stands]:
    """List every pairing of handsets, SIMs or phone numbers, ended or not, oldest first."""
    touches = or_(Pairing.sim_id.in_(unit_ids), Pairing.handset_id.in_(unit_ids), PhoneNumber.number.in_(list(numbers)))
    return [Stands(*row) for row in db.session.execute(_pairings().where(touches))]


def pairs_now(unit_ids: Collection[int]) -> list[Stands]:
    """List which SIM is in which handset now, for handsets and SIMs."""
    return [Stands(*row) for row in db.session.execute(_pairs_now(), {"unit_ids": list(unit_ids)})]


@cache
def _pairs_now() -> Select[*tuple[Any, ...]]:
    units: BindParameter[Any] = bindparam("unit_ids", expanding=True)
    return _pairings().where(
        or_(Pairing.sim_id.in_(units), Pairing.handset_id.in_(units)),
        Pairing.side == PairedSide.HANDSET,
        PairingEnd.id.is_(None),
    )


def issued_numbers(numbers: Collection[str]) -> dict[str, date]:
    """Find phone numbers that were handed out in a Go Bag: number → the last day. They are never paired again."""
    rows = db.session.execute(
        select(PhoneNumber.number, Pairing.sim_id)
        .join(Pairing, Pairing.phone_number_id == PhoneNumber.id)
        .where(PhoneNumber.number.in_(list(numbers)))
    ).all()
    out = handed_out({sim_id for _, sim_id in rows}) if rows else {}
    found: dict[str, date] = {}
    for number, sim_id in rows:
        if sim_id in out:
            day = local_day(out[sim_id])
            found[number] = max(day, found.get(number, day))
    return found


def numbers_known(numbers: Collection[str]) -> dict[str, int]:
    """Find phone numbers on record: number → id."""
    asked = select(PhoneNumber.number, PhoneNumber.id).where(PhoneNumber.number.in_(list(numbers)))
    return {row[0]: row[1] for row in db.session.execute(asked)}


def without_activation_count(*, scope: Scope) -> int:
    """Count the SIMs at places in scope of which no operator and activation is recorded."""
    place = func.coalesce(BagPosition.place_id, UnitPosition.place_id)
    asked = (
        select(func.count(SerialUnit.id))
        .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
        .outerjoin(Bag, Bag.place_id == UnitPosition.place_id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .where(SerialUnit.number_kind == NumberKind.ICCID, ~exists().where(SimActivation.sim_id == SerialUnit.id))
    )
    if scope.place_ids is not None:
        asked = asked.where(place.in_(scope.place_ids))
    return db.session.scalar(asked) or 0
