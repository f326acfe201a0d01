"""Where a request is and who has it, in words: the step line, the next step, and each difference explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from inventory.requests.rules.course import Course, LineCourse
from inventory.requests.rules.states import RequestState


class Reached(StrEnum):
    """How far a step has come."""

    DONE = "done"
    NOW = "now"
    LATER = "later"


@dataclass(frozen=True)
class Step:
    """One step of the line asked, approved, picked, sent, received."""

    name: str
    reached: Reached

    @property
    def words(self) -> str:
        """How far it has come, for those who cannot see the line."""
        return {Reached.DONE: "done", Reached.NOW: "now", Reached.LATER: "not yet"}[self.reached]


NAMES = ("Asked", "Approved", "Picked", "Sent", "Received")


def steps(course: Course) -> list[Step]:
    """Give the step line of a request."""
    if course.state in (RequestState.REFUSED, RequestState.CANCELLED):
        return [Step("Asked", Reached.DONE), Step(course.state.value.capitalize(), Reached.NOW)]
    return [
        Step(name, Reached.DONE if place < _done(course) else Reached.NOW if place == _done(course) else Reached.LATER)
        for place, name in enumerate(NAMES)
    ]


def _done(course: Course) -> int:
    """Count the steps that are over."""
    if course.state is RequestState.ASKED:
        return 1
    if course.state is RequestState.CLOSED:
        return len(NAMES)
    if course.promised_count:
        return 3 if any(line.sent_count for line in course.lines.values()) else 2
    return 4


def next_step(course: Course, *, place: str, store: str, approvers: Sequence[str], keepers: Sequence[str]) -> str:
    """Say what happens next and who has it.

    Args:
        approvers: names of those who may approve it.
        keepers: names of the storekeepers who may send it.
    """
    if course.state is RequestState.ASKED:
        return f"{_who(approvers, f'an approver of {place}')} can approve or refuse it."
    if course.state is RequestState.REFUSED:
        return "It was refused, so nothing will be sent. Ask again if things have changed."
    if course.state is RequestState.CANCELLED:
        return "It was cancelled, so nothing will be sent."
    if course.state is RequestState.CLOSED:
        return "Nothing: everything that was sent is accounted for."
    lines = course.lines.values()
    on_its_way = sum(line.on_its_way_count for line in lines)
    open_short = sum(line.open_short_count for line in lines)
    store_people = _who(keepers, f"the storekeeper at {store}")
    parts = []
    if course.promised_count:
        still = "the rest" if any(line.sent_count for line in lines) else "it"
        parts.append(f"{store_people} can pick and send {still}: {course.promised_count:,} promised at {store}.")
    if on_its_way:
        parts.append(f"{place} counts in what is on its way: {on_its_way:,} sent and not yet counted.")
    if open_short:
        parts.append(f"{store_people} can settle the shortage: {open_short:,} did not arrive.")
    return " ".join(parts)


def _who(names: Sequence[str], otherwise: str) -> str:
    """Name the people who have it, at most three."""
    if not names:
        return otherwise[:1].upper() + otherwise[1:]
    if len(names) > 3:
        return f"{', '.join(names[:2])} or {len(names) - 2} others"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def differences(name: str, line: LineCourse, *, ended: bool) -> list[str]:
    """Name every difference of a line, one sentence each, in the order it came about.

    Args:
        ended: whether the request was refused or cancelled, so that nothing more comes.
    """
    found = []
    if line.approved_count is not None and line.approved_count < line.asked_count:
        found.append(f"{name}: {line.approved_count:,} of the {line.asked_count:,} asked for were approved.")
    if line.dropped_count and not ended:
        found.append(f"{name}: {line.dropped_count:,} of the {line.approved_count:,} approved will not be sent.")
    if line.sent_count and line.promised_count:
        found.append(f"{name}: {line.sent_count:,} sent so far, {line.promised_count:,} still to be sent.")
    if line.open_short_count:
        found.append(
            f"{name}: {line.open_short_count:,} of the {line.sent_count:,} sent did not arrive. Not settled yet."
        )
    if line.settled_count:
        found.append(f"{name}: {line.settled_count:,} did not arrive with the dispatch, and how that ended is settled.")
    return found
