"""Which lines a page is about: the filter in its address, read and written back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for

from core.errors import NotFound
from core.parse import search_text
from core.privacy import refuse_personal_details
from grants.ledgers import queries
from grants.ledgers.models import LedgerLine
from grants.ledgers.queries import NO_PROJECT, LineFilter, Progress

EVERY_LINE = "all"


@dataclass(frozen=True)
class Chosen:
    """A filter as the address has it.

    Attributes:
        project: one project's code, "-" for lines without one, "all", or nothing for all grant projects.
        offered: what can be chosen: value → words.
        missing: codes of grant projects that no line carries, when that is why every line is shown.
    """

    ledger_code: str
    project: str
    search: str
    offered: dict[str, str]
    codes: tuple[str, ...]
    missing: tuple[str, ...] = ()

    @property
    def lines(self) -> LineFilter:
        """The filter as queries take it."""
        projects: tuple[str, ...] | None = (self.project,)
        if self.project == EVERY_LINE:
            projects = None
        elif not self.project:
            projects = self.codes
        return LineFilter(self.ledger_code, projects, self.search)

    @property
    def arguments(self) -> dict[str, str]:
        """The filter as an address takes it."""
        return {name: value for name, value in (("project", self.project), ("q", self.search)) if value}


def chosen(ledger_code: str) -> tuple[Chosen, Progress]:
    """Read the filter, and how far its lines are explained.

    When nothing is chosen the lines of grant projects are meant, or every line while none carries such a code.

    Raises:
        NotFound: a project that is not offered.
        RuleBroken: the search is too long, or could identify a person.
    """
    search = search_text(request.args.get("q"))
    refuse_personal_details(search)
    grants = queries.grant_projects()
    offered = {"": "All grant projects"} if grants else {}
    offered |= {code: f"{code}, {title}" for code, title in grants.items()}
    offered |= {NO_PROJECT: "Lines without a project or cost centre", EVERY_LINE: "Every line"}
    asked = request.args.get("project", "")
    if asked and asked not in offered:
        raise NotFound
    found = Chosen(ledger_code, asked if asked or grants else EVERY_LINE, search, offered, tuple(grants))
    progress = queries.progress(found.lines)
    if not asked and grants and not progress.line_count and not search:
        found = replace(found, project=EVERY_LINE, missing=tuple(grants))
        progress = queries.progress(found.lines)
    return found, progress


def next_address(line: LedgerLine) -> str:
    """Give the page to go to after a line was dealt with: the desk where one was, at the next line, or the line."""
    if request.args.get("at") != "desk":
        return url_for("ledgers.line", line_name=line.name)
    kept: dict[str, Any] = {name: request.args[name] for name in ("project", "q", "page") if request.args.get(name)}
    if request.args.get("then"):
        kept["line"] = request.args["then"]
    return url_for("ledgers.desk", ledger_code=line.ledger.code, **kept)
