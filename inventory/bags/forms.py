"""Forms of Go Bags: packing a run, issuing one, undoing an issue. None asks anything about a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from core.dates import LONDON, local_day, moment_on
from core.forms import Clock, Count, Day, Form, Lines, Note, Radios, Text, Tick, with_rows
from inventory.bags.models import IssueRoute
from inventory.bags.queries import ProposedLot
from inventory.bags.rules import FATE_WORDS, Content, Counted, PackedLine, hygiene
from inventory.catalogue.rules import SERIAL
from inventory.phones.rules import NUMBER_OF

ROUTES = [
    (IssueRoute.OFFICER, "An officer"),
    (IssueRoute.PARTNER, "A partner organisation"),
]


class IssueForm(Form):
    """Hand a Go Bag over: by whose hand, and when if it was not now."""

    route = Radios("Who is taking it", choices=ROUTES, required="Choose who is taking it")
    booklet_language = Radios("Booklet handed over", choices=[], required="Choose the booklet that is handed over")
    issued_on = Day("Date")
    issued_time = Clock("Time", hint="Like 2:30pm or 14:30")
    incomplete = Tick("I know what is missing, and it is handed over as it is")

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and ask for the tick where something is missing."""
        passed = bool(super().validate(extra_validators))
        if "incomplete" in self and not self.incomplete.data:
            self.refuse("Tick that you know what is missing, or choose another Go Bag", "incomplete")
            passed = False
        return passed

    @property
    def issued_at(self) -> datetime:
        """The moment it was handed over, in UTC."""
        assert self.issued_on.data is not None, "only a form that passed has a moment"
        return moment_on(self.issued_on.data, self.issued_time.data)

    @property
    def moment_refused(self) -> bool:
        """Say whether the date or time needs looking at."""
        return bool(self.issued_on.errors or self.issued_time.errors)


def issue_form(
    *, languages: Sequence[tuple[str, str]], at: datetime, partner: bool, missing: Sequence[str] = ()
) -> IssueForm:
    """Make the form for one bag: now, and the booklet inside unless there are several.

    Args:
        languages: (code, name) of each booklet inside.
        partner: whether the person issuing works for a partner.
        missing: what is missing from the bag, in words; anything wants a tick.
    """
    local = at.astimezone(LONDON)
    form = IssueForm(
        route=IssueRoute.PARTNER if partner else IssueRoute.OFFICER,
        issued_on=local_day(at),
        issued_time=time(local.hour, local.minute),
    )
    if len(languages) > 1:
        form.booklet_language.choices = dict(languages)
    else:
        del form.booklet_language
    if missing:
        form.incomplete.description = f"{'. '.join(missing)}."
    else:
        del form.incomplete
    return form


class UndoForm(Form):
    """Undo an issue that was recorded by mistake."""

    reason = Note(
        "What went wrong",
        required="Enter a reason",
        hint="For example: wrong tag typed. Do not write anything about a person",
    )


@dataclass(frozen=True)
class OfferedLot:
    """A lot that the packing form offers.

    Attributes:
        standing_count: units of it at the place.
        numbers: numbers of the proposed units, for a lot counted by number.
    """

    lot_code: str
    item_name: str
    proposed_count: int
    standing_count: int
    by_number: bool
    numbers: tuple[str, ...] = ()

    @classmethod
    def of(cls, lot: ProposedLot) -> OfferedLot:
        """Offer a lot as it is proposed."""
        content = lot.content
        return cls(
            content.lot_code,
            content.item_name,
            lot.proposed_count,
            lot.held_count,
            content.kind in NUMBER_OF,
            lot.numbers,
        )


class _LotsForm(Form):
    """How many are put in from each lot."""

    def count_of(self, lot_code: str) -> Any:
        """Give the field that says how many of a lot go in, or None where the lot is not offered."""
        return self._fields.get(f"lot_{lot_code}")

    def numbers_of(self, lot_code: str) -> Any:
        """Give the field of the numbers of a lot counted by number, or None."""
        return self._fields.get(f"numbers_{lot_code}")

    def packed_lines(self, lot_codes: Iterable[str]) -> tuple[PackedLine, ...]:
        """Give what is to be packed, lots of which nothing is taken left out."""
        lines = []
        for code in lot_codes:
            count, numbers = self.count_of(code), self.numbers_of(code)
            if count is not None and count.data:
                lines.append(PackedLine(code, count.data, tuple(numbers.data or ()) if numbers else ()))
        return tuple(lines)


class PackForm(_LotsForm):
    """Pack a run of Go Bags: how many from each lot, and a seal for each bag."""

    seals = Lines(
        "Seal numbers",
        required="Enter a seal number for each Go Bag",
        hint="One for each Go Bag, each on its own line. Scan or type them in the order you seal the bags",
    )


