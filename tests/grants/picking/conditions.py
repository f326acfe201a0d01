"""Conditions that keep what a grant bought for some places."""

from __future__ import annotations

from core.db import transaction
from grants.awards import services as awards
from grants.awards.rules import Condition, ConditionKind
from tests.factories import World
from tests.grants.factories import acting


def only_for(world: World, codes: str, line: str | None = "A") -> None:
    """Record that what a line bought is for some places only."""
    condition = Condition(ConditionKind.PLACES, "2.1", "For the custody centres", line, admitted=codes)
    with transaction():
        awards.record_condition("GB2026", condition, **acting(world))
