"""What the page of a handset or SIM tells: its pairings as sentences, when it lapses, and whether it may be packed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select

from core.access import Scope
from core.dates import day_text
from core.db import db
from core.errors import NotFound
from inventory.phones.models import FactoryReset, SerialUnit, SimUse, SimUseUndone
from inventory.phones.queries.handed_out import handed_out
from inventory.phones.queries.lapsing import credit_of, sim_states
from inventory.phones.queries.packing import unit_facts
from inventory.phones.queries.pairing import Stands, pairings_of
from inventory.phones.queries.units import UnitHeld
from inventory.phones.rules import (
    USE_WORDS,
    NumberKind,
    PairedSide,
    SimState,
    dialled,
    masked,
    not_packable,
    sentence,
)
from organisation.accounts.models import Account
from organisation.places.models import Place


@dataclass(frozen=True)
class Used:
    """A use of a SIM, as its page lists it."""

    use_id: int
    words: str
    used_on: date
    credit_pence: int | None
    account_name: str
    undone: bool


@dataclass(frozen=True)
class Told:
    """What the page of a handset or SIM tells beside where it is.

    Attributes:
        sentences: its pairings, oldest first, and which numbers are never used again.
        handset_paired: that it is paired with a SIM, or a SIM with a handset, now.
        number_paired: that a SIM has a number now.
        resets: who wiped a handset and when, newest first.
        stops: why it may not go into a Go Bag, or None.
        sim: what is known of a SIM, None for a handset.
        credit: a SIM's credit as last read: (pence, the day).
    """

    sentences: tuple[str, ...]
    handset_paired: bool
    number_paired: bool
    resets: tuple[str, ...]
    stops: str | None
    sim: SimState | None
    credit: tuple[int, date] | None
    uses: tuple[Used, ...]
    had_an_owner: str | None


def told(unit: UnitHeld, *, whole: bool, on: date) -> Told:
    """Tell what is on record of a handset or SIM.

    Args:
        whole: whether the person sees whole numbers.
    """
    own = pairings_of([unit.unit_id])
    sim_ids = {each.sim_id for each in own}
    pairings = pairings_of(sim_ids) if unit.number_kind is NumberKind.IMEI and sim_ids else own
    mine = [each for each in pairings if _concerns(each, unit)]
    facts = unit_facts([unit.unit_id], on=on)[unit.unit_id]
    is_sim = unit.number_kind is NumberKind.ICCID
    return Told(
        sentences=(*(_sentence(each, unit, whole) for each in mine), *_quarantined(mine, whole)),
        handset_paired=any(each.side is PairedSide.HANDSET and each.ended_on is None for each in own),
        number_paired=any(each.side is PairedSide.NUMBER and each.ended_on is None for each in own),
        resets=() if is_sim else tuple(_resets(unit.unit_id)),
        stops=not_packable(facts, on=on),
        sim=sim_states([unit.unit_id], on=on).get(unit.unit_id) if is_sim else None,
        credit=credit_of(unit.unit_id) if is_sim else None,
        uses=tuple(_uses(unit.unit_id)) if is_sim else (),
        had_an_owner=facts.had_an_owner,
    )


def _concerns(each: Stands, unit: UnitHeld) -> bool:
    """Keep of the pairings of a handset's SIMs those with the handset, and their numbers."""
    return each.side is PairedSide.NUMBER or unit.unit_id in (each.sim_id, each.handset_id)


def _shown(number: str | None, whole: bool) -> str:
    return "" if number is None else number if whole else masked(number)


def _sentence(each: Stands, unit: UnitHeld, whole: bool) -> str:
    sim = f"the SIM {_shown(each.sim_number, whole)}"
    if each.side is PairedSide.NUMBER:
        number = (dialled(each.phone_number) if whole else masked(each.phone_number)) if each.phone_number else ""
        subject = "This SIM" if each.sim_id == unit.unit_id else f"T{sim[1:]}"
        return sentence(subject, f"the number {number}", began_on=each.began_on, ended_on=each.ended_on)
    if each.sim_id == unit.unit_id:
        phone = f"the phone {_shown(each.handset_number, whole)}"
        return sentence("This SIM", phone, began_on=each.began_on, ended_on=each.ended_on, inside=True)
    return sentence("This phone", sim, began_on=each.began_on, ended_on=each.ended_on)


def _quarantined(pairings: list[Stands], whole: bool) -> list[str]:
    """Say which numbers are never paired again, because their SIM was handed out in a Go Bag."""
    numbered = {each.phone_number: each.sim_id for each in pairings if each.phone_number is not None}
    out = handed_out(set(numbered.values())) if numbered else {}
    shown = [dialled(number) if whole else masked(number) for number, sim_id in numbered.items() if sim_id in out]
    return [f"The number {number} was handed out in a Go Bag and is never paired again" for number in shown]


def _resets(handset_id: int) -> list[str]:
    """Tell who wiped a handset and when, newest first."""
    rows = db.session.execute(
        select(FactoryReset.reset_on, Account.name)
        .join(Account, Account.id == FactoryReset.account_id)
        .where(FactoryReset.handset_id == handset_id)
        .order_by(FactoryReset.id.desc())
    )
    return [f"{day_text(day)}, by {name}" for day, name in rows]


def _uses(sim_id: int) -> list[Used]:
    """List the newest uses of a SIM, newest first, those undone marked."""
    rows = db.session.execute(
        select(SimUse, Account.name, SimUseUndone.id)
        .join(Account, Account.id == SimUse.account_id)
        .outerjoin(SimUseUndone, SimUseUndone.sim_use_id == SimUse.id)
        .where(SimUse.sim_id == sim_id)
        .order_by(SimUse.id.desc())
        .limit(20)
    )
    return [
        Used(use.id, USE_WORDS[use.kind], use.used_on, use.credit_pence, name, undone is not None)
        for use, name, undone in rows
    ]


def uses_of_day(place_id: int, *, on: date) -> list[tuple[int, str]]:
    """List the uses recorded at a place for a day and not undone, newest first: (use id, the SIM's number)."""
    rows = db.session.execute(
        select(SimUse.id, SerialUnit.number)
        .join(SerialUnit, SerialUnit.id == SimUse.sim_id)
        .where(SimUse.place_id == place_id, SimUse.used_on == on)
        .where(~exists().where(SimUseUndone.sim_use_id == SimUse.id))
        .order_by(SimUse.id.desc())
    )
    return [(use_id, number) for use_id, number in rows]


def use_by_id(use_id: int, *, scope: Scope) -> tuple[SimUse, str, Place]:
    """Find a use with the SIM's number and the place it was recorded at.

    Raises:
        NotFound: there is none for this person.
    """
    row = db.session.execute(
        select(SimUse, SerialUnit.number, Place)
        .join(SerialUnit, SerialUnit.id == SimUse.sim_id)
        .join(Place, Place.id == SimUse.place_id)
        .where(SimUse.id == use_id)
    ).one_or_none()
    if row is None or not scope.covers(row[0].place_id):
        raise NotFound
    return row[0], row[1], row[2]
