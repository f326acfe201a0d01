"""Words for what a move did, and the two clocks a reader may turn back.

``as at`` asks how things were at the end of a day; ``as known`` asks what had been recorded by the end of a
day. Neither needs a database: a timeline is told from the kinds of the places a move joins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.dates import day_bounds, day_text
from core.errors import RuleBroken
from organisation.places.rules import PlaceKind

LATE = timedelta(hours=1)
"""An act recorded longer than this after it happened is told with both moments."""


@dataclass(frozen=True)
class Clocks:
    """How far back a reader turns the two clocks; None leaves a clock at now.

    Attributes:
        as_at: the last day on which something had to happen to be counted.
        as_known: the last day on which it had to be recorded to be counted.
    """

    as_at: date | None = None
    as_known: date | None = None

    @property
    def turned(self) -> bool:
        """Say whether either clock is turned back."""
        return self.as_at is not None or self.as_known is not None

    @property
    def happened_before(self) -> datetime:
        """The moment before which something had to happen to be counted, where a clock is turned back.

        What was known by the end of a day had happened by then too: nothing is recorded before it happens.
        """
        return min(end_of(day) for day in (self.as_at, self.as_known) if day is not None)

    @property
    def recorded_before(self) -> datetime | None:
        """The moment before which it had to be recorded to be counted, or None."""
        return end_of(self.as_known) if self.as_known else None

    @property
    def words(self) -> str:
        """Say what is shown, such as "as at the end of 5 August 2022, as known on 9 August 2022"."""
        at = f"as at the end of {day_text(self.as_at)}" if self.as_at else "as at now"
        return f"{at}, as known at the end of {day_text(self.as_known)}" if self.as_known else at


def clocks(as_at: date | None, as_known: date | None, *, today: date) -> Clocks:
    """Set the clocks.

    Raises:
        RuleBroken: a day lies ahead.
    """
    for day, field in ((as_at, "as_at"), (as_known, "as_known")):
        if day is not None and day > today:
            raise RuleBroken(f"{day_text(day)} has not come yet. Enter {day_text(today)} or an earlier day", field)
    return Clocks(as_at, as_known)


def end_of(day: date) -> datetime:
    """Give the first moment after a local day."""
    return day_bounds(day, day)[1]


@dataclass(frozen=True)
class End:
    """Where a move begins or ends, as its words need it."""

    kind: PlaceKind
    name: str


def move_words(count: int, came_from: End, went_to: End, *, undoes: bool = False) -> str:
    """Say what a move did, such as "4 packed into GB-00012" or "1 issued from GB-00012".

    Args:
        undoes: the move takes back an earlier one.
    """
    many = f"{count:,}"
    if undoes:
        return f"Undone: {many} back from {came_from.name} to {went_to.name}"
    if came_from.kind in _CAME:
        return f"{many} {_CAME[came_from.kind]} {went_to.name}"
    if went_to.kind in _WENT:
        return f"{many} {_WENT[went_to.kind]} {came_from.name}"
    if went_to.kind is PlaceKind.BAG:
        return f"{many} packed into {went_to.name}, from {came_from.name}"
    if came_from.kind is PlaceKind.BAG:
        return f"{many} taken out of {came_from.name}, to {went_to.name}"
    if went_to.kind is PlaceKind.IN_TRANSIT:
        return f"{many} sent from {came_from.name} to {_bound_for(went_to)}"
    if came_from.kind is PlaceKind.IN_TRANSIT:
        return _arrived(many, came_from, went_to)
    return f"{many} moved from {came_from.name} to {went_to.name}"


_CAME = {
    PlaceKind.SUPPLIERS: "delivered to",
    PlaceKind.DONORS: "donated to",
    PlaceKind.UNMADE: "recorded as opening stock at",
    PlaceKind.LOST_AND_FOUND: "found at",
    PlaceKind.ISSUED: "handed back to",
    PlaceKind.WRITTEN_OFF: "brought back from written off to",
}
"""Kind of place a move begins in → what that makes of it."""

_WENT = {
    PlaceKind.ISSUED: "issued from",
    PlaceKind.WRITTEN_OFF: "written off at",
    PlaceKind.LOST_AND_FOUND: "missing at",
    PlaceKind.SUPPLIERS: "sent back to the supplier from",
    PlaceKind.DONORS: "given back to the donor from",
}
"""Kind of place a move ends in → what that makes of it."""


def _bound_for(transit: End) -> str:
    return transit.name.removeprefix("In transit to ")


def _arrived(many: str, came_from: End, went_to: End) -> str:
    """Say whether what was on its way arrived, or went elsewhere."""
    bound_for = _bound_for(came_from)
    if went_to.name == bound_for:
        return f"{many} received at {went_to.name}"
    return f"{many} on the way to {bound_for} came back to {went_to.name}"


def recorded_late(happened_at: datetime, recorded_at: datetime) -> bool:
    """Say whether an act was recorded so late that both moments must be told."""
    return recorded_at - happened_at > LATE
