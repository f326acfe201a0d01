"""Asking for columns beside the session sees what the session holds."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from core.db import ask, rehearsal
from organisation.suppliers.models import Supplier
from tests.factories import World

_NAMED = select(Supplier.code).where(Supplier.name.in_(bindparam("names", expanding=True))).order_by(Supplier.code)


def supplier(code: str, name: str) -> Supplier:
    return Supplier(code=code, name=name)


def test_what_was_only_added_is_seen_and_goes_with_a_change_that_is_not_kept(world: World) -> None:
    with rehearsal() as session:
        session.add_all([supplier("ZED", "Zed"), supplier("ACE", "Ace"), supplier("MID", "Mid")])
        assert [code for (code,) in ask(_NAMED, names=["Zed", "Ace"])] == ["ACE", "ZED"]
    assert ask(_NAMED, names=["Zed", "Ace"]) == []
