"""What may become of a making; no database."""

from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta

import pytest

from audit.makings.rules import STARTING, TOO_LONG, TOO_MUCH_MEMORY, State, TooLong, is_gone, percent, problem_of

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "begun", "alive", "age", "gone"),
    [
        (State.ASKED, False, False, STARTING - timedelta(seconds=1), False),
        (State.ASKED, False, False, STARTING, True),  # the service ended before it began a process
        (State.ASKED, True, False, timedelta(0), True),
        (State.ASKED, True, True, timedelta(hours=1), False),
        (State.RUNNING, True, True, timedelta(hours=1), False),
        (State.RUNNING, True, False, timedelta(0), True),
        (State.RUNNING, False, False, STARTING, True),  # the folder was emptied
        (State.READY, False, False, timedelta(days=1), False),
        (State.CANCELLED, True, False, timedelta(days=1), False),
    ],
)
def test_a_making_is_gone_when_the_process_it_needs_is(
    state: State, begun: bool, alive: bool, age: timedelta, gone: bool
) -> None:
    assert is_gone(state, begun=begun, alive=alive, asked_at=AT - age, at=AT) is gone


def test_what_went_wrong_is_said_in_words_and_a_fault_of_the_program_is_not() -> None:
    assert problem_of(MemoryError()) == TOO_MUCH_MEMORY
    assert "384 MB" in TOO_MUCH_MEMORY
    assert problem_of(TooLong()) == TOO_LONG
    assert "30 minutes" in TOO_LONG
    full = problem_of(OSError(errno.ENOSPC, "No space left on device"))
    assert full == (
        "Its file could not be written: No space left on device. Tell whoever runs the service, and try again"
    )
    assert problem_of(KeyError("nobody")) is None


def test_per_cent_are_whole_and_100_only_at_the_end() -> None:
    assert [percent(done, 300) for done in (0, 1, 150, 299, 300)] == [0, 0, 50, 99, 100]
    assert percent(0, 0) == 0
