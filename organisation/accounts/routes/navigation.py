"""Where a person's pages are: the service navigation, and the page they open first.

Slices above this one own the pages, so they are named by endpoint only, and one that is not there, or that the
person may not open, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from core.access import Actor, Permission, Role
from organisation.accounts.routes.sessions import demonstration


@dataclass(frozen=True)
class Entry:
    """A page of the service navigation.

    Attributes:
        endpoints: where it leads: the first of these that the application has and the person may open.
        needs: permissions of which one makes it part of somebody's work.
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
    Entry("Counts", ("counts.index",), (_P.COUNT_STOCK,)),
    Entry("Phones", ("phones.index",), (_P.RECEIVE_DELIVERY,)),
    Entry("Recalls", ("recalls.index",), (_P.RECALL_STOCK,)),
    Entry("Expiring", ("expiry.index",), (_P.PACK_BAG,)),
    Entry("Editions", ("editions.index",), (_P.KEEP_CATALOGUE,)),
    Entry("Par levels", ("pars.index",), (_P.SET_PAR,)),
    Entry("Catalogue", ("catalogue.index",), (_P.KEEP_CATALOGUE,)),
    Entry("Grants", ("position.index", "awards.index"), (_P.SEE_MONEY,)),
    Entry("Awards", ("awards.index",), (_P.KEEP_AWARDS,)),
    Entry("Invoices", ("spending.index",), (_P.SEE_MONEY,)),
    Entry("Ledgers", ("ledgers.index",), (_P.SEE_MONEY,)),
    Entry("Follow the pound", ("position.follow",), (_P.SEE_MONEY,)),
    Entry("Usage", ("usage.show",), (_P.SEE_USAGE,)),
    Entry("Reconciliation", ("reconciliation.index",), (_P.SEE_MONEY,)),
    Entry("Published usage", ("published.index",), (_P.PUBLISH_USAGE, _P.SEE_USAGE)),
    Entry("Claims", ("claims.index",), (_P.SEE_MONEY,)),
    Entry("Reports", ("reports.index",), (_P.DOWNLOAD_REPORTS,)),
    Entry("Registers", ("registers.index",), (_P.SEE_MONEY,)),
    Entry("Suppliers", ("suppliers.index",), (_P.RECEIVE_DELIVERY, _P.KEEP_SPENDING)),
    Entry("Audit", ("auditor.home",), (_P.SEE_TRAIL,)),
    Entry("Audit trail", ("trail.index",), (_P.SEE_TRAIL,)),
    Entry("What looks wrong", ("exceptions.index",), (_P.KEEP_WORKING_PAPERS,)),
    Entry("Questions", ("questions.index",), (_P.KEEP_WORKING_PAPERS,)),
    Entry("Samples", ("samples.index",), (_P.KEEP_WORKING_PAPERS,)),
    Entry("Find", ("finding.show",), (_P.SEE_STOCK,)),
    Entry("Accounts", ("accounts.index",), (_P.KEEP_ACCOUNTS,)),
    Entry("Places", ("places.index",), (_P.KEEP_PLACES,)),
)

BESIDES = (
    Entry("All requests", ("requests.index",), ()),
    Entry("Go Bags issued", ("bags.issues",), ()),
    Entry("Where help is", ("partnership.show",), ()),
    Entry("Bid for next year", ("bids.show",), ()),
    Entry("Languages held and asked for", ("editions.cover",), ()),
    Entry("Kit recipes", ("catalogue.recipes",), ()),
    Entry("Bring in a spreadsheet", ("spreadsheets.start",), ()),
    Entry("Print labels", ("labels.ask",), ()),
    Entry("Orders", ("spending.orders",), ()),
    Entry("Mobile operators", ("phones.operators",), ()),
    Entry("Missing evidence", ("evidence.missing",), ()),
    Entry("An auditor’s questions", ("questions.index",), ()),
    Entry("Errors planted in the demonstration", ("planted.answers",), ()),
    Entry("Check of the records", ("auditor.check",), ()),
    Entry("Register of issued reports", ("issued.index",), ()),
    Entry("Audit extracts", ("makings.index",), ()),
    Entry("Sealed pack and checkpoints", ("packs.index",), ()),
    Entry("Your sign-in", ("accounts.own",), ()),
)
"""Pages that stand one step behind another, and are somebody's first wish all the same."""

OF_DEMONSTRATIONS = frozenset({"planted.answers"})
"""Pages that a real service does not have."""

NOBODYS = frozenset({"accounts.pages", "accounts.confirm", "accounts.home", "accounts.own", "accounts.change_password"})
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
    shown = [
        (entry.text, endpoint)
        for entry in ENTRIES
        if any(me.may(needed) for needed in entry.needs)
        and (endpoint := next((name for name in entry.endpoints if _opens(name, me)), None))
    ]
    stands_in = _entry_of(request.endpoint or "", [endpoint for _, endpoint in shown])
    return [
        {"href": href, "text": text, "current": href == request.path, "active": endpoint == stands_in}
        for text, endpoint in shown
        for href in (url_for(endpoint),)
    ]


def every_page(me: Actor) -> list[tuple[str, str]]:
    """List by name, with its address, every page a person may begin at: also what is no daily work of theirs.

    The navigation keeps to a person's work, so that it is short; this keeps what else they may read in reach.
    """
    found: dict[str, str] = {}
    for entry in (*ENTRIES, *BESIDES):
        for name in entry.endpoints:
            if _opens(name, me) and (name not in OF_DEMONSTRATIONS or demonstration()):
                found.setdefault(url_for(name), entry.text)
                break
    return sorted(((text, href) for href, text in found.items()), key=lambda pair: pair[0].casefold())


def _entry_of(here: str, endpoints: list[str]) -> str | None:
    """Give the entry a page stands in: itself, or the first of the same slice; None for everybody's pages."""
    if here in endpoints or here in NOBODYS:
        return here
    slice_name = here.partition(".")[0]
    return next((each for each in endpoints if each.partition(".")[0] == slice_name), None)


def _opens(endpoint: str, me: Actor) -> bool:
    """Say whether the application has the page, on its own address, and lets the person open it."""
    view = current_app.view_functions.get(endpoint)
    if view is None or all(rule.arguments for rule in current_app.url_map.iter_rules(endpoint)):
        return False
    access: frozenset[Permission] = getattr(view, "access", frozenset())
    return any(me.may(wanted) for wanted in access)


def home_of(me: Actor) -> str | None:
    """Give the address of the page a person opens first, or None while the application has none for them."""
    for role, endpoint in HOMES:
        if role in me.roles and _opens(endpoint, me):
            return url_for(endpoint)
    return None
