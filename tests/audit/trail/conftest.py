"""Extracts in small parts, so that a few entries are many."""

from __future__ import annotations

import pytest

from audit.trail import pdf, queries
from audit.trail.report import frozen as freezing
from audit.trail.report import writing
from tests.grants.reports.told import quarters

__all__ = ["quarters"]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Volumes of 12 entries, sheets of 15 and chunks of 7."""
    for module in (freezing, pdf):
        monkeypatch.setattr(module, "A_VOLUME", 12)
    monkeypatch.setattr(writing, "A_SHEET", 15)
    monkeypatch.setattr(queries, "_CHUNK", 7)
