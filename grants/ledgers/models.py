"""Finance ledgers: remembered layouts, imports, immutable lines, refused rows, and matches to spending rows."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, PenceColumn, words_of
from grants.spending.models import SpendingRow


class MatchedBy(StrEnum):
    """Who made a match."""

    MACHINE = "machine"
    PERSON = "person"


class FinanceLedger(Base):
    """A finance system whose extracts are imported, e.g. "Force general ledger"."""

    __tablename__ = "finance_ledger"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))


class LedgerLayout(Base):
    """How to read an extract of a ledger whose header row has this signature; the newest row counts."""

    __tablename__ = "ledger_layout"
    __table_args__ = (Index("ix_ledger_layout_signature", "ledger_id", "signature"), APPEND_ONLY)

    id: Mapped[Key]
    ledger_id: Mapped[int] = mapped_column(ForeignKey("finance_ledger.id"))
    signature: Mapped[str] = mapped_column(String(64))
    layout_json: Mapped[str] = mapped_column(String)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime]


class LedgerImport(Base):
    """One reading of one file: every row is imported, a duplicate, refused or skipped. Totals in pence."""

    __tablename__ = "ledger_import"
    __table_args__ = (
        UniqueConstraint("reference"),
        CheckConstraint(
            "read_count = imported_count + duplicate_count + changed_count + refused_count + skipped_count",
            name="every_row_accounted_for",
        ),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    ledger_id: Mapped[int] = mapped_column(ForeignKey("finance_ledger.id"))
    layout_id: Mapped[int] = mapped_column(ForeignKey("ledger_layout.id"))
    filename: Mapped[str] = mapped_column(String(120))
    file_hash: Mapped[str] = mapped_column(String(64))
    read_count: Mapped[int]
    imported_count: Mapped[int]
    duplicate_count: Mapped[int]
    changed_count: Mapped[int]
    refused_count: Mapped[int]
    skipped_count: Mapped[int]
    imported_pence: Mapped[PenceColumn]
    control_pence: Mapped[PenceColumn]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    imported_at: Mapped[datetime]

    ledger: Mapped[FinanceLedger] = relationship()
    refused: Mapped[list[UnimportedRow]] = relationship(order_by="UnimportedRow.row_number", viewonly=True)


class UnimportedRow(Base):
    """A row of a file that was not imported, and why in words."""

    __tablename__ = "unimported_row"
    __table_args__ = (Index("ix_unimported_row_import_id", "import_id"), APPEND_ONLY)

    id: Mapped[Key]
    import_id: Mapped[int] = mapped_column(ForeignKey("ledger_import.id"))
    row_number: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(12))
    """refused, skipped or changed."""
    reason: Mapped[str] = mapped_column(String(300))


class LedgerLine(Base):
    """A line of a finance ledger, as exported; never changed and never apportioned directly.

    Its natural key is (ledger, transaction number, line number or "", occurrence): equal keys within one file
    are rows of their own, the same key in a later file is a duplicate.
    """

    __tablename__ = "ledger_line"
    __table_args__ = (
        UniqueConstraint("ledger_id", "transaction_number", "line_number", "occurrence"),
        Index("ix_ledger_line_import_id", "import_id"),
        Index("ix_ledger_line_dated_on", "dated_on"),
        Index("ix_ledger_line_cost_centre", "cost_centre"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    ledger_id: Mapped[int] = mapped_column(ForeignKey("finance_ledger.id"))
    import_id: Mapped[int] = mapped_column(ForeignKey("ledger_import.id"))
    row_number: Mapped[int]
    transaction_number: Mapped[str] = mapped_column(String(60))
    line_number: Mapped[str] = mapped_column(String(20))
    occurrence: Mapped[int]
    dated_on: Mapped[date]
    supplier_name: Mapped[str] = mapped_column(String(200))
    reference: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(300))
    cost_centre: Mapped[str] = mapped_column(String(120))
    account_code: Mapped[str] = mapped_column(String(120))
    net_pence: Mapped[PenceColumn]
    vat_pence: Mapped[PenceColumn | None]
    gross_pence: Mapped[PenceColumn | None]
    raw_json: Mapped[str] = mapped_column(String)

    ledger: Mapped[FinanceLedger] = relationship()
    ledger_import: Mapped[LedgerImport] = relationship()


class LedgerMatch(Base):
    """So many pence of a ledger line explained by a spending row; an undo is the opposite row that names it."""

    __tablename__ = "ledger_match"
    __table_args__ = (
        UniqueConstraint("reverses_id"),
        CheckConstraint("pence <> 0", name="explains_something"),
        Index("ix_ledger_match_line_id", "line_id"),
        Index("ix_ledger_match_row_id", "row_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    line_id: Mapped[int] = mapped_column(ForeignKey("ledger_line.id"))
    row_id: Mapped[int] = mapped_column(ForeignKey("spending_row.id"))
    pence: Mapped[PenceColumn]
    matched_by: Mapped[MatchedBy] = mapped_column(words_of(MatchedBy))
    reasons: Mapped[str] = mapped_column(String(300))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_match.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    matched_at: Mapped[datetime]

    line: Mapped[LedgerLine] = relationship()
    row: Mapped[SpendingRow] = relationship()
