"""Sending what a place asked for, heeding what its lots were bought with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from core.access import Actor, Scope
from core.dates import local_day
from grants.picking import queries
from inventory.requests import queries as requests
from inventory.requests import services
from inventory.requests.models import Dispatch
from inventory.requests.services import PickedBag, PickedLot


def dispatch(
    reference: str,
    picks: Sequence[PickedLot | PickedBag],
    *,
    expected_on: date | None = None,
    note: str | None = None,
    version: int | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Dispatch:
    """Send picked lots and Go Bags, none of which was bought for other places.

    Raises:
        NotFound, StaleEdit, NotEnoughStock: as inventory's ``dispatch``.
        RuleBroken: as there, and where a grant line pays for goods that are for other places; its clause is quoted.
    """
    policy = queries.policy_for(requests.request_by_reference(reference, scope=scope), on=local_day(at))
    return services.dispatch(
        reference, picks, expected_on=expected_on, note=note, version=version, policy=policy, scope=scope, by=by,
        at=at, submission_id=submission_id,
    )  # fmt: skip
