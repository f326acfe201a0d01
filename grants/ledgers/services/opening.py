"""Opening a finance ledger."""

from __future__ import annotations

from datetime import datetime

from core import trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken
from core.parse import one_line, reference
from core.privacy import refuse_personal_details
from grants.ledgers import queries
from grants.ledgers.models import FinanceLedger


def open_ledger(code: str, name: str, *, by: Actor, at: datetime, submission_id: str) -> FinanceLedger:
    """Open a ledger, so that extracts of one finance system can be imported into it.

    Args:
        code: short and unique, such as "FORCE-GL".
        name: of the finance system as staff call it, such as "Force general ledger".

    Raises:
        RuleBroken: the code or the name is taken or cannot be read.
    """
    code = reference(code, noun="Code", most=20, field="code")
    if any(sign in code for sign in " /"):
        raise RuleBroken("Code must be letters, numbers and hyphens, like FORCE-GL", "code")
    name = one_line(name, most=120, field="name", required="Enter a name, like Force general ledger")
    refuse_personal_details(name, field="name")
    made = trail.earlier(submission_id, by=by, act="ledger.open", body={"code": code, "name": name})
    if made is not None:
        return queries.ledger_by_code(made)
    same = queries.ledger_taken(code, name)
    if same is not None:
        raise RuleBroken(
            f"{same.name} ({same.code}) already has this {'code' if same.code == code else 'name'}",
            "code" if same.code == code else "name",
        )
    ledger = FinanceLedger(code=code, name=name)
    db.session.add(ledger)
    db.session.flush()
    trail.record(act="ledger.open", subject=code, by=by, at=at, submission_id=submission_id, name=name)
    return ledger
