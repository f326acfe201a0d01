"""Asking for a big report or the sealed pack, seeing how far it is, cancelling it, and taking it away."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from audit.issued.report import figures_stand
from audit.makings import queries, services
from audit.makings.forms import AnotherForm, CancelForm, ExtractForm, args_of
from audit.makings.models import Making
from audit.makings.report import (
    PACK,
    SORT_OF,
    SORTS,
    ending_of,
    entry,
    issued_extract,
    report_of,
    told,
    volumes_in,
)
from audit.makings.rules import KEPT_FOR, LIMITS, LISTED, MOST_KEPT, NO_PROCESS, Ending, Told
from audit.makings.services import Folder
from audit.packs.forms import PackForm
from audit.packs.report import SealedPack, manifest_digest, usual_period
from audit.trail import queries as trails
from audit.trail.report import MARKING, LogExtract, filters_of, freeze_extract
from core import children, register, trail
from core.access import Permission
from core.dates import local_day
from core.db import db, now, transaction
from core.errors import NotFound, StaleEdit
from core.figures import FileKind, is_figure
from core.figures.answers import CONTENT_TYPES
from core.figures.storing import text_of
from core.periods import Period, named, period_of
from core.register.rules import PREFIX
from core.web import asks_for_head, page, refusals_on, requires, signed_in

bp = Blueprint("makings", __name__, url_prefix="/audit/extracts")
log = logging.getLogger("go_bags.makings")

HANDED_ON = {
    "CHECKPOINT_FOLDER": "CHECKPOINT_FOLDER",
    "CHECKPOINT_KEY": "CHECKPOINT_KEY",
    "DATABASE_URL": "SQLALCHEMY_DATABASE_URI",
    "EVIDENCE_DIR": "EVIDENCE_DIR",
    "PUBLIC_ADDRESS": "PUBLIC_ADDRESS",
    "REPORTS_DIR": "REPORTS_DIR",
    "SECRET_KEY": "SECRET_KEY",
}
"""Variable of the environment → the setting that a process of ours must have as the service has it."""


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.SEE_TRAIL)
def index() -> ResponseReturnValue:
    """Ask for an audit extract, and show what one has asked for lately."""
    form = ExtractForm() if request.method == "POST" else ExtractForm.prefilled(request.args)
    form.offer(trails.people(), trails.places())
    if form.submitted():
        with refusals_on(form):
            filters = filters_of(form.asked(), **form.named())
            _ask(_sort(form), freeze_extract(form.asked(), filters), filters, form.submission_id.data)
            return redirect(url_for("makings.index", _anchor="asked"))
    return page("audit/makings/index.html", form=form, **_shown())


def _sort(form: ExtractForm | AnotherForm) -> str:
    return SORT_OF[FileKind(form.form.data)]


@bp.route("/figures/<reference>", methods=["GET", "POST"])
@requires(Permission.SEE_TRAIL)
def show(reference: str) -> ResponseReturnValue:
    """Show the figures of an extract, of one's own or in the register, and take it in one more form."""
    extract, form = _counted(reference), AnotherForm(data={"form": request.args.get("form")})
    if form.submitted():
        with refusals_on(form):
            _ask(_sort(form), extract, {"again": reference}, form.submission_id.data)
            return redirect(url_for("makings.index", _anchor="asked"))
    return page(
        "audit/makings/show.html",
        form=form,
        extract=extract,
        marking=MARKING,
        is_figure=is_figure,
        trail=url_for("trail.index", **args_of(extract.asked)),
    )


def _counted(reference: str) -> LogExtract:
    """Give an extract by the reference of one's making of it, or by that under which it left.

    Raises:
        NotFound: there is none, or its entries are not counted.
    """
    if reference.startswith(f"{PREFIX}-"):
        issued = queries.issued_report(reference)
        found = issued_extract(issued) if figures_stand(issued) else None
    else:
        found = report_of(queries.own_making(reference, account_id=signed_in().account_id))
    if not isinstance(found, LogExtract) or found.counted is None:
        raise NotFound
    return found


@bp.route("/pack", methods=["GET", "POST"])
@requires(Permission.SEE_TRAIL)
def pack() -> ResponseReturnValue:
    """Ask for the sealed pack, and show what one has asked for lately."""
    form, wanted = PackForm(), _wanted_days()
    if form.submitted():
        with refusals_on(form):
            period = named(form.first.day, form.last.day)
            _ask(PACK, SealedPack(period), period.words, form.submission_id.data)
            return redirect(url_for("makings.pack", _anchor="asked"))
    elif not form.is_submitted():
        form.first.data, form.last.data = wanted.first, wanted.last
    return page("audit/makings/pack.html", form=form, **_shown())


def _wanted_days() -> Period:
    """Read the days of a pack from an address that asks for one again; the usual ones without."""
    asked = request.args.get("from"), request.args.get("to")
    return period_of(*asked) if any(asked) else usual_period(local_day(now()))


def _shown() -> dict[str, Any]:
    """Give what both pages show of what the signed-in person asked for."""
    listed = _listed()
    return {
        "cancelling": CancelForm(formdata=None),
        "listed": listed,
        "under_way": any(each.is_under_way for each, _ in listed),
        "kept_days": KEPT_FOR.days,
        "most_kept": MOST_KEPT,
    }


def _listed() -> list[tuple[Told, str]]:
    """Give what the signed-in person asked for, each with the address that asks for the same again."""
    makings, folder = queries.own_makings(signed_in().account_id, most=LISTED), _folder()
    at = now()
    gone, left = folder.gone(makings, at=at), queries.issued_among([each.sha256 for each in makings if each.sha256])
    return [
        (
            told(
                each, gone=each.reference in gone, has_file=_file(each, folder).exists(),
                was_issued=each.sha256 in left, at=at,
            ),
            _again(each),
        )
        for each in makings
    ]  # fmt: skip


