"""Two quarters of an award, and who takes reports of them."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.audit.signing import outside, signing
from tests.factories import PASSWORD, World
from tests.grants.reports.told import quarters
from tests.site import Site

__all__ = ["outside", "quarters", "signing"]


@pytest.fixture
def auditor(app: Flask, quarters: World) -> Site:
    """The auditor, signed in, with two quarters to read."""
    return Site(app, PASSWORD).sign_in("auditor@test.example")
