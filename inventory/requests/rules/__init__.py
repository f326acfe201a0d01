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

__all__ = [
    "MAY_FOLLOW",
    "OPEN",
    "STATE_WORDS",
    "TO_PICK",
    "Course",
    "LineCourse",
    "RequestAct",
    "RequestState",
    "ShortReason",
    "ShortageOutcome",
    "question",
]
