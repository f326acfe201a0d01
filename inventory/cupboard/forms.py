"""The forms of cupboard sheets: keying lines in, and writing a sheet off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.dates import moment_on
from core.forms import Choice, Clock, Day, Form, Note, Tick, with_rows
from inventory.bags.forms import ROUTES
from inventory.bags.models import IssueRoute
from inventory.cupboard.rules import WrittenLine, letter_of


class PrintForm(Form):
    """Nothing to enter: a sheet lists what stands at the place."""


class KeyForm(Form):
    """What is written on the lines of a sheet; ``key_form`` adds the fields of each line."""

    finished = Tick("Nothing else is written on this sheet, and nobody will write on it any more")

    positions: Sequence[int] = ()

    def written_lines(self) -> list[WrittenLine]:
        """Give the lines with a date and time; a half of either is refused on its field."""
        return [line for position in self.positions if (line := self._line(position)) is not None]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, then that a line has both a date and a time or neither."""
        passed = bool(super().validate(extra_validators))
        for position in self.positions:
            day, clock = self[f"on_{position}"], self[f"time_{position}"]
            if (day.data is None) != (clock.data is None) and not day.errors and not clock.errors:
                missing, field = ("time", clock) if clock.data is None else ("date", day)
                field.errors = [*field.errors, f"Enter the {missing} of line {letter_of(position)}"]
                passed = False
        return passed

    def _line(self, position: int) -> WrittenLine | None:
        day, clock = self[f"on_{position}"].data, self[f"time_{position}"].data
        if day is None or clock is None:
            return None
        booklet = self[f"booklet_{position}"].data if f"booklet_{position}" in self else None
        route = IssueRoute(self[f"route_{position}"].data)
        return WrittenLine(position, moment_on(day, clock), route, booklet or None)


def key_form(lines: Sequence[tuple[int, Sequence[tuple[str, str]]]], *, partner: bool) -> KeyForm:
    """Make the form for the lines of a sheet.

    Args:
        lines: position of each line, with (code, name) of the booklets inside.
        partner: whether the person keying it in works for a partner.
    """
    usual = IssueRoute.PARTNER if partner else IssueRoute.OFFICER
    fields: dict[str, Any] = {"positions": [position for position, _ in lines]}
    for position, booklets in lines:
        letter = letter_of(position)
        fields[f"on_{position}"] = Day(f"Date on line {letter}", optional=True)
        fields[f"time_{position}"] = Clock(f"Time on line {letter}", optional=True)
        fields[f"route_{position}"] = Choice(f"Who took it, line {letter}", choices=ROUTES, default=usual.value)
        if len(booklets) > 1:
            fields[f"booklet_{position}"] = Choice(
                f"Booklet handed over, line {letter}", choices=[("", "Choose"), *booklets]
            )
    return with_rows(KeyForm, fields)()


class WriteOffForm(Form):
    """Say why a sheet will not be keyed in."""

    reason = Note("Why will it not be keyed in?", required="Enter a reason")
