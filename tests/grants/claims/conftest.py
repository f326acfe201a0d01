"""The worked claim's two quarters, told once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.audit.signing import outside, signing
from tests.conftest import Databases, begin_with
from tests.factories import World
from tests.grants.claims.story import OCTOBER, Story, tell_quarter_1, tell_quarter_2

__all__ = ["outside", "signing"]

CLAIM_1, CLAIM_2 = "CLM-00001", "CLM-00002"


@pytest.fixture(scope="session")
def claims_template(app: Flask, databases: Databases, world_template: World) -> None:
    """Keep the moment after the first claim, and the moment when the second is a draft that fails in nothing."""
    if "claims" in databases.kept:  # told already for another folder that begins with it
        return
    with app.app_context():
        databases.renew("world")
        story = tell_quarter_1(world_template)
        tell_quarter_2(story)
        databases.keep("claims")


@pytest.fixture
def story(app: Flask, databases: Databases, world_template: World, claims_template: None) -> Iterator[Story]:
    """Claim 1 signed and sent, claim 2 a draft that fails in nothing (tests/grants/claims/story.py)."""
    for _ in begin_with(app, databases, "claims"):
        yield Story(world_template, OCTOBER)
