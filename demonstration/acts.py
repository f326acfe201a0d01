"""Doing what a person did: the right account, its scope, its moment, a submission of its own."""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from core.access import Actor
from core.db import transaction
from demonstration.calendar import Calendar

Made = TypeVar("Made")
_NAMES = uuid.UUID("5f6f1c5e-2d0f-4d9a-9a57-0d6a4f3c1b11")


class Acts:
    """The hands of the demonstration's people, and the clock they act by.

    Several acts may share one transaction (``together``), which spares the disk; each still writes its own leaf.
    """

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.people: dict[str, Actor] = {}
        self.at = calendar.at(calendar.first - timedelta(days=60), 9)
        self._count = 0
        self._open = False

    def go_to(self, day: date, hour: int = 9, minute: int = 0) -> datetime:
        """Set the clock to a moment of a day; it never goes back."""
        self.at = max(self.at + timedelta(seconds=1), self.calendar.at(day, hour, minute))
        return self.at

    def go_on(self, *, minutes: int, seconds: int = 0) -> datetime:
        """Let some minutes and seconds pass."""
        self.at += timedelta(minutes=minutes, seconds=seconds)
        return self.at

    @contextmanager
    def together(self) -> Iterator[None]:
        """Do several acts in one transaction."""
        with transaction():
            self._open = True
            try:
                yield
            finally:
                self._open = False

    def do(self, person: str, service: Callable[..., Made], /, *args: Any, **facts: Any) -> Made:
        """Have a person do one thing, with the scope, clock and submission id a form would give it."""
        takes = _taken_by(service)
        self._count += 1
        actor = self.people[person]
        given = {"by": actor, "at": self.at, "scope": actor.scope, "submission_id": self._submission()}
        facts |= {name: value for name, value in given.items() if name in takes and name not in facts}
        if self._open:
            return service(*args, **facts)
        with transaction():
            return service(*args, **facts)

    def _submission(self) -> str:
        return str(uuid.uuid5(_NAMES, str(self._count)))


@cache
def _taken_by(service: Callable[..., Any]) -> Collection[str]:
    """Name what a service is to be told."""
    return inspect.signature(service).parameters.keys()
