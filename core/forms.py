"""Forms: a submission id in each, typed fields, and refusals shown where they belong.

The fields parse with ``core/parse.py``, as imports do, so a number is refused in the same words wherever it
is entered. Widgets are the GOV.UK ones of govuk-frontend-wtf; ``Day`` mends its date widget, which fails on
a form with one or two of the three parts and links its error to an element that cannot be focused.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any, ClassVar, TypeVar

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCharacterCount,
    GovCheckboxInput,
    GovDateInput,
    GovFileInput,
    GovPasswordInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from wtforms import Field, FileField, HiddenField, PasswordField, RadioField, SelectField
from wtforms.fields import BooleanField
from wtforms.fields.core import UnboundField
from wtforms.validators import InputRequired, Optional, StopValidation

from core import parse
from core.errors import RuleBroken
from core.money import Pence, plain_pounds
from core.privacy import refuse_personal_details

__all__ = [
    "Choice",
    "Clock",
    "Count",
    "Day",
    "Form",
    "HiddenField",
    "Lines",
    "Note",
    "Password",
    "Pounds",
    "Radios",
    "Text",
    "Tick",
    "Upload",
    "with_rows",
]


class Form(FlaskForm):
    """A form of one act. ``submission_id`` makes sending it twice the same as sending it once."""

    submission_id = HiddenField(default=lambda: str(uuid.uuid4()))

    def submitted(self) -> bool:
        """Say whether the form was sent and every field parsed."""
        return bool(self.validate_on_submit())

    def refuse(self, message: str, field: str | None = None) -> None:
        """Show a refusal on the field it belongs to, or on the form as a whole."""
        target = _named(self, field) if field else None
        if target is None:
            self.form_errors.append(message)
        else:
            target.errors = [*target.errors, message]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Every refusal on the form: (message, id of the element to go to)."""
        found = [(str(message), "main-content") for message in self.form_errors]
        for field in self:
            found += _problems_of(field)
        return found


Made = TypeVar("Made", bound=Form)


def with_rows(form: type[Made], rows: Mapping[str, Any]) -> type[Made]:
    """Give a form that asks for each row of its page too, before what it asks once: so refusals are listed.

    Args:
        rows: name → field, in the order of the page; what is no field stands on the form under its name.
    """
    own = [(name, each) for name in dir(form) if isinstance(each := getattr(form, name), UnboundField)]
    own.sort(key=lambda pair: pair[1].creation_counter)
    anew = {name: UnboundField(each.field_class, *each.args, name=each.name, **each.kwargs) for name, each in own}
    return type(form.__name__, (form,), {**rows, **anew})


def _named(fields: Any, name: str) -> Any:
    """Find a field by its name, also within rows and sub-forms: "rows-0-net"; None when there is none."""
    for field in fields:
        if field.name == name:
            return field
        inner = getattr(field, "entries", None) or getattr(field, "form", None)
        found = _named(inner, name) if inner is not None and name.startswith(f"{field.name}-") else None
        if found is not None:
            return found
    return None


def _problems_of(field: Any) -> list[tuple[str, str]]:
    """List a field's refusals, those of its sub-forms and rows included."""
    inner = getattr(field, "entries", None)
    if inner is None and hasattr(field, "form"):
        inner = list(field.form)
    if inner is not None:
        return [problem for each in inner for problem in _problems_of(each)]
    focus = field.id
    if isinstance(field, Day):
        focus = f"{field.name}-day"
    return [(str(message), focus) for message in field.errors]


class _TextInput(GovTextInput):
    """The GOV.UK text input, with the classes a field asks for where the design system looks for them."""

    def map_gov_params(self, field: Any, **options: Any) -> dict[str, Any]:
        """Hand a ``class`` on as ``classes``: as an attribute it would stand beside the input's own and be lost."""
        classes = options.pop("class", None)
        params: dict[str, Any] = super().map_gov_params(field, **options)
        if classes:
            params["classes"] = f"{classes} {params.get('classes', '')}".strip()
        return params


