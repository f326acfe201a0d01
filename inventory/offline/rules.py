"""What a phone may keep and for whom, and when what it noted is true; plain values.

A phone keeps what an account needs and what it noted, locked with a key that only that account is given. Both the
account's mark and its key are made from the service's own secret, so nothing about them is recorded, and the same
account opens next week what it noted today.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.dates import moment_text
from core.errors import NotPermitted, RuleBroken, Unavailable

KEPT_FOR = timedelta(hours=8)
"""How long after its last contact a phone without signal still opens what it keeps: a shift, as a session lasts."""

CLOCK_DRIFT = timedelta(minutes=5)
"""By how much a phone's clock may be fast; what it noted is taken in once its time has come."""

MOST_FIELDS = 20
"""How many fields a slip may have; a count of Go Bags has a few."""


class SlipAct(StrEnum):
    """What can be done without signal."""

    ISSUE = "issue"
    SEE = "see"


@dataclass(frozen=True)
class Slip:
    """What a phone noted: the fields a page's own form would have sent, and whose they are.

    Attributes:
        owner: the mark of the account that noted it.
        about: the tag of the Go Bag, or the reference of the count.
        position: the line of the count; 0 for an issue.
        noted_at: when it was noted, by the phone's clock, in UTC.
        fields: (name, value) as the form has them; a name may come more than once.
    """

    owner: str
    submission_id: str
    act: SlipAct
    about: str
    position: int
    noted_at: datetime
    fields: tuple[tuple[str, str], ...]


def owner_of(secret: str, account_id: int) -> str:
    """Give the mark of an account: it tells accounts apart and says nothing of them."""
    return _made(secret, "owner", account_id)[:16].hex()


def key_of(secret: str, account_id: int) -> str:
    """Give the key (256 bits, Base64) that opens what an account's phone keeps."""
    return base64.b64encode(_made(secret, "key", account_id)).decode()


def _made(secret: str, purpose: str, account_id: int) -> bytes:
    return hmac.new(secret.encode(), f"kept on a phone: {purpose} {account_id}".encode(), hashlib.sha256).digest()


def demand_own(slip: Slip, owner: str) -> None:
    """Refuse what somebody else noted, whoever sends it.

    Raises:
        NotPermitted: it is another account's.
    """
    if not hmac.compare_digest(slip.owner.encode(), owner.encode()):
        raise NotPermitted("Somebody else noted this. It is sent when they sign in on this phone")


def check_clock(noted_at: datetime, *, at: datetime) -> None:
    """Refuse a time that has not come; one that is about to come waits on the phone.

    Raises:
        Unavailable: the phone's clock is a few minutes fast.
        RuleBroken: it is fast by more.
    """
    if noted_at <= at:
        return
    if noted_at <= at + CLOCK_DRIFT:
        raise Unavailable("The clock of this phone is a little fast. What it noted is sent in a few minutes")
    raise RuleBroken(
        f"The phone noted {moment_text(noted_at)}, and it is {moment_text(at)} now. Set its clock right, set this "
        "aside and enter it again with the time it really was"
    )