def _again(making: Making) -> str:
    """Give the address of the page that asks for the same again."""
    if making.sort == PACK:
        period = report_of(making).period
        return url_for("makings.pack", **{"from": period.first.isoformat(), "to": period.last.isoformat()})
    report, form = report_of(making), SORTS[making.sort].form
    if report.counted is not None:
        return url_for("makings.show", reference=making.reference, form=form)
    return url_for("makings.index", **args_of(report.asked), form=form)


def _file(making: Making, folder: Folder) -> Path:
    return folder.file(making.reference, ending_of(making))


def _ask(sort: str, report: Any, asked: object, submission_id: str) -> None:
    """Ask for a report, and begin its process where the form did not ask for it before."""
    folder, frozen = _folder(), text_of(report)
    gone = folder.gone(queries.under_way(), at=now())
    with transaction():
        making, is_new = services.ask(
            sort, frozen, asked, gone=gone, by=signed_in(), at=now(), submission_id=submission_id
        )
        reference = making.reference
    if is_new:
        _begin(reference, folder)
        folder.sweep(at=now())


def _begin(reference: str, folder: Folder) -> None:
    """Begin the process of a making; where that cannot be done, say so in its row."""
    own = {name: str(current_app.config[key]) for name, key in HANDED_ON.items() if current_app.config.get(key)}
    # It prints where a report is verified, and nobody asks it by an address.
    own.setdefault("PUBLIC_ADDRESS", request.url_root)
    try:
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        children.start(
            [sys.executable, "-m", "flask", "--app", "app:create_beside", "makings", "make", reference],
            lock=folder.lock(reference), limits=LIMITS, folder=Path(current_app.root_path),
            environment={**os.environ, **own},
        )  # fmt: skip
    except OSError as problem:
        log.error("no process for the report %s: %s", reference, problem)
        with transaction():
            services.fail(reference, NO_PROCESS, at=now())


def _folder() -> Folder:
    return Folder(Path(current_app.config["REPORTS_DIR"]))


@bp.route("/<reference>/cancel", methods=["POST"])
@requires(Permission.SEE_TRAIL)
def cancel(reference: str) -> ResponseReturnValue:
    """Cancel a report under way, and remove what was written of it."""
    sort = queries.own_making(reference, account_id=signed_in().account_id).sort
    if CancelForm().submitted():
        with transaction():
            services.cancel(reference, by=signed_in(), at=now())
        try:
            _folder().stop(reference)
        except TimeoutError as problem:
            log.error("a cancelled report is still being made: %s", problem)
    return redirect(url_for("makings.pack" if sort == PACK else "makings.index", _anchor="asked"))


@bp.route("/<reference>")
@requires(Permission.SEE_TRAIL)
def download(reference: str) -> ResponseReturnValue:
    """Take a report that is ready away, and register that it left."""
    making = queries.own_making(reference, account_id=signed_in().account_id)
    path = _file(making, _folder())
    if not told(making, gone=False, has_file=path.exists(), at=now()).is_kept:
        raise StaleEdit("The file of this report is not there, or no longer. Look at the list of what you asked for")
    file = path.open("rb")
    try:
        return _answer(making, file)
    except BaseException:
        file.close()
        raise


def _answer(making: Making, file: BufferedReader) -> Response:
    if hashlib.file_digest(file, "sha256").hexdigest() != making.sha256:
        raise StaleEdit("The file of this report is no longer the one that was made. Ask for it again")
    ending, name, size = ending_of(making), report_of(making).reference, making.byte_count or 0
    if asks_for_head():
        file.close()  # no part of it is ever asked for
        answer = Response(content_type=CONTENT_TYPE[ending])
    else:
        _note_leaving(making, file)
        file.seek(0)
        answer = Response(_parts(file), content_type=CONTENT_TYPE[ending])
        answer.call_on_close(file.close)  # also where nobody reads a part of it
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    answer.content_length = size
    return answer


CONTENT_TYPE = {Ending(kind.value): words for kind, words in CONTENT_TYPES.items()} | {Ending.ZIP: "application/zip"}


def _note_leaving(making: Making, file: BinaryIO) -> None:
    """Register that a report leaves; a pack is none, and its leaving is noted by its manifest."""
    form = SORTS[making.sort].form
    if form is not None:
        _register(making, form, file)
        return
    file.seek(0)
    manifest, name, digest = manifest_digest(file), report_of(making).reference, making.sha256
    db.session.rollback()  # a reader of its own would keep the access log's short transaction waiting
    trail.record_access(
        act="pack.take", subject=name, by=signed_in(), at=now(), manifest_sha256=manifest, sha256=digest
    )


def _register(making: Making, form: FileKind, file: BinaryIO) -> None:
    """Register that a file leaves, and where it is a ZIP of volumes, each volume too: anybody may hold one alone.

    Raises:
        StaleEdit: the same report left meanwhile with another imprint, as where somebody asked for it by another
            address of the service.
    """
    report, done = report_of(making), making.done_count
    painted = register.Painted(form, making.sha256 or "", making.byte_count or 0)
    parts = volumes_in(file, form) if ending_of(making) is Ending.ZIP else ()
    kept, imprint = entry(report), report.checkpoint.imprint
    db.session.rollback()  # a reader of its own would keep the register's short transaction waiting
    if register.keep(kept, imprint, painted, parts=parts, by=signed_in(), at=now(), version=kept.sequence, rows=done):
        raise StaleEdit("This report left meanwhile in another file. Ask for it again")


def _parts(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while part := file.read(1 << 16):
            yield part
