"""Forms of counting: one thing a page, so that it fits a hand; and the approver's, with what each difference needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import SelectMultipleField

from core.forms import Choice, Clock, Count, Day, Form, HiddenField, Lines, Note, Radios, Tick, with_rows
from inventory.counts.rules import CountReason, Decision, Difference, LotThere, reasons_for


class Several(SelectMultipleField):
    """Several ticked values; the service checks each."""

    def pre_validate(self, _form: Any) -> None:
        """Leave the checking to the service, whose message names the thing."""


class StartForm(Form):
    """Which place is counted, and which part of it."""

    place = Choice("Place", validate_choice=False)
    parts = Several("What do you count?")


class SeeForm(Form):
    """How many of a thing are there."""

    counted = Count(
        "How many are there?",
        least=0,
        noun="Quantity",
        render_kw={"inputmode": "numeric", "class": "govuk-input--width-5 app-big-input", "autocomplete": "off"},
    )
    seen_time = Clock("Time you saw it, today", optional=True)


class NumbersForm(Form):
    """Which tags or numbers are there, one by one."""

    numbers = Lines("Each one that is there, one a line", optional=True)
    ticked = Several("Tick each one that you have in front of you")
    none_there = Tick("There are none here")
    seen_time = Clock("Time you saw it, today", optional=True)

    @property
    def all_numbers(self) -> tuple[str, ...]:
        """Those typed and those ticked."""
        return (*(self.numbers.data or ()), *(self.ticked.data or ()))


class AddForm(Form):
    """A thing of the catalogue that is there and was not on the list."""

    thing = Choice("What is it?", validate_choice=False)


class DescribeForm(Form):
    """A thing that the catalogue does not know."""

    words = Note("What is it?", required="Say what it is", hint="Plain words, such as: two red blankets, unopened")
    counted = Count("How many are there?", least=0, noun="Quantity")


class VersionForm(Form):
    """A form about one version of a count, so that a stale one is noticed."""

    version = HiddenField()

    @property
    def version_shown(self) -> int | None:
        """The version the person saw; anything else than a number counts as none that ever was."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


class FinishForm(VersionForm):
    """Nothing to enter: that everything has been counted."""


class ReasonForm(Form):
    """Why something is given up or taken back."""

    reason = Note("Reason")


class AgainForm(VersionForm):
    """What is to be counted once more."""

    lines = Several("Count again")


class ApproveForm(VersionForm):
    """What explains each difference, and where it ends."""

    note = Note("Anything everybody should know (optional)", optional=True)


class SettingForm(Form):
    """How a place is counted."""

    recount_above = Count(
        "A second person counts a thing that differs by more than",
        least=0,
        most=1_000,
        noun="Difference",
        hint="Units. Go Bags and numbered things are always counted twice when any is missing or too many",
    )
    every_days = Count("Count the whole place every", least=1, most=400, noun="Days", hint="Days")


class HandOverForm(Form):
    """To whom a cupboard passes."""

    place = Choice("Whose cupboard?", validate_choice=False)
    incoming = Radios("Who takes it over?", required="Select who takes it over", validate_choice=False)


class SignForm(Form):
    """Nothing to enter: the signature is the account it is sent from."""


@dataclass(frozen=True)
class DifferenceRow:
    """One difference as the approver's form needs it.

    Attributes:
        lots: of which a loss can be made up; proposed says how.
        expires: whether what is found needs an expiry, proposed in ``expires_on``.
        editions: numbers of the editions what is found may be; empty when it has none.
    """

    position: int
    name: str
    difference: Difference
    lots: Sequence[LotThere] = ()
    proposed: Mapping[str, int] | None = None
    expires: bool = False
    expires_on: date | None = None
    editions: Sequence[int] = ()


def approve_form(rows: Iterable[DifferenceRow]) -> ApproveForm:
    """Make the approver's form with the fields each difference needs."""
    fields: dict[str, Any] = {}
    for row in rows:
        n, difference = row.position, row.difference
        reasons = reasons_for(short_count=difference.short_count, over_count=difference.over_count)
        fields[f"short-{n}"] = HiddenField(default=str(difference.short_count))
        fields[f"over-{n}"] = HiddenField(default=str(difference.over_count))
        fields[f"reason-{n}"] = Choice(
            f"Why is {row.name} {difference.words}?",
            choices=[("", "Choose a reason"), *((reason.value, reason.value.capitalize()) for reason in reasons)],
            validate_choice=False,
        )
        for lot in row.lots if len(row.lots) > 1 else ():
            begin = (row.proposed or {}).get(lot.code, 0)
            fields[f"lots-{n}-{lot.code}"] = Count(f"Lost of lot {lot.code}", least=0, optional=True, default=begin)
        if row.expires:
            fields[f"expires-{n}"] = Day("Expiry printed on it", optional=True, default=row.expires_on)
        if row.editions:
            shown = [(str(number), f"Edition {number}") for number in row.editions]
            fields[f"edition-{n}"] = Choice("Edition printed on it", choices=shown, validate_choice=False)
    return with_rows(ApproveForm, fields)()


def decision_of(form: ApproveForm, row: DifferenceRow) -> Decision:
    """Read what the approver said of one difference, with the figures they saw."""
    n = row.position
    reason = form[f"reason-{n}"].data
    edition = form[f"edition-{n}"].data if row.editions else None
    return Decision(
        position=n,
        short_count=_number(form[f"short-{n}"].data),
        over_count=_number(form[f"over-{n}"].data),
        reason=CountReason(reason) if reason in set(CountReason) else None,
        lots={lot.code: form[f"lots-{n}-{lot.code}"].data or 0 for lot in row.lots} if len(row.lots) > 1 else None,
        expires_on=form[f"expires-{n}"].data if row.expires else None,
        edition_number=_number(edition) if edition else None,
    )


def _number(text: str | None) -> int:
    """Read a figure the person saw; anything else than a number counts as one that never was."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1