class _Parsed(Field):
    """A text field whose value is what a strict parser makes of the text, which is kept to be shown again."""

    widget: Any = _TextInput()
    required_message = "Enter a value"

    def __init__(self, label: str = "", *, optional: bool = False, hint: str | None = None, **options: Any) -> None:
        validators = options.pop("validators", [])
        check: list[Any] = [Optional()] if optional else [_Needed(self._missing)]
        super().__init__(label, validators=[*check, *validators], description=hint or "", **options)
        self.optional = optional

    def _missing(self) -> str:
        return self.required_message

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.written(self.data)

    @property
    def raw_text(self) -> str:
        """What is in the field now, as text, before it is parsed."""
        return self._value().strip()

    def written(self, value: Any) -> str:
        """Write a value as a person would type it."""
        return str(value)

    def parsed(self, text: str) -> Any:
        """Parse what was typed.

        Raises:
            RuleBroken: it is not what the field takes.
        """
        raise NotImplementedError

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse the text that was sent; an empty one is left to the validators."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = self.parsed(valuelist[0].strip())
        except RuleBroken as broken:
            raise ValueError(broken.message) from None


class _Needed:
    """Say what is missing in the field's own words."""

    field_flags: ClassVar[dict[str, Any]] = {}

    def __init__(self, message: Callable[[], str]) -> None:
        self.message = message

    def __call__(self, _form: Any, field: Any) -> None:
        if field.process_errors or (field.raw_data and any(str(part).strip() for part in field.raw_data)):
            return
        raise StopValidation(self.message())


class Count(_Parsed):
    """A whole number of things.

    Attributes:
        required: what to say of an empty field; without it the smallest number is named.
    """

    def __init__(
        self,
        label: str = "",
        *,
        least: int = 1,
        most: int = 100_000,
        noun: str = "Quantity",
        required: str | None = None,
        **options: Any,
    ) -> None:
        self.least, self.most, self.noun, self.required = least, most, noun, required
        render = options.pop("render_kw", {"inputmode": "numeric", "class": "govuk-input--width-5"})
        super().__init__(label, render_kw=render, **options)

    def _missing(self) -> str:
        return self.required or f"{self.noun} must be {self.least} or more"

    def parsed(self, text: str) -> int:
        """Parse a whole number, like 12."""
        return parse.whole_number(text, noun=self.noun, least=self.least, most=self.most)


class Pounds(_Parsed):
    """An amount of money; its value is in pence."""

    required_message = "Enter an amount in pounds and pence, like 12.50"

    def __init__(self, label: str = "", *, least: int = 0, **options: Any) -> None:
        self.least = Pence(least)
        super().__init__(label, render_kw={"inputmode": "decimal", "class": "govuk-input--width-10"}, **options)

    def written(self, value: Any) -> str:
        """Write pence as pounds and pence."""
        return plain_pounds(value)

    def parsed(self, text: str) -> Pence:
        """Parse pounds and pence, like 12.50."""
        return parse.pounds_and_pence(text, least=self.least)


class Text(_Parsed):
    """A short text such as a reference or a name of a thing; never about a person."""

    def __init__(self, label: str = "", *, most: int = 120, required: str = "Enter a value", **options: Any) -> None:
        self.most, self.required_message = most, required
        super().__init__(label, **options)

    def parsed(self, text: str) -> str:
        """Parse a bounded text."""
        return parse.bounded_text(text, most=self.most)


class Note(Text):
    """A person's own words, counted down as they type.

    They pass the personal-data guard here, so that its refusal stands beside those of the other fields, and in the
    service that keeps them, whoever calls it.
    """

    widget: Any = GovCharacterCount()

    def __init__(self, label: str = "", *, required: str = "Enter a reason", **options: Any) -> None:
        super().__init__(label, most=500, required=required, **options)

    def parsed(self, text: str) -> str:
        """Parse a bounded text in which nobody can be recognised."""
        words = super().parsed(text)
        refuse_personal_details(words)
        return words


