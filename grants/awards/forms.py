"""Forms of an award and of a budget change. Rows of lines left blank are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from wtforms import FieldList, FormField
from wtforms import Form as PlainForm

from core import parse
from core.errors import RuleBroken
from core.forms import Choice, Count, Day, Form, HiddenField, Note, Pounds, Text
from core.money import Pence
from grants.awards.models import GrantLine
from grants.awards.rules import (
    USUAL_TOLERANCE_PENCE,
    USUAL_TOLERANCE_POINTS,
    AwardTerms,
    Basis,
    Cadence,
    Condition,
    ConditionKind,
    NewLine,
    VatTreatment,
)
from organisation.places.models import Body
from organisation.places.rules import BodyKind

MOST_LINES = 30


class Percentage(Text):
    """A percentage; its value is in basis points."""

    def __init__(self, label: str = "", **options: Any) -> None:
        render = {"inputmode": "decimal", "class": "govuk-input--width-3"}
        super().__init__(label, required="Enter a percentage, like 10", render_kw=render, **options)

    def written(self, value: Any) -> str:
        """Write basis points as a percentage."""
        return f"{value / 100:g}"

    def parsed(self, text: str) -> Any:
        """Parse a percentage, like 10 or 7.5."""
        return parse.percentage(text)


def _day(field: Day) -> date:
    """Give the day of a field that demands one, on a form that was found in order."""
    assert field.data is not None
    return field.data


class LineFields(PlainForm):
    """One grant line of the budget."""

    code = Text("Code", most=10, optional=True)
    heading = Text("Heading", most=120, optional=True)
    purpose = Text("Purpose, in the agreement's words", most=500, optional=True)
    budget = Pounds("Budget £", optional=True)

    def is_blank(self) -> bool:
        """Say whether nothing was entered in the row."""
        return not any("".join(field.raw_data or ()).strip() for field in self)

    def new_line(self) -> NewLine:
        """Read the row.

        Raises:
            RuleBroken: something is missing; the message stands on its field.
        """
        code = parse.reference(self.code.data, noun="Line code", most=10, like="A or B-2", field=self.code.name)
        if "/" in code:
            raise RuleBroken("Line code must not hold a slash", self.code.name)
        if not self.heading.data:
            raise RuleBroken("Enter the line's heading", self.heading.name)
        if not self.purpose.data:
            raise RuleBroken("Enter the line's purpose, as the agreement has it", self.purpose.name)
        if self.budget.data is None:
            raise RuleBroken("Enter the budget in pounds and pence, like 9600.00", self.budget.name)
        return NewLine(code, self.heading.data, self.purpose.data, self.budget.data)


class TermsForm(Form):
    """The terms of an award."""

    title = Text("Name of the grant", most=120, required="Enter the name of the grant")
    funder = Text("Funder", most=120, required="Enter the funder")
    agreement_reference = Text("Reference of the agreement", most=60, required="Enter the agreement's reference")
    body_code = Choice("Held by")
    project_code = Text(
        "Project code",
        most=40,
        required="Enter the project code",
        hint="Under which the finance system books its spending",
    )
    amount_pence = Pounds("Amount of the award (£)")
    offered_on = Day("Date of the offer", hint="For example, 27 3 2026")
    starts_on = Day("Funding period starts")
    ends_on = Day("Funding period ends")
    cadence = Choice("Claims are made", choices=[(each.value, each.capitalize()) for each in Cadence])
    claim_due_days = Count(
        "Working days after a period's end to claim", least=1, most=260, noun="Working days", default=25
    )
    basis = Choice(
        "Cost counts",
        choices=[
            (Basis.ACCRUALS, "when goods are received (accruals)"),
            (Basis.DEFRAYED, "when invoices are paid (defrayed)"),
        ],
    )
    virement_limit_points = Percentage("Share of a line that may move without consent (%)", default=1_000)
    variance_limit_points = Percentage("Variance of a line that needs an explanation (%)", default=1_000)
    suppression_threshold = Count(
        "Smallest count shown in published tables", least=1, most=100, noun="Smallest count", default=5
    )
    retention_years = Count("Years to keep records after the funding period", least=1, most=50, noun="Years", default=7)
    payment_days = Count(
        "Working days in which the funder pays a claim", least=1, most=260, noun="Working days", default=21
    )
    vat_treatment = Choice(
        "VAT",
        choices=[
            (VatTreatment.IRRECOVERABLE, "VAT that cannot be recovered counts as cost"),
            (VatTreatment.NONE, "No VAT counts as cost"),
        ],
        hint="VAT that is recovered is never claimed",
    )
    asset_threshold_pence = Pounds(
        "Purchase to agree with the funder first, and register, above (£)", default=10_000_00
    )
    certifier_office = Text(
        "Office that certifies claims",
        most=120,
        required="Enter the office that certifies claims",
        default="Chief Finance Officer",
    )

    price_tolerance_points = Percentage(
        "How much an invoice's price may differ from its order's (%)",
        default=USUAL_TOLERANCE_POINTS,
        hint="As the agreement or your financial regulations have it. Beyond it, somebody gives the reason",
    )
    price_tolerance_pence = Pounds("Or, where that is more, by (£)", default=USUAL_TOLERANCE_PENCE)

    def offer_bodies(self, bodies: Iterable[Body]) -> None:
        """Fill in who can hold the award, the most usual first: the Commissioner, the Chief Constable, a partner."""
        kinds = list(BodyKind)
        ordered = sorted(bodies, key=lambda body: kinds.index(body.kind))
        self.body_code.choices = {body.code: body.name for body in ordered}

    def terms_of(self, code: str) -> AwardTerms:
        """Read the terms of the award of a code."""
        return AwardTerms(
            code=code,
            title=self.title.data,
            funder=self.funder.data,
            agreement_reference=self.agreement_reference.data,
            body_code=self.body_code.data,
            project_code=self.project_code.data,
            amount_pence=Pence(self.amount_pence.data),
            offered_on=_day(self.offered_on),
            starts_on=_day(self.starts_on),
            ends_on=_day(self.ends_on),
            cadence=Cadence(self.cadence.data),
            basis=Basis(self.basis.data),
            claim_due_days=self.claim_due_days.data,
            virement_limit_points=self.virement_limit_points.data,
            variance_limit_points=self.variance_limit_points.data,
            suppression_threshold=self.suppression_threshold.data,
            retention_years=self.retention_years.data,
            payment_days=self.payment_days.data,
            vat_treatment=VatTreatment(self.vat_treatment.data),
            asset_threshold_pence=Pence(self.asset_threshold_pence.data),
            certifier_office=self.certifier_office.data,
            price_tolerance_points=self.price_tolerance_points.data,
            price_tolerance_pence=Pence(self.price_tolerance_pence.data),
        )


class AwardForm(TermsForm):
    """An award with its terms and lines."""

    code = Text(
        "Short code", most=20, required="Enter a short code", hint="Such as MSVF2022. It names the lines: MSVF2022/A"
    )
    lines = FieldList(FormField(LineFields), min_entries=6)

    def terms(self) -> AwardTerms:
        """Read the terms.

        Raises:
            RuleBroken: the code is no reference.
        """
        code = parse.reference(self.code.data, noun="Short code", most=20, field="code").replace(" ", "")
        if "/" in code:
            raise RuleBroken("Short code must not hold a slash", "code")
        return self.terms_of(code)

    def new_lines(self) -> list[NewLine]:
        """Read every line that was filled in."""
        return [entry.form.new_line() for entry in self.lines if not entry.form.is_blank()]


class SeenForm(Form):
    """What changes a record that somebody else may change meanwhile: ``seen`` names the newest change it began from."""

    seen = HiddenField()

    def begin_from(self, made: Iterable[int]) -> None:
        """Note the newest of the changes that were made, by their ids; 0 for none."""
        self.seen.data = str(max(made, default=0))

    @property
    def seen_id(self) -> int:
        """Give the id of the newest change the form began from; −1 where it was tampered with."""
        began = parse.carried(self.seen.data)
        return -1 if began is None else began


class AmendForm(TermsForm, SeenForm):
    """Terms of an award as they should be, and what shows it."""

    shown_by = Text(
        "What shows it",
        most=60,
        required="Enter the reference of the letter, or the page of the agreement",
        hint="The funder's letter by its reference, or the page of the agreement",
    )
    reason = Note("Why do the terms change?")

    def show(self, terms: AwardTerms) -> None:
        """Fill in the terms as they are."""
        for name, value in vars(terms).items():
            if name in self:
                self[name].data = value


class AddLineForm(Form):
    """A grant line that the agreement adds."""

    code = Text("Code", most=10, required="Enter the line's code", hint="Such as G. It names the line")
    heading = Text("Heading", most=120, required="Enter the line's heading")
    purpose = Text("Purpose, in the agreement's words", most=500, required="Enter the line's purpose")
    budget = Pounds("Budget (£)")

    def new_line(self) -> NewLine:
        """Read the line.

        Raises:
            RuleBroken: the code is no reference.
        """
        code = parse.reference(self.code.data, noun="Line code", most=10, like="A or B-2", field="code")
        if "/" in code:
            raise RuleBroken("Line code must not hold a slash", "code")
        return NewLine(code, self.heading.data, self.purpose.data, self.budget.data)


class CorrectLineForm(SeenForm):
    """A grant line as the agreement has it."""

    heading = Text("Heading", most=120, required="Enter the line's heading")
    purpose = Text("Purpose, in the agreement's words", most=500, required="Enter the line's purpose")
    budget = Pounds("Budget (£)")
    shown_by = Text(
        "What shows it", most=60, required="Enter the page of the agreement", hint="The page of the agreement"
    )
    reason = Note("What was copied wrong?")

    def show(self, line: GrantLine) -> None:
        """Fill in the line as it is."""
        self.heading.data, self.purpose.data, self.budget.data = line.heading, line.purpose, line.budget_pence

    def line(self, code: str) -> NewLine:
        """Read the line of a code."""
        return NewLine(code, self.heading.data, self.purpose.data, Pence(self.budget.data))


class WithdrawForm(Form):
    """Why a condition no longer holds."""

    reason = Note("Why does it no longer hold?", hint="Such as: copied wrong, or the funder's letter that lets it go")


class ConditionForm(Form):
    """A condition of the agreement that is tested whenever money of the award is spent."""

    kind = Choice(
        "What it limits",
        choices=[
            (ConditionKind.UNIT_CAP, "The price of one unit"),
            (ConditionKind.CEILING, "What a line may come to"),
            (ConditionKind.EXCLUDED_KIND, "A kind of spending is not paid"),
            (ConditionKind.EXCLUDED_WORDS, "Some things are not paid"),
            (ConditionKind.SHARE, "The grant pays a share of each cost, the rest is match funding"),
            (ConditionKind.PAPERS, "One of some papers must be kept beside what is claimed"),
            (ConditionKind.PLACES, "Goods are for some places only"),
        ],
    )
    clause = Text("Clause", most=20, required="Enter the number of the clause", hint="Such as 7.2")
    words = Text("In the agreement's words", most=500, required="Enter the agreement's words")
    line = Choice("Grant line")
    pence = Pounds("Limit, net (£)", optional=True, hint="For the price of a unit, or what a line may come to")
    excluded = Text(
        "What is not paid",
        most=200,
        optional=True,
        hint="A kind (journal, recharge, purchase card, payroll), or words with commas: refreshments, gift, catering",
    )
    share_points = Percentage("Share the grant pays (%)", optional=True, hint="For a share of a cost, such as 50")
    admitted = Text(
        "What alone will do",
        most=200,
        optional=True,
        hint="Papers (invoice, proof of payment, delivery note), or codes of places, with commas",
    )

    def offer(self, lines: Iterable[tuple[str, str]]) -> None:
        """Fill in the lines that can be chosen."""
        self.line.choices = {"": "Every line", **dict(lines)}

    def condition(self) -> Condition:
        """Read the condition."""
        return Condition(
            ConditionKind(self.kind.data),
            self.clause.data,
            self.words.data,
            self.line.data or None,
            self.pence.data,
            self.excluded.data or "",
            admitted=self.admitted.data or "",
            share_points=self.share_points.data,
        )


class BudgetChangeForm(Form):
    """Budget to move from one line to another."""

    from_line = Choice("Move from")
    to_line = Choice("Move to")
    pence = Pounds("Amount (£)")
    agreed_on = Day("Agreed on", hint="For example, 27 3 2026")
    consent_reference = Text(
        "Reference of the funder's consent",
        most=60,
        optional=True,
        hint="Letter or email. Leave empty where none is needed",
    )
    reason = Note("Why does the budget move?")

    def offer(self, lines: Mapping[str, str] | Iterable[tuple[str, str]]) -> None:
        """Fill in the lines that can be chosen."""
        choices = {"": "Choose a line", **dict(lines)}
        self.from_line.choices = self.to_line.choices = choices
