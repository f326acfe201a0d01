"""Where a person's pages are: the service navigation, and the page they open first.

Slices above this one own the pages, so they are named by endpoint only, and one that is not there is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from core.access import Actor, Permission, Role


@dataclass(frozen=True)
class Entry:
    """A page of the service navigation.

    Attributes:
        endpoints: where it leads: the first of these that the application has.
        needs: permissions of which one is enough to see it.
    """

    text: str
    endpoints: tuple[str, ...]
    needs: tuple[Permission, ...]


_P = Permission
ENTRIES = (
    Entry("Station", ("desk.station",), (_P.ISSUE_BAG,)),
    Entry("Store desk", ("desk.store",), (_P.DISPATCH,)),
    Entry("Requests", ("requests.inbox", "requests.index"), (_P.SEE_REQUESTS,)),
    Entry("Go Bags", ("bags.index",), (_P.SEE_STOCK,)),
    Entry("Deliveries", ("deliveries.index",), (_P.RECEIVE_DELIVERY,)),
    Entry("Grants", ("position.index", "awards.index"), (_P.SEE_MONEY,)),
    Entry("Invoices", ("spending.index",), (_P.SEE_MONEY,)),
    Entry("Ledgers", ("ledgers.index",), (_P.SEE_MONEY,)),
    Entry("Follow the pound", ("position.follow", "follow.index"), (_P.SEE_MONEY,)),
    Entry("Reports", ("reports.index",), (_P.DOWNLOAD_REPORTS,)),
    Entry("Audit trail", ("trail.index", "auditor.home"), (_P.SEE_TRAIL,)),
    Entry("Accounts", ("accounts.index",), (_P.KEEP_ACCOUNTS,)),
    Entry("Places", ("places.index",), (_P.KEEP_PLACES,)),
)

NOBODYS = frozenset({"accounts.home", "accounts.own", "accounts.change_password"})
"""Pages of everybody's, which belong to no entry."""

HOMES: tuple[tuple[Role, str], ...] = (
    (Role.SERGEANT, "desk.station"),
    (Role.PARTNER, "desk.station"),
    (Role.STOREKEEPER, "desk.store"),
    (Role.APPROVER, "requests.inbox"),
    (Role.GRANT_OFFICER, "position.index"),
    (Role.BUDGET_HOLDER, "position.index"),
    (Role.CHIEF_FINANCE_OFFICER, "position.index"),
    (Role.AUDITOR, "auditor.home"),
    (Role.ADMINISTRATOR, "accounts.index"),
)
"""The page each role opens first; somebody with several roles gets the one that stands first."""


def navigation(me: Actor) -> list[dict[str, object]]:
    """Give the pages a person may open, as the service navigation takes them."""
    found = []
    for entry in ENTRIES:
        endpoint = next((name for name in entry.endpoints if name in current_app.view_functions), None)
        if endpoint is not None and any(me.may(needed) for needed in entry.needs):
            here = request.endpoint == endpoint
            inside = request.blueprint == endpoint.partition(".")[0] and request.endpoint not in NOBODYS
            found.append({"href": url_for(endpoint), "text": entry.text, "current": here, "active": here or inside})
    return found


def home_of(me: Actor) -> str | None:
    """Give the address of the page a person opens first, or None while the application has none for them."""
    for role, endpoint in HOMES:
        if role in me.roles and endpoint in current_app.view_functions:
            return url_for(endpoint)
    return None
