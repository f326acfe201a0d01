"""Adding suppliers and donors."""

from __future__ import annotations

from datetime import datetime

from core import trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken
from core.parse import one_line, reference
from core.privacy import refuse_personal_details
from organisation.suppliers import queries
from organisation.suppliers.models import Supplier


def add_supplier(
    code: str,
    name: str,
    *,
    donor: bool = False,
    by: Actor | None,
    at: datetime,
    submission_id: str | None = None,
) -> Supplier:
    """Add a supplier, or a donor that gives at £0.

    Args:
        code: short, unique, such as "BOOTS" or the supplier's number in the finance system.
        name: of a company or a charity, never of a private person.

    Raises:
        RuleBroken: the code or the name is taken or cannot be read.
    """
    code = reference(code, noun="Code", most=20, field="code")
    name = one_line(name, most=120, field="name", required="Enter a name, like Boots UK Ltd")
    refuse_personal_details(name, field="name")
    body = {"code": code, "name": name, "donor": donor}
    if submission_id is not None and by is not None:
        done = trail.earlier(submission_id, by=by, act="supplier.add", body=body)
        if done is not None:
            return queries.supplier_by_code(done)
    same = queries.taken(code, name)
    if same is not None:
        what = "code" if same.code == code else "name"
        raise RuleBroken(f"{same.name} ({same.code}) already has this {what}", what)
    added = Supplier(code=code, name=name, donor=donor)
    db.session.add(added)
    db.session.flush()
    trail.record(act="supplier.add", subject=code, by=by, at=at, submission_id=submission_id, name=name, donor=donor)
    return added