class Lines(_Parsed):
    """Several short texts, one a line as a scanner types them; commas part them too. The value is a tuple."""

    widget: Any = GovTextArea()
    required_message = "Enter at least one, each on its own line"

    def __init__(self, label: str = "", *, required: str | None = None, **options: Any) -> None:
        self.required_message = required or self.required_message
        super().__init__(label, **options)

    def written(self, value: Any) -> str:
        """Write each text on a line of its own."""
        return "\n".join(value)

    def parsed(self, text: str) -> tuple[str, ...]:
        """Part the text into its lines, blank ones left out."""
        cleaned = parse.clean(text).replace(",", "\n").replace(";", "\n")
        return tuple(line.strip() for line in cleaned.split("\n") if line.strip())


class _DayWidget(GovDateInput):
    """The GOV.UK date input, with whatever parts were sent."""

    def __call__(self, field: Any, **options: Any) -> Any:
        """Paint the three parts as they were sent, however many there were."""
        raw = field.raw_data
        field.raw_data = [*raw, "", "", ""][:3] if raw else None
        try:
            return super().__call__(field, **options)
        finally:
            field.raw_data = raw


class Day(Field):
    """A date typed in three parts."""

    widget: Any = _DayWidget()

    def __init__(self, label: str = "", *, optional: bool = False, hint: str | None = None, **options: Any) -> None:
        self.optional = optional
        super().__init__(label, validators=options.pop("validators", []), description=hint or "", **options)

    def _value(self) -> str:
        return " ".join(self.raw_data) if self.raw_data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse day, month and year."""
        self.data: date | None = None
        parts = [part.strip() for part in (*valuelist, "", "", "")[:3]]
        if not any(parts):
            return
        try:
            self.data = parse.real_date(*parts)
        except RuleBroken as broken:
            raise ValueError(broken.message) from None

    @property
    def day(self) -> date:
        """The day of a field that demands one, on a form that was found in order."""
        assert self.data is not None, "only a form that was found in order is acted on"
        return self.data

    def pre_validate(self, _form: Any) -> None:
        """Demand a date unless the field is optional."""
        if not self.optional and self.data is None and not self.process_errors:
            raise StopValidation("Enter a date, like 27 3 2026")


class Clock(_Parsed):
    """A time of day; its value is a ``time`` on the clock in London."""

    required_message = "Enter a time, like 2:30pm or 14:30"

    def __init__(self, label: str = "", **options: Any) -> None:
        super().__init__(label, render_kw={"class": "govuk-input--width-5"}, **options)

    def written(self, value: Any) -> str:
        """Write a time by the 24-hour clock."""
        return f"{value:%H:%M}"

    def parsed(self, text: str) -> time:
        """Parse a time of day."""
        return parse.time_of_day(text)


class Choice(SelectField):
    """A select; the ids it takes are checked again by the service."""

    widget: Any = GovSelect()

    def __init__(self, label: str = "", *, hint: str = "", **options: Any) -> None:
        # As a mapping: pairs warn, and WTForms 3.4 drops them.
        super().__init__(label, description=hint, choices=dict(options.pop("choices", ())), **options)


class Radios(RadioField):
    """A set of radio buttons, one of which must be chosen."""

    widget: Any = GovRadioInput()

    def __init__(self, label: str = "", *, required: str, hint: str = "", **options: Any) -> None:
        options["choices"] = dict(options.get("choices", ()))  # pairs warn, and WTForms 3.4 drops them
        super().__init__(label, validators=[InputRequired(required)], description=hint, **options)


class Tick(BooleanField):
    """A single checkbox."""

    widget: Any = GovCheckboxInput()

    def __init__(self, label: str = "", *, hint: str = "", **options: Any) -> None:
        super().__init__(label, description=hint, **options)


class Password(PasswordField):
    """A password; pasting and password managers are allowed."""

    widget: Any = GovPasswordInput()

    def __init__(
        self, label: str = "", *, required: str = "Enter your password", hint: str = "", **options: Any
    ) -> None:
        super().__init__(label, validators=[InputRequired(required)], description=hint, **options)


class Upload(FileField):
    """A file chooser."""

    widget: Any = GovFileInput()

    def __init__(self, label: str = "", *, hint: str = "", **options: Any) -> None:
        super().__init__(label, description=hint, **options)
