"""The diary of the demonstration: who does what on which day, in the order it happens.

Whatever is done may enter something for a later day, as people do: an order brings an invoice, a handed-over bag
a request. Acts of one week share a transaction, which spares the disk; each still writes its own leaf.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from itertools import count

from demonstration.acts import Acts
from demonstration.calendar import Calendar

Act = Callable[[], None]


class Diary:
    """Entries by day of the year, hour and minute; what is entered first comes first."""

    def __init__(self, acts: Acts, calendar: Calendar) -> None:
        self.acts, self.calendar = acts, calendar
        self._entries: list[tuple[int, int, int, Act]] = []
        self._order = count()

    def enter(self, number: int, act: Act, *, hour: int, minute: int = 0) -> None:
        """Enter an act for a day of the year; what would come after its last day never happens."""
        if 0 <= number <= 364:
            heapq.heappush(self._entries, (number, 60 * hour + minute, next(self._order), act))

    def live(self) -> Iterator[int]:
        """Do everything in order, a week in a transaction, giving the last day of each week that is over."""
        while self._entries:
            week = self._entries[0][0] // 7
            with self.acts.together():
                while self._entries and self._entries[0][0] // 7 == week:
                    number, minutes, _, act = heapq.heappop(self._entries)
                    self.acts.go_to(self.calendar.day(number), minutes // 60, minutes % 60)
                    act()
            yield min(7 * week + 6, 364)
