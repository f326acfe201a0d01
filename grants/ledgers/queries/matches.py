"""What the ledger books of spending rows, and the matches that could be made with what it does not."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from core.db import db
from core.money import Pence
from core.trail import AuditLeaf
from grants.ledgers.models import (
    FinanceLedger,
    LedgerCancellation,
    LedgerImport,
    LedgerLine,
    LedgerMatch,
)
from grants.ledgers.queries.lines import explained
from grants.ledgers.rules.matching import LedgerLineFacts, Proposal, SpendingRowFacts, propose_matches
from grants.spending.models import PurchaseOrder, SpendingRow, SupplierInvoice
from organisation.suppliers.models import Supplier

_KEPT = 8
"""Sets of proposals kept in this process; see ``proposals``."""
_proposals: OrderedDict[tuple[Any, ...], tuple[Proposal, ...]] = OrderedDict()


@dataclass(frozen=True)
class RowState:
    """A spending row and how much of it the ledger books, in pence signed as the row."""

    row: SpendingRow
    booked_pence: Pence

    @property
    def gross_pence(self) -> Pence:
        """The row's net amount and VAT."""
        return Pence(self.row.net_pence + self.row.vat_pence)

    @property
    def room_pence(self) -> Pence:
        """The most that can still be matched: all of it that is not booked, its VAT included."""
        return Pence(self.gross_pence - self.booked_pence)

    @property
    def left_pence(self) -> Pence:
        """What the ledger still has to book: of the net amount, or of the gross one once more than net is booked."""
        if self.booked_pence in (self.row.net_pence, self.gross_pence):
            return Pence(0)
        within_net = abs(self.booked_pence) < abs(self.row.net_pence)
        return Pence((self.row.net_pence if within_net else self.gross_pence) - self.booked_pence)


def _booked(row_ids: Collection[int] | None = None) -> Subquery:
    """Select what the ledger books of rows: ``row_id`` → ``pence``; a row it does not book is not there."""
    asked = select(LedgerMatch.row_id, func.sum(LedgerMatch.pence).label("pence"))
    if row_ids is not None:
        asked = asked.where(LedgerMatch.row_id.in_(row_ids))
    return asked.group_by(LedgerMatch.row_id).subquery()


def rows_not_booked(search: str = "", *, near_pence: int | None = None) -> Select[SpendingRow, int]:
    """Select the spending rows that the ledger does not book in full, with what it books of each.

    Args:
        search: words that the row, its invoice or its supplier holds, taken literally.
        near_pence: only rows of this sign, the nearest amount (net, or with VAT) first; the largest first when None.
    """
    booked = _booked()
    pence = func.coalesce(booked.c.pence, 0)
    asked = (
        select(SpendingRow, pence)
        .outerjoin(booked, booked.c.row_id == SpendingRow.id)
        .outerjoin(SupplierInvoice, SupplierInvoice.id == SpendingRow.invoice_id)
        .outerjoin(Supplier, Supplier.id == SupplierInvoice.supplier_id)
        .where(pence != SpendingRow.net_pence, pence != SpendingRow.net_pence + SpendingRow.vat_pence)
        .options(contains_eager(SpendingRow.invoice).contains_eager(SupplierInvoice.supplier))
    )
    if search:
        asked = asked.where(
            or_(
                SpendingRow.reference.icontains(search, autoescape=True),
                SpendingRow.description.icontains(search, autoescape=True),
                SupplierInvoice.number.icontains(search, autoescape=True),
                Supplier.name.icontains(search, autoescape=True),
            )
        )
    if near_pence is None:
        return asked.order_by(func.abs(SpendingRow.net_pence - pence).desc(), SpendingRow.id)
    net_apart = func.abs(SpendingRow.net_pence - pence - near_pence)
    gross_apart = func.abs(SpendingRow.net_pence + SpendingRow.vat_pence - pence - near_pence)
    same_sign = SpendingRow.net_pence < 0 if near_pence < 0 else SpendingRow.net_pence > 0
    nearest = case((net_apart <= gross_apart, net_apart), else_=gross_apart)
    return asked.where(same_sign).order_by(nearest, SpendingRow.id)


def count_of_rows(search: str = "") -> int:
    """Count the spending rows that the ledger does not book in full."""
    asked = rows_not_booked(search).with_only_columns(SpendingRow.id).order_by(None)
    return db.session.scalar(select(func.count()).select_from(asked.subquery())) or 0


def row_states(asked: Select[SpendingRow, int]) -> list[RowState]:
    """Give selected rows with what the ledger books of them."""
    return [RowState(row, Pence(int(pence))) for row, pence in db.session.execute(asked)]


def row_states_of(row_ids: Collection[int]) -> dict[int, RowState]:
    """Give rows with what the ledger books of them: spending row id → state."""
    booked = _booked(row_ids)
    asked = select(SpendingRow, func.coalesce(booked.c.pence, 0)).where(SpendingRow.id.in_(row_ids))
    asked = asked.outerjoin(booked, booked.c.row_id == SpendingRow.id)
    asked = asked.options(joinedload(SpendingRow.invoice).joinedload(SupplierInvoice.supplier))
    return {state.row.id: state for state in row_states(asked)}


