"""Lists that leave as files: one mechanism for every page that shows one.

``@listed`` on a view lets its page be asked for as ``?file=csv`` or ``?file=xlsx``: the view runs with the same
permission, scope and filters, gives every row instead of one page of them, and the file is read from what it shows
(``core.figures.reading``). That somebody took it is in the access log, with the filters and the file's SHA-256.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlencode

from flask import Response, current_app, request, url_for
from flask.typing import ResponseReturnValue

from core import trail
from core.access import Actor
from core.dates import local_day, moment_text
from core.db import db, now
from core.errors import NotFound, RuleBroken
from core.figures.answers import CONTENT_TYPES
from core.figures.files import csv_of, xlsx_of
from core.figures.reading import page_read
from core.figures.tables import Figures, FileKind
from core.paging import MOST_WHOLE, whole_lists
from core.privacy import personal_detail
from core.sheets import Column, csv_bytes
from core.trail.queries import head
from core.web import asks_for_head, download, signed_in

Params = ParamSpec("Params")
View = Callable[Params, ResponseReturnValue]

ASKED = "file"
"""The part of an address that asks for a file."""

KINDS = (FileKind.CSV, FileKind.XLSX)
MARKING = "OFFICIAL"


def listed(view: View[Params]) -> View[Params]:
    """Let the list that a view shows be taken away as a file."""

    @wraps(view)
    def answered(*args: Params.args, **kwargs: Params.kwargs) -> ResponseReturnValue:
        asked = request.args.get(ASKED)
        if asked is None or request.method not in ("GET", "HEAD"):
            return view(*args, **kwargs)
        if asked not in KINDS:
            raise NotFound
        with whole_lists():
            shown = current_app.make_response(view(*args, **kwargs))
        return _file(shown, FileKind(asked)) if shown.status_code == 200 else shown

    answered.listed = True  # type: ignore[attr-defined]  # no function's type has it; the layout asks each view for it
    return answered


def _file(shown: Response, kind: FileKind) -> Response:
    """Make the file of a page, and leave its entry in the access log.

    Raises:
        RuleBroken: the list is longer than a file holds.
    """
    read = page_read(shown.get_data(as_text=True))
    if read.goes_on:
        raise RuleBroken(
            f"A file holds {MOST_WHOLE:,} rows of a list, and this one has more. "
            "Choose a place, dates or words that narrow it down, and take it in parts"
        )
    me, at = signed_in(), now()
    preface = _preface(read.heading, me, at)
    data = _painted(read.tables or (_nothing(read.heading),), kind, preface, read.heading, at)
    rows = sum(len(table.rows) for table in read.tables)
    digest = hashlib.sha256(data).hexdigest()
    db.session.rollback()  # a reader of its own would keep the access log waiting
    if not asks_for_head():
        trail.record_access(
            act="list.export", subject=read.heading, by=me, at=at, kind=kind, rows=rows, sha256=digest,
            filters=[f"{name}: {value}" for name, value in _filters()],
        )  # fmt: skip
    name = re.sub(r"[^a-z0-9]+", "-", read.heading.casefold()).strip("-") or "list"
    return download(data, filename=f"{name[:60]}-{local_day(at)}.{kind}", content_type=CONTENT_TYPES[kind])


def _nothing(title: str) -> Figures:
    return Figures(title, title, (Column("Nothing is on this list"),), ())


def _painted(
    tables: Sequence[Figures], kind: FileKind, preface: Sequence[tuple[str, str]], title: str, at: datetime
) -> bytes:
    """Paint tables as a file; one table is a plain CSV, several are figures with the name of their table."""
    if kind is FileKind.XLSX:
        return xlsx_of(tables, preface, title=title, marking=MARKING, created_at=at)
    if len(tables) == 1:
        return csv_bytes(tables[0].columns, tables[0].rows, preface=preface)
    return csv_of(tables, preface)


def _preface(heading: str, me: Actor, at: datetime) -> list[tuple[str, str]]:
    """Say above a table what it is, what it was narrowed down to, who took it and what it rests on."""
    log = head()
    return [
        ("List", heading),
        ("Filters", "; ".join(f"{name}: {value}" for name, value in _filters()) or "None"),
        ("Taken by", me.name),
        ("Taken on", moment_text(at)),
        ("Rests on", f"Entry {log.sequence:,} of the log of changes"),
        ("Marking", MARKING),
    ]


def _filters() -> list[tuple[str, str]]:
    """Name what the list was narrowed down to, by the names its address has; no detail of a person is repeated."""
    return [(_said(name), _said(value)) for name, value in _asked()]


def _asked() -> list[tuple[str, str]]:
    """Give what the address says beside the page and the file."""
    return [(name, value) for name, value in request.args.items(multi=True) if name not in (ASKED, "page") and value]


def _said(words: str) -> str:
    return words if personal_detail(words) is None else "[left out]"


def files_of_list() -> list[tuple[str, str]]:
    """Give the files that the page being answered can be taken away as: (name, address); none where it is no list."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method != "GET" or not hasattr(view, "listed"):
        return []
    words = {FileKind.CSV: "CSV", FileKind.XLSX: "Excel"}
    # Not by url_for: a name that an address may have, such as "endpoint" or "_scheme", means something else to it.
    path = url_for(str(request.endpoint), **(request.view_args or {}))
    return [(words[kind], f"{path}?{urlencode([*_asked(), (ASKED, kind.value)])}") for kind in KINDS]
