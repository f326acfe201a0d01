"""Ledgers, remembered layouts, files in waiting, imports and what became of their rows."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, undefer

from core.db import db
from core.errors import NotFound
from core.money import Pence
from grants.ledgers.models import (
    FinanceLedger,
    LedgerImport,
    LedgerLayout,
    LedgerLine,
    Outcome,
    UnimportedRow,
    WaitingExtract,
)
from grants.ledgers.rules import Layout, ParsedLine, RawTable, guess_layout
from grants.ledgers.rules.repeats import Content, Key, KnownLine, SortedLines, sort_lines
from organisation.accounts.models import Account

_AT_ONCE = 5_000
"""Transaction numbers asked for in one statement."""


@dataclass(frozen=True)
class LedgerSummary:
    """A ledger with what has been imported into it."""

    ledger: FinanceLedger
    import_count: int
    line_count: int
    net_pence: Pence
    earliest_on: date | None
    latest_on: date | None
    last_imported_at: datetime | None


def ledgers() -> list[FinanceLedger]:
    """List the ledgers by name."""
    return list(db.session.scalars(select(FinanceLedger).order_by(FinanceLedger.name)))


def ledger_by_code(code: str) -> FinanceLedger:
    """Find a ledger.

    Raises:
        NotFound: there is none.
    """
    found = db.session.scalar(select(FinanceLedger).where(FinanceLedger.code == code))
    if found is None:
        raise NotFound
    return found


def ledger_taken(code: str, name: str) -> FinanceLedger | None:
    """Give the ledger that has the code or, whatever its capitals, the name already."""
    same = (FinanceLedger.code == code) | (func.lower(FinanceLedger.name) == name.lower())
    return db.session.scalar(select(FinanceLedger).where(same).limit(1))


def summaries() -> list[LedgerSummary]:
    """List the ledgers by name with what has been imported into each."""
    asked = (
        select(
            LedgerImport.ledger_id,
            func.count(),
            func.sum(LedgerImport.imported_count),
            func.sum(LedgerImport.imported_pence),
            func.min(LedgerImport.earliest_on),
            func.max(LedgerImport.latest_on),
            func.max(LedgerImport.imported_at),
        )
        .group_by(LedgerImport.ledger_id)
        .order_by(None)
    )
    sums = {row[0]: row for row in db.session.execute(asked)}
    return [_summary(ledger, sums.get(ledger.id)) for ledger in ledgers()]


_Sums = tuple[int, int, int, int, date | None, date | None, datetime]
"""Ledger id, imports, lines, pence, first and last day, last import."""


def _summary(ledger: FinanceLedger, sums: _Sums | None) -> LedgerSummary:
    if sums is None:
        return LedgerSummary(ledger, 0, 0, Pence(0), None, None, None)
    _, imports, lines, pence, earliest, latest, last = sums
    return LedgerSummary(ledger, imports, int(lines), Pence(int(pence)), earliest, latest, last)


def remembered_layout(ledger_id: int, signature: str) -> LedgerLayout | None:
    """Give the newest layout kept for a header row of a ledger, or None."""
    asked = select(LedgerLayout).where(LedgerLayout.ledger_id == ledger_id, LedgerLayout.signature == signature)
    return db.session.scalar(asked.order_by(LedgerLayout.id.desc()).limit(1))


def layout_for(ledger_code: str, table: RawTable) -> Layout:
    """Give the layout for a table: as remembered for its header row, or else guessed.

    Raises:
        NotFound: there is no such ledger.
    """
    guessed = guess_layout(table)
    kept = remembered_layout(ledger_by_code(ledger_code).id, guessed.signature)
    return guessed if kept is None else layout_of(kept.layout_json)


def layout_of(kept: str) -> Layout:
    """Read a layout back from the text it is kept as."""
    return Layout.from_plain(json.loads(kept))


def waiting_by_slip(slip: str, *, account_id: int, at: datetime) -> WaitingExtract:
    """Find a file its owner has not confirmed yet, without its bytes.

    Raises:
        NotFound: there is none, it is somebody else's, or its day is over.
    """
    asked = select(WaitingExtract).where(
        WaitingExtract.slip == slip, WaitingExtract.account_id == account_id, WaitingExtract.expires_at > at
    )
    found = db.session.scalar(asked.options(joinedload(WaitingExtract.ledger)))
    if found is None:
        raise NotFound
    return found


def bytes_waiting(waiting: WaitingExtract) -> bytes:
    """Give the file itself."""
    asked = select(WaitingExtract).where(WaitingExtract.id == waiting.id).options(undefer(WaitingExtract.packed))
    return zlib.decompress(db.session.scalars(asked.execution_options(populate_existing=True)).one().packed)


def waiting_of(account_id: int, *, at: datetime) -> list[WaitingExtract]:
    """List the files a person has not confirmed yet, newest first."""
    asked = select(WaitingExtract).where(WaitingExtract.account_id == account_id, WaitingExtract.expires_at > at)
    asked = asked.options(joinedload(WaitingExtract.ledger)).order_by(WaitingExtract.id.desc())
    return list(db.session.scalars(asked))


def earlier_imports_of(ledger_id: int, file_hash: str) -> list[LedgerImport]:
    """List the imports of this very file into a ledger, oldest first."""
    asked = select(LedgerImport).where(LedgerImport.ledger_id == ledger_id, LedgerImport.file_hash == file_hash)
    return list(db.session.scalars(asked.order_by(LedgerImport.id)))


def import_by_reference(reference: str) -> LedgerImport:
    """Find an import with its ledger.

    Raises:
        NotFound: there is none.
    """
    asked = select(LedgerImport).where(LedgerImport.reference == reference)
    found = db.session.scalar(asked.options(joinedload(LedgerImport.ledger), joinedload(LedgerImport.layout)))
    if found is None:
        raise NotFound
    return found


def imports(ledger_id: int) -> Select[LedgerImport]:
    """Select the imports of a ledger, newest first."""
    return select(LedgerImport).where(LedgerImport.ledger_id == ledger_id).order_by(LedgerImport.id.desc())


def importer_of(found: LedgerImport) -> str:
    """Name who made an import."""
    return db.session.scalars(select(Account.name).where(Account.id == found.account_id)).one()


def unimported_rows(import_id: int, outcome: Outcome | None = None) -> Select[UnimportedRow]:
    """Select the rows of a file that were not imported, in the order of the file, with the lines they contradict."""
    asked = select(UnimportedRow).where(UnimportedRow.import_id == import_id)
    if outcome is not None:
        asked = asked.where(UnimportedRow.outcome == outcome)
    return asked.options(joinedload(UnimportedRow.line)).order_by(UnimportedRow.row_number, UnimportedRow.id)


def unimported_counts(import_id: int) -> dict[Outcome, int]:
    """Count the rows of a file that were not imported, by what became of them."""
    asked = (
        select(UnimportedRow.outcome, func.count())
        .where(UnimportedRow.import_id == import_id)
        .group_by(UnimportedRow.outcome)
    )
    return dict(db.session.execute(asked).all())


def sorted_lines(ledger_id: int, lines: Sequence[ParsedLine]) -> SortedLines:
    """Tell which lines of an extract are new to a ledger, in it already, or contradict it."""
    return sort_lines(lines, known_lines(ledger_id, {line.transaction_number for line in lines}))


def known_lines(ledger_id: int, transactions: set[str]) -> dict[Key, list[KnownLine]]:
    """Give what a ledger has of transactions: key → lines by occurrence."""
    known: dict[Key, list[KnownLine]] = defaultdict(list)
    has_lines = select(LedgerLine.id).where(LedgerLine.ledger_id == ledger_id).limit(1)
    wanted = sorted(transactions) if db.session.scalar(has_lines) is not None else []
    for start in range(0, len(wanted), _AT_ONCE):
        asked = _KNOWN.where(LedgerLine.ledger_id == ledger_id)
        asked = asked.where(LedgerLine.transaction_number.in_(wanted[start : start + _AT_ONCE]))
        for line_id, transaction, line_number, occurrence, *content in db.session.execute(asked):
            known[transaction, line_number].append(KnownLine(line_id, occurrence, Content(*content)))
    return known


_KNOWN = select(
    LedgerLine.id,
    LedgerLine.transaction_number,
    LedgerLine.line_number,
    LedgerLine.occurrence,
    LedgerLine.dated_on,
    LedgerLine.supplier_name,
    LedgerLine.supplier_code,
    LedgerLine.reference,
    LedgerLine.order_reference,
    LedgerLine.description,
    LedgerLine.net_pence,
    LedgerLine.vat_pence,
    LedgerLine.gross_pence,
    LedgerLine.irrecoverable_vat_pence,
    LedgerLine.cost_centre,
    LedgerLine.project,
    LedgerLine.account_code,
    LedgerLine.kind,
).order_by(LedgerLine.transaction_number, LedgerLine.line_number, LedgerLine.occurrence)
"""What ``KnownLine`` and ``Content`` are made of, in their order."""


def lines_imported(import_id: int) -> tuple[int, Pence]:
    """Count and add up in the database the lines an import added."""
    asked = select(func.count(), func.coalesce(func.sum(LedgerLine.net_pence), 0))
    count, pence = db.session.execute(asked.where(LedgerLine.import_id == import_id)).one()
    return int(count), Pence(int(pence))
