"""Counts, a handover and unmet need in the demonstration: a count of each state, so that all have something to see.

All of it lies in the last weeks of the year and takes no stock but one garment of the store, so that it changes
nothing of what the year leaves behind.
"""

from __future__ import annotations

from datetime import timedelta

from core.access import Role
from demonstration import people
from demonstration.diary import Act, Diary
from inventory.counts import queries, services
from inventory.counts.models import StockCount
from inventory.counts.rules import CountReason, Decision
from inventory.pars import services as pars
from inventory.pars.queries import suggestions
from inventory.pars.services import ParAsked
from inventory.stock.queries import on_hand
from inventory.unmet import services as unmet
from inventory.unmet.rules import UnmetReason
from organisation.accounts import queries as accounts_read
from organisation.accounts import services as accounts
from organisation.places.queries import place_by_code

RELIEF = "relief"

UNMET: tuple[tuple[int, str, str, str | None, str | None, UnmetReason], ...] = (
    (40, "SALISBURY", "sergeant", None, "pl", UnmetReason.WRONG_LANGUAGE),
    (96, "GABLECROSS", "gablecross", None, "ti", UnmetReason.WRONG_LANGUAGE),
    (151, "BRIDGE", "bridge", "ADULT-M", None, UnmetReason.CLOSED),
    (214, "GABLECROSS", "gablecross", None, "ti", UnmetReason.WRONG_LANGUAGE),
    (268, "SALISBURY", "sergeant", "ADULT-M", None, UnmetReason.NONE_LEFT),
    (302, "SALISBURY", "sergeant", None, "pl", UnmetReason.WRONG_LANGUAGE),
    (331, "HARBOUR", "partner", "CHILD", None, UnmetReason.WRONG_SIZE),
    (349, "MELKSHAM", "melksham", None, "ku", UnmetReason.WRONG_LANGUAGE),
)
"""Day, place, person, recipe or None, language or None, reason."""


