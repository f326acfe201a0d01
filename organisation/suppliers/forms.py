"""The form that adds a supplier or donor."""

from __future__ import annotations

from core.forms import Form, Radios, Text


class SupplierForm(Form):
    """Code, name, and whether they sell or give."""

    name = Text(
        "Name",
        required="Enter a name, like Boots UK Ltd",
        hint="The company or charity as its invoices name it. Never a private person",
    )
    code = Text(
        "Code",
        most=20,
        required="Enter the code",
        hint="Short and unique, like BOOTS, or the number the finance system uses",
        render_kw={"class": "govuk-input--width-10", "autocapitalize": "characters", "spellcheck": "false"},
    )
    kind = Radios(
        "What they do",
        choices=[("supplier", "Sells to us"), ("donor", "Gives to us, at £0")],
        required="Choose whether they sell or give",
    )
