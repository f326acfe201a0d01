"""Forms of signing in and of keeping accounts. Which places and people can be chosen, the view fills in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput
from wtforms import SelectMultipleField
from wtforms.validators import ValidationError

from core.access import ROLES_AT_PLACES, Role
from core.forms import Choice, Day, Form, Password, Radios, Text

ROLE_CHOICES = [
    (role.value, f"{role.capitalize()}{'' if role in ROLES_AT_PLACES else ' (whole organisation)'}") for role in Role
]
PASSWORD_HINT = "15 characters or more. Three or four words that do not usually stand together work well"


class Places(SelectMultipleField):
    """Any number of places, each with a tick box."""

    widget: Any = GovCheckboxesInput()

    def __init__(self, label: str = "", *, hint: str = "", **options: Any) -> None:
        super().__init__(label, choices={}, description=hint, **options)

    def pre_validate(self, _form: Any) -> None:
        """Refuse a place that cannot be chosen, in the words used everywhere."""
        known = {value for value, *_ in self.iter_choices()}
        if any(each not in known for each in self.data or []):
            raise ValidationError("Select a station you can use")


class SignInForm(Form):
    """Email and password."""

    email = Text(
        "Email address",
        most=254,
        required="Enter your email address",
        render_kw={"spellcheck": "false", "autocapitalize": "none", "inputmode": "email"},
    )
    password = Password("Password")


class NewPasswordForm(Form):
    """A password for somebody who followed a link."""

    password = Password("Password", required="Enter a password", hint=PASSWORD_HINT)


class ChangePasswordForm(Form):
    """The current password and a new one."""

    current = Password("Current password", required="Enter your current password")
    password = Password("New password", required="Enter a new password", hint=PASSWORD_HINT)


class ConfirmForm(Form):
    """The password once more."""

    current = Password("Password")


def _role() -> Any:
    return Choice("Role", choices=[("", "Choose a role"), *ROLE_CHOICES])


def _places() -> Any:
    return Places("Places", hint="For a sergeant, storekeeper, approver or partner. Tick each place they work at")


def _since() -> Any:
    return Day("First day", hint="Today or later, like 27 3 2026")


class _RoleForm(Form):
    """What forms that give a role share. Their fields are made in the order they stand on the page."""

    def offer(self, places: Iterable[Any]) -> None:
        """Offer the places that are open."""
        self["places"].choices = [(place.code, place.name) for place in places]

    def validate_role(self, field: Any) -> None:
        """Demand a role."""
        if not field.data:
            raise ValidationError("Choose a role")


class InviteForm(_RoleForm):
    """Who is invited, with their first role."""

    name = Text(
        "Name",
        most=80,
        required="Enter a name, like Sgt 1182 Salisbury",
        hint="As colleagues know them, like Sgt 1182 Salisbury",
    )
    email = Text(
        "Email address",
        most=254,
        required="Enter an email address, like name@example.police.uk",
        render_kw={"spellcheck": "false", "autocapitalize": "none", "inputmode": "email"},
    )
    role = _role()
    places = _places()
    since = _since()


class GiveRoleForm(_RoleForm):
    """A further role, with or without an end."""

    role = _role()
    places = _places()
    since = _since()
    until = Day("Last day (optional)", optional=True, hint="Leave empty for no end")


class EndRoleForm(Form):
    """When a role ends."""

    when = Radios(
        "When does the role end?",
        choices=[("now", "Now"), ("later", "At the end of a day")],
        required="Choose when the role ends",
    )
    last_day = Day("Last day", optional=True, hint="Only if it ends at the end of a day, like 27 3 2026")

    def validate_last_day(self, field: Any) -> None:
        """Demand the day when it ends later."""
        if self.when.data == "later" and field.data is None and not field.process_errors:
            raise ValidationError("Enter the last day, like 27 3 2026")


class MoveForm(Form):
    """The new place and the first day there."""

    place = Choice("New place")
    first_day = Day("First day there", hint="Today or later, like 27 3 2026")

    def offer(self, places: Iterable[Any]) -> None:
        """Offer the places that are open."""
        self.place.choices = [("", "Choose a place"), *((place.code, place.name) for place in places)]

    def validate_place(self, field: Any) -> None:
        """Demand a place."""
        if not field.data:
            raise ValidationError("Choose a place")


class DeputyForm(Form):
    """Who stands in, and between which days."""

    deputy = Choice("Deputy")
    since = Day("First day", hint="Today or later, like 27 3 2026")
    until = Day("Last day", hint="The deputy stands in until the end of this day")

    def offer(self, people: Iterable[Any]) -> None:
        """Offer the people who can be named."""
        self.deputy.choices = [("", "Choose a person"), *((each.reference, each.name) for each in people)]

    def validate_deputy(self, field: Any) -> None:
        """Demand a person."""
        if not field.data:
            raise ValidationError("Choose a deputy")
