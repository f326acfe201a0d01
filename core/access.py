"""Who may do what, and where: permissions, roles, scopes and the acting person.

Owns the vocabulary only. Which account holds which role is recorded in ``organisation/accounts``; which
view needs which permission is declared there with ``@requires`` (``core/web.py``). Nothing here knows a
database or the web, so a rule about access can be read and tested on its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property

from core.errors import NotFound, NotPermitted


class Permission(StrEnum):
    """One thing a person can be allowed to do."""

    SEE_STOCK = "see stock"
    ISSUE_BAG = "issue a Go Bag"
    REQUEST_RESTOCK = "request restock"
    SEE_REQUESTS = "see restock requests"
    RECEIVE_DISPATCH = "receive a dispatch"
    APPROVE_REQUEST = "approve a restock request"
    DISPATCH = "pick and dispatch"
    RECEIVE_DELIVERY = "receive a delivery"
    PACK_BAG = "pack a Go Bag"
    CORRECT_STOCK = "correct stock"
    COUNT_STOCK = "count stock"
    APPROVE_COUNT = "approve a count"
    HAND_OVER = "hand a cupboard over"
    RECALL_STOCK = "hold and recall stock"
    SET_PAR = "set par levels"
    KEEP_CATALOGUE = "keep the catalogue"
    KEEP_PHONES = "keep phones and SIMs"
    TEXT_PHONES = "keep phones ringing"
    KEEP_OPERATORS = "keep mobile operators"
    SEE_MONEY = "see grants and spending"
    KEEP_AWARDS = "keep awards and grant lines"
    KEEP_SPENDING = "keep orders and invoices"
    APPORTION = "apportion spending"
    KEEP_LEDGERS = "import and match ledgers"
    PREPARE_CLAIM = "prepare claims"
    REVIEW_CLAIM = "review claims"
    CERTIFY_CLAIM = "certify claims"
    DOWNLOAD_REPORTS = "download reports"
    SEE_USAGE = "see usage"
    PUBLISH_USAGE = "publish usage"
    SEE_TRAIL = "see the audit trail"
    KEEP_WORKING_PAPERS = "keep audit working papers"
    ANSWER_QUESTION = "answer an auditor's questions"
    KEEP_ACCOUNTS = "keep accounts"
    KEEP_PLACES = "keep places"
    KEEP_OWN_SIGN_IN = "keep own sign-in"


class Role(StrEnum):
    """A post a person holds, at places or for the whole organisation."""

    SERGEANT = "sergeant"
    STOREKEEPER = "storekeeper"
    APPROVER = "approver"
    GRANT_OFFICER = "grant officer"
    BUDGET_HOLDER = "budget holder"
    CHIEF_FINANCE_OFFICER = "chief finance officer"
    AUDITOR = "auditor"
    PARTNER = "partner"
    ADMINISTRATOR = "administrator"


_P = Permission
_EVERYONE = frozenset({_P.KEEP_OWN_SIGN_IN})
_READS_MONEY = frozenset({_P.SEE_STOCK, _P.SEE_REQUESTS, _P.SEE_MONEY, _P.SEE_USAGE, _P.DOWNLOAD_REPORTS})
_KEEPS_CUPBOARD = frozenset(
    {
        _P.SEE_STOCK,
        _P.SEE_REQUESTS,
        _P.ISSUE_BAG,
        _P.REQUEST_RESTOCK,
        _P.RECEIVE_DISPATCH,
        _P.COUNT_STOCK,
        _P.HAND_OVER,
        _P.TEXT_PHONES,
        _P.ANSWER_QUESTION,
    }
)

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SERGEANT: _EVERYONE | _KEEPS_CUPBOARD,
    Role.PARTNER: _EVERYONE | _KEEPS_CUPBOARD,
    Role.STOREKEEPER: _EVERYONE
    | {
        _P.SEE_STOCK,
        _P.SEE_REQUESTS,
        _P.DISPATCH,
        _P.RECEIVE_DELIVERY,
        _P.PACK_BAG,
        _P.CORRECT_STOCK,
        _P.COUNT_STOCK,
        _P.HAND_OVER,
        _P.SET_PAR,
        _P.KEEP_CATALOGUE,
        _P.KEEP_PHONES,
        _P.TEXT_PHONES,
        _P.KEEP_OPERATORS,
        _P.RECALL_STOCK,
        _P.ANSWER_QUESTION,
    },
    Role.APPROVER: _EVERYONE
    | {
        _P.SEE_STOCK,
        _P.SEE_REQUESTS,
        _P.APPROVE_REQUEST,
        _P.SET_PAR,
        _P.COUNT_STOCK,
        _P.APPROVE_COUNT,
        _P.RECALL_STOCK,
    },
    Role.GRANT_OFFICER: _EVERYONE
    | _READS_MONEY
    | {_P.KEEP_AWARDS, _P.KEEP_SPENDING, _P.APPORTION, _P.KEEP_LEDGERS, _P.PREPARE_CLAIM, _P.PUBLISH_USAGE}
    | {_P.ANSWER_QUESTION},
    Role.BUDGET_HOLDER: _EVERYONE | _READS_MONEY | {_P.REVIEW_CLAIM},
    Role.CHIEF_FINANCE_OFFICER: _EVERYONE | _READS_MONEY | {_P.CERTIFY_CLAIM},
    Role.AUDITOR: _EVERYONE | _READS_MONEY | {_P.SEE_TRAIL, _P.KEEP_WORKING_PAPERS},
    Role.ADMINISTRATOR: _EVERYONE | {_P.KEEP_ACCOUNTS, _P.KEEP_PLACES, _P.KEEP_OPERATORS},
}
"""Role → what its holder may do. The administrator has no stock or money rights; the auditor changes neither."""

ROLES_AT_PLACES = frozenset({Role.SERGEANT, Role.STOREKEEPER, Role.APPROVER, Role.PARTNER})
"""Roles held at named places; the others are held for the whole organisation."""


@dataclass(frozen=True)
class Scope:
    """The places whose rows a person may see or change.

    Attributes:
        place_ids: ids of those places, or None for every place.
    """

    place_ids: frozenset[int] | None

    @classmethod
    def everywhere(cls) -> Scope:
        """Give the scope of somebody who answers for the whole organisation."""
        return cls(None)

    @classmethod
    def of(cls, place_ids: Iterable[int]) -> Scope:
        """Give the scope of the named places."""
        return cls(frozenset(place_ids))

    def covers(self, place_id: int) -> bool:
        """Say whether rows of this place are inside the scope."""
        return self.place_ids is None or place_id in self.place_ids

    def demand(self, place_id: int) -> None:
        """Refuse, as if it did not exist, a row of a place outside the scope.

        Raises:
            NotFound: the place is outside the scope.
        """
        if not self.covers(place_id):
            raise NotFound


@dataclass(frozen=True)
class Appointment:
    """A role held by a person at one place, or everywhere when ``place_id`` is None.

    Attributes:
        deputising_for: name of the absent person whose role this is, or None for one's own.
    """

    role: Role
    place_id: int | None
    deputising_for: str | None = None

    def grants(self, permission: Permission) -> bool:
        """Say whether the role carries the permission."""
        return permission in ROLE_PERMISSIONS[self.role]


@dataclass(frozen=True)
class Actor:
    """The person acting, with the appointments that count for what is being done.

    A view sees the actor narrowed to the permission the view requires, so ``scope`` never mixes the places of
    one role with the rights of another.
    """

    account_id: int
    name: str
    appointments: tuple[Appointment, ...]

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """Everything the appointments allow; a page asks for it some fifty times."""
        return frozenset().union(*(ROLE_PERMISSIONS[held.role] for held in self.appointments))

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles held, in the order they were given, each once."""
        return tuple(dict.fromkeys(held.role for held in self.appointments))

    @property
    def role(self) -> Role:
        """The role the act is done in: the first that counts."""
        return self.appointments[0].role

    @property
    def scope(self) -> Scope:
        """The places the appointments reach."""
        places = [held.place_id for held in self.appointments]
        return Scope.everywhere() if None in places else Scope.of(p for p in places if p is not None)

    def may(self, permission: Permission) -> bool:
        """Say whether any appointment carries the permission."""
        return permission in self.permissions

    def acting_under(self, permission: Permission) -> Actor:
        """Narrow the actor to the appointments that carry the permission.

        Raises:
            NotPermitted: none of them does.
        """
        counting = tuple(held for held in self.appointments if held.grants(permission))
        if not counting:
            raise NotPermitted
        return replace(self, appointments=counting)


def in_force(first_day: date, last_day: date | None, *, on: date) -> bool:
    """Say whether something given from one day until another (both included) counts on a day."""
    return first_day <= on and (last_day is None or on <= last_day)