def booked_pence(row_ids: Collection[int]) -> dict[int, Pence]:
    """Add up what the ledger books of rows: spending row id → pence."""
    booked = _booked(row_ids)
    found = {row_id: Pence(int(pence)) for row_id, pence in db.session.execute(select(booked.c.row_id, booked.c.pence))}
    return dict.fromkeys(row_ids, Pence(0)) | found


def proposals(ledger_code: str | None) -> tuple[Proposal, ...]:
    """Give the matches that could be made between unexplained lines and rows not booked in full.

    Matching looks at every line together, so it takes about a second for ten thousand of them. What it gives
    follows from append-only tables alone and is kept until anything is recorded: the key is the newest audit leaf
    with the newest rows of what is looked at.
    """
    key = (str(db.engine.url), ledger_code, *_state())
    found = _proposals.get(key)
    if found is None:
        found = tuple(propose_matches(_line_facts(ledger_code), _row_facts()))
        _proposals[key] = found
        while len(_proposals) > _KEPT:
            _proposals.popitem(last=False)
    return found


def proposal_for(line_id: int, ledger_code: str | None) -> Proposal | None:
    """Give the proposal a line is in, or None."""
    return next((each for each in proposals(ledger_code) if line_id in each.line_ids), None)


def proposal_key(proposal: Proposal) -> str:
    """Name what a proposal would match, so that what is accepted is what was shown."""
    pairs = [(pair.line_id, pair.row_id, pair.pence) for pair in proposal.pairs]
    told = repr((proposal.kind.value, proposal.line_ids, proposal.row_ids, pairs))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _state() -> tuple[Any, ...]:
    newest = select(AuditLeaf.text).order_by(AuditLeaf.id.desc()).limit(1).scalar_subquery()
    tables = (AuditLeaf, LedgerImport, LedgerMatch, LedgerCancellation, SpendingRow)
    text, *extents = db.session.execute(select(newest, *(part for table in tables for part in _extent(table)))).one()
    return hashlib.sha256((text or "").encode()).hexdigest(), *extents


def _extent(table: Any) -> tuple[Any, ...]:
    newest = select(func.max(table.id)).scalar_subquery()
    if table is AuditLeaf:
        return (newest,)
    return newest, select(func.count(table.id)).scalar_subquery()


def _line_facts(ledger_code: str | None) -> list[LedgerLineFacts]:
    """Give unexplained lines as matching takes them; of a line partly explained, what is left."""
    done = explained()
    pence = func.coalesce(done.c.pence, 0)
    asked = (
        select(
            LedgerLine.id,
            LedgerLine.transaction_number,
            LedgerLine.reference,
            LedgerLine.supplier_name,
            LedgerLine.dated_on,
            LedgerLine.net_pence,
            LedgerLine.gross_pence,
            LedgerLine.order_reference,
            LedgerLine.description,
            pence,
        )
        .outerjoin(done, done.c.line_id == LedgerLine.id)
        .where(pence != LedgerLine.net_pence)
        .order_by(LedgerLine.dated_on, LedgerLine.id)
    )
    if ledger_code is not None:
        asked = asked.where(
            LedgerLine.ledger_id == select(FinanceLedger.id).where(FinanceLedger.code == ledger_code).scalar_subquery()
        )
    return [
        LedgerLineFacts(
            line_id, transaction, reference, supplier, dated_on, Pence(net - int(done_pence)),
            None if done_pence or gross is None else Pence(gross), order or None, description,
        )
        for line_id, transaction, reference, supplier, dated_on, net, gross, order, description, done_pence
        in db.session.execute(asked)
    ]  # fmt: skip


def _row_facts() -> list[SpendingRowFacts]:
    """Give rows the ledger does not book in full as matching takes them; of a row partly booked, what is left."""
    orders = select(PurchaseOrder.id, PurchaseOrder.reference)
    references = dict(db.session.execute(orders).all())
    found = sorted(row_states(rows_not_booked()), key=lambda state: (state.row.incurred_on, state.row.id))
    return [_row_fact(state, references) for state in found]


def _row_fact(state: RowState, order_references: dict[int, str]) -> SpendingRowFacts:
    row, invoice, booked = state.row, state.row.invoice, state.booked_pence
    within_net = abs(booked) < abs(row.net_pence)
    return SpendingRowFacts(
        id=row.id,
        invoice_number=invoice.number if invoice else "",
        supplier=invoice.supplier.name if invoice else "",
        invoiced_on=row.incurred_on,
        net_pence=state.left_pence,
        vat_pence=Pence(row.vat_pence if within_net else 0),
        order_reference=order_references.get(invoice.order_id or 0) if invoice else None,
        description=row.description,
    )
