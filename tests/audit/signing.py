"""A service with a key to sign its log with, and a folder outside into which its checkpoints go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from core.db import db, transaction
from core.trail import checkpoints
from core.trail.models import Checkpoint
from core.trail.signing import CheckingKey
from tests.factories import AT

ORIGIN = "gobags.example/log"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that the administrator cannot edit."""
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


@pytest.fixture
def signing(app: Flask, tmp_path: Path, outside: Path) -> Iterator[CheckingKey]:
    """A key that signs the log of the database a test asked for before; its checking half."""
    app.config |= {"CHECKPOINT_KEY": str(tmp_path / "checkpoint.key"), "CHECKPOINT_FOLDER": str(outside)}
    checkpoints.forget_looking()
    checkpoints.checkpoint_when_due()  # and so not again within a minute: a test makes its own checkpoints
    with transaction():
        key = checkpoints.begin_key(ORIGIN, at=AT)
    yield key
    app.config |= {"CHECKPOINT_KEY": None, "CHECKPOINT_FOLDER": None}


def made(at: datetime = AT) -> Checkpoint:
    """Make a checkpoint."""
    found = checkpoints.make_checkpoint(at=at, occasion="test")
    assert found is not None
    return found


def signed_over() -> str | None:
    """Give what the newest checkpoint was signed over, as whoever looks now sees it; None where there is none."""
    db.session.rollback()
    newest = checkpoints.newest_checkpoint()
    return newest.occasion if newest is not None else None
