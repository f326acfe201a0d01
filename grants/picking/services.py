"""Promising and sending what a place asked for, and packing Go Bags, heeding what lots were bought with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from core.access import Actor, Scope
from core.dates import local_day
from grants.picking import queries
from inventory.bags import services as bags
from inventory.bags.models import Bag
from inventory.bags.rules import PackedLine
from inventory.requests import queries as requests
from inventory.requests import services
from inventory.requests.models import Dispatch, RestockRequest
from inventory.requests.services import PickedBag, PickedLot
from inventory.stock.rules import PickPolicy
from organisation.places.queries import chosen_place


def approve(
    reference: str,
    approved: Mapping[int, int],
    *,
    note: str | None = None,
    version: int | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> RestockRequest:
    """Approve a request from lots and Go Bags none of which was bought for other places.

    Raises:
        NotFound, NotPermitted, StaleEdit: as inventory's ``approve``.
        NotEnoughStock: as there; where lots were bought for other places, their clause is quoted.
    """
    request = requests.request_by_reference(reference, scope=scope)
    policies = queries.policies_for(request, on=local_day(at))
    return services.approve(
        reference, approved, note=note, version=version, policies=policies, scope=scope, by=by, at=at,
        submission_id=submission_id,
    )  # fmt: skip


def pack_run(
    recipe_code: str,
    *,
    place_code: str,
    for_code: str = "",
    seal_numbers: Sequence[str],
    contents: Sequence[PackedLine],
    happened_at: datetime,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> list[Bag]:
    """Pack a run of Go Bags from lots none of which was bought for other places.

    Args:
        for_code: the place they are for; empty where they are for any that is supplied from here.

    Raises:
        NotFound: the place is none of the person's.
        RuleBroken, NotEnoughStock: as inventory's ``pack_run``, and where a grant line pays for goods for other places;
            its clause is quoted.
    """

    def policy() -> PickPolicy:
        place = chosen_place(place_code, scope=scope, field="place")
        return queries.packing_policy(place, for_code, on=local_day(happened_at))

    return bags.pack_run(
        recipe_code, place_code=place_code, seal_numbers=seal_numbers, contents=contents, happened_at=happened_at,
        policy=policy, scope=scope, by=by, at=at, submission_id=submission_id,
    )  # fmt: skip


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
