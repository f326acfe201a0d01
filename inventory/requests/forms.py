"""Forms of a request. Those with a row for each thing are made for the rows at hand, so every field is typed.

Field names carry the row's number ("count-3", "received-2"), which is also what a refusal names, so a message
stands beside the row it is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from werkzeug.datastructures import MultiDict
from wtforms import SelectMultipleField, StringField

from core.forms import Choice, Count, Day, Form, HiddenField, Note, Radios, with_rows
from inventory.requests.rules import ShortageOutcome, ShortReason

MOST_LINES = 200


@dataclass(frozen=True)
class AskedRow:
    """One thing on the request form: its key and how many are suggested, or were typed."""

    key: str
    name: str
    suggested_count: int | None


class AskForm(Form):
    """A request of a place for its store."""

    place = HiddenField()
    emergency = HiddenField()
    thing = Choice("Ask for something else", validate_choice=False)
    note = Note(
        "Note for the approver (optional)", optional=True, hint="Do not write anything about a person, only about stock"
    )

    @property
    def is_emergency(self) -> bool:
        """Whether what is asked for cannot wait."""
        return bool(self.emergency.data == "1")


def ask_form(rows: Sequence[AskedRow], sent: MultiDict[str, str] | None) -> AskForm:
    """Make the request form with a quantity for each row, filled in with what is suggested.

    Args:
        sent: what was sent, with its rows numbered as these are; None for a form nobody has touched.
    """
    fields: dict[str, Any] = {}
    for number, row in enumerate(rows, 1):
        fields[f"count-{number}"] = Count(f"Quantity of {row.name}", default=row.suggested_count)
        fields[f"sure-{number}"] = StringField("The quantity is right")
    return with_rows(AskForm, fields)(formdata=sent)


class NumberedForm(Form):
    """A form about one version of a request, so that a stale one is noticed."""

    version = HiddenField()

    @property
    def version_shown(self) -> int | None:
        """The version the person saw; anything else than a number counts as none that ever was."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


class ApproveForm(NumberedForm):
    """How much of each line to approve."""

    note = Note("Note for the station and the store (optional)", optional=True)


def approve_form(lines: Mapping[int, tuple[str, int, int]]) -> ApproveForm:
    """Make the approval form.

    Args:
        lines: position → (name, units asked for, units to begin with).
    """
    fields: dict[str, Any] = {
        f"approved-{position}": Count(
            f"Approve of {name}",
            least=0,
            noun=f"Quantity of {name}",
            required=f"Enter how many of {name} you approve, 0 for none",
            default=begin,
        )
        for position, (name, _asked, begin) in lines.items()
    }
    return with_rows(ApproveForm, fields)()


class ReasonForm(NumberedForm):
    """Why a request is refused, or its rest not sent."""

    reason = Note("Reason")


class CancelForm(NumberedForm):
    """Taking back one's own request."""

    reason = Note("Reason (optional)", optional=True)


class _LotRow(Protocol):
    """A lot as the pick form needs it."""

    @property
    def code(self) -> str: ...

    @property
    def serial(self) -> bool: ...


class _PickRow(Protocol):
    """What can be picked for a line, as the pick form needs it."""

    @property
    def lots(self) -> Sequence[_LotRow]: ...

    @property
    def proposed(self) -> Mapping[str, int]: ...

    @property
    def proposed_tags(self) -> Sequence[str]: ...

    @property
    def serials(self) -> Mapping[str, Sequence[str]]: ...

    @property
    def tags(self) -> Sequence[str]: ...


class DispatchForm(NumberedForm):
    """What was picked for each line, lot by lot, and when it should arrive."""

    expected_on = Day("When should it arrive? (optional)", optional=True)
    note = Note("Note for the station (optional)", optional=True)


class Several(SelectMultipleField):
    """Several ticked values; the service checks each."""

    def pre_validate(self, _form: Any) -> None:
        """Leave the checking to the service, whose message names the thing."""


def dispatch_form(picks: Mapping[int, _PickRow]) -> DispatchForm:
    """Make the pick form: a count for each lot, a tick for each numbered unit and each Go Bag, as proposed."""
    fields: dict[str, Any] = {}
    for position, pick in picks.items():
        fields[f"line-{position}"] = HiddenField()
        for lot in pick.lots:
            begin = pick.proposed.get(lot.code, 0)
            if lot.serial:
                numbers = pick.serials.get(lot.code, [])
                fields[f"units-{position}-{lot.code}"] = Several(choices=list(numbers), default=list(numbers[:begin]))
            else:
                fields[f"lot-{position}-{lot.code}"] = Count(
                    f"Units of lot {lot.code}", least=0, optional=True, default=begin
                )
        if pick.tags:
            fields[f"bags-{position}"] = Several(choices=list(pick.tags), default=list(pick.proposed_tags))
    return with_rows(DispatchForm, fields)()


