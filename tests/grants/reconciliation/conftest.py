"""The worked claim's two quarters, as the tests of claims tell them (tests/grants/claims/story.py)."""

from __future__ import annotations

from tests.audit.signing import outside, signing
from tests.grants.claims.conftest import claims_template, story

__all__ = ["claims_template", "outside", "signing", "story"]