def _seal_field() -> Any:
    return Text(
        "Number of the new seal", most=20, required="Enter the number of the new seal", hint="Scan it or type it"
    )


def _why_field(**options: Any) -> Any:
    return Note(
        "Why was the bag opened?",
        required="Enter a reason",
        hint="For example: soap leaked. Do not write anything about a person",
        **options,
    )


class TakeOutForm(Form):
    """Open a bag and take something out: what, where it goes, why, and the new seal."""

    thing = Radios("What are you taking out?", choices=[], required="Select what you are taking out")
    unit_count = Count("How many?", default=1)
    fate = Radios(
        "What becomes of it?",
        choices=[(fate.value, words) for fate, words in FATE_WORDS.items()],
        required="Select what becomes of it",
    )
    reason = _why_field()
    seal = _seal_field()


class TopUpForm(_LotsForm):
    """Open a bag, put in what it lacks and seal it anew."""

    reason = _why_field(default="To make it ready again")
    seal = _seal_field()

    def replaced(self, lot_codes: Iterable[str]) -> tuple[str, ...]:
        """Give those of the lots inside that are ticked to come out."""
        return tuple(code for code in lot_codes if self.out_of(code).data)

    def out_of(self, lot_code: str) -> Any:
        """Give the tick box that says whether a lot inside comes out."""
        return self._fields[f"out_{lot_code}"]


def top_up_form(offered: Sequence[OfferedLot], spoilt: Sequence[tuple[str, str]]) -> TopUpForm:
    """Make the form that tops one bag up.

    Args:
        spoilt: (lot code, words) of what should come out.
    """
    fields: dict[str, Any] = {name: field for lot in offered for name, field in _fields_of(lot)}
    fields |= {f"out_{code}": Tick(words, default=True) for code, words in spoilt}
    return with_rows(TopUpForm, fields)()


class EmptyForm(Form):
    """Say where everything that was in a bag goes; ``how`` is asked only of a bag that comes back."""

    how = Radios(
        "How did it come back?",
        choices=[("sealed", "Whole, its seal not broken"), ("opened", "Opened: I have counted what is inside")],
        required="Select how it came back",
    )
    reason = Note(
        "Reason",
        required="Enter a reason",
        hint="For example: not needed after all. Do not write anything about a person",
    )

    def count_of(self, prefix: str, lot_code: str) -> Any:
        """Give a field: ``shelf`` or ``off``, how many of a lot go there."""
        return self._fields.get(f"{prefix}_{lot_code}")

    def counted(self, lot_codes: Iterable[str]) -> tuple[Counted, ...]:
        """Give what was counted of each lot."""
        return tuple(
            Counted(code, self.count_of("shelf", code).data or 0, self.count_of("off", code).data or 0)
            for code in lot_codes
        )


def empty_form(contents: Sequence[Content], *, comes_back: bool, on: date) -> EmptyForm:
    """Make the form that empties one bag: for each lot how many go on the shelf and how many are written off.

    Handsets and SIMs of an opened bag may have been used, so to write them off is proposed.
    """
    fields: dict[str, Any] = {}
    for each in contents:
        unfit = each.expired(on) or each.superseded or (comes_back and (hygiene(each) or each.kind in SERIAL))
        counts = (0, each.unit_count) if unfit else (each.unit_count, 0)
        for prefix, words, count in zip(("shelf", "off"), ("Back on the shelf", "Written off"), counts, strict=True):
            fields[f"{prefix}_{each.lot_code}"] = Count(words, least=0, optional=True, default=count)
    form: EmptyForm = type("EmptyForm", (EmptyForm,), fields)()
    if not comes_back:
        del form.how
    return form


def pack_form(offered: Sequence[OfferedLot]) -> PackForm:
    """Make the packing form of one proposal: a field for each lot that could go in."""
    fields: Mapping[str, Any] = {name: field for lot in offered for name, field in _fields_of(lot)}
    return with_rows(PackForm, fields)()


def _fields_of(lot: OfferedLot) -> list[tuple[str, Any]]:
    count = Count(
        f"How many of {lot.item_name}, lot {lot.lot_code}",
        least=0,
        most=max(lot.standing_count, 1),
        optional=True,
        default=lot.proposed_count,
    )
    if not lot.by_number:
        return [(f"lot_{lot.lot_code}", count)]
    numbers = Lines(
        f"Numbers of {lot.item_name}, lot {lot.lot_code}",
        optional=True,
        default=lot.numbers,
        hint="One a line, as many as you put in",
    )
    return [(f"lot_{lot.lot_code}", count), (f"numbers_{lot.lot_code}", numbers)]
