"""Asking for an audit extract, with the filters of the trail, for one in another form, and cancelling one under way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from audit.trail.forms import TrailForm
from audit.trail.queries import Asked
from core.errors import RuleBroken
from core.figures import FileKind
from core.forms import Choice, Form
from core.privacy import refuse_personal_details

FILTERS = ("log", "person", "place", "act", "subject", "first", "last", "form")

FORMS = ((FileKind.CSV.value, "CSV"), (FileKind.XLSX.value, "Excel"), (FileKind.PDF.value, "PDF"))
"""Form of a file → what a person calls it."""


class ExtractForm(TrailForm):
    """The filters of the trail, sent by POST: a report is asked for."""

    form = Choice("Form", choices=FORMS, hint="The same can be had in the others too")

    class Meta(TrailForm.Meta):
        """Something is made, so a token is needed."""

        csrf = True

    @classmethod
    def prefilled(cls, args: MultiDict[str, str]) -> ExtractForm:
        """Begin with the filters of an address; it may name nothing else of the form."""
        kept = MultiDict([pair for pair in args.items(multi=True) if pair[0] in FILTERS])
        return cls.reading(kept)

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse details of a person in the record asked for: what is asked for is kept, and printed in the file."""
        if not super().validate(extra_validators):
            return False
        try:
            refuse_personal_details(self.subject.data or "", field="subject")
        except RuleBroken as refusal:
            self.refuse(refusal.message, refusal.field)
        if self.first.data and self.last.data and self.last.data < self.first.data:
            self.refuse("The last day must be the first day or later", "last")
        return not self.problems

    def named(self) -> dict[str, str]:
        """Give the names of the person and the place that were chosen."""
        return {
            "person": _words(self.person.choices, self.person.data),
            "place": _words(self.place.choices, self.place.data),
        }


def _words(choices: Sequence[tuple[str, str]], chosen: str | None) -> str:
    return dict(choices)[chosen] if chosen else ""


def args_of(asked: Asked) -> dict[str, Any]:
    """Give the filters of an extract as an address names them, so that it can be asked for again."""
    days = {
        name: [str(day.day), str(day.month), str(day.year)]
        for name, day in (("first", asked.first), ("last", asked.last))
        if day
    }
    plain = {"log": asked.log.value, "act": asked.act, "subject": asked.subject, "place": asked.place_code}
    person = {"person": str(asked.account_id)} if asked.account_id is not None else {}
    return {name: value for name, value in (plain | person | days).items() if value}


class AnotherForm(Form):
    """Asking for an extract that was counted in one more form."""

    form = Choice("Form", choices=FORMS)


class CancelForm(Form):
    """Cancelling a report under way."""
