"""What part of the trail to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from werkzeug.datastructures import MultiDict

from audit.trail.queries import Asked
from audit.trail.rules import ACTS, act_words
from core.forms import Choice, Day, Form, Text
from core.trail import Log

EVERYBODY = ""
EVERYWHERE = ""
_USUAL = (("log", Log.CHANGES.value), ("person", EVERYBODY), ("place", EVERYWHERE), ("act", ""))


class TrailForm(Form):
    """Filters of the trail, sent by GET: they change nothing."""

    log = Choice(
        "Log", choices=[(Log.CHANGES.value, "Changes"), (Log.ACCESS.value, "Access: what was seen or refused")]
    )
    person = Choice("Person")
    place = Choice("Place")
    act = Choice("What was done")
    subject = Text("Record", optional=True, most=80, hint="Such as GB-00012 or INV-00003")
    first = Day("From", optional=True)
    last = Day("To", optional=True)

    class Meta:
        """Nothing is changed, so no token is needed."""

        csrf = False

    @classmethod
    def reading(cls, args: MultiDict[str, str]) -> Self:
        """Read the filters of an address; what it does not name filters nothing."""
        if not args:
            return cls(formdata=None)
        usual = [(name, value) for name, value in _USUAL if name not in args]
        return cls(formdata=MultiDict([*usual, *args.items(multi=True)]))

    def offer(self, people: Sequence[tuple[int, str]], places: Sequence[tuple[str, str]]) -> None:
        """Offer the people, places and acts to choose from."""
        self.place.choices = [(EVERYWHERE, "Every place"), *places]
        self.person.choices = [(EVERYBODY, "Everybody"), *((str(key), name) for key, name in people)]
        acts = sorted((act_words(act), act) for act in ACTS)
        self.act.choices = [("", "Anything"), *((act, words) for words, act in acts)]

    def asked(self) -> Asked:
        """Give the filters as plain values."""
        return Asked(
            Log(self.log.data or Log.CHANGES),
            int(self.person.data) if self.person.data else None,
            self.act.data or "",
            self.subject.data or "",
            self.place.data or "",
            self.first.data,
            self.last.data,
        )
