"""Forms of recalls: making one, answering it for a place, taking it out of a bag, counting in what came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.forms import Count, Form, HiddenField, Lines, Note, Radios, Text, with_rows
from inventory.recalls.rules import REMEDY_WORDS, FoundLot, RecallKind


class RecallForm(Form):
    """Hold or recall something."""

    code = Text(
        "Lot or item",
        most=20,
        required="Enter the code of a lot or of an item",
        hint="One lot, like L-00002, or the item’s code for every lot of it, such as a model of handset",
        render_kw={"class": "govuk-input--width-10", "autocapitalize": "characters", "spellcheck": "false"},
    )
    edition = Count(
        "Edition (optional)",
        optional=True,
        most=1_000,
        noun="Edition",
        hint="Only for a booklet or card, when one edition of it is meant",
        render_kw={"class": "govuk-input--width-3"},
    )
    kind = Radios(
        "How serious is it?",
        choices=[
            (RecallKind.HOLD, "Hold: nobody uses it until it is released"),
            (RecallKind.RECALL, "Recall: every place takes it out"),
        ],
        required="Select whether it is held or recalled",
    )
    remedy = Radios(
        "What should whoever has any do?",
        choices=[(remedy, words.capitalize()) for remedy, words in REMEDY_WORDS.items()],
        required="Select what to do with it",
    )
    reason = Note(
        "Why?",
        required="Enter a reason",
        hint="Every place reads this. For example: caps crack, soap leaks. Do not write anything about a person",
    )


class ReleaseForm(Form):
    """Let it be used again."""

    reason = Note("Why may it be used again?", required="Enter a reason")


class TakeOutForm(Form):
    """Take what is recalled out of one Go Bag: only the new seal is asked. It says which lot the person was shown."""

    lot = HiddenField()
    seal = Text(
        "Number of the new seal", most=20, required="Enter the number of the new seal", hint="Scan it or type it"
    )


@dataclass(frozen=True)
class ShelfLot:
    """One lot on the shelf of the place that answers; ``removed_count`` is what is proposed."""

    lot_code: str
    item_name: str
    here_count: int
    removed_count: int
    by_number: bool


class AnswerForm(Form):
    """Answer for a place; a pair of fields for each lot on its shelf."""

    told_count = Count("How many of them could you tell so far?", least=0, optional=True)

    def field_of(self, name: str, lot_code: str) -> Any:
        """Give a field of a lot: ``found``, ``removed``, ``numbers``; None where it is not asked."""
        return self._fields.get(f"{name}_{lot_code}")

    def found(self, lots: Iterable[ShelfLot]) -> list[FoundLot]:
        """Give what was found and removed of each lot."""
        return [self._found(lot.lot_code) for lot in lots]

    def _found(self, code: str) -> FoundLot:
        numbers = self.field_of("numbers", code)
        return FoundLot(
            code,
            self.field_of("found", code).data or 0,
            self.field_of("removed", code).data or 0,
            tuple(numbers.data or ()) if numbers is not None else (),
        )


def answer_form(lots: Sequence[ShelfLot], *, removal: str, with_slips: bool) -> AnswerForm:
    """Make the form of one answer.

    Args:
        removal: what becomes of what is removed, such as "sent back to Devizes store".
        with_slips: the place has issued some, so it is asked how many it could tell.
    """
    fields: dict[str, Any] = {}
    for lot in lots:
        code = lot.lot_code
        fields[f"found_{code}"] = Count("How many did you find?", least=0, optional=True, default=lot.here_count)
        fields[f"removed_{code}"] = Count(f"How many are {removal}?", least=0, optional=True, default=lot.removed_count)
        if lot.by_number:
            hint = "One a line. Leave empty when it is all of them"
            fields[f"numbers_{code}"] = Lines("Numbers of those removed", optional=True, hint=hint)
    form = with_rows(AnswerForm, fields)()
    if not with_slips:
        del form.told_count
    return form


class TakeInForm(Form):
    """Count in what was sent back; a field for each lot."""

    def count_of(self, lot_code: str) -> Any:
        """Give the field of a lot."""
        return self._fields[f"arrived_{lot_code}"]

    def arrived(self, lot_codes: Iterable[str]) -> dict[str, int]:
        """Give what arrived: lot code → units."""
        return {code: self.count_of(code).data or 0 for code in lot_codes}


def take_in_form(sent: Mapping[str, tuple[str, int]]) -> TakeInForm:
    """Make the form that counts in what was sent back: lot code → (item name, units sent)."""
    fields = {
        f"arrived_{code}": Count(f"{name}, lot {code}: how many of {count:,} arrived?", least=0, default=count)
        for code, (name, count) in sent.items()
    }
    return with_rows(TakeInForm, fields)()
