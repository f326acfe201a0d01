"""One past recall in the demonstration: a lot of security cards, checked everywhere in a morning, all of it sound."""

from __future__ import annotations

from demonstration.diary import Diary
from demonstration.people import STATIONS, STORE
from inventory.recalls import queries, services
from inventory.recalls.rules import FoundLot, RecallKind, Remedy
from organisation.places.queries import place_by_code

DAY, LOT = 230, "L-00024"


class Recalling:
    """What is entered in the diary about the recall. Nothing is removed, so nothing of what the year leaves changes."""

    def __init__(self, diary: Diary) -> None:
        self.diary, self.acts = diary, diary.acts

    def plan(self) -> None:
        """Enter the recall in the diary."""
        self.diary.enter(DAY, self._check_cards, hour=10)

    def _check_cards(self) -> None:
        """Recall a lot, have every place look and answer, and close it."""
        made = self.acts.do(
            "storekeeper", services.recall, LOT, kind=RecallKind.RECALL, remedy=Remedy.CHECK,
            reason="One sheet was cut through the helpline number. Look at each card",
        )  # fmt: skip
        self._answer(made.reference, STORE, "storekeeper")
        for station in STATIONS:
            self._answer(made.reference, station.code, station.sergeant)
        self.acts.go_on(minutes=20)
        self.acts.do("storekeeper", services.close, made.reference)

    def _answer(self, reference: str, place_code: str, person: str) -> None:
        """Have a place say that it found what the records have, and that every card is sound."""
        self.acts.go_on(minutes=6)
        scope = self.acts.people[person].scope
        recall, place = queries.recall_by_reference(reference), place_by_code(place_code, scope=scope)
        here = queries.spots(recall, scope=scope, place_id=place.id)
        found = [FoundLot(each.lot_code, each.unit_count, 0) for each in here if each.on_shelf]
        told = queries.slips(recall).get(place.id)
        self.acts.do(person, services.answer, reference, place_code, found, told_count=told)
