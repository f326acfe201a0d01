"""Asking for a part of the register, and asking about a document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import MultiDict

from audit.issued.queries import Asked
from audit.issued.rules import LARGEST_FILE, typed_reference
from core.forms import Choice, Day, Form, Text, Upload

NO_REFERENCE = "A reference has twelve letters and digits, like GBR-7K4M-Q2XD-9PBC"
ORDERS = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "document": "By document",
    "taken": "Most often taken first",
}


class RegisterForm(Form):
    """Filters of the register, sent by GET: they change nothing."""

    sort = Choice("Kind of report")
    words = Text("Reference, document or period", optional=True, most=60, hint="Such as GBR-7K4M or Quarter 2")
    first = Day("Issued from", optional=True)
    last = Day("Issued to", optional=True)
    order = Choice("Order", choices=list(ORDERS.items()))

    class Meta:
        """Nothing is changed, so no token is needed."""

        csrf = False

    @classmethod
    def reading(cls, args: MultiDict[str, str], sorts: Iterable[tuple[str, str]]) -> RegisterForm:
        """Read the filters of an address; what it does not name filters nothing."""
        usual = [(name, value) for name, value in (("sort", ""), ("order", "newest")) if name not in args]
        form = cls(formdata=MultiDict([*usual, *args.items(multi=True)]))
        form.sort.choices = [("", "Every kind"), *sorts]
        return form

    def asked(self) -> Asked:
        """Give the filters as plain values."""
        words = self.words.data or ""
        return Asked(
            self.sort.data or "",
            typed_reference(words) or words,
            self.first.data,
            self.last.data,
            self.order.data or "newest",
        )


class VerifyForm(Form):
    """A document to judge: its file, or where there is only paper, its reference."""

    file = Upload(
        "The file",
        hint="The PDF, CSV or Excel file as you received it, of at most 40MB. It is compared and not kept",
        render_kw={"accept": ".pdf,.csv,.xlsx"},
    )
    reference = Text("Or its reference", optional=True, most=40, hint="On its first page, like GBR-7K4M-Q2XD-9PBC")

    def validate(self, extra_validators: Any = None) -> bool:
        """Demand a file or a reference that can be one."""
        if not super().validate(extra_validators):
            return False
        if not self.has_file and not self.reference.data:
            self.refuse("Choose the file, or enter the reference on its first page", "file")
        elif not self.has_file and typed_reference(self.reference.data) is None:
            self.refuse(NO_REFERENCE, "reference")
        return not self.problems

    @property
    def has_file(self) -> bool:
        """Whether a file was chosen."""
        return bool(self.file.data and getattr(self.file.data, "filename", ""))

    def sent(self) -> bytes:
        """Give the bytes of the file, one more than the largest at most."""
        data: bytes = self.file.data.stream.read(LARGEST_FILE + 1)
        return data
