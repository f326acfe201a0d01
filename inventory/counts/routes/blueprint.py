"""The blueprint that the views of counts hang on, and what several of them need."""

from __future__ import annotations

from flask import Blueprint

from core.access import Permission
from core.web import whole_actor

bp = Blueprint("counts", "inventory.counts.routes")


def may(permission: Permission, place_id: int) -> bool:
    """Say whether the person may do something at a place."""
    me = whole_actor()
    return me is not None and me.may(permission) and me.acting_under(permission).scope.covers(place_id)
