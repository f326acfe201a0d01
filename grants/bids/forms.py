"""The form of an award that came of a bid: an award's own, each of its lines beside the line of the bid it answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import FieldList, FormField

from core.forms import Choice
from grants.awards.forms import AwardForm, LineFields
from grants.bids.rules import NO_HEADING, AnsweringLine, AskedLine


class AnsweringFields(LineFields):
    """One grant line, and what of the bid it answers."""

    asked = Choice("Asked for as")

    def is_blank(self) -> bool:
        """Say whether nothing was entered in the row; what it would answer is no entry."""
        return not any("".join(field.raw_data or ()).strip() for field in self if field is not self.asked)


class BidAwardForm(AwardForm):
    """An award that came of a bid."""

    lines = FieldList(FormField(AnsweringFields), min_entries=6)

    def offer(self, asked: Sequence[AskedLine]) -> None:
        """Fill in what the lines can answer."""
        for entry in self.lines:
            entry.form.asked.choices = {"": "Not asked for", **{each.code: _words(each) for each in asked}}

    def answering_lines(self) -> list[AnsweringLine]:
        """Read every line that was filled in."""
        filled = [entry.form for entry in self.lines if not entry.form.is_blank()]
        return [AnsweringLine(each.new_line(), each.asked.data or "") for each in filled]


def filled_in(pence: int, asked: Sequence[AskedLine]) -> dict[str, Any]:
    """Give what the form opens with: the amount and the lines as they were asked for.

    What is asked for in no grant line yet has no heading until the agreement gives it one.
    """
    lines = [
        {
            "code": each.code, "heading": "" if each.heading == NO_HEADING.words else each.heading,
            "budget": each.pence, "asked": each.code,
        }
        for each in asked
    ]  # fmt: skip
    return {"amount_pence": pence, "lines": lines}


def _words(line: AskedLine) -> str:
    return f"{line.code} {line.heading}"
