"""Reading and changing another database than the service's own, such as a restored one before it takes its place.

Queries and services know one session; for the length of a block it belongs to the other database. The settings of
the service hold there too, so that what checks the books checks them in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from core.db import db, prepare_engine


@contextmanager
def beside(address: URL) -> Iterator[Engine]:
    """Let every query and service inside work on the database at an address; give its engine."""
    other = Flask("beside")
    other.config.update(current_app.config)
    other.config["SQLALCHEMY_DATABASE_URI"] = address.render_as_string(hide_password=False)
    db.init_app(other)
    with other.app_context():
        prepare_engine(db.engine)
        try:
            yield db.engine
        finally:
            db.session.remove()
            db.engine.dispose()
