"""Asking for a pack."""

from __future__ import annotations

from core.forms import Day, Form


class PackForm(Form):
    """Of which days the figures in a pack are; the rows and the logs in it are always whole."""

    first = Day("First day of the figures")
    last = Day("Last day of the figures")
