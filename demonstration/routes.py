"""The one page of the demonstration's own: the errors planted in its year, for whoever teaches with it."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.errors import NotFound
from core.web import page, requires
from organisation.accounts import queries as accounts

bp = Blueprint("planted", __name__, url_prefix="/demonstration")


@bp.route("/answers")
@requires(Permission.KEEP_WORKING_PAPERS, Permission.KEEP_ACCOUNTS)
def answers() -> ResponseReturnValue:
    """Show the planted errors, each to be revealed; a real service has no such page."""
    if not accounts.is_demonstration():
        raise NotFound
    # Loaded here, so that a service which is no demonstration never imports it.
    from demonstration import planting

    return page("demonstration/answers.html", answers=planting.answers())
