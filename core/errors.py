"""The ways a person's act can be refused.

Services raise these and nothing else for a refusal; only ``core/web.py`` turns them into an answer.
A message is written for the person who reads it: what happened, with the figures, and what to do next.
"""


class Refusal(Exception):
    """An act that was refused and changed nothing.

    Attributes:
        message: what happened and what to do next, in the reader's words.
        field: the form field the message belongs to, or None when it concerns the whole form.
        status: the HTTP status that ``core/web.py`` answers with.
    """

    status = 422

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class RuleBroken(Refusal):
    """What was asked breaks a rule; the form is shown again with the message."""


class NotPermitted(Refusal):
    """The signed-in person may not do this at all."""

    status = 403

    def __init__(self, message: str = "You do not have permission to do this", field: str | None = None) -> None:
        super().__init__(message, field)


class NotFound(Refusal):
    """No such record, or one outside the person's scope: the answer is the same for both."""

    status = 404

    def __init__(self, message: str = "Page not found", field: str | None = None) -> None:
        super().__init__(message, field)


class StaleEdit(Refusal):
    """Somebody changed the record since the form was opened."""

    status = 409

    def __init__(
        self,
        message: str = "Someone changed this while you were working. Check it and try again",
        field: str | None = None,
    ) -> None:
        super().__init__(message, field)


class NotEnoughStock(Refusal):
    """Less is there than the act needs."""

    status = 409


class PeriodClosed(Refusal):
    """The money period the act is dated in has been closed."""

    status = 409


class TooMany(Refusal):
    """The person (or whoever claims to be them) tried too often.

    Attributes:
        retry_after_seconds: when it is worth trying again.
    """

    status = 429

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(Refusal):
    """The database is busy or full; nothing has been saved."""

    status = 503
    retry_after_seconds = 30

    def __init__(self, message: str = "Sorry, there is a problem. Nothing has been saved") -> None:
        super().__init__(message)


class Collided(Unavailable):
    """Two changes waited for each other, or could not both be as if alone; PostgreSQL undid this one whole.

    Doing the same again usually works, so ``core/web.py`` answers the request anew before a person hears of it.
    """


class AlreadyDone(Refusal):
    """It was done before and can be done only once, such as a reversal."""

    status = 409


class OverLimit(Refusal):
    """More than a budget, a cost or a count allows."""

    status = 409
