"""Where a person's pages are: the service navigation, and the page they open first.

Slices above this one own the pages, so they are named by endpoint only, and one that is not there, or that the
person may not open, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from flask import current_app, request, url_for

from core.access import Actor, Permission, Role
from organisation.accounts.routes.sessions import demonstration


class Group(StrEnum):
    """What a page is about, as "All your pages" puts it."""

    DESK = "Your desk"
    STOCK = "Go Bags and stock"
    MONEY = "Grants and money"
    REPORTS = "Reports"
    PROOF = "Checks and proof"
    SERVICE = "People, places and lists"


@dataclass(frozen=True)
class Entry:
    """A page somebody may begin at.

    Attributes:
        endpoints: where it leads: the first of these that the application has and the person may open.
        needs: permissions of which one makes it part of somebody's daily work, and so of their navigation.
    """

    group: Group
    text: str
    endpoints: tuple[str, ...]
    needs: tuple[Permission, ...] = ()


_P = Permission
ENTRIES = (
    Entry(Group.DESK, "Station", ("desk.station",), (_P.ISSUE_BAG,)),
    Entry(Group.DESK, "Store desk", ("desk.store",), (_P.DISPATCH,)),
    Entry(Group.DESK, "Audit", ("auditor.home",), (_P.SEE_TRAIL,)),
    Entry(Group.REPORTS, "Reports", ("reports.index",), (_P.KEEP_WORKING_PAPERS,)),
    Entry(Group.PROOF, "What looks wrong", ("exceptions.index",), (_P.KEEP_WORKING_PAPERS,)),
    Entry(Group.PROOF, "Samples", ("samples.index",), (_P.KEEP_WORKING_PAPERS,)),
    Entry(Group.PROOF, "Questions", ("questions.index",), (_P.KEEP_WORKING_PAPERS,)),
    Entry(Group.MONEY, "Grants", ("position.index", "awards.index"), (_P.SEE_MONEY,)),
    Entry(Group.MONEY, "Claims", ("claims.index",), (_P.SEE_MONEY,)),
    Entry(Group.MONEY, "Invoices", ("spending.index",), (_P.SEE_MONEY,)),
    Entry(Group.MONEY, "Reconciliation", ("reconciliation.index",), (_P.SEE_MONEY,)),
    Entry(Group.MONEY, "Follow the pound", ("position.follow",), (_P.SEE_MONEY,)),
    Entry(Group.REPORTS, "Reports", ("reports.index",), (_P.DOWNLOAD_REPORTS,)),
    Entry(Group.MONEY, "Ledgers", ("ledgers.index",), (_P.SEE_MONEY,)),
    Entry(Group.STOCK, "Requests", ("requests.inbox", "requests.index"), (_P.SEE_REQUESTS,)),
    Entry(Group.STOCK, "Go Bags", ("bags.index",), (_P.SEE_STOCK,)),
    Entry(Group.STOCK, "Deliveries", ("deliveries.index",), (_P.RECEIVE_DELIVERY,)),
    Entry(Group.STOCK, "Counts", ("counts.index",), (_P.COUNT_STOCK,)),
    Entry(Group.STOCK, "Phones", ("phones.index",), (_P.RECEIVE_DELIVERY,)),
    Entry(Group.STOCK, "Expiring", ("expiry.index",), (_P.PACK_BAG,)),
    Entry(Group.STOCK, "Recalls", ("recalls.index",), (_P.RECALL_STOCK,)),
    Entry(Group.STOCK, "Par levels", ("pars.index",), (_P.SET_PAR,)),
    Entry(Group.STOCK, "Find", ("finding.show",), (_P.SEE_STOCK,)),
    Entry(Group.SERVICE, "Accounts", ("accounts.index",), (_P.KEEP_ACCOUNTS,)),
    Entry(Group.SERVICE, "Places", ("places.index",), (_P.KEEP_PLACES,)),
)
"""The pages of somebody's daily work, each person's weightiest first; a page may stand twice, for different people."""

MOST_SHOWN = 6
"""How many of them the navigation shows: more would take a second line on the screen of a desk."""

BESIDES = (
    Entry(Group.STOCK, "All requests", ("requests.index",)),
    Entry(Group.STOCK, "Go Bags issued", ("bags.issues",)),
    Entry(Group.STOCK, "Editions", ("editions.index",)),
    Entry(Group.STOCK, "Languages held and asked for", ("editions.cover",)),
    Entry(Group.STOCK, "Where help is", ("partnership.show",)),
    Entry(Group.STOCK, "Handovers of cupboards", ("counts.handovers",)),
    Entry(Group.STOCK, "Print labels", ("labels.ask",)),
    Entry(Group.STOCK, "Mobile operators", ("phones.operators",)),
    Entry(Group.MONEY, "Awards", ("awards.index",)),
    Entry(Group.MONEY, "Orders", ("spending.orders",)),
    Entry(Group.MONEY, "Missing evidence", ("evidence.missing",)),
    Entry(Group.MONEY, "Bid for next year", ("bids.show",)),
    Entry(Group.MONEY, "Bids taken away", ("bids.index",)),
    Entry(Group.MONEY, "Order, delivery and invoice", ("threeway.index",)),
    Entry(Group.REPORTS, "Usage", ("usage.show",)),
    Entry(Group.REPORTS, "Published usage", ("published.index",)),
    Entry(Group.REPORTS, "Registers", ("registers.index",)),
    Entry(Group.REPORTS, "Register of issued reports", ("issued.index",)),
    Entry(Group.REPORTS, "Audit extracts", ("makings.index",)),
    Entry(Group.PROOF, "Audit trail", ("trail.index",)),
    Entry(Group.PROOF, "An auditor’s questions", ("questions.index",)),
    Entry(Group.PROOF, "Errors planted in the demonstration", ("planted.answers",)),
    Entry(Group.PROOF, "Check of the records", ("auditor.check",)),
    Entry(Group.PROOF, "Sealed pack and checkpoints", ("packs.index",)),
    Entry(Group.SERVICE, "Catalogue", ("catalogue.index",)),
    Entry(Group.SERVICE, "Kit recipes", ("catalogue.recipes",)),
    Entry(Group.SERVICE, "Suppliers", ("suppliers.index",)),
    Entry(Group.SERVICE, "Bring in a spreadsheet", ("spreadsheets.start",)),
    Entry(Group.SERVICE, "Your sign-in", ("accounts.own",)),
)
"""Pages that stand one step behind another, or are used once in a while."""

OF_DEMONSTRATIONS = frozenset({"planted.answers"})
"""Pages that a real service does not have."""

NOBODYS = frozenset({"accounts.confirm", "accounts.home", "accounts.own", "accounts.change_password"})
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
    """Give the first pages of a person's work and the way to all others, as the service navigation takes them.

    Nothing for somebody who has no work here.
    """
    work: dict[str, str] = {}
    for entry in ENTRIES:
        if any(me.may(needed) for needed in entry.needs) and (endpoint := _opened(entry, me)):
            work.setdefault(endpoint, entry.text)
    shown = [*islice(work.items(), MOST_SHOWN), ("accounts.pages", "All your pages")] if work else []
    stands_in = _entry_of(request.endpoint or "", [endpoint for endpoint, _ in shown])
    return [
        {"href": href, "text": text, "current": href == request.path, "active": endpoint == stands_in}
        for endpoint, text in shown
        for href in (url_for(endpoint),)
    ]


def every_page(me: Actor) -> dict[str, list[tuple[str, str]]]:
    """List every page a person may begin at, also what is no daily work of theirs: group → (name, address) by name.

    The navigation keeps to a person's work, so that it is short; this keeps what else they may read in reach.
    """
    found: dict[str, tuple[Group, str]] = {}
    for entry in (*ENTRIES, *BESIDES):
        endpoint = _opened(entry, me)
        if endpoint and (endpoint not in OF_DEMONSTRATIONS or demonstration()):
            found.setdefault(url_for(endpoint), (entry.group, entry.text))
    by_name = sorted(found.items(), key=lambda each: each[1][1].casefold())
    grouped = {group.value: [(text, href) for href, (of, text) in by_name if of is group] for group in Group}
    return {group: pages for group, pages in grouped.items() if pages}


def _opened(entry: Entry, me: Actor) -> str | None:
    """Give the endpoint that an entry leads a person to; None where there is none for them."""
    return next((name for name in entry.endpoints if _opens(name, me)), None)


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
