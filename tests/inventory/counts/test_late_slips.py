"""Counts among slips recorded late, in random order, against a shelf that is plain integers.

The shelf knows what is really there. Towels leave it with a slip recorded at once or later, vanish, or turn up; counts
see it as it is. Once every slip of before a count has been recorded, its approval makes the ledger what the shelf is.
"""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import select

from core.access import Scope
from core.db import db, transaction
from inventory.counts import queries, services
from inventory.counts.rules import CountReason, Decision
from inventory.stock import queries as stock
from inventory.stock.models import Lot
from inventory.stock.rules import count_of
from tests.factories import World
from tests.inventory.counts.counting import act, after, held, take_out
from tests.inventory.counts.counting import count_of as read


class Shelf:
    """The store's towels: what is really there, what the ledger will have once all slips are in, and late slips."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.draw, self.minute = world, Random(seed), 0
        self.there = self.recorded = 12
        self.late: list[tuple[int, int]] = []
        with transaction():
            services.set_counting("STORE", recount_above_count=500, every_days=30, **act(world, "approver", 0))

    def later(self) -> int:
        """Let a minute or more pass."""
        self.minute += self.draw.randint(1, 9)
        return self.minute

    def leave(self) -> None:
        """Take towels with a slip, which is recorded at once or later."""
        units = min(self.draw.randint(1, 3), self.there, self.recorded)
        if units < 1:
            return
        happened = self.later()
        self.there, self.recorded = self.there - units, self.recorded - units
        if self.draw.random() < 0.5:
            self.late.append((happened, units))
        else:
            self._record(happened, units)

    def _record(self, happened: int, units: int) -> None:
        """Record a slip: the lots that stand there, earliest first."""
        recorded = self.later()
        for lot in [each for each in stock.lots_held(self.world.places["STORE"]) if each.item_name == "Towel"]:
            taken = min(units, lot.unit_count)
            if taken:
                take_out(self.world, lot.lot_id, taken, happened=happened, recorded=recorded)
                units -= taken

    def slips_come_in(self) -> None:
        """Record every slip that was late."""
        for happened, units in self.late:
            self._record(happened, units)
        self.late.clear()

    def change(self) -> None:
        """Have towels vanish or turn up, with no slip."""
        self.there = max(0, self.there + self.draw.choice((-2, -1, 1, 2, 4)))

    def count(self) -> None:
        """Count them, with moves and late slips around the moment they are seen, and approve."""
        with transaction():
            started = self.later()
            reference = services.start("STORE", ["bag content"], **act(self.world, "storekeeper", started)).reference
        if not any(line.name == "Towel" for line in read(reference).lines):  # the ledger has none: somebody adds it
            with transaction():
                services.add_item(reference, "TOWEL", **act(self.world, "storekeeper", self.later()))
        self.leave()
        seen = self.later()
        for line in read(reference).lines:
            units = self.there if line.name == "Towel" else held(self.world)["SOAP"]
            self._see(reference, line.position, units, seen)
        self.leave()
        with transaction():
            services.finish(reference, **act(self.world, "storekeeper", self.later()))
        self.slips_come_in()
        self._approve(reference)
        self.recorded = self.there

    def _see(self, reference: str, position: int, units: int, seen: int) -> None:
        with transaction():
            services.see(
                reference, position, counted_count=units, seen_at=after(seen), **act(self.world, "storekeeper", seen)
            )

    def _approve(self, reference: str) -> None:
        found = queries.review(read(reference), scope=Scope.everywhere())
        decisions = [
            Decision(
                position,
                each.difference.short_count,
                each.difference.over_count,
                CountReason.MISSING if each.difference.short_count else CountReason.FOUND,
            )
            for position, each in found.items()
            if each.difference.any
        ]
        with transaction():
            services.approve(reference, decisions, **act(self.world, "approver", self.later()))


@pytest.mark.parametrize("seed", range(3))
def test_counts_with_late_slips_keep_the_books(stocked: World, seed: int) -> None:
    shelf = Shelf(stocked, seed)
    for _ in range(3):
        for _ in range(3):
            shelf.draw.choice((shelf.leave, shelf.leave, shelf.change))()
        shelf.count()
        assert held(stocked).get("TOWEL", 0) == shelf.there
    assert not stock.unexplained_balances()
    towels = [lot for lot in db.session.scalars(select(Lot)) if lot.item.code == "TOWEL"]
    for lot_id, numbering in stock.numbering_of([lot.id for lot in towels]).items():
        whole = next(lot.unit_count for lot in towels if lot.id == lot_id)
        assert sum(count_of(units) for units in numbering.standing.values()) == whole
