"""The course of a claim as a state machine on plain values, and who may take each step.

    draft → prepared → reviewed → certified → submitted ⇄ queried
                                                  └→ paid ⇄ queried, when all of it has come

A claim that is prepared or reviewed can be sent back to draft; from *certified* on its figures are signed and nothing
goes back. Preparing, reviewing and certifying are done by three people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import NotPermitted, StaleEdit


class ClaimState(StrEnum):
    """How far a claim has come."""

    DRAFT = "draft"
    PREPARED = "prepared"
    REVIEWED = "reviewed"
    CERTIFIED = "certified"
    SUBMITTED = "submitted"
    QUERIED = "queried"
    PAID = "paid"


SIGNED = frozenset({ClaimState.CERTIFIED, ClaimState.SUBMITTED, ClaimState.QUERIED, ClaimState.PAID})
"""States in which a claim's figures are frozen."""


class ClaimAct(StrEnum):
    """One thing a person does to a claim."""

    OPEN = "opened"
    PREPARE = "prepared"
    REVIEW = "reviewed"
    SEND_BACK = "sent back"
    CERTIFY = "certified"
    SUBMIT = "submitted"
    QUERY = "queried"
    ANSWER = "answered"
    PAY = "paid"


_NEXT: Mapping[tuple[ClaimState, ClaimAct], ClaimState] = {
    (ClaimState.DRAFT, ClaimAct.PREPARE): ClaimState.PREPARED,
    (ClaimState.PREPARED, ClaimAct.REVIEW): ClaimState.REVIEWED,
    (ClaimState.PREPARED, ClaimAct.SEND_BACK): ClaimState.DRAFT,
    (ClaimState.REVIEWED, ClaimAct.SEND_BACK): ClaimState.DRAFT,
    (ClaimState.REVIEWED, ClaimAct.CERTIFY): ClaimState.CERTIFIED,
    (ClaimState.CERTIFIED, ClaimAct.SUBMIT): ClaimState.SUBMITTED,
    (ClaimState.SUBMITTED, ClaimAct.QUERY): ClaimState.QUERIED,
    (ClaimState.QUERIED, ClaimAct.ANSWER): ClaimState.SUBMITTED,
    (ClaimState.SUBMITTED, ClaimAct.PAY): ClaimState.SUBMITTED,
    (ClaimState.QUERIED, ClaimAct.PAY): ClaimState.QUERIED,
    (ClaimState.PAID, ClaimAct.QUERY): ClaimState.QUERIED,
}
"""State and act → the state that follows. What was submitted and is paid in full is *paid* (``unless_paid``)."""

_DOING = {
    ClaimAct.PREPARE: "prepared",
    ClaimAct.REVIEW: "reviewed",
    ClaimAct.SEND_BACK: "sent back",
    ClaimAct.CERTIFY: "certified",
    ClaimAct.SUBMIT: "submitted",
    ClaimAct.QUERY: "queried",
    ClaimAct.ANSWER: "answered",
    ClaimAct.PAY: "paid",
}

STEPS = (
    ClaimState.DRAFT,
    ClaimState.PREPARED,
    ClaimState.REVIEWED,
    ClaimState.CERTIFIED,
    ClaimState.SUBMITTED,
    ClaimState.PAID,
)
"""The steps of a claim that nobody questions, in order."""


@dataclass(frozen=True)
class Hand:
    """Somebody who took a step: account id and the name a deputy would stand in for."""

    account_id: int
    name: str


@dataclass(frozen=True)
class Course:
    """A claim as the state machine sees it: its state, and who prepared and reviewed what now stands.

    Attributes:
        drafted_by: who accrued, forecast or let a finding pass in it; whoever says it is complete may be another.
    """

    reference: str
    state: ClaimState
    prepared_by: Hand | None = None
    reviewed_by: Hand | None = None
    drafted_by: tuple[Hand, ...] = ()


def acts_open(state: ClaimState) -> frozenset[ClaimAct]:
    """List what can be done to a claim in a state."""
    return frozenset(act for there, act in _NEXT if there is state)


def following(course: Course, act: ClaimAct) -> ClaimState:
    """Give the state that follows an act.

    Raises:
        StaleEdit: the claim is not where the act could be done.
    """
    state = _NEXT.get((course.state, act))
    if state is None:
        if _DOING[act] == course.state:
            raise StaleEdit(f"{course.reference} is {course.state} already. Look at the claim again")
        raise StaleEdit(
            f"{course.reference} is {_stands(course.state)}, so it cannot be {_DOING[act]}. Look at the claim again"
        )
    return state


def _stands(state: ClaimState) -> str:
    return "a draft" if state is ClaimState.DRAFT else state.value


def demand_other_hand(course: Course, act: ClaimAct, *, by: Hand, stands_in_for: frozenset[str]) -> None:
    """Keep preparing, reviewing and certifying in three people's hands.

    Args:
        stands_in_for: names of the people as whose deputy alone the person may take the step.

    Raises:
        NotPermitted: the person, or somebody they stand in for, took an earlier step or drafted some of it.

    Keeps: INV-19
    """
    earlier = [("prepared", course.prepared_by)]
    if act is ClaimAct.CERTIFY:
        earlier.append(("reviewed", course.reviewed_by))
    earlier += [("drafted", hand) for hand in course.drafted_by]
    for done, hand in earlier:
        if hand is None:
            continue
        if hand.account_id == by.account_id:
            raise NotPermitted(f"You {done} this claim, so somebody else must have it {_DOING[act]}")
        if hand.name in stands_in_for:
            raise NotPermitted(f"{hand.name} {done} this claim, so their deputy cannot have it {_DOING[act]}")


def unless_paid(state: ClaimState, *, settled: bool) -> ClaimState:
    """Give the state of a claim that was submitted: *paid* once all of it has come and no question is open."""
    return ClaimState.PAID if settled and state is ClaimState.SUBMITTED else state
