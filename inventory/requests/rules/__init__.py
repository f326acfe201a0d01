"""The rules of a restock request: its states, its course, and what is usual to ask for."""

from inventory.requests.rules.asking import question
from inventory.requests.rules.course import Course, LineCourse
from inventory.requests.rules.picking import ANY_LOT, PickPolicy, UseBy
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
    "ANY_LOT",
    "MAY_FOLLOW",
    "OPEN",
    "STATE_WORDS",
    "TO_PICK",
    "Course",
    "LineCourse",
    "PickPolicy",
    "Reached",
    "RequestAct",
    "RequestState",
    "ShortReason",
    "ShortageOutcome",
    "Step",
    "UseBy",
    "differences",
    "next_step",
    "question",
    "steps",
]
