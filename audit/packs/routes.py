"""Whether the log is signed, its checkpoints, and the sealed pack to take away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from audit.packs import queries
from audit.packs.forms import PackForm
from audit.packs.report import usual_period, write_pack
from audit.packs.rules import OCCASIONS
from core import trail
from core.access import Permission
from core.dates import local_day
from core.db import now
from core.errors import NotFound
from core.periods import Period, named
from core.trail import checkpoints
from core.web import download, page, refusals_on, requires, signed_in

bp = Blueprint("packs", __name__, url_prefix="/audit/packs")

NEWEST = 20
"""How many checkpoints the page lists."""


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.SEE_TRAIL)
def index() -> ResponseReturnValue:
    """Show whether the log is signed, and give everything needed to check it on another machine."""
    form = PackForm()
    usual = usual_period(local_day(now()))
    if form.submitted():
        with refusals_on(form):
            return _pack(named(form.first.day, form.last.day))
    elif not form.is_submitted():
        form.first.data, form.last.data = usual.first, usual.last
    return page(
        "audit/packs/index.html",
        form=form,
        standing=checkpoints.standing(),
        keys=checkpoints.known_keys(),
        newest=queries.newest_checkpoints(NEWEST),
        occasions=OCCASIONS,
    )


def _pack(period: Period) -> Response:
    """Write a pack aside, log that it leaves, and send it from there."""
    me, at = signed_in(), now()
    named_folder = current_app.config.get("EVIDENCE_DIR")
    aside = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it has been sent)
    packed = write_pack(aside, period=period, at=at, evidence_folder=Path(named_folder) if named_folder else None)
    aside.seek(0)
    name = f"pack-{period.first:%Y%m%d}-{period.last:%Y%m%d}"
    trail.record_access(act="pack.take", subject=name, by=me, at=at, manifest_sha256=packed.manifest_sha256)
    answer = Response(_parts(aside), content_type="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return answer


def _parts(aside: IO[bytes]) -> Iterator[bytes]:
    with aside:
        while part := aside.read(1 << 16):
            yield part


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
