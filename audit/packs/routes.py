"""Whether the log is signed, and its checkpoints. The sealed pack is made beside the service (`audit/makings`)."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from audit.packs import queries
from audit.packs.rules import OCCASIONS
from core.access import Permission
from core.errors import NotFound
from core.trail import checkpoints
from core.web import download, page, requires

bp = Blueprint("packs", __name__, url_prefix="/audit/packs")

NEWEST = 20
"""How many checkpoints the page lists."""


@bp.route("/")
@requires(Permission.SEE_TRAIL)
def index() -> ResponseReturnValue:
    """Show whether the log is signed, and give everything needed to check it on another machine."""
    return page(
        "audit/packs/index.html",
        standing=checkpoints.standing(),
        keys=checkpoints.known_keys(),
        newest=queries.newest_checkpoints(NEWEST),
        occasions=OCCASIONS,
    )


@bp.route("/checkpoints/<int:number>")
@requires(Permission.SEE_TRAIL)
def checkpoint(number: int) -> ResponseReturnValue:
    """Give a checkpoint as text, to be kept elsewhere."""
    found = queries.checkpoint(number)
    if found is None:
        raise NotFound
    return download(
        found.note.encode(), filename=checkpoints.file_name(found), content_type="text/plain; charset=utf-8"
    )