class Counting:
    """What is entered in the diary about counting."""

    def __init__(self, diary: Diary) -> None:
        self.diary, self.acts = diary, diary.acts
        self.store_count = ""

    def plan(self) -> None:
        """Enter everything in the diary."""
        for number, place, person, recipe, language, reason in UNMET:
            self.diary.enter(number, self._note(place, person, recipe, language, reason), hour=22)
        self.diary.enter(352, self._count_salisbury, hour=13)
        self.diary.enter(357, self._hand_over, hour=15)
        self.diary.enter(358, self._count_clothing, hour=16)
        self.diary.enter(359, self._approve_clothing, hour=10)
        self.diary.enter(360, self._keep_level, hour=11)
        self.diary.enter(364, self._begin_gablecross, hour=21)
        self.diary.enter(364, self._count_trowbridge, hour=22)

    def _note(self, place: str, person: str, recipe: str | None, language: str | None, reason: UnmetReason) -> Act:
        def act() -> None:
            self.acts.do(
                person, unmet.record_unmet, place, recipe_code=recipe, language=language,
                reason=reason, wanted_on=self.acts.at.date(),
            )  # fmt: skip

        return act

    # ---- Counts ---------------------------------------------------------------------------------

    def _start(self, place: str, person: str, *parts: str) -> str:
        return self.acts.do(person, services.start, place, parts).reference

    def _see(self, reference: str, person: str, *, most: int = 1_000, missing: bool = False) -> None:
        """Have a person enter what the ledger has of each thing, the first few only, one short where asked."""
        count = queries.count_by_reference(reference, scope=self.acts.people[person].scope)
        held = on_hand(count.place_id)
        for line in [each for each in count.lines if not each.done][:most]:
            self.acts.go_on(minutes=1)
            told: dict[str, object] = {"numbers": self._numbers(count, line.item_id)} if line.by_number else {}
            if not line.by_number:
                units = held.get(line.item_id or 0, 0)
                told = {"counted_count": units - 1 if missing and units > 1 else units}
                missing = missing and units <= 1
            self.acts.do(person, services.see, reference, line.position, seen_at=self.acts.at, **told)

    def _numbers(self, count: StockCount, item_id: int | None) -> list[str]:
        """List the tags or numbers that stand there."""
        if item_id is None:
            return sorted(queries.bags_at(count.place_id, self.acts.at).now)
        return sorted(queries.units_at(count.place_id, {item_id: self.acts.at})[item_id].now)

    def _count_salisbury(self) -> None:
        """Count a whole station; everything agrees."""
        reference = self._start("SALISBURY", "sergeant")
        self._see(reference, "sergeant")
        self.acts.do("sergeant", services.finish, reference)
        self.acts.go_on(minutes=40)
        self.acts.do("approver", services.approve, reference, [])

    def _count_clothing(self) -> None:
        """Count the store's clothing; one garment is short."""
        self.store_count = self._start(people.STORE, "storekeeper", "clothing")
        self._see(self.store_count, "storekeeper", missing=True)
        self.acts.do("storekeeper", services.finish, self.store_count)

    def _approve_clothing(self) -> None:
        """Approve it with its reason."""
        scope = self.acts.people["approver"].scope
        reviews = queries.review(queries.count_by_reference(self.store_count, scope=scope), scope=scope)
        decisions = [
            Decision(position, each.difference.short_count, each.difference.over_count, CountReason.MISSING)
            for position, each in reviews.items()
            if each.difference.any
        ]
        self.acts.do("approver", services.approve, self.store_count, decisions)

    def _begin_gablecross(self) -> None:
        """Leave a count half done."""
        self._see(self._start("GABLECROSS", "gablecross"), "gablecross", most=2)

    def _count_trowbridge(self) -> None:
        """Leave a count waiting for its approval."""
        reference = self._start("TROWBRIDGE", "trowbridge", services.BAGS)
        self._see(reference, "trowbridge")
        self.acts.do("trowbridge", services.finish, reference)

    # ---- A handover, and a level kept ----------------------------------------------------------------

    def _hand_over(self) -> None:
        """Have the sergeant of Melksham pass the cupboard of Warminster on to a relief."""
        relief = accounts.open_account(
            people.address(RELIEF), "Sgt 3301 Relief", [(Role.SERGEANT, "WARMINSTER"), (Role.SERGEANT, "SALISBURY")],
            self.acts.at.date() - timedelta(days=1), by=None, at=self.acts.at, password=people.PASSWORD,
        )  # fmt: skip
        self.acts.people[RELIEF] = accounts_read.actor_of(relief.id, on=self.acts.at.date())
        begun = self.acts.do(
            "melksham", services.begin_handover, "WARMINSTER", incoming=relief.reference, seed="7K4M-Q2XD"
        )
        self._see(begun.count.reference, RELIEF)
        self.acts.do(RELIEF, services.finish, begun.count.reference)
        for person in ("melksham", RELIEF):
            self.acts.go_on(minutes=2)
            self.acts.do(person, services.sign_handover, begun.reference)
        self.acts.do("approver", services.approve, begun.count.reference, [])

    def _keep_level(self) -> None:
        """Have the approver keep the level of Salisbury's first kind of Go Bag against the suggestion."""
        scope = self.acts.people["approver"].scope
        place = place_by_code("SALISBURY", scope=scope)
        until = self.acts.at.date() - timedelta(days=1)
        row = next(each for each in suggestions(place, scope=scope, until=until) if each.key.startswith("bag:"))
        if row.suggestion is None:
            return
        asked = ParAsked(row.level_count, recipe_code=row.key.removeprefix("bag:"), was_count=row.level_count)
        self.acts.do(
            "approver", pars.answer_suggestion, "SALISBURY", asked, row.suggestion,
            reason="Tidworth is near and lends one; the cupboard is full until the move",
        )  # fmt: skip
