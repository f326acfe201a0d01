"""Forms of ledgers: which file, what its columns mean, and what explains a line."""

from __future__ import annotations

from dataclasses import replace

from flask_wtf.file import FileRequired
from wtforms import FieldList

from core import parse
from core.errors import RuleBroken
from core.forms import Choice, Form, HiddenField, Note, Pounds, Radios, Text, Upload
from core.money import Pence
from grants.ledgers.rules import DateNotation, DecimalMark, Layout, Role
from grants.ledgers.rules.layouts import SUFFIX_MARKS
from grants.spending.rules import SpendingKind

MOST = Pence(10_000_000_000_000)
"""A ledger holds more than an invoice: at most so many pence, or so many below nothing for money that came back."""

_MARKS = {DecimalMark.POINT: "1,234.50", DecimalMark.COMMA: "1.234,50"}
_LONGEST_WORDS = 200


class LedgerPounds(Pounds):
    """An amount or a total of a ledger; its value is in pence."""

    def parsed(self, text: str) -> Pence:
        """Parse pounds and pence, like 12.50, below nothing too."""
        return parse.pounds_and_pence(text, least=Pence(-MOST), most=MOST)


class ConfirmForm(Form):
    """A single button."""


class AcceptForm(Form):
    """Accepting a suggestion; ``proposal`` names what was shown."""

    proposal = HiddenField()


class LedgerForm(Form):
    """A finance system whose extracts are imported."""

    name = Text(
        "Name",
        required="Enter a name, like Force general ledger",
        hint="The finance system as you call it, like Force general ledger or Purchase cards",
    )
    code = Text(
        "Short code",
        most=20,
        required="Enter the code",
        hint="Letters, numbers and hyphens, like FORCE-GL. It stands in addresses and cannot be changed",
        render_kw={"class": "govuk-input--width-10", "autocapitalize": "characters", "spellcheck": "false"},
    )


class UploadForm(Form):
    """A file of the finance system."""

    file = Upload(
        "Finance extract",
        hint="A CSV or XLSX file, as the finance system exports it, of at most 40 MB and 200,000 rows",
        validators=[FileRequired("Select a CSV or XLSX file")],
        render_kw={"accept": ".csv,.xlsx"},
    )


class ColumnsForm(Form):
    """What each column of a file means, and how it writes dates and amounts."""

    roles = FieldList(Choice("Column", choices={role.value: role.label for role in Role}))
    date_notation = Choice(
        "How dates are written", choices={each.value: f"Like {each.example}" for each in DateNotation}
    )
    decimal_mark = Choice(
        "How amounts are written", choices={mark.value: f"Like {text}" for mark, text in _MARKS.items()}
    )
    line_suffix = Choice(
        "Line number within the transaction number",
        choices={mark: f"After the last {mark} as in 46289405{mark}1" if mark else "None" for mark in SUFFIX_MARKS},
        hint="Some systems write 46289405_1 for line 1 of transaction 46289405",
    )
    credit_words = Text(
        "Words for a credit note",
        most=_LONGEST_WORDS,
        optional=True,
        hint="Only when credit notes are written without a minus sign. What the Type column says of them, with "
        "commas between, like CRN, Credit note",
    )

    def show(self, layout: Layout) -> None:
        """Fill in a layout as it is known or guessed."""
        for role in layout.roles:
            self.roles.append_entry(role.value)
        self.date_notation.data = layout.date_notation.value
        self.decimal_mark.data = layout.decimal_mark.value
        self.line_suffix.data = layout.line_suffix
        self.credit_words.data = ", ".join(layout.credit_words)

    def name_columns(self, layout: Layout) -> None:
        """Label each choice with its column."""
        for position, entry in enumerate(self.roles):
            heading = layout.headings[position] if position < len(layout.headings) else ""
            entry.label.text = f"What is in '{heading}'?" if heading else f"What is in column {position + 1}?"

    def layout(self, before: Layout) -> Layout:
        """Read the layout that was chosen.

        Raises:
            RuleBroken: one meaning was given to two columns, or the form is of another file.
        """
        if len(self.roles) != len(before.headings):
            raise RuleBroken("The columns of the file are others than those of this page. Open the page again")
        words = (word.strip().lower() for word in (self.credit_words.data or "").split(","))
        return replace(
            before.remapped([Role(entry.data) for entry in self.roles]),
            date_notation=DateNotation(self.date_notation.data),
            decimal_mark=DecimalMark(self.decimal_mark.data),
            line_suffix=self.line_suffix.data,
            credit_words=tuple(dict.fromkeys(filter(None, words))),
        )


class ImportForm(Form):
    """Confirming an import; the finance system's own total is compared when it is given.

    ``seen`` names the layout the page was shown with, so that nothing is imported otherwise than it was seen.
    """

    seen = HiddenField()
    expected = LedgerPounds(
        "Net total that the finance system gives for this extract (£)",
        optional=True,
        hint="Optional. If you enter it and the file adds up to something else, nothing is imported",
    )


class MatchForm(Form):
    """Which row explains a line, and how much of it."""

    row = Radios("Which row does it book?", required="Choose a row", choices=[])
    pence = LedgerPounds(
        "How much of it (£)",
        optional=True,
        hint="Leave it empty to match as much as both have left",
    )
    reason = Note("Why do they belong together?", optional=True, hint="Optional. It stays with the match")


class SpendingForm(Form):
    """Spending that has no invoice, as a line of the ledger books it."""

    kind = Radios(
        "What is it?",
        required="Choose what it is",
        choices=[
            (SpendingKind.JOURNAL, "Journal"),
            (SpendingKind.RECHARGE, "Recharge from another budget"),
            (SpendingKind.CARD, "Purchase card"),
            (SpendingKind.PAYROLL, "Payroll"),
        ],
    )
    description = Text("What was it for?", most=120, required="Enter what it was for")
    reason = Note("What shows that the cost is real?", hint="Such as a timesheet or a card statement")
