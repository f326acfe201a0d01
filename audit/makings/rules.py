"""What may become of a making, and how a page says how far it is; no database, no process.

A *making* is a big report being made. Its row says how far it came; whether its process lives, the process alone knows
(``core/children.py``). A row that is under way and whose process is gone has failed, whether or not anybody wrote that
down: a killed process writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.children import Limits

MOST_AT_ONCE = 2
"""How many makings of all people may be under way."""

STARTING = timedelta(seconds=60)
"""How long a making may be asked for and have no process yet: a busy machine takes some seconds to begin one."""

KEPT_FOR = timedelta(days=7)
"""How long a finished file is kept."""

LIMITS = Limits(memory_bytes=384 * 1024**2, processor_seconds=30 * 60, niceness=10)
"""What the process of a making may use."""

MOST_KEPT = 5
"""How many finished files are kept for one person: with a newer one, the oldest goes before its days are over."""

LISTED = 20
"""How many makings the page lists, the newest first."""


class Ending(StrEnum):
    """How the name of a finished file ends."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"
    ZIP = "zip"


class State(StrEnum):
    """How far a making has come."""

    ASKED = "asked"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNDER_WAY = (State.ASKED, State.RUNNING)

DIED = "Its process ended before the report was ready, as it does when the machine is restarted. Nothing of it is kept"
TOO_MUCH_MEMORY = (
    f"It needed more than {LIMITS.memory_bytes // 1024**2} MB of memory. Nothing of it is kept. Ask for less, or have "
    "whoever runs the service write it by command"
)
TOO_LONG = (
    f"It took more than {LIMITS.processor_seconds // 60} minutes of processor time. Nothing of it is kept. Ask for "
    "less, or have whoever runs the service write it by command"
)
NO_PROCESS = "The machine could not begin a process for it. Tell whoever runs the service, or try again later"


class TooLong(Exception):
    """The processor time of a making is used up."""


def problem_of(fault: BaseException) -> str | None:
    """Say in words why a making failed; None where it is a fault of the program, which only its log explains."""
    match fault:
        case MemoryError():
            return TOO_MUCH_MEMORY
        case TooLong():
            return TOO_LONG
        case OSError(strerror=str(words)):
            return f"Its file could not be written: {words}. Tell whoever runs the service, and try again"
    return None


def is_gone(state: State, *, begun: bool, alive: bool, asked_at: datetime, at: datetime) -> bool:
    """Say whether a making is under way by its row, and the process that must live for that is gone.

    Args:
        begun: whether it ever had a process.
        alive: whether the process lives.
    """
    if state not in UNDER_WAY or alive:
        return False
    return begun or at - asked_at >= STARTING


def percent(done: int, total: int) -> int:
    """Say how much is done, in whole per cent; never 100 before everything is."""
    return min(100, done * 100 // total) if total else 0


@dataclass(frozen=True)
class Told:
    """A making as its page shows it.

    Attributes:
        form: of a report, in words (“PDF”); nothing where it is none.
        ending: of its file's name.
        units: what its rows are called, one of them and several.
        problem: why it failed, as a sentence without its full stop.
        is_kept: whether its file can still be taken.
        is_counted: whether its figures can be seen, and it can be had in another form.
        was_issued: whether a file of these very bytes left the service before.
    """

    reference: str
    form: str
    ending: Ending
    units: tuple[str, str]
    title: str
    filters: tuple[tuple[str, str], ...]
    state: State
    asked_at: datetime
    done_count: int
    total_count: int
    problem: str
    sha256: str
    byte_count: int
    kept_until: datetime | None
    is_kept: bool
    is_counted: bool
    was_issued: bool

    @property
    def is_under_way(self) -> bool:
        """Whether it is still being made."""
        return self.state in UNDER_WAY

    @property
    def percent(self) -> int:
        """How much is done; while it is being made never all, for its file is ended and hashed after its last row."""
        done = percent(self.done_count, self.total_count)
        return min(done, 99) if self.is_under_way else done
