"""Forms of phones: lines as they are scanned or pasted, one pairing, an operator's rule, and texts that were sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from core.forms import Choice, Count, Day, Form, Lines, Pounds, Radios, Text, Tick, with_rows
from core.money import Pence
from inventory.phones.rules import MOST_DAYS, USE_WORDS, USES, Problem, UseKind, read_lines


class PhoneLines(Lines):
    """Lines with an IMEI, an ICCID, a phone number and an activation each. The value is what they say, line by line."""

    required_message = "Enter at least one line with an ICCID"
    problems: tuple[Problem, ...] = ()

    def parsed(self, text: str) -> Any:
        """Read every line; what is wrong with them is kept, row by row."""
        lines, problems = read_lines(text)
        self.problems = tuple(problems)
        return tuple(lines)


class RecordForm(Form):
    """Many phones at once."""

    lines = PhoneLines(
        "Phones, one a line",
        hint="Scan or paste the IMEI, ICCID, phone number and activation day, parted by commas or tabs, in any order. "
        "Only the ICCID is always needed",
    )
    operator = Choice("Whose SIMs are they?", hint="Only where lines give an activation day")
    paired_on = Day("When were they put together?")
    replace = Tick("These replace earlier pairings")

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field and every line."""
        return bool(super().validate(extra_validators)) & (not self.refuse_rows(self.lines.problems))

    def refuse_rows(self, problems: Iterable[Problem]) -> bool:
        """Show each problem with its line; say whether there was any."""
        found = list(problems)
        for problem in found:
            self.refuse(f"Line {problem.row}: {problem.words}", "lines")
        return bool(found)


class PairForm(Form):
    """One phone or SIM: what it is paired with from now on."""

    number = Text("", most=40, required="Enter the number")
    paired_on = Day("When?")


class EndForm(Form):
    """That a pairing ended, and nothing took its place."""

    ended_on = Day("When?")


class ResetForm(Form):
    """Factory reset, no previous owner."""

    reset_on = Day("When was it reset?")
    sure = Tick("It is reset to its factory settings, and no account or content of a previous owner is on it")

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the tick."""
        passed = bool(super().validate(extra_validators))
        if not self.sure.data:
            self.refuse("Confirm that it is reset and nothing of a previous owner is on it", "sure")
            passed = False
        return passed


class UseForm(Form):
    """One use of a SIM, or its credit as it was read."""

    kind = Radios(
        "What was done?",
        choices=[(kind.value, USE_WORDS[kind]) for kind in UseKind],
        required="Select what was done",
    )
    used_on = Day("When?")
    credit = Pounds("Credit left, if you looked (£)", optional=True)


class UndoForm(Form):
    """Nothing to enter: that a use was recorded by mistake."""


class RuleForm(Form):
    """An operator's lapse rule."""

    days_to_lapse = Count("After how many days without use does a SIM lapse?", most=MOST_DAYS, noun="Days")
    by_text = Tick("A text sent")
    by_call = Tick("A call made")
    by_data = Tick("Data used")
    by_top_up = Tick("A top-up")
    first_day = Day("Since when is this the rule?")

    @property
    def counted(self) -> list[UseKind]:
        """The kinds of use that were ticked."""
        ticks = (self.by_text, self.by_call, self.by_data, self.by_top_up)
        return [kind for kind, tick in zip(USES, ticks, strict=True) if tick.data]


class OperatorForm(RuleForm):
    """A new operator with its lapse rule."""

    operator = Text("Name of the operator", most=60, required="Enter the operator's name")


class TextingForm(Form):
    """Texts that were sent from phones of a place; what was left of each credit is asked and not needed.

    A credit that cannot be read concerns its own phone: ``submitted`` passes, and the page asks for that one again.
    """

    phones: Mapping[int, str]
    """Id of each SIM → what its phone is called, such as "the phone with IMEI ending 3809"."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and pass unless one that is no credit is wrong."""
        super().validate(extra_validators)
        self._name_the_phones()
        return not any(field.errors for field in self if not isinstance(field, Pounds))

    def _name_the_phones(self) -> None:
        """Say of each wrong credit which phone it is of."""
        for sim_id, words in self.phones.items():
            field = self[f"credit_{sim_id}"]
            field.errors = [f"{words[0].upper()}{words[1:]}: {message}" for message in field.errors]

    def readable(self, sim_id: int) -> bool:
        """Say whether the credit beside a SIM is an amount, or was left empty."""
        return not self[f"credit_{sim_id}"].errors

    def typed(self, but: Collection[int]) -> dict[str, Any]:
        """Give what was typed beside the other SIMs: name of the field → text."""
        names = {f"credit_{sim_id}" for sim_id in but}
        credit = [field for field in self if isinstance(field, Pounds) and field.name not in names]
        return {field.name: field.raw_text for field in credit if field.raw_text}

    def show_again(self, typed: MultiDict[str, str]) -> None:
        """Show credits as they were typed before, with what is wrong with them."""
        for field in self:
            if isinstance(field, Pounds) and field.name in typed:
                field.process(typed)
                field.errors = tuple(field.process_errors)
        self._name_the_phones()

    def credits(self, sim_ids: Iterable[int]) -> dict[int, Pence | None]:
        """Give the credit entered beside each SIM: SIM id → pence, or None."""
        return {sim_id: self[f"credit_{sim_id}"].data for sim_id in sim_ids}


def texting_form(sims: Iterable[tuple[int, str]]) -> TextingForm:
    """Make the form of one place's phones: a field for the credit of each SIM, (id, what it is called)."""
    phones = dict(sims)
    fields: dict[str, Any] = {
        f"credit_{sim_id}": Pounds(f"Credit left on {words} (£, if you looked)", optional=True)
        for sim_id, words in phones.items()
    }
    fields["phones"] = phones
    return with_rows(TextingForm, fields)()
