"""Ledger lines, and how much of each is explained: by spending rows, or by the line that takes it back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select, union_all
from sqlalchemy.orm import joinedload

from core.db import db
from core.errors import NotFound
from core.money import Pence
from grants.ledgers.models import FinanceLedger, LedgerCancellation, LedgerLine, LedgerMatch

NO_PROJECT = "-"
"""What is chosen to see the lines that carry neither a project nor a cost centre."""


class Shown(StrEnum):
    """Which lines of a ledger a list shows."""

    UNEXPLAINED = "unexplained"
    EXPLAINED = "explained"
    FLAGGED = "flagged"
    ALL = "all"


@dataclass(frozen=True)
class LineFilter:
    """Which lines are meant.

    Attributes:
        ledger_code: lines of one ledger, or of every one when empty.
        projects: lines of these projects (as project or cost centre); None for whatever they carry.
        search: words that the number, the supplier, the reference, the description, the project or the cost centre
            holds, taken literally.
        import_id: lines that one import added.
    """

    ledger_code: str = ""
    projects: tuple[str, ...] | None = None
    search: str = ""
    import_id: int | None = None


@dataclass(frozen=True)
class LineState:
    """A ledger line and how much of it is explained, in pence signed as the line."""

    line: LedgerLine
    explained_pence: Pence

    @property
    def left_pence(self) -> Pence:
        """What is still unexplained."""
        return Pence(self.line.net_pence - self.explained_pence)


@dataclass(frozen=True)
class Progress:
    """How far lines are explained; money that came back counts in full, so that nothing hides behind it.

    Attributes:
        net_pence: what the lines add up to, money back taken off.
    """

    line_count: int
    unexplained_count: int
    booked_pence: Pence
    unexplained_pence: Pence
    net_pence: Pence

    @property
    def explained_points(self) -> int:
        """What part is explained, in basis points."""
        if not self.booked_pence:
            return 10_000
        return 10_000 * (self.booked_pence - self.unexplained_pence) // self.booked_pence


def of_project(code: str) -> ColumnElement[bool]:
    """Say, in SQL, that a ledger line carries a project's code, as its project or as its cost centre."""
    return or_(LedgerLine.project == code, LedgerLine.cost_centre == code)


def explained(line_ids: Collection[int] | None = None) -> Subquery:
    """Select what explains lines: ``line_id`` → ``pence``; a line nothing explains is not there.

    Args:
        line_ids: only these lines, or every one when None.
    """
    match, cancellation = LedgerMatch, LedgerCancellation
    sides = (
        (match.line_id, match.pence),
        (cancellation.line_id, cancellation.pence),
        (cancellation.taken_back_by_id, -cancellation.pence),
    )
    selects = [select(line_id.label("line_id"), pence.label("pence")) for line_id, pence in sides]
    if line_ids is not None:
        selects = [asked.where(side[0].in_(line_ids)) for asked, side in zip(selects, sides, strict=True)]
    parts = union_all(*selects).subquery()
    return select(parts.c.line_id, func.sum(parts.c.pence).label("pence")).group_by(parts.c.line_id).subquery()


def explained_pence(line_ids: Collection[int]) -> dict[int, Pence]:
    """Add up what explains lines: ledger line id → pence."""
    done = explained(line_ids)
    found = {line_id: Pence(int(pence)) for line_id, pence in db.session.execute(select(done.c.line_id, done.c.pence))}
    return dict.fromkeys(line_ids, Pence(0)) | found


def line_by_name(name: str) -> LedgerLine:
    """Find a ledger line by its name, such as "L-1042", with its ledger and import.

    Raises:
        NotFound: there is none.
    """
    number = name.removeprefix("L-")
    if not (name.startswith("L-") and number.isascii() and number.isdigit() and len(number) < 16):
        raise NotFound
    asked = select(LedgerLine).where(LedgerLine.id == int(number))
    found = db.session.scalar(asked.options(joinedload(LedgerLine.ledger), joinedload(LedgerLine.ledger_import)))
    if found is None:
        raise NotFound
    return found


def lines_of_project(project_code: str) -> Select[LedgerLine]:
    """Select the lines of a project by date, whatever the ledger."""
    asked = select(LedgerLine).where(of_project(project_code))
    return asked.options(joinedload(LedgerLine.ledger)).order_by(LedgerLine.dated_on, LedgerLine.id)


def twins_of(line: LedgerLine) -> list[LedgerLine]:
    """List other lines of a ledger with the same amount and reference, the first three: it may be booked twice."""
    if not line.reference or not line.net_pence:
        return []
    asked = select(LedgerLine).where(
        LedgerLine.ledger_id == line.ledger_id,
        LedgerLine.reference == line.reference,
        LedgerLine.net_pence == line.net_pence,
        LedgerLine.supplier_name == line.supplier_name,
        LedgerLine.transaction_number != line.transaction_number,
    )
    return list(db.session.scalars(asked.order_by(LedgerLine.dated_on, LedgerLine.id).limit(3)))


