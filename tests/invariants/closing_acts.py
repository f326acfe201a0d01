"""Acts of a place that closes, for the machine of the stock: all it has goes back, and is counted in or written off."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant
from sqlalchemy import select

from core.db import db
from inventory.bags.models import Bag
from inventory.closures import services as closures
from inventory.stock import queries as stock
from inventory.stock.models import Balance, Lot
from tests.invariants.acting import Acting, act
from tests.invariants.shelf import STATION, STORE, Shelf

BACK = "back"
"""Where the model has what is on its way back to the store."""


class Closing(Shelf, Acting):
    """The station sends everything back, as often as there is anything, and the store counts it in."""

    def standing(self) -> tuple[dict[str, int], list[str]]:
        """What stands at the station: lot → loose units, and the tags of its bags."""
        loose = {lot: units for (place, lot), units in self.held.items() if place == STATION and units}
        return loose, sorted(tag for tag, place in self.bag_at.items() if place == STATION)

    @act()
    def send_everything_back(self) -> None:
        """All that stands at the station leaves it. Where nothing stands, or a hold covers any of it, it is refused."""
        loose, tags = self.standing()
        if (loose or tags) and not self.held_lots() & set(loose) and all(self.fit(tag) for tag in tags):
            self._send_back()
            return
        with self.refused():
            self._send_back()

    def _send_back(self) -> None:
        loose, tags = self.standing()
        reference = str(self.do("sergeant", closures.send_back, STATION))
        self.sent_back[reference] = (loose, tags)
        for lot, units in loose.items():
            self.held[STATION, lot] -= units
            self.held[BACK, lot] += units
        self.bag_at |= dict.fromkeys(tags, BACK)

    @act(when=lambda self: self.sent_back, said=st.sampled_from(("Fell off the van", None)))
    def count_in(self, data: st.DataObject, said: str | None) -> None:
        """Count in what arrived; the rest is written off, bags with all in them. Without a reason that is refused."""
        reference = data.draw(st.sampled_from(sorted(self.sent_back)))
        loose, tags = self.sent_back[reference]
        came = {lot: data.draw(st.integers(0, units)) for lot, units in sorted(loose.items())}
        there = [tag for tag in tags if data.draw(st.sampled_from((True, True, False)))]
        whole = came == loose and there == tags
        facts: dict[str, Any] = {"reason": said}
        if not self.do_if(whole or said is not None, "storekeeper", closures.count_in, reference, came, there, **facts):
            return
        del self.sent_back[reference]
        for lot, units in loose.items():
            self.held[BACK, lot] -= units
            self.held[STORE, lot] += came[lot]
        for tag in tags:
            self.bag_at[tag] = STORE if tag in there else "gone"
            if tag not in there:
                for lot in self.inside(tag).values():
                    self.held[tag, lot] = 0
        with self.refused():
            self.do("storekeeper", closures.count_in, reference, came, there, **facts)

    @invariant()
    def bags_hold_what_the_model_says(self) -> None:
        """I1: what is inside each Go Bag that was not handed over; nothing, where it never arrived."""
        kept = db.session.execute(
            select(Bag.tag, Lot.code, Balance.unit_count)
            .join(Balance, Balance.place_id == Bag.place_id)
            .join(Lot, Lot.id == Balance.lot_id)
            .where(Balance.unit_count > 0)
        )
        ours = {tag for tag, place in self.bag_at.items() if place != "issued"}
        there = {(tag, lot): units for tag, lot, units in kept if tag in ours}
        assert there == {(tag, lot): units for (tag, lot), units in self.held.items() if tag in ours and units}

    @invariant()
    def what_is_on_its_way_back_is_what_was_sent(self) -> None:
        """I3: what is in transit to the store is what places sent back and nobody has counted in."""
        coming = stock.transit_to(self.small_force.places[STORE])
        there = {lot.code: lot.unit_count for lot in stock.lots_held(coming)}
        assert there == {lot: units for (where, lot), units in self.held.items() if where == BACK and units}
