"""The rules of a restock request: its states, its course, and what is usual to ask for."""

from inventory.requests.rules.asking import question
from inventory.requests.rules.course import Course, LineCourse
from inventory.requests.rules.states import (
    MAY_FOLLOW,
    OPEN,
    STATE_WORDS,
    TO_PICK,
    RequestAct,
    RequestState,
    ShortageOutcome,
    ShortReason,
)
from inventory.requests.rules.story import Reached, Step, differences, next_step, steps

__all__ = [
    "MAY_FOLLOW",
    "OPEN",
    "STATE_WORDS",
    "TO_PICK",
    "Course",
    "LineCourse",
    "Reached",
    "RequestAct",
    "RequestState",
    "ShortReason",
    "ShortageOutcome",
    "Step",
    "differences",
    "next_step",
    "question",
    "steps",
]
