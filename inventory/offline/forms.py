"""Reading what a phone noted: its shape, and its fields by the very forms of the pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict

from core.errors import RuleBroken
from core.forms import Form, Text
from inventory.bags.forms import IssueForm
from inventory.offline.rules import MOST_FIELDS, Slip, SlipAct

AnyForm = TypeVar("AnyForm", bound=Form)

LONGEST = {"numbers": 60_000}
"""Name of a field → signs it may have; others may have 200."""


class IssueSlip(IssueForm):
    """An issue as the page asks for it; whether the booklet is inside, the service says.

    What was handed over without signal is gone, whole or not, so no tick is asked for afterwards.
    """

    booklet_language: Any = Text("Booklet handed over", most=12, optional=True)
    incomplete: Any = None


def slip_of(sent: Any) -> Slip:
    """Read what a phone sent.

    Raises:
        RuleBroken: it is not what our own script sends.
    """
    try:
        slip = Slip(
            owner=_text(sent["owner"], 64),
            submission_id=_text(sent["id"], 64),
            act=SlipAct(sent["act"]),
            about=_text(sent["about"], 30),
            position=_position(sent["position"]),
            noted_at=_moment(sent["noted"]),
            fields=tuple((_text(name, 40), _text(value, LONGEST.get(name, 200))) for name, value in sent["fields"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _unread() from None
    if len(slip.fields) > MOST_FIELDS:
        raise _unread()
    return slip


def _text(given: Any, most: int) -> str:
    """Give a text of bounded length without what no database keeps: the sign NUL, and halves of a sign."""
    if not isinstance(given, str) or len(given) > most or "\0" in given:
        raise ValueError
    given.encode()  # half of a sign cannot be, and UnicodeEncodeError is a ValueError
    return given


def _moment(given: Any) -> datetime:
    """Read a moment as a phone writes it, with its zone; give it in UTC."""
    moment = datetime.fromisoformat(_text(given, 40))
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _position(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 100_000:
        raise ValueError
    return given


def _unread() -> RuleBroken:
    return RuleBroken("What the phone noted cannot be read. Set it aside and enter it again on its page")


def read(form: type[AnyForm], slip: Slip) -> AnyForm:
    """Read the fields of a slip by a form; the request's own token has been checked, so it needs none.

    Raises:
        RuleBroken: a field is refused, in the form's own words.
    """
    filled: AnyForm = form(formdata=MultiDict(slip.fields), meta={"csrf": False})
    if not filled.validate():
        raise RuleBroken(". ".join(message for message, _ in filled.problems))
    return filled
