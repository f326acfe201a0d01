"""How a station of the demonstration gets what it lacks: asked, approved, sent, received, on the days after."""

from __future__ import annotations

from datetime import timedelta

from core.access import Scope
from demonstration.diary import Diary
from demonstration.people import Station
from grants.picking.queries import policy_for
from grants.picking.services import dispatch
from inventory.requests import queries as read
from inventory.requests import services as requests
from inventory.requests.rules import ShortReason

ASKED, APPROVED, SENT, RECEIVED = 1, 2, 3, 4
"""How far a request gets before the year ends."""

RARELY = 16
"""Days a station lets pass before it asks again."""


class Restocking:
    """Requests of stations, each step entered in the diary by the one before."""

    def __init__(self, diary: Diary, place_ids: dict[str, int]) -> None:
        self.diary, self.place_ids = diary, place_ids
        self.acts = diary.acts
        self._waiting: set[str] = set()
        self._asked_on: dict[str, int] = {}

    def enter(self, number: int, station: Station, *, until: int = RECEIVED, short: bool = False) -> None:
        """Enter a request for a day, unless one of the station is under way or it asked within sixteen days.

        Args:
            until: how far it gets.
            short: one loose line arrives one short.
        """
        lately = number - self._asked_on.get(station.code, -RARELY) < RARELY
        if station.code in self._waiting or (lately and until == RECEIVED and not short):
            return
        self._asked_on[station.code] = number
        self._waiting.add(station.code)
        self.diary.enter(number, lambda: self._ask(number, station, until, short), hour=7, minute=40)

    def _ask(self, number: int, station: Station, until: int, short: bool) -> None:
        scope = self.acts.people[station.sergeant].scope
        levels = read.levels(self.place_ids[station.code], scope=scope, on=self.acts.at.date())
        lines = [
            requests.AskedLine(level.shortage_count, *((None, level.code) if level.is_bag else (level.code, None)))
            for level in levels
            if level.shortage_count > 0
        ]
        if not lines:
            self._waiting.discard(station.code)
            return
        asked = self.acts.do(station.sergeant, requests.ask, station.code, lines, note=None).reference
        if until >= APPROVED:
            self.diary.enter(number + 1, lambda: self._decide(number, station, asked, until, short), hour=8, minute=20)

    def _decide(self, number: int, station: Station, reference: str, until: int, short: bool) -> None:
        if not self.approve(reference):
            self._waiting.discard(station.code)
        elif until >= SENT:
            self.diary.enter(number + 1, lambda: self._dispatch(number, station, reference, until, short), hour=11)

    def _dispatch(self, number: int, station: Station, reference: str, until: int, short: bool) -> None:
        sent = self.send(reference)
        if sent is not None and until >= RECEIVED:
            self.diary.enter(number + 2, lambda: self.receive(station, sent, short=short), hour=15)

    def approve(self, reference: str) -> bool:
        """Approve what the store can give; refuse when it can give nothing. Say whether anything was approved."""
        request = read.request_by_reference(reference, scope=Scope.everywhere())
        items, recipes = read.free_at(
            request.supplied_by_id,
            item_ids=[line.item_id for line in request.lines if line.item_id],
            recipe_ids=[line.recipe_id for line in request.lines if line.recipe_id],
            on=self.acts.at.date(),
            scope=Scope.everywhere(),
        )
        given = {}
        for line in request.lines:
            free = items[line.item_id] if line.item_id else recipes[line.recipe_id or 0]
            given[line.position] = min(line.asked_count, free.free_count)
        if not any(given.values()):
            reason = "None of this is at the store; the next delivery is ordered"
            self.acts.do("approver", requests.refuse, reference, reason=reason, version=request.version)
            return False
        self.acts.do("approver", requests.approve, reference, given, version=request.version)
        return True

    def send(self, reference: str) -> str | None:
        """Pick as proposed, what must be used first first, and send; give the dispatch."""
        scope = self.acts.people["storekeeper"].scope
        day = self.acts.at.date()
        request = read.request_by_reference(reference, scope=scope)
        course = read.course_of(request)
        picks: list[requests.PickedLot | requests.PickedBag] = []
        policy = policy_for(request, on=day)
        for position, line in read.proposed_picks(request, course, on=day, scope=scope, policy=policy).items():
            picks += [requests.PickedBag(position, tag) for tag in line.proposed_tags]
            for code, units in line.proposed.items():
                numbers = tuple(line.serials.get(code, [])[:units])
                picks.append(requests.PickedLot(position, code, units, numbers))
        if not picks:
            return None
        sent = self.acts.do(
            "storekeeper",
            dispatch,
            reference,
            picks,
            expected_on=day + timedelta(days=2),
            version=request.version,
        )
        return sent.reference

    def receive(self, station: Station, reference: str, *, short: bool = False) -> None:
        """Count a dispatch in; a short one lacks a unit of its first loose line."""
        scope = self.acts.people[station.sergeant].scope
        sending = read.dispatch_by_reference(reference, scope=scope)
        numbers = read.serials_of([sending])
        counted = []
        for number, line in enumerate(sending.lines, start=1):
            lacks = int(short and line.lot_id is not None and line.id not in numbers)
            short = short and not lacks
            reason = ShortReason.MISSING if lacks else None
            serials = tuple(numbers.get(line.id, ()))
            counted.append(requests.Counted(number, line.unit_count - lacks, serials, reason))
        self.acts.do(station.sergeant, requests.receive, reference, counted)
        self._waiting.discard(station.code)
