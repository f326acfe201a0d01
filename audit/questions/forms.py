"""Asking about a record, answering, asking again, closing."""

from __future__ import annotations

from audit.questions.rules import QuestionAct
from core.forms import Form, Note, Radios

_HINT = "Nothing about a person: name papers and records, not people"


class AskForm(Form):
    """A question about a record."""

    words = Note("Your question", required="Enter your question", hint=_HINT)


class AnswerForm(Form):
    """An answer to a question."""

    words = Note("Your answer", required="Enter your answer", hint=_HINT)


class FollowForm(Form):
    """What an auditor does with an answer."""

    act = Radios(
        "What next", required="Choose what is next",
        choices={QuestionAct.CLOSE: "Close it", QuestionAct.ASK_AGAIN: "Ask again"}.items(),
    )  # fmt: skip
    words = Note("What you still ask, or why it is closed", optional=True, hint=_HINT)

    def chosen(self) -> QuestionAct:
        """Give what is to be done."""
        return QuestionAct(self.act.data)
