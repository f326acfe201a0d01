"""What a start of the program loads: every command and every ``make run`` waits for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flask import Flask
from werkzeug.test import Client

from app import with_assets

ROOT = Path(__file__).resolve().parent.parent.parent
HEAVY = (
    "PIL",
    "alembic",
    "openpyxl",
    "psycopg",
    "pyhanko",
    "reportlab",
    "segno",
    "uharfbuzz",
    "whitenoise",
    "xlsxwriter",
)
"""Loaded by whoever first paints a chart, prints a label, keeps a picture, meets a workbook, upgrades or backs up, asks
PostgreSQL, or serves a style."""


def test_a_start_loads_nothing_that_only_some_need_and_a_process_beside_the_service_no_page_but_every_table() -> None:
    """Pages are a quarter of such a process's memory; whoever signs a checkpoint in it signs for every table."""
    words = (
        "import sys; import app; app.create_beside("
        "{'SQLALCHEMY_DATABASE_URI': 'sqlite://', 'SECRET_KEY': 'of this test'}); from core.db import db; "
        "pages = [name for name in sys.modules if name.endswith(('.routes', '.forms')) and name != 'core.forms']; "
        "tables = len(db.metadata.tables); "
        "app.create_app({'SQLALCHEMY_DATABASE_URI': 'sqlite://', 'SECRET_KEY': 'x', 'TRUSTED_HOSTS': ['here']}); "
        f"print(pages, tables == len(db.metadata.tables), sorted(set({HEAVY}) & set(sys.modules)))"
    )
    started = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True)
    assert started.stdout == "[] True []\n"


def test_styles_that_are_built_after_the_start_are_served_for_ever(tmp_path: Path) -> None:
    """As ``make run`` does in a new clone: the year is loaded meanwhile."""
    client = Client(with_assets(Flask("started"), tmp_path / "static"))
    built = tmp_path / "static" / "dist" / "app.0123456789ab.css"
    built.parent.mkdir(parents=True)
    built.write_text("body { margin: 0 }")
    with client.get("/static/dist/app.0123456789ab.css") as answer:
        assert (answer.status_code, answer.get_data(as_text=True)) == (200, "body { margin: 0 }")
        assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
