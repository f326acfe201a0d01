"""What the acts of the stock share of their model: where every unit, bag and held lot is."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from inventory.recalls.rules import RecallKind

ITEMS = ("SOAP", "TOWEL")
STORE, STATION = "STORE", "SALISBURY"
KEEPERS = {STORE: "storekeeper", STATION: "sergeant"}


class Shelf:
    """Where everything is, as the model has it."""

    held: Counter[tuple[str, str]]  # (place or bag tag, lot code) → units
    cost: dict[str, int]  # lot code → pence
    units: dict[str, int]  # lot code → units received
    item_of: dict[str, str]
    row_of: dict[str, str]  # lot code → row reference
    expiry: dict[str, date]
    rows: dict[str, int]  # row reference → pence it costs
    apportioned: Counter[str]  # row reference → pence
    bag_at: dict[str, str]  # tag → place, or "issued"
    slips: dict[str, str]  # slip → tag
    on_the_way: dict[str, dict[str, Any]]  # dispatch → what it carries
    holds: dict[str, tuple[str, RecallKind]]  # recall → lot and kind
    sent_back: dict[str, tuple[dict[str, int], list[str]]]  # reference → (lot → units, tags), not counted in yet
    seal: int

    def start(self) -> None:
        """Begin with nothing."""
        self.held, self.apportioned = Counter(), Counter()
        self.cost, self.units, self.item_of, self.row_of, self.expiry, self.rows = {}, {}, {}, {}, {}, {}
        self.bag_at, self.slips, self.on_the_way, self.holds = {}, {}, {}, {}
        self.sent_back = {}
        self.seal = 0

    def held_lots(self) -> set[str]:
        """Lots that may not be used."""
        return {lot for lot, _ in self.holds.values()}

    def lots_of(self, code: str) -> list[str]:
        """Lots of an item at the store that may be used, earliest expiry first."""
        barred = self.held_lots()
        here = [
            lot
            for (place, lot), count in self.held.items()
            if place == STORE and count and self.item_of[lot] == code and lot not in barred
        ]
        return sorted(here, key=lambda lot: (self.expiry[lot], lot))

    def inside(self, tag: str) -> dict[str, str]:
        """What a bag holds: item code → lot."""
        return {self.item_of[lot]: lot for (place, lot), count in self.held.items() if place == tag and count}

    def fit(self, tag: str) -> bool:
        """Whether nothing inside a bag is held."""
        return not self.held_lots() & set(self.inside(tag).values())

    def at_store(self) -> list[str]:
        """Bags at the store."""
        return sorted(tag for tag, place in self.bag_at.items() if place == STORE)

    def ready_at_store(self) -> list[str]:
        """Bags at the store that lack nothing and may be used."""
        return [tag for tag in self.at_store() if len(self.inside(tag)) == len(ITEMS) and self.fit(tag)]

    def spoilt_bags(self) -> list[tuple[str, str]]:
        """Bags at a place that hold a held lot, each with the lot."""
        barred = self.held_lots()
        places = {tag for tag, place in self.bag_at.items() if place in KEEPERS}
        return sorted(
            (tag, lot) for (tag, lot), count in self.held.items() if count and tag in places and lot in barred
        )
