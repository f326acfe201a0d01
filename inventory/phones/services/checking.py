"""What is wrong with lines to be recorded, row by row, against everything on record, which is read at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from core.access import Scope
from core.dates import day_text, local_day
from core.errors import RuleBroken
from inventory.phones import queries, rules
from inventory.phones.queries import Stands, UnitHere
from inventory.phones.rules import PairedSide, PhoneLine, Problem


@dataclass
class Register:
    """What is on record of everything that the lines name, read at once."""

    units: dict[str, UnitHere]
    pairings: list[Stands]
    issued: dict[str, date]
    _kept: dict[tuple[object, ...], list[Stands]] = field(default_factory=dict)

    def of(self, side: PairedSide, key: object) -> list[Stands]:
        """List the pairings of one side of a thing, oldest first: a SIM or handset by its id, a number by itself."""
        if not self._kept:
            for each in self.pairings:
                ids = (each.sim_id, each.handset_id if each.side is PairedSide.HANDSET else each.phone_number)
                for one in ids:
                    self._kept.setdefault((each.side, one), []).append(each)
        return self._kept.get((side, key), [])

    def standing(self, side: PairedSide, key: object) -> Stands | None:
        """Give the pairing that stands."""
        return next((each for each in self.of(side, key) if each.ended_on is None), None)


@dataclass(frozen=True)
class Terms:
    """What holds for every line of one act."""

    paired_on: date
    replace: bool
    today: date
    has_operator: bool


def register_of(lines: Sequence[PhoneLine], *, scope: Scope) -> Register:
    """Read what is on record of everything that lines name."""
    units = queries.units_here([n for line in lines for n in (line.imei, line.iccid) if n], scope=scope)
    numbers = [line.number for line in lines if line.number]
    pairings = queries.pairings_of([unit.unit_id for unit in units.values()], numbers)
    return Register(units, pairings, queries.issued_numbers(numbers))


def row_problems(
    lines: Sequence[PhoneLine], *, paired_on: date, replace: bool, operator_code: str, scope: Scope, at: datetime
) -> list[Problem]:
    """Tell everything that is wrong with lines, row by row; nothing when they can be recorded."""
    found = register_of(lines, scope=scope)
    return problems(lines, found, Terms(paired_on, replace, local_day(at), bool(operator_code)))


def problems(lines: Sequence[PhoneLine], register: Register, terms: Terms) -> list[Problem]:
    """Check every line against what is on record; a list of what is wrong, row by row."""
    found = []
    for line in lines:
        try:
            _check(line, register, terms)
        except RuleBroken as broken:
            found.append(Problem(line.row, broken.message))
    return found


def _check(line: PhoneLine, register: Register, terms: Terms) -> None:
    """Check one line against what is on record.

    Raises:
        RuleBroken: what is wrong with it.
    """
    sim = _unit(register, line.iccid, "ICCID")
    handset = _unit(register, line.imei, "IMEI")
    assert sim is not None
    if handset is not None and handset.spot_id != sim.spot_id:
        raise RuleBroken(
            f"the phone ending {handset.number[-4:]} and the SIM ending {sim.number[-4:]} are not in one place. "
            f"Put them into the same Go Bag or on the same shelf first"
        )
    if line.activated_on is not None:
        _check_activation(line.activated_on, sim, terms)
    if handset is not None:
        words = f"phone ending {handset.number[-4:]}"
        _check_pair(PairedSide.HANDSET, sim, handset.unit_id, handset.received_on, words, register, terms)
    if line.number is not None:
        _check_number(line.number, sim, register, terms)


def _unit(register: Register, number: str | None, word: str) -> UnitHere | None:
    if number is None:
        return None
    if number not in register.units:
        raise RuleBroken(f"{word} {number} is not held at your place. Receive it with its delivery first")
    return register.units[number]


def _check_activation(day: date, sim: UnitHere, terms: Terms) -> None:
    if not terms.has_operator:
        raise RuleBroken("choose the operator: without its rule nobody can say when the SIM lapses")
    if day > terms.today:
        raise RuleBroken(f"the activation on {day_text(day)} has not come yet")
    if day < sim.received_on:
        raise RuleBroken(
            f"the SIM ending {sim.number[-4:]} was received on {day_text(sim.received_on)}, after its activation on "
            f"{day_text(day)}. Enter the day it was received or a later one"
        )


def _check_number(number: str, sim: UnitHere, register: Register, terms: Terms) -> None:
    standing = register.standing(PairedSide.NUMBER, number)
    if standing is not None and standing.sim_id == sim.unit_id:
        return
    if number in register.issued:
        raise RuleBroken(rules.quarantined(number, register.issued[number]))
    _check_pair(PairedSide.NUMBER, sim, number, None, f"number ending {number[-4:]}", register, terms)


def _check_pair(
    side: PairedSide, sim: UnitHere, other: object, received_on: date | None, words: str, register: Register,
    terms: Terms,
) -> None:  # fmt: skip
    """Check that a SIM and its other side may be paired on the day.

    Raises:
        RuleBroken: the day is wrong, or one of them is paired with another and it was not said that this replaces it.
    """
    mine, theirs = register.standing(side, sim.unit_id), register.standing(side, other)
    if mine is not None and theirs is not None and mine.pairing_id == theirs.pairing_id:
        return
    for thing, standing in ((f"SIM ending {sim.number[-4:]}", mine), (words, theirs)):
        if standing is not None and not terms.replace:
            raise RuleBroken(
                f"the {thing} is paired with {_other(standing, sim.unit_id)} since {day_text(standing.began_on)}. "
                f"Tick “These replace earlier pairings” if it no longer is"
            )
    for key, thing, came in ((sim.unit_id, f"SIM ending {sim.number[-4:]}", sim.received_on),
                             (other, words, received_on)):  # fmt: skip
        days = [day for each in register.of(side, key) for day in (each.began_on, each.ended_on) if day is not None]
        rules.check_paired_on(
            terms.paired_on,
            today=terms.today,
            received_on=came,
            last_change=max(days, default=None),
            what=f"the {thing}",
        )


def _other(standing: Stands, sim_id: int) -> str:
    """Name the other thing of a pairing, seen from a SIM or from what it is paired with."""
    if standing.sim_id != sim_id:
        return f"the SIM ending {standing.sim_number[-4:]}"
    if standing.handset_number:
        return f"the phone ending {standing.handset_number[-4:]}"
    return f"the number ending {(standing.phone_number or '')[-4:]}"
