"""Writing off what can no longer be used, and earliest expiry first, on both databases.

| place | lot     | item | use by          | units |
| ----- | ------- | ---- | --------------- | ----: |
| STORE | L-00001 | Soap | 30 April 2026   |     5 |
| STORE | L-00002 | Soap | 31 August 2026  |    10 |
| STORE | L-00003 | Soap | 31 May 2027     |    20 |
"""

from __future__ import annotations

from datetime import date

import pytest

from core.access import Scope
from core.db import db, transaction
from core.errors import NotFound, RuleBroken
from inventory.bags import queries as bags
from inventory.expiry import queries, services
from inventory.stock.queries import lots_held
from tests.factories import World, submission
from tests.inventory.restock import act

LAST = date(2026, 8, 31)


def write_off(world: World, lot: str, count: int, person: str = "storekeeper", key: str | None = None) -> int:
    with transaction():
        return services.write_off("STORE", lot, count, **act(world, person, submission_id=key or submission())).id


def soap_left(world: World) -> dict[str, int]:
    db.session.rollback()
    return {lot.code: lot.unit_count for lot in lots_held(world.places["STORE"]) if lot.item_name == "Soap"}


def test_what_expires_is_listed_earliest_first_inside_bags_too(stocked: World) -> None:
    rows = db.session.execute(queries.expiring(scope=Scope.everywhere(), until=LAST))
    found = [queries.as_expiring(*row) for row in rows]
    assert [(each.lot_code, each.bag_tag, each.unit_count) for each in found] == [
        ("L-00001", None, 5),
        ("L-00002", None, 10),
        ("L-00002", "GB-00001", 1),
        ("L-00002", "GB-00002", 1),
        ("L-00002", "GB-00003", 1),
    ]
    own = stocked.actor("sergeant").scope
    assert db.session.execute(queries.expiring(scope=own, until=LAST)).all() == []


def test_expired_soap_is_written_off_once(stocked: World) -> None:
    key = submission()
    assert write_off(stocked, "L-00001", 5, key=key) == write_off(stocked, "L-00001", 5, key=key)
    assert soap_left(stocked) == {"L-00002": 10, "L-00003": 20}


def test_what_is_fit_for_use_not_there_or_not_ones_own_is_not_written_off(stocked: World) -> None:
    before = soap_left(stocked)
    for lot, count, words in (
        ("L-00002", 1, "Lot L-00002 of Soap is fit for use"),
        ("L-00001", 6, "5 of lot L-00001 on the shelf. Enter a number from 1 to that"),
        ("L-00001", 0, "5 of lot L-00001 on the shelf"),
    ):
        with pytest.raises(RuleBroken) as refused:
            write_off(stocked, lot, count)
        assert refused.value.message.startswith(words)
    for lot, person in (("L-00001", "sergeant"), ("L-99999", "storekeeper")):
        with pytest.raises(NotFound):
            write_off(stocked, lot, 1, person)
    assert soap_left(stocked) == before


def test_bags_are_offered_by_what_expires_first_in_them(stocked: World) -> None:
    views = bags.bag_views(scope=stocked.actor("storekeeper").scope, on=date(2026, 5, 4))
    assert {view.expires_on for view in views} == {LAST}
    later = [view for view in views if view.tag == "GB-00001"]
    assert [view.tag for view in bags.earliest_first([*views[1:], *later])] == ["GB-00001", "GB-00002", "GB-00003"]