@dataclass(frozen=True)
class SentRow:
    """One line of a dispatch, as the place counts it.

    Attributes:
        serial_numbers: what to tick, for things that carry numbers.
        is_bag: whether it is one Go Bag, which arrived or did not.
    """

    name: str
    unit_count: int
    serial_numbers: tuple[str, ...] = ()
    is_bag: bool = False


class ReceiveForm(NumberedForm):
    """What the place counted of each line of a dispatch."""


SHORT_REASONS = [
    ("", "Everything arrived"),
    (ShortReason.MISSING.value, "Missing from the parcel"),
    (ShortReason.DAMAGED.value, "Damaged, not usable"),
    (ShortReason.WRONG_ITEM.value, "The wrong item came"),
    (ShortReason.OTHER.value, "Something else"),
]


WRONG_WITH_A_BAG = [
    ("", "Nothing: it is here"),
    (ShortReason.MISSING.value, "It was not in the parcel"),
    (ShortReason.DAMAGED.value, "It is here, but damaged"),
    (ShortReason.WRONG_ITEM.value, "Another Go Bag came instead"),
    (ShortReason.OTHER.value, "Something else"),
]


def receive_form(rows: Mapping[int, SentRow]) -> ReceiveForm:
    """Make the counting form: nothing is filled in, so that each line is really counted."""
    fields: dict[str, Any] = {}
    for number, row in rows.items():
        if row.serial_numbers:
            fields[f"received-{number}"] = Several(choices=list(row.serial_numbers))
        elif row.is_bag:
            fields[f"received-{number}"] = Radios(
                f"Did {row.name} arrive?",
                choices=[("1", "Yes, and it can be issued"), ("0", "No: missing, damaged or opened")],
                required=f"Say whether {row.name} arrived and can be issued",
            )
        else:
            fields[f"received-{number}"] = Count(
                f"How many of {row.name} are here?",
                least=0,
                noun=f"Quantity of {row.name}",
                required=f"Count {row.name} and enter how many are here, 0 if none",
                render_kw={
                    "inputmode": "numeric",
                    "class": "govuk-input--width-5 app-big-input",
                    "autocomplete": "off",
                },
            )
        fields[f"reason-{number}"] = (
            Choice(f"What is wrong with {row.name}?", choices=WRONG_WITH_A_BAG)
            if row.is_bag
            else Choice(f"Why did fewer of {row.name} arrive?", choices=SHORT_REASONS)
        )
        fields[f"note-{number}"] = Note("Anything the store should know (optional)", optional=True)
    return with_rows(ReceiveForm, fields)()


class SettleForm(NumberedForm):
    """How a shortage ended."""

    outcome = Radios(
        "What happened to them?",
        choices=[
            (ShortageOutcome.ARRIVED_LATER.value, "They arrived later and are at the station"),
            (ShortageOutcome.BACK_AT_STORE.value, "They are back at the store, or never left it"),
            (ShortageOutcome.WRITTEN_OFF.value, "They are lost or unusable: write them off"),
        ],
        required="Select what happened to them",
    )
    note = Note(
        "What was found out", optional=True, hint="You have to say this if it is written off. Nothing about a person"
    )

    def speak_of(self, thing: str) -> None:
        """Word the question for one thing, a Go Bag or a single unit."""
        self.outcome.label.text = f"What happened to {thing}?"
        self.outcome.choices = [
            (ShortageOutcome.ARRIVED_LATER.value, "It arrived later and is at the station"),
            (ShortageOutcome.BACK_AT_STORE.value, "It is back at the store, or never left it"),
            (ShortageOutcome.WRITTEN_OFF.value, "It is lost or unusable: write it off"),
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and ask what was found out of anything that is written off."""
        passed = bool(super().validate(extra_validators))
        if self.outcome.data == ShortageOutcome.WRITTEN_OFF and not (self.note.data or "").strip():
            self.refuse("Say what was found out: nothing is written off without it", "note")
            passed = False
        return passed
