"""Every page of the service, opened once in a real browser by somebody who may: sound, accessible, never too wide."""

from __future__ import annotations

import pytest
from flask import url_for
from playwright.sync_api import Browser
from sqlalchemy import select

from core.access import Role
from core.dates import local_day
from core.db import db, now
from demonstration.people import address
from organisation.accounts import queries as accounts_read
from organisation.accounts.models import Account
from tests.browser import DESK, PHONE, Person
from tests.demonstration.year import Demonstration
from tests.house.endpoints import (
    AT_SOME_STATION,
    ENDPOINTS,
    PEOPLE,
    Endpoint,
    add_what_the_year_lacks,
    own_and_foreign,
    records,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOOKS_FIRST = (Role.AUDITOR, *(role for role in Role if role is not Role.AUDITOR))
"""Each page is opened by the first of these who may."""


def looker(endpoint: Endpoint) -> Role | None:
    """Choose who opens a page; None for one that needs no sign-in."""
    return next((role for role in LOOKS_FIRST if endpoint.who and role in endpoint.who), None)


LOOKERS = sorted({role for each in ENDPOINTS.values() if (role := looker(each))}, key=list(Role).index)

FILES = {
    "bids.download",
    "claims.download",
    "closing.download",
    "cupboard.paper",
    "evidence.file",
    "exposure.download",
    "issued.again",
    "ledgers.not_imported",
    "labels.sheet",
    "makings.download",
    "offline.kept",
    "packs.checkpoint",
    "partnership.download",
    "position.download_position",
    "published.download",
    "reconciliation.download",
    "registers.download",
    "registers.grants_package",
    "reports.download_statement",
    "samples.download",
    "spreadsheets.template",
    "trail.proof",
    "usage.download_usage",
}


@pytest.fixture(scope="module")
def addresses(demonstration_year: Demonstration, site: str) -> dict[Role, list[str]]:
    """Choose who opens which page: role → addresses."""
    add_what_the_year_lacks()
    chosen: dict[Role, list[str]] = {role: [] for role in Role}
    with_pages = {
        rule.endpoint for rule in demonstration_year.app.url_map.iter_rules() if "GET" in (rule.methods or ())
    }
    for name, endpoint in ENDPOINTS.items():
        role = looker(endpoint)
        if role is not None and name in with_pages - FILES - AT_SOME_STATION:
            chosen[role].append(_address(demonstration_year, name, role))
    db.session.rollback()
    return chosen


def _address(year: Demonstration, name: str, role: Role) -> str:
    account_id = db.session.scalars(select(Account.id).where(Account.email == address(PEOPLE[role]))).one()
    places = accounts_read.actor_of(account_id, on=local_day(now())).scope.place_ids
    own, _ = own_and_foreign(records(db.session.connection(), ENDPOINTS[name]), places, account_id)
    assert own is not None, name
    with year.app.test_request_context():
        return url_for(name, **own.arguments)


@pytest.mark.parametrize("role", [pytest.param(role, id=role.value) for role in LOOKERS])
def test_every_page_is_accessible_and_fits_the_narrowest_screen(
    browser: Browser, site: str, addresses: dict[Role, list[str]], role: Role
) -> None:
    wrong = []
    size = PHONE if role in (Role.SERGEANT, Role.PARTNER) else DESK
    with Person(browser, site, size) as person:
        person.signs_in(PEOPLE[role])
        for path in addresses[role]:
            try:
                person.opens(path)
            except AssertionError as fault:
                wrong.append(f"{path}: {fault}")
                person.heard.clear()
                person.refused.clear()
    assert not wrong, "\n".join(wrong)
