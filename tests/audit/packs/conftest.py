"""A service whose log is signed."""

import pytest

from tests.audit.signing import outside, signing

__all__ = ["outside", "signing"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tamper on SQLite alone: an edited file is the same on either database, and tests of checkpoints ask both."""
    spared = [item for item in items if item.path.name == "test_tampering.py" and "postgresql" in item.name]
    if spared:
        config.hook.pytest_deselected(items=spared)
        items[:] = [item for item in items if item not in set(spared)]
