"""States of a restock request, what may follow what, and why something can be short."""

from __future__ import annotations

from enum import StrEnum


class RequestState(StrEnum):
    """Where a request is. Refused, cancelled and closed are ends."""

    ASKED = "asked"
    APPROVED = "approved"
    SENT = "sent"
    RECEIVED = "received"
    CLOSED = "closed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class RequestAct(StrEnum):
    """What happened to a request, as its history tells it."""

    ASKED = "asked"
    APPROVED = "approved"
    APPROVED_IN_PART = "approved in part"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    DISPATCHED = "dispatched"
    REST_DROPPED = "rest dropped"
    RECEIVED = "received"
    SHORTAGE_SETTLED = "shortage settled"
    CLOSED = "closed"


class ShortReason(StrEnum):
    """Why less arrived than was sent."""

    MISSING = "missing from the parcel"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong item"
    OTHER = "other"


class ShortageOutcome(StrEnum):
    """How a shortage was settled."""

    ARRIVED_LATER = "arrived later"
    BACK_AT_STORE = "back at the store"
    WRITTEN_OFF = "written off"


MAY_FOLLOW: dict[RequestState, frozenset[RequestState]] = {
    RequestState.ASKED: frozenset({RequestState.APPROVED, RequestState.REFUSED, RequestState.CANCELLED}),
    RequestState.APPROVED: frozenset({RequestState.SENT, RequestState.CANCELLED, RequestState.CLOSED}),
    RequestState.SENT: frozenset({RequestState.SENT, RequestState.RECEIVED, RequestState.CLOSED}),
    RequestState.RECEIVED: frozenset({RequestState.RECEIVED, RequestState.CLOSED}),
    RequestState.CLOSED: frozenset(),
    RequestState.REFUSED: frozenset(),
    RequestState.CANCELLED: frozenset(),
}
"""State → the states that may follow it. Received with an open shortage waits; without one it closes."""

TO_PICK = (RequestState.APPROVED, RequestState.SENT)
OPEN = (RequestState.ASKED, RequestState.APPROVED, RequestState.SENT, RequestState.RECEIVED)
"""States that are no end."""

STATE_WORDS = {
    RequestState.ASKED: "waiting for approval",
    RequestState.APPROVED: "approved",
    RequestState.SENT: "sent",
    RequestState.RECEIVED: "shortage to settle",
    RequestState.CLOSED: "closed",
    RequestState.REFUSED: "refused",
    RequestState.CANCELLED: "cancelled",
}
