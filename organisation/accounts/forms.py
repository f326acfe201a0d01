"""Forms of signing in and of keeping accounts."""

from __future__ import annotations

from core.forms import Form, Password, Text


class SignInForm(Form):
    """Email and password."""

    email = Text(
        "Email address",
        most=254,
        required="Enter your email address",
        render_kw={"autocomplete": "username", "spellcheck": "false", "inputmode": "email", "autocapitalize": "none"},
    )
    password = Password("Password", render_kw={"autocomplete": "current-password"})
