"""Asking what an act on stock rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select

from core.db import db


def ask(statement: Select[*tuple[Any, ...]], **asked: object) -> Sequence[Row[*tuple[Any, ...]]]:
    """Ask beside the session, whose own work costs more than these statements; ``post`` has flushed it."""
    return db.session.connection().execute(statement, asked).all()
