"""The blueprint that the views of ledgers hang themselves on."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

bp = Blueprint("ledgers", "grants.ledgers.routes", url_prefix="/ledgers")


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say what a ledger file may weigh: more than other files."""
    message = "The file must be smaller than 40MB. Split it by month and import each part"
    return render_template("errors/error.html", status=413, message=message, reference=None), 413
