"""The forms of a spreadsheet: choosing it, and confirming what it would do."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf.file import FileRequired

from core.forms import Form, HiddenField, Radios, Upload
from inventory.spreadsheets.rules import WORDS, Sort


class SheetForm(Form):
    """A filled-in template, and what it holds."""

    sort = Radios("What does it hold?", required="Select what the spreadsheet holds")
    file = Upload(
        "Spreadsheet",
        hint="CSV or XLSX, at most 2,000 rows. It is looked at first; nothing is recorded yet",
        validators=[FileRequired("Select a CSV or XLSX file")],
        render_kw={"accept": ".csv,.xlsx"},
    )

    def offer(self, sorts: Iterable[Sort]) -> None:
        """Offer what the person may bring in."""
        self.sort.choices = [(sort.value, WORDS[sort].capitalize()) for sort in sorts]


class ConfirmSheetForm(Form):
    """The rows that were looked at, to be recorded."""

    sort = HiddenField()
    rows = HiddenField()
    file_title = HiddenField()
