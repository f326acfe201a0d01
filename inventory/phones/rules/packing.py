"""Which handset or SIM may go into a Go Bag; plain values.

A phone can be a trafficker's tool: what had another owner is packed only once somebody has wiped it and said so. A
handset bought new has none. A SIM that was handed out keeps its number for ever, so it is not given to anybody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.dates import day_text
from core.errors import RuleBroken
from inventory.phones.rules.lapsing import SimState
from inventory.phones.rules.numbers import NumberKind
from inventory.stock.rules import LotSource

_ORIGINS = {
    LotSource.DONATION: "was given by a donor",
    LotSource.OPENING: "was in opening stock, so nobody knows who had it before",
    LotSource.FOUND: "was found on a count, so nobody knows who had it before",
}


@dataclass(frozen=True)
class UnitFacts:
    """What decides whether a handset or SIM may be packed.

    Attributes:
        source: where its lot came from.
        handed_out_on: the last time it left in a Go Bag, or None.
        reset_on: the last "factory reset, no previous owner", or None.
        sim: what is known of a SIM; None for a handset.
    """

    unit_id: int
    number_kind: NumberKind
    number: str
    source: LotSource
    handed_out_on: date | None = None
    reset_on: date | None = None
    sim: SimState | None = None

    @property
    def had_an_owner(self) -> str | None:
        """Why somebody may have used it before, in words; None for one bought new that never left."""
        if self.handed_out_on is not None:
            return f"was handed out on {day_text(self.handed_out_on)} and came back"
        return _ORIGINS.get(self.source)

    @property
    def wiped(self) -> bool:
        """Say whether it was reset since it last left."""
        return self.reset_on is not None and (self.handed_out_on is None or self.reset_on >= self.handed_out_on)


def not_packable(unit: UnitFacts, *, on: date) -> str | None:
    """Say why a handset or SIM may not go into a Go Bag, and what to do; None when it may."""
    end = unit.number[-4:]
    if unit.number_kind is NumberKind.IMEI:
        if unit.had_an_owner and not unit.wiped:
            return (
                f"The phone with IMEI ending {end} {unit.had_an_owner}. Reset it to its factory settings and record "
                f"“Factory reset, no previous owner” on its page first, or choose another"
            )
        return None
    if unit.handed_out_on is not None:
        return (
            f"The SIM ending {end} was handed out on {day_text(unit.handed_out_on)}: callers of whoever had it may "
            f"still ring. Write it off and choose another"
        )
    if unit.sim is not None and unit.sim.lapsed(on) and unit.sim.lapses_on is not None:
        return (
            f"The SIM ending {end} lapsed on {day_text(unit.sim.lapses_on)}. Text from it and record that if the text "
            f"went, or choose another"
        )
    return None


def check_packable(units: Iterable[UnitFacts], *, on: date) -> None:
    """Refuse handsets and SIMs that may not go into a Go Bag.

    Raises:
        RuleBroken: which one, why, and what to do.
    """
    for unit in units:
        if words := not_packable(unit, on=on):
            raise RuleBroken(words)
