"""Counting how often the public page is asked, so that nobody finds references by trying."""

from __future__ import annotations

from datetime import datetime

from audit.issued import queries
from audit.issued.rules import COUNTED_FOR, MOST_ASKED, subject_of
from core.db import db
from core.errors import TooMany
from core.register import VerifyAttempt


def count_asking(address: str, *, at: datetime) -> None:
    """Count that somebody asked about a document; no address is kept.

    Raises:
        TooMany: they asked too often, with the minutes to wait.
    """
    subject = subject_of(address)
    asked = queries.asked_lately(subject, at=at)
    if len(asked) >= MOST_ASKED:
        seconds = max(1, int((asked[-MOST_ASKED] + COUNTED_FOR - at).total_seconds()) + 1)
        minutes = -(-seconds // 60)
        raise TooMany(f"Too many documents. Try again in {minutes} minute{'s' if minutes > 1 else ''}", seconds)
    db.session.add(VerifyAttempt(subject=subject, at=at))
