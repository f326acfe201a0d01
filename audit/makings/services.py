"""What becomes of a making: asked for, begun, noted, ended, cancelled; and the folder of its files.

Each step is taken from the state before it or not at all, so a process that was cancelled, or was given up for dead,
changes nothing any more. It is in the access log and not in the log of changes that a report was asked for: taking
one home must not make the next one another version.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text, update

from audit.makings import queries
from audit.makings.models import Making
from audit.makings.rules import DIED, KEPT_FOR, MOST_AT_ONCE, MOST_KEPT, UNDER_WAY, Ending, State, is_gone
from core import children, trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken, StaleEdit
from core.references import opaque_reference

ASK, CANCEL = "report.ask", "report.cancel"

_ASKING = 7_230_425
"""The PostgreSQL advisory lock under which makings are counted and begun; SQLite's writers queue anyway."""


def ask(
    sort: str, frozen: str, asked: object, *, gone: Collection[str], by: Actor, at: datetime, submission_id: str
) -> tuple[Making, bool]:
    """Ask for a big report; whoever calls this begins its process once that is committed.

    Args:
        frozen: the report as its row keeps it.
        asked: what was asked for, as plain values: the same form may not ask for something else.
        gone: references of the makings under way whose process is gone.

    Returns:
        The making, and whether it is new: one that the same form asked for before is not.

    Raises:
        RuleBroken: this person has one under way, or as many are as the machine makes at once.
    """
    made = trail.earlier(submission_id, by=by, act=ASK, body={"sort": sort, "asked": asked})
    if made is not None:
        return queries.own_making(made, account_id=by.account_id), False
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ASKING})
    _demand_room(gone, by, at)
    making = Making(
        reference=opaque_reference(), account_id=by.account_id, sort=sort, frozen_json=frozen, state=State.ASKED,
        asked_at=at, done_count=0, total_count=0,
    )  # fmt: skip
    db.session.add(making)
    db.session.flush()
    trail.write_access(
        db.session.connection(), act=ASK, subject=making.reference, by=by, at=at, submission_id=submission_id, sort=sort
    )
    return making, True


def _demand_room(gone: Collection[str], by: Actor, at: datetime) -> None:
    """Write down which makings have failed, and refuse where those that live leave no room."""
    living = []
    for each in queries.under_way():
        if each.reference in gone:
            _step(each.reference, UNDER_WAY, state=State.FAILED, problem=DIED, ended_at=at)
        else:
            living.append(each)
    if any(each.account_id == by.account_id for each in living):
        raise RuleBroken(
            "You have a report under way, and each person has one at a time. Wait until it is ready, or cancel it"
        )
    if len(living) >= MOST_AT_ONCE:
        raise RuleBroken(
            f"{MOST_AT_ONCE} reports are being made for others, as many as this service makes at once. "
            "Try again in some minutes"
        )


def take_up(reference: str, frozen: str, *, total: int) -> None:
    """Take up the making of a report of so many rows, with what its process froze of it.

    Raises:
        StaleEdit: it is not waiting to be made.
    """
    _step(reference, (State.ASKED,), state=State.RUNNING, frozen_json=frozen, total_count=total)


def note_progress(reference: str, *, done: int) -> None:
    """Note how many rows of a report are written.

    Raises:
        StaleEdit: it was cancelled.
    """
    _step(reference, (State.RUNNING,), done_count=done)


def finish(reference: str, *, done: int, sha256: str, byte_count: int, at: datetime) -> None:
    """Note that the file of a report is whole; where the same person has too many kept, the oldest go.

    Raises:
        StaleEdit: it was cancelled.
    """
    _step(
        reference, (State.RUNNING,), state=State.READY, done_count=done, sha256=sha256, byte_count=byte_count,
        ended_at=at, kept_until=at + KEPT_FOR,
    )  # fmt: skip
    account_id = queries.making_by_reference(reference).account_id
    for each in queries.kept(account_id, at=at)[MOST_KEPT:]:
        _step(each, (State.READY,), kept_until=at)


def fail(reference: str, problem: str, *, at: datetime) -> None:
    """Note why a report cannot be made.

    Raises:
        StaleEdit: it is no longer being made.
    """
    _step(reference, UNDER_WAY, state=State.FAILED, problem=problem, ended_at=at)


def cancel(reference: str, *, by: Actor, at: datetime) -> None:
    """Cancel a making of one's own; whoever calls this stops its process once that is committed.

    Raises:
        NotFound: this person asked for none of this reference.
        StaleEdit: it is no longer being made.
    """
    queries.own_making(reference, account_id=by.account_id)
    _step(reference, UNDER_WAY, state=State.CANCELLED, ended_at=at)
    trail.write_access(db.session.connection(), act=CANCEL, subject=reference, by=by, at=at)


def _step(reference: str, states: Collection[State], **values: Any) -> None:
    """Take a making from one of some states, in one statement: two who try it at once do not both."""
    stepping = update(Making).where(Making.reference == reference, Making.state.in_(states)).values(**values)
    if db.session.execute(stepping.returning(Making.id)).first() is None:
        raise StaleEdit("The report is no longer being made. Look at the list again")


_SWEPT = frozenset({".part", ".lock", children.ASIDE, *(f".{ending}" for ending in Ending)})
"""Endings of what makings leave behind, a crash between two steps of a start too."""


@dataclass(frozen=True)
class Folder:
    """Where the files of makings lie: what is being written, what is whole, and the lock of each process."""

    path: Path

    def file(self, reference: str, ending: Ending) -> Path:
        """Name the file of a report that is whole."""
        return self.path / f"{reference}.{ending}"

    def part(self, reference: str) -> Path:
        """Name the file of a report that is being written."""
        return self.path / f"{reference}.part"

    def lock(self, reference: str) -> Path:
        """Name the file whose lock the process of a report holds."""
        return self.path / f"{reference}.lock"

    def gone(self, makings: Collection[Making], *, at: datetime) -> frozenset[str]:
        """Give the references of those under way whose process is gone."""
        return frozenset(each.reference for each in makings if self._is_gone(each, at))

    def _is_gone(self, making: Making, at: datetime) -> bool:
        lock = self.lock(making.reference)
        begun, alive = lock.exists(), children.is_alive(lock)
        return is_gone(making.state, begun=begun, alive=alive, asked_at=making.asked_at, at=at)

    def stop(self, reference: str) -> None:
        """Kill the process of a report, and remove what it has written.

        Raises:
            TimeoutError: it does not end.
        """
        children.stop(self.lock(reference))
        self.remove(reference)

    def remove(self, reference: str) -> None:
        """Remove what was written of a report."""
        for file in (self.part(reference), *(self.file(reference, ending) for ending in Ending)):
            file.unlink(missing_ok=True)

    def sweep(self, *, at: datetime) -> int:
        """Remove every file that no making needs any more; give how many."""
        # Looked for before the rows are read: what is written meanwhile is of a making that stands by then.
        found = [file for file in sorted(self.path.glob("*.*")) if file.suffix in _SWEPT]
        needed = queries.with_files(at=at)
        gone = [file for file in found if file.stem not in needed and not children.is_alive(self.lock(file.stem))]
        for file in gone:
            file.unlink(missing_ok=True)
        return len(gone)
