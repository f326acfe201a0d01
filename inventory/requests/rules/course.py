"""The course of a restock request as a state machine on plain values.

Nothing here knows a database. A service reads a ``Course``, asks one of the acts below what the request becomes
(or is refused), and records exactly that; so approval has no way round it, whichever page is used.

    asked → approved → sent → received → closed        asked → refused        asked, approved → cancelled

*Sent* lasts while anything approved is still to be sent or counted; *received* is everything counted with a
shortage still open. What is approved is promised at the store until it is sent or dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.errors import NotPermitted, RuleBroken, StaleEdit
from inventory.requests.rules.states import TO_PICK, RequestState


@dataclass(frozen=True)
class LineCourse:
    """How far one line has come, in units (or Go Bags).

    Attributes:
        approved_count: None until somebody decided.
        promised_count: kept at the store and not yet sent.
        sent_count: every unit ever dispatched for the line.
        arrived_count: of those, counted in by the place.
        short_count: of those, found missing when the dispatch was counted.
        settled_count: of the short ones, those whose end is known.
    """

    asked_count: int
    approved_count: int | None = None
    promised_count: int = 0
    sent_count: int = 0
    arrived_count: int = 0
    short_count: int = 0
    settled_count: int = 0

    @property
    def on_its_way_count(self) -> int:
        """Sent and not yet counted."""
        return self.sent_count - self.arrived_count - self.short_count

    @property
    def open_short_count(self) -> int:
        """Short, and nobody has said yet how it ended."""
        return self.short_count - self.settled_count

    @property
    def dropped_count(self) -> int:
        """Approved, and not to be sent any more."""
        return (self.approved_count or 0) - self.sent_count - self.promised_count


@dataclass(frozen=True)
class Course:
    """A request as the state machine sees it.

    Attributes:
        lines: position → how far the line has come.
        requested_by: account id of who asked.
    """

    state: RequestState
    requested_by: int
    lines: Mapping[int, LineCourse]

    @property
    def promised_count(self) -> int:
        """Everything still kept for this request."""
        return sum(line.promised_count for line in self.lines.values())

    def _with(self, lines: Mapping[int, LineCourse], state: RequestState | None = None) -> Course:
        """Move on to other lines and the state they are in."""
        return replace(self, lines=lines, state=state or _state_of(lines))


def approve(course: Course, approved: Mapping[int, int], *, by: int, acting_for_requester: bool) -> Course:
    """Decide how much of each line is approved.

    Args:
        approved: position → units, every line named; zero for none of it.
        acting_for_requester: the approver only may approve as deputy of the person who asked.

    Raises:
        NotPermitted: the approver is the person who asked, or stands in for them.
        StaleEdit: it has been decided already.
        RuleBroken: a line is missing, more is approved than was asked, or nothing is approved at all.
    """
    refuse_own(course, by, acting_for_requester=acting_for_requester)
    _demand(course, RequestState.ASKED, doing="approve")
    if set(approved) != set(course.lines):
        raise RuleBroken("Say how many to approve on every line, 0 for none")
    for position, count in approved.items():
        asked = course.lines[position].asked_count
        if not 0 <= count <= asked:
            raise RuleBroken(f"Approve between 0 and the {asked:,} asked for", f"approved-{position}")
    if not any(approved.values()):
        raise RuleBroken("To approve nothing, refuse the request and say why")
    lines = {
        position: replace(line, approved_count=approved[position], promised_count=approved[position])
        for position, line in course.lines.items()
    }
    return course._with(lines, RequestState.APPROVED)


def refuse(course: Course, *, by: int, acting_for_requester: bool) -> Course:
    """Refuse the whole request.

    Raises:
        NotPermitted: the approver is the person who asked (who can cancel it instead).
        StaleEdit: it has been decided already.
    """
    refuse_own(course, by, acting_for_requester=acting_for_requester)
    _demand(course, RequestState.ASKED, doing="refuse")
    return course._with(course.lines, RequestState.REFUSED)


def cancel(course: Course) -> Course:
    """Take the request back; everything promised is released, once.

    Raises:
        StaleEdit: something has been sent, or it has ended.
    """
    _demand(course, RequestState.ASKED, RequestState.APPROVED, doing="cancel")
    return course._with(_released(course), RequestState.CANCELLED)


def dispatch(course: Course, sent: Mapping[int, int]) -> Course:
    """Send units of some lines; as many promised units become sent ones.

    Raises:
        StaleEdit: the request has not been approved, or nothing of it is left to send.
        RuleBroken: nothing is sent, or more than is still to be sent on a line.
    """
    _demand(course, *TO_PICK, doing="dispatch")
    if not any(sent.values()):
        raise RuleBroken("Nothing picked: enter at least one quantity")
    lines = dict(course.lines)
    for position, count in sent.items():
        if position not in lines:
            raise RuleBroken("Pick only what the request asks for")
        line = lines[position]
        if count > line.promised_count:
            raise RuleBroken(
                f"You picked {count:,} and {line.promised_count:,} "
                f"{'is' if line.promised_count == 1 else 'are'} still to be sent. Pick fewer",
                f"line-{position}",
            )
        lines[position] = replace(line, sent_count=line.sent_count + count, promised_count=line.promised_count - count)
    return course._with(lines)


def drop_rest(course: Course) -> Course:
    """Say that what has not been sent will not be; its promise is released.

    Raises:
        StaleEdit: the request has not been approved, has ended, or nothing is left to send.
    """
    _demand(course, *TO_PICK, doing="drop")
    if course.promised_count == 0:
        raise StaleEdit("Everything approved has been sent. There is no rest to drop")
    return course._with(_released(course))


def receive(course: Course, counted: Mapping[int, tuple[int, int]]) -> Course:
    """Count a dispatch in.

    Args:
        counted: position → (arrived, short) of the units on their way.

    Raises:
        StaleEdit: nothing of the request is on its way.
        RuleBroken: more is counted than is on its way.
    """
    _demand(course, RequestState.SENT, doing="receive")
    lines = dict(course.lines)
    for position, (arrived, short) in counted.items():
        line = lines[position]
        if arrived < 0 or short < 0 or arrived + short > line.on_its_way_count:
            raise RuleBroken(f"{line.on_its_way_count:,} are on their way: count no more than that")
        lines[position] = replace(
            line, arrived_count=line.arrived_count + arrived, short_count=line.short_count + short
        )
    return course._with(lines)


def settle(course: Course, position: int, count: int) -> Course:
    """Say how short units ended.

    Raises:
        StaleEdit: nothing is short.
        RuleBroken: more is settled than is short.
    """
    _demand(course, RequestState.SENT, RequestState.RECEIVED, doing="settle")
    line = course.lines[position]
    if not 0 < count <= line.open_short_count:
        raise RuleBroken(f"{line.open_short_count:,} are short on this line")
    lines = {**course.lines, position: replace(line, settled_count=line.settled_count + count)}
    return course._with(lines)


def _state_of(lines: Mapping[int, LineCourse]) -> RequestState:
    """Tell the state of an approved request from its lines."""
    each = lines.values()
    if any(line.promised_count or line.on_its_way_count for line in each):
        started = any(line.sent_count for line in each)
        return RequestState.SENT if started else RequestState.APPROVED
    return RequestState.RECEIVED if any(line.open_short_count for line in each) else RequestState.CLOSED


def _released(course: Course) -> dict[int, LineCourse]:
    return {position: replace(line, promised_count=0) for position, line in course.lines.items()}


def refuse_own(course: Course, by: int, *, acting_for_requester: bool) -> None:
    """Keep asking and approving in two people's hands.

    Keeps: INV-19 (requester is never approver).
    """
    if by == course.requested_by:
        raise NotPermitted("You cannot approve your own request")
    if acting_for_requester:
        raise NotPermitted("You cannot approve your own request, and so not one of the person you stand in for")


_TOO_LATE = {
    RequestState.ASKED: "This request has not been approved",
    RequestState.APPROVED: "This request has been approved already",
    RequestState.SENT: "This request has been sent already",
    RequestState.RECEIVED: "This request has been received already",
    RequestState.CLOSED: "This request is closed",
    RequestState.REFUSED: "This request was refused",
    RequestState.CANCELLED: "This request was cancelled",
}


def _demand(course: Course, *states: RequestState, doing: str) -> None:
    """Refuse a step that the state does not allow: too early, too late, or after the end."""
    if course.state in states:
        return
    if course.state is RequestState.APPROVED and doing in ("receive", "settle"):
        raise StaleEdit("Nothing of this request has been sent yet")
    if course.state is RequestState.SENT and doing == "cancel":
        raise StaleEdit("Part of this request is on its way, so it cannot be cancelled. Ask the store to keep the rest")
    raise StaleEdit(_TOO_LATE[course.state])
