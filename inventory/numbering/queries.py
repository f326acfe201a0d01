"""Where the units of lots are, from what is kept and whatever moved after it.

A kept numbering says up to which move it goes. Moves after it are folded on top when it is read, so a reader is right
whether or not the writer kept up, and the work grows with the lots asked about and not with their history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, exists, func, select

from core.db import ask, db
from inventory.numbering.models import IssuedRuns, LotNumbering
from inventory.numbering.rules import IssuedUnits, read, read_units
from inventory.stock.models import Lot, Move, Posting
from inventory.stock.queries import moves_of, numbering_of
from inventory.stock.rules import LotMove, NothingThere, Numbering, PostingKind, Units, number_on, number_units
from organisation.places.models import Place
from organisation.places.rules import PlaceKind

_CHUNK = 500


@dataclass(frozen=True)
class Folded:
    """One lot's numbering, carried on to its last move.

    Attributes:
        kept_to: the move up to which it is kept, or None when nothing is.
        last_move_id: the last move that is in it, 0 when the lot never moved.
        issued: units carried by moves of issues after ``kept_to``.
    """

    lot_id: int
    unit_count: int
    kept_to: int | None
    last_move_id: int
    standing: Mapping[int, Units]
    issued: tuple[IssuedUnits, ...] = ()


def folded(lots: Select[int] | Iterable[int]) -> list[Folded]:
    """Give the numbering of each lot: one statement where what is kept is complete, or nothing was corrected since.

    Args:
        lots: selects the ids of lots, or is a few of them.
    """
    if isinstance(lots, Select):
        return folded_by(kept_and_later(lots))
    return folded_by(_KEPT_OF_FEW, {"lot_ids": list(lots)})


def folded_by(asked: Select[*tuple[Any, ...]], facts: Mapping[str, Any] | None = None) -> list[Folded]:
    """Give the numbering of each lot that ``kept_and_later`` asks for, built beforehand, with its parameters."""
    rows = ask(asked, **(facts or {}))
    by_lot = [(lot_id, list(mine)) for lot_id, mine in groupby(rows, key=lambda row: int(row.lot_id))]
    # A correction takes back the numbers of the move it corrects, which what is kept no longer tells.
    corrected = [lot_id for lot_id, mine in by_lot if any(row.corrects_id is not None for row in mine)]
    afresh = numbering_of(corrected) if corrected else {}
    return [_folded(lot_id, mine, afresh.get(lot_id)) for lot_id, mine in by_lot]


def kept_and_later(lots: Select[int] | BindParameter[Sequence[int]]) -> Select[*tuple[Any, ...]]:
    """Select what is kept of each lot, once for every move that came after it."""
    return (
        select(
            Lot.id.label("lot_id"), Lot.unit_count.label("lot_count"), LotNumbering.folded_to_move_id.label("kept_to"),
            LotNumbering.standing, Move.id.label("move_id"), Move.from_place_id, Move.to_place_id, Move.unit_count,
            Move.corrects_id, Move.posting_id, and_(Posting.kind == PostingKind.ISSUE, _leaves_us()).label("issues"),
        )
        .outerjoin(LotNumbering, LotNumbering.lot_id == Lot.id)
        .outerjoin(
            Move, and_(Move.lot_id == Lot.id, Move.id > func.coalesce(LotNumbering.folded_to_move_id, 0))
        )
        .outerjoin(Posting, Posting.id == Move.posting_id)
        .where(Lot.id.in_(lots))
        .order_by(Lot.id, Move.id)
    )  # fmt: skip


def _leaves_us() -> Any:
    """Say, in SQL, that a move hands units over."""
    return exists().where(Place.id == Move.to_place_id, Place.kind == PlaceKind.ISSUED).correlate(Move)


_KEPT_OF_FEW = kept_and_later(bindparam("lot_ids", expanding=True))
"""Built once: every act on stock asks it, and preparing it costs more than running it."""


def _folded(lot_id: int, rows: Sequence[Row[*tuple[Any, ...]]], afresh: Numbering | None) -> Folded:
    """Carry one lot's kept numbering on over the moves after it."""
    first, later = rows[0], [row for row in rows if row.move_id is not None]
    kept = read(first.standing) if first.standing is not None else {}
    if not later:
        return Folded(lot_id, int(first.lot_count), first.kept_to, first.kept_to or 0, kept)
    moves = [LotMove(row.move_id, row.from_place_id, row.to_place_id, row.unit_count, row.corrects_id) for row in later]
    before = kept or {moves[0].from_place_id: ((1, int(first.lot_count)),)}
    numbering = afresh or number_on(before, moves)
    issued = tuple(
        IssuedUnits(lot_id, row.move_id, row.posting_id, numbering.carried[row.move_id]) for row in later if row.issues
    )
    return Folded(lot_id, int(first.lot_count), first.kept_to, moves[-1].move_id, numbering.standing, issued)


def issued_units(lots: Select[int] | Iterable[int], found: Iterable[Folded] = ()) -> list[IssuedUnits]:
    """List what each issue carried of lots, in the order the moves were recorded.

    Args:
        found: the lots' numberings, for moves that are not kept yet.
    """
    wanted = lots if isinstance(lots, Select) else list(lots)
    return [*_kept_issues(IssuedRuns.lot_id.in_(wanted)), *(each for lot in found for each in lot.issued)]


def issued_by(posting_id: int, found: Iterable[Folded]) -> list[IssuedUnits]:
    """List what one issue carried.

    Args:
        found: the numberings of its lots, for moves that are not kept yet.
    """
    later = (each for lot in found for each in lot.issued if each.posting_id == posting_id)
    return [*_kept_issues(IssuedRuns.posting_id == posting_id), *later]


def _kept_issues(wanted: ColumnElement[bool]) -> list[IssuedUnits]:
    rows = db.session.execute(
        select(IssuedRuns.lot_id, IssuedRuns.move_id, IssuedRuns.posting_id, IssuedRuns.runs)
        .where(wanted)
        .order_by(IssuedRuns.move_id)
    )
    return [IssuedUnits(lot_id, move_id, posting_id, read_units(runs)) for lot_id, move_id, posting_id, runs in rows]


# ---- The check ----------------------------------------------------------------------------------


def kept_wrongly() -> Iterator[int]:
    """Fold every lot from its first move and give the ids of those of which something else is kept.

    A lot whose moves cannot be folded at all is one of them.
    """
    last, full = 0, True
    while full:
        found = folded(select(Lot.id).where(Lot.id > last).order_by(Lot.id).limit(_CHUNK))
        moves = moves_of(each.lot_id for each in found)
        carried: dict[int, dict[int, Units]] = defaultdict(dict)
        for issue in issued_units([each.lot_id for each in found]):
            carried[issue.lot_id][issue.move_id] = issue.units
        yield from (each.lot_id for each in found if _differs(each, carried[each.lot_id], moves[each.lot_id]))
        full = len(found) == _CHUNK
        last = found[-1].lot_id if found else last


def _differs(kept: Folded, carried: Mapping[int, Units], moves: Sequence[LotMove]) -> bool:
    """Say whether what is kept of a lot is not what its moves give."""
    source = moves[0].from_place_id if moves else 0
    try:
        afresh = number_units(moves, unit_count=kept.unit_count, source_place_id=source)
    except NothingThere:
        return True
    keeps, stands = (
        {place_id: units for place_id, units in standing.items() if units}
        for standing in (kept.standing, afresh.standing if moves else {})
    )
    return keeps != stands or any(afresh.carried.get(move_id) != units for move_id, units in carried.items())
