"""Forms of the briefings log, of actions, and of issuing a pack."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.forms import Choice, Count, Day, Form, HiddenField, Note, Text, Tick
from grants.partnership.rules import MOST_ATTENDEES


class BriefingForm(Form):
    """Where, when, how many attended. No names."""

    place = Choice("Where was it held?")
    briefed_on = Day("When?")
    attendee_count = Count("How many attended?", least=0, most=MOST_ATTENDEES, noun="How many attended")
    about = Text("What was it about?", optional=True, most=120, hint="A few words. Never who attended")

    def offer(self, places: Iterable[Any]) -> None:
        """Offer the places there are."""
        self.place.choices = [("", "Choose a place"), *((each.code, each.name) for each in places)]


class ActionForm(Form):
    """What is to be done, by whom, by when."""

    words = Note("What is to be done?", required="Enter what is to be done")
    owner = Choice("Who does it?")
    due_on = Day("By when?")

    def offer(self, bodies: Iterable[Any]) -> None:
        """Offer the bodies there are."""
        self.owner.choices = [("", "Choose a body"), *((each.code, each.name) for each in bodies)]


class FinishForm(Form):
    """Nothing to enter: that an action is done."""


class IssueForm(Form):
    """Issuing the pack that was read."""

    seen = HiddenField()
    sure = Tick("I have read the pack. What is issued cannot be taken back, and a quarter has one pack")

    def submitted(self) -> bool:
        """Say whether the form was sent with its tick."""
        if not super().submitted():
            return False
        if not self.sure.data:
            self.refuse("Tick the box when you have read the pack", "sure")
        return not self.problems
