"""Which days exceptions are looked for in."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from core.forms import Day, Form


class DaysForm(Form):
    """The days looked at, sent by GET: nothing is changed."""

    first = Day("From", optional=True)
    last = Day("To", optional=True)

    class Meta:
        """Nothing is changed, so no token is needed."""

        csrf = False

    @classmethod
    def reading(cls, args: MultiDict[str, str]) -> DaysForm:
        """Read the days of an address."""
        return cls(args)