def lines_of_import(import_id: int, shown: Shown = Shown.ALL) -> Select[LedgerLine]:
    """Select the lines an import added, all or those that were flagged, in the order of the file."""
    asked = select(LedgerLine).where(LedgerLine.import_id == import_id).order_by(LedgerLine.row_number)
    return asked.where(LedgerLine.flag != "") if shown is Shown.FLAGGED else asked


def lines(wanted: LineFilter, shown: Shown = Shown.ALL) -> Select[LedgerLine, int]:
    """Select lines with what explains them: the largest unexplained first, then by date."""
    done = explained()
    pence = func.coalesce(done.c.pence, 0)
    asked = select(LedgerLine, pence).outerjoin(done, done.c.line_id == LedgerLine.id).where(_meant(wanted))
    if shown is Shown.UNEXPLAINED:
        asked = asked.where(pence != LedgerLine.net_pence)
    elif shown is Shown.EXPLAINED:
        asked = asked.where(pence == LedgerLine.net_pence)
    elif shown is Shown.FLAGGED:
        asked = asked.where(LedgerLine.flag != "")
    left = func.abs(LedgerLine.net_pence - pence)
    asked = asked.options(joinedload(LedgerLine.ledger))
    return asked.order_by(left.desc(), LedgerLine.dated_on, LedgerLine.id)


def states(asked: Select[LedgerLine, int]) -> list[LineState]:
    """Give selected lines with what explains them."""
    return [LineState(line, Pence(int(pence))) for line, pence in db.session.execute(asked)]


def states_of(line_ids: Collection[int]) -> dict[int, LineState]:
    """Give lines with what explains them: ledger line id → state."""
    done = explained(line_ids)
    asked = select(LedgerLine, func.coalesce(done.c.pence, 0)).outerjoin(done, done.c.line_id == LedgerLine.id)
    asked = asked.where(LedgerLine.id.in_(line_ids)).options(joinedload(LedgerLine.ledger))
    return {state.line.id: state for state in states(asked)}


def count_of(wanted: LineFilter, shown: Shown) -> int:
    """Count lines."""
    done = explained()
    pence = func.coalesce(done.c.pence, 0)
    asked = select(func.count()).select_from(LedgerLine).where(_meant(wanted))
    if shown in (Shown.UNEXPLAINED, Shown.EXPLAINED):
        asked = asked.outerjoin(done, done.c.line_id == LedgerLine.id)
        same = pence == LedgerLine.net_pence
        asked = asked.where(same if shown is Shown.EXPLAINED else ~same)
    elif shown is Shown.FLAGGED:
        asked = asked.where(LedgerLine.flag != "")
    return db.session.scalar(asked) or 0


def progress(wanted: LineFilter) -> Progress:
    """Add up how far lines are explained."""
    done = explained()
    left = LedgerLine.net_pence - func.coalesce(done.c.pence, 0)
    asked = (
        select(
            func.count(),
            func.coalesce(func.sum(func.abs(func.sign(left))), 0),
            func.coalesce(func.sum(func.abs(LedgerLine.net_pence)), 0),
            func.coalesce(func.sum(func.abs(left)), 0),
            func.coalesce(func.sum(LedgerLine.net_pence), 0),
        )
        .select_from(LedgerLine)
        .outerjoin(done, done.c.line_id == LedgerLine.id)
        .where(_meant(wanted))
    )
    count, open_count, booked, unexplained, net = (int(figure) for figure in db.session.execute(asked).one())
    return Progress(count, open_count, Pence(booked), Pence(unexplained), Pence(net))


def _meant(wanted: LineFilter) -> ColumnElement[bool]:
    """Write a filter in SQL."""
    meant: list[ColumnElement[bool]] = [LedgerLine.id.is_not(None)]
    if wanted.ledger_code:
        ledger = select(FinanceLedger.id).where(FinanceLedger.code == wanted.ledger_code).scalar_subquery()
        meant.append(LedgerLine.ledger_id == ledger)
    if wanted.projects is not None:
        meant.append(_carries(wanted.projects))
    if wanted.import_id is not None:
        meant.append(LedgerLine.import_id == wanted.import_id)
    if wanted.search:
        meant.append(
            or_(
                *(
                    column.icontains(wanted.search, autoescape=True)
                    for column in (
                        LedgerLine.transaction_number,
                        LedgerLine.supplier_name,
                        LedgerLine.reference,
                        LedgerLine.description,
                        LedgerLine.project,
                        LedgerLine.cost_centre,
                    )
                )
            )
        )
    return and_(*meant)


def _carries(projects: tuple[str, ...]) -> ColumnElement[bool]:
    if projects == (NO_PROJECT,):
        return and_(LedgerLine.project == "", LedgerLine.cost_centre == "")
    return or_(LedgerLine.project.in_(projects), LedgerLine.cost_centre.in_(projects))
