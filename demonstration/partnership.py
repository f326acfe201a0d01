"""The partnership of the demonstration year: briefings, actions agreed, and the packs of the quarters that are over.

Usage of a quarter is published two weeks after its end, and its pack issued the day after, as the grant officer would.
"""

from __future__ import annotations

from functools import partial

from core.dates import Quarter, local_day, quarter
from core.periods import named
from demonstration.diary import Diary
from grants.partnership import services
from grants.partnership.report import propose_pack
from grants.published.report import propose
from grants.published.rules import Plan, Times
from grants.published.services import publish_usage

BRIEFINGS = (
    (40, "GABLECROSS", 18, "What a Go Bag holds, and that nobody is asked for a name"),
    (96, "SALISBURY", 24, "Signs of forced labour in hospitality"),
    (151, "HARBOUR", 9, "Issuing without going to the police"),
    (214, "MELKSHAM", 21, "Custody staff: booklets and security cards"),
    (262, "SALISBURY", 31, "After the operation of the summer"),
    (318, "TROWBRIDGE", 16, "Council housing officers"),
)
"""Day of the year, place, numbers attending, what it was about."""

ACTIONS = (
    (215, "Find a second partner site in North Wiltshire", "OPCC", 420, None),
    (215, "Brief the night shift at Gablecross", "FORCE", 300, 290),
    (263, "Order Tigrinya booklets for the partner sites", "HARBOUR", 380, None),
)
"""Day agreed, words, owner, day due, day done."""

LATER_DAYS = 15


class Partnership:
    """What the grant officer does for the partnership."""

    def __init__(self, diary: Diary) -> None:
        self.diary, self.acts, self.calendar = diary, diary.acts, diary.calendar

    def plan(self) -> None:
        """Enter briefings, actions and packs in the diary."""
        for number, place, attended, about in BRIEFINGS:
            self.diary.enter(number, partial(self._brief, place, attended, about), hour=11)
        for number, words, owner, due, done in ACTIONS:
            self.diary.enter(number, partial(self._agree, words, owner, due, done), hour=12)
        each = quarter(self.calendar.first).next
        while (issued := (each.last - self.calendar.first).days + LATER_DAYS) <= 364:
            self.diary.enter(issued, partial(self._issue, each), hour=16)
            each = each.next

    def _brief(self, place: str, attended: int, about: str) -> None:
        facts = {"briefed_on": self.acts.at.date(), "attendee_count": attended, "about": about}
        self.acts.do("grants", services.record_briefing, place, **facts)

    def _agree(self, words: str, owner: str, due: int, done: int | None) -> None:
        facts = {"owner_code": owner, "due_on": self.calendar.day(due)}
        made = self.acts.do("grants", services.agree_action, words, **facts).id
        if done is not None:
            self.diary.enter(done, lambda: self.acts.do("grants", services.finish_action, made), hour=12)

    def _issue(self, each: Quarter) -> None:
        """Publish the usage of a quarter, by place, and issue its pack."""
        period, at = named(each.first, each.last), self.acts.at
        whole = Plan(period.first, period.last, Times.WHOLE, by_language=False, by_recipe=False)
        self.acts.do("grants", publish_usage, whole, propose(whole, at=at).digest, known_at=at)
        read = propose_pack(period, today=local_day(at), at=at)
        self.acts.do("grants", services.issue_pack, period, read.digest, known_at=at)
