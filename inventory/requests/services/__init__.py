"""What people do with a request: ask, approve, refuse, cancel, dispatch, drop the rest, receive, settle.

Each act locks the request's own row first, so two people acting on one request queue and the second is told.
"""

from inventory.requests.services.asking import AskedLine, ask, cancel, surprises
from inventory.requests.services.deciding import approve, demand_another_person, refuse
from inventory.requests.services.picking import PickedBag, PickedLot
from inventory.requests.services.receiving import Counted, receive
from inventory.requests.services.sending import dispatch, drop_rest
from inventory.requests.services.settling import settle_shortage

__all__ = [
    "AskedLine",
    "Counted",
    "PickedBag",
    "PickedLot",
    "approve",
    "ask",
    "cancel",
    "demand_another_person",
    "dispatch",
    "drop_rest",
    "receive",
    "refuse",
    "settle_shortage",
    "surprises",
]
