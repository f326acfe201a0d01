"""Telling the funder of a loss, and saying why spending is good value."""

from __future__ import annotations

from core.forms import Day, Form, Text


class NoticeForm(Form):
    """When the funder was told, and by which letter or message."""

    notified_on = Day("Funder told on", hint="For example, 27 3 2026")
    outside_reference = Text("Reference of the letter or message", most=60, optional=True)


class ValueForm(Form):
    """Words that are published with the spending."""

    words = Text(
        "Why it is good value for money", most=300, required="Say why it is good value for money",
        hint="Published as it stands, such as: lowest of three quotations",
    )  # fmt: skip
