"""Every page once more on PostgreSQL, over the demonstration year: what SQLite lets pass, it may not.

Tests of routes run on SQLite alone (tests/conftest.py); here each page is opened once by somebody who may, and shows
what it shows on SQLite.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator

import pypdf
import pytest
from flask import Flask
from sqlalchemy import Engine, Integer, create_engine, func, insert, select, text
from werkzeug.routing import MapAdapter

from core.access import Role
from core.dates import local_day
from core.db import Base, db, now
from demonstration.people import PASSWORD, address
from organisation.accounts import queries as accounts_read
from organisation.accounts.models import Account
from tests.conftest import application
from tests.databases import migrated
from tests.demonstration.year import Demonstration
from tests.house.endpoints import ENDPOINTS, PEOPLE, Endpoint, add_what_the_year_lacks, own_and_foreign, records
from tests.postgres import Server
from tests.site import Site

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

LOOKS_FIRST = (Role.AUDITOR, *(role for role in Role if role is not Role.AUDITOR))
"""Each page is opened by the first of these who may."""


def looker(endpoint: Endpoint) -> Role | None:
    """Choose who opens a page; None for one that needs no sign-in."""
    return next((role for role in LOOKS_FIRST if endpoint.who and role in endpoint.who), None)


LOOKERS = sorted({role for each in ENDPOINTS.values() if (role := looker(each))}, key=list(Role).index)


def copy_of(year: Engine, into: Engine) -> None:
    """Copy every row of the year, unchecked, and set every sequence behind the rows it has numbered."""
    with year.connect() as source, into.begin() as target:
        target.execute(text("SET LOCAL session_replication_role = replica"))
        for table in Base.metadata.sorted_tables:
            target.execute(table.delete())
            rows = [dict(row) for row in source.execute(select(table)).mappings()]
            if rows:
                target.execute(insert(table), rows)
            key = table.autoincrement_column
            if key is not None and isinstance(key.type, Integer):
                last = target.scalar(select(func.max(key))) or 0
                named = func.pg_get_serial_sequence(table.name, key.name)
                target.execute(select(func.setval(named, max(last, 1), last > 0)))


@pytest.fixture(scope="module")
def on_postgresql(demonstration_year: Demonstration, server: Server) -> Iterator[Flask]:
    """An application over the year on PostgreSQL."""
    add_what_the_year_lacks()
    demonstration_year.leave()
    made = application(migrated(server, "year"))
    for folder in ("EVIDENCE_DIR", "REPORTS_DIR"):
        made.config[folder] = demonstration_year.app.config[folder]
    with made.app_context():
        copy_of(create_engine(f"sqlite:///{demonstration_year.copy}"), db.engine)
        yield made
        db.session.remove()
        db.engine.dispose()
    server.drop("year")


def addresses(role: Role, app: Flask) -> list[str]:
    """List the pages that somebody of this role opens."""
    account_id = db.session.scalars(select(Account.id).where(Account.email == address(PEOPLE[role]))).one()
    places = accounts_read.actor_of(account_id, on=local_day(now())).scope.place_ids
    urls: MapAdapter = app.url_map.bind("localhost")
    with_pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    found = []
    for name in sorted(with_pages & {name for name, each in ENDPOINTS.items() if looker(each) is role}):
        own, _ = own_and_foreign(records(db.session.connection(), ENDPOINTS[name]), places, account_id)
        if own is not None:  # test_access.py demands one
            found.append(urls.build(name, own.arguments))
    db.session.rollback()
    return found


@pytest.mark.parametrize("role", [pytest.param(role, id=role.value) for role in LOOKERS])
def test_every_page_says_on_postgresql_what_it_says_on_sqlite(
    demonstration_year: Demonstration, on_postgresql: Flask, role: Role
) -> None:
    with demonstration_year.app.app_context():
        paths = addresses(role, demonstration_year.app)
        here = demonstration_year.site(PEOPLE[role])
    there = Site(on_postgresql, PASSWORD).sign_in(address(PEOPLE[role]))
    differing = [path for path in paths if said(here, path) != said(there, path)]
    # Once more: on a page that tells the time, a minute may have passed between the two.
    wrong = [
        f"{path}\nSQLite:     {said(here, path)}\nPostgreSQL: {said(there, path)}"
        for path in differing
        if said(here, path) != said(there, path)
    ]
    assert paths
    assert not wrong, "\n".join(wrong)


_EACH_TIME_ANEW = {"token", "at", "until"}


def said(site: Site, path: str) -> str:
    """Read what a page says, or a file that is no page; the access log is each site's own."""
    page = site.get(path, strict=False)
    data = page.response.get_data()
    if path.startswith(("/labels/", "/cupboard-sheets/")) and data.startswith(
        b"%PDF"
    ):  # it bears the moment it was made at, in seconds
        return "\n".join(paper.extract_text() for paper in pypdf.PdfReader(io.BytesIO(data)).pages)
    if path == "/no-signal/kept":  # a token of the session, and the moment
        return json.dumps({name: value for name, value in json.loads(data).items() if name not in _EACH_TIME_ANEW})
    text = page.text or data.decode(errors="backslashreplace")
    return re.sub(r"(log of access .{0,80}?)\b[0-9a-f]{64}\b", r"\1#", text)
