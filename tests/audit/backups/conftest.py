"""A keeper of backups for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db import db
from tests.audit.backups.keeper import Keeper
from tests.databases import Databases
from tests.factories import World


@pytest.fixture
def keeper(month: World, databases: Databases, tmp_path: Path) -> Iterator[Keeper]:
    evidence = tmp_path / "evidence"
    (evidence / "2026").mkdir(parents=True)
    (evidence / "2026" / "INV-00001.pdf").write_bytes(b"%PDF-1.7 an invoice")
    yield Keeper(month, databases, tmp_path, evidence)
    db.session.rollback()
