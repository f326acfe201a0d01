"""Acts of card numbers, for the machine of the stock: each number is in one lot, and none is in two (INV-37)."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import invariant
from sqlalchemy import select

from core.db import db
from inventory.cards import services as cards
from inventory.cards.models import CardRange, CardRangeTakenBack
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind
from inventory.deliveries import services as deliveries
from inventory.deliveries.rules import DeliveredLine
from inventory.stock.models import Lot
from tests.invariants.acting import Acting, act
from tests.invariants.shelf import STORE, Shelf


class Cards(Shelf, Acting):
    """Two lots of security cards at the store, whose numbers are recorded and taken back."""

    card_lots: dict[str, int]  # lot → cards
    ranges: dict[str, tuple[str, int, int]]  # range → lot, first and last number

    def have_cards(self) -> None:
        """Receive the cards, five of them numbered already."""
        self.do("storekeeper", catalogue.add_item, code="CARD", name="Card", kind=ItemKind.SECURITY_CARD, language="ro")
        self.do("storekeeper", catalogue.publish_edition, "CARD", number=1, published_on=date(2026, 1, 5))
        lines = [DeliveredLine("CARD", count, edition_number=1) for count in (9, 6)]
        made = self.do(
            "storekeeper", deliveries.receive_delivery, supplier_code="ACME", place_code=STORE, delivery_note="Cards",
            received_on=self.at.date(), lines=lines,
        )  # fmt: skip
        self.card_lots = {line.lot.code: line.lot.unit_count for line in made.lines}
        self.ranges = {}
        self._number(next(iter(self.card_lots)), 1, 5)

    def _number(self, lot: str, first: int, last: int) -> None:
        written = f"SC-{first:04d} to SC-{last:04d}"
        (made,) = self.do("storekeeper", cards.record_numbers, lot, [written])
        self.ranges[made.reference] = (lot, first, last)

    @act(first=st.integers(1, 20), more=st.integers(0, 4))
    def number_cards(self, data: st.DataObject, first: int, more: int) -> None:
        """Record a range; a number that is known, or more than the lot has cards without one, is refused."""
        lot, last = data.draw(st.sampled_from(sorted(self.card_lots))), first + more
        known = any(low <= last and first <= high for _, low, high in self.ranges.values())
        numbered = sum(high - low + 1 for of, low, high in self.ranges.values() if of == lot)
        if known or numbered + more + 1 > self.card_lots[lot]:
            with self.refused():
                self._number(lot, first, last)
        else:
            self._number(lot, first, last)

    @act(when=lambda self: self.ranges)
    def take_a_range_back(self, data: st.DataObject) -> None:
        """Take a range back, so that its numbers are free again; a second time is refused."""
        reference = data.draw(st.sampled_from(sorted(self.ranges)))
        self.do("storekeeper", cards.take_back, reference, reason="Read wrongly")
        del self.ranges[reference]
        with self.refused():
            self.do("storekeeper", cards.take_back, reference, reason="Read wrongly")

    @invariant()
    def each_card_number_is_in_the_lot_the_model_says(self) -> None:
        """INV-37: the ranges that stand are the model's, so no number is in two and no lot has more than cards."""
        standing = db.session.execute(
            select(CardRange.reference, Lot.code, CardRange.first_number, CardRange.last_number)
            .join(Lot, Lot.id == CardRange.lot_id)
            .where(CardRange.id.not_in(select(CardRangeTakenBack.range_id)))
        )
        assert {reference: (lot, first, last) for reference, lot, first, last in standing} == self.ranges
