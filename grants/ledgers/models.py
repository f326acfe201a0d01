"""Finance ledgers: uploads in waiting, remembered layouts, imports, immutable lines, and what explains them.

A line is explained by **matches** with spending rows, and by **cancellations** with the line that takes it back.
Both are append-only: what was wrong is undone by the opposite row that names it. An uploaded file is the one
thing here that goes again: it waits for its owner to confirm it, for a day.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, PenceColumn, words_of
from core.trail import Note
from grants.spending.models import SpendingRow


class MatchedBy(StrEnum):
    """Who made a match."""

    MACHINE = "machine"
    PERSON = "person"


class Outcome(StrEnum):
    """What became of a row of a file that was not imported and is not in the ledger already."""

    REFUSED = "refused"
    SKIPPED = "skipped"
    CHANGED = "changed"


class FinanceLedger(Base):
    """A finance system whose extracts are imported, e.g. "Force general ledger"."""

    __tablename__ = "finance_ledger"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))


class WaitingExtract(Base):
    """An uploaded file that its owner has not confirmed yet; nothing of it is in a ledger.

    Kept in the database, so that whichever process answers next finds it, compressed, seen by its owner alone,
    and gone a day later.
    """

    __tablename__ = "waiting_extract"
    __table_args__ = (
        UniqueConstraint("slip"),
        Index("ix_waiting_extract_account_id", "account_id"),
        Index("ix_waiting_extract_expires_at", "expires_at"),
    )

    id: Mapped[Key]
    slip: Mapped[str] = mapped_column(String(20))
    ledger_id: Mapped[int] = mapped_column(ForeignKey("finance_ledger.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    filename: Mapped[str] = mapped_column(String(120))
    file_hash: Mapped[str] = mapped_column(String(64))
    byte_count: Mapped[int]
    packed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    layout_json: Mapped[str] = mapped_column(String)
    uploaded_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    ledger: Mapped[FinanceLedger] = relationship()


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
    """One reading of one file: every row is imported, a duplicate, changed, refused or skipped.

    ``control_pence`` is the net total of all lines read, which the finance system can be asked for; VAT and gross
    are there where the file gives them. ``duplicate_rows`` names rows as ranges, such as "2-120, 130".
    """

    __tablename__ = "ledger_import"
    __table_args__ = (
        UniqueConstraint("reference"),
        CheckConstraint(
            "read_count = imported_count + duplicate_count + changed_count + refused_count + skipped_count",
            name="every_row_accounted_for",
        ),
        CheckConstraint(
            "control_pence = imported_pence + duplicate_pence + changed_pence", name="every_penny_accounted_for"
        ),
        Index("ix_ledger_import_file_hash", "ledger_id", "file_hash"),
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
    control_pence: Mapped[PenceColumn]
    imported_pence: Mapped[PenceColumn]
    duplicate_pence: Mapped[PenceColumn]
    changed_pence: Mapped[PenceColumn]
    vat_pence: Mapped[PenceColumn | None]
    gross_pence: Mapped[PenceColumn | None]
    earliest_on: Mapped[date | None]
    latest_on: Mapped[date | None]
    duplicate_rows: Mapped[str] = mapped_column(String)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    imported_at: Mapped[datetime]

    ledger: Mapped[FinanceLedger] = relationship()
    layout: Mapped[LedgerLayout] = relationship()


class UnimportedRow(Base):
    """A row of a file that was not imported, why in words, and its cells.

    Of a row refused for details of a person neither the reason nor the cells repeat the detail. ``line_id`` is
    the line in the ledger that a changed row contradicts.
    """

    __tablename__ = "unimported_row"
    __table_args__ = (Index("ix_unimported_row_import_id", "import_id", "row_number"), APPEND_ONLY)

    id: Mapped[Key]
    import_id: Mapped[int] = mapped_column(ForeignKey("ledger_import.id"))
    row_number: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(words_of(Outcome))
    heading: Mapped[str] = mapped_column(String)
    reason: Mapped[str] = mapped_column(String)
    raw_json: Mapped[str] = mapped_column(String)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_line.id"))

    line: Mapped[LedgerLine | None] = relationship()


class LedgerLine(Base):
    """A line of a finance ledger, as exported; never changed and never apportioned directly.

    Its natural key is (ledger, transaction number, line number or "", occurrence): equal keys within one file
    are rows of their own, the same key in a later file is a duplicate.
    """

    __tablename__ = "ledger_line"
    __table_args__ = (
        UniqueConstraint("ledger_id", "transaction_number", "line_number", "occurrence"),
        CheckConstraint("occurrence >= 1", name="occurrence_from_one"),
        Index("ix_ledger_line_import_id", "import_id", "row_number"),
        Index("ix_ledger_line_dated_on", "dated_on"),
        Index("ix_ledger_line_cost_centre", "cost_centre"),
        Index("ix_ledger_line_project", "project"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    ledger_id: Mapped[int] = mapped_column(ForeignKey("finance_ledger.id"))
    import_id: Mapped[int] = mapped_column(ForeignKey("ledger_import.id"))
    row_number: Mapped[int]
    transaction_number: Mapped[str] = mapped_column(String(120))
    line_number: Mapped[str] = mapped_column(String(40))
    occurrence: Mapped[int]
    dated_on: Mapped[date]
    supplier_name: Mapped[str] = mapped_column(String(300))
    supplier_code: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str] = mapped_column(String(120))
    order_reference: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String)
    cost_centre: Mapped[str] = mapped_column(String(120))
    project: Mapped[str] = mapped_column(String(120))
    account_code: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(120))
    is_vat: Mapped[bool]
    net_pence: Mapped[PenceColumn]
    vat_pence: Mapped[PenceColumn | None]
    gross_pence: Mapped[PenceColumn | None]
    irrecoverable_vat_pence: Mapped[PenceColumn | None]
    flag: Mapped[str] = mapped_column(String)
    """Why the row deserved a look when it was read, or nothing."""
    raw_json: Mapped[str] = mapped_column(String)

    ledger: Mapped[FinanceLedger] = relationship()
    ledger_import: Mapped[LedgerImport] = relationship()

    @property
    def name(self) -> str:
        """The line as pages and addresses name it, such as "L-1042"."""
        return f"L-{self.id}"


class LedgerMatch(Base):
    """So many pence of a ledger line explained by a spending row; an undo is the opposite row that names it.

    Pairs made in one act share its ``reference``. The pence of a line stay between nothing and its net amount,
    those of a row between nothing and its net amount with VAT; triggers in both databases hold it.
    """

    __tablename__ = "ledger_match"
    __table_args__ = (
        UniqueConstraint("reverses_id"),
        CheckConstraint("pence <> 0", name="explains_something"),
        Index("ix_ledger_match_reference", "reference"),
        Index("ix_ledger_match_line_id", "line_id"),
        Index("ix_ledger_match_row_id", "row_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    line_id: Mapped[int] = mapped_column(ForeignKey("ledger_line.id"))
    row_id: Mapped[int] = mapped_column(ForeignKey("spending_row.id"))
    pence: Mapped[PenceColumn]
    matched_by: Mapped[MatchedBy] = mapped_column(words_of(MatchedBy))
    reasons: Mapped[str] = mapped_column(String)
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_match.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    matched_at: Mapped[datetime]

    line: Mapped[LedgerLine] = relationship()
    row: Mapped[SpendingRow] = relationship()
    note: Mapped[Note | None] = relationship()


class LedgerCancellation(Base):
    """So many pence of a ledger line taken back by a later line; no spending row stands behind either.

    ``pence`` is signed as the line. An undo is the opposite row that names it.
    """

    __tablename__ = "ledger_cancellation"
    __table_args__ = (
        UniqueConstraint("reverses_id"),
        CheckConstraint("pence <> 0", name="cancels_something"),
        CheckConstraint("line_id <> taken_back_by_id", name="two_lines"),
        Index("ix_ledger_cancellation_reference", "reference"),
        Index("ix_ledger_cancellation_line_id", "line_id"),
        Index("ix_ledger_cancellation_taken_back_by_id", "taken_back_by_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    line_id: Mapped[int] = mapped_column(ForeignKey("ledger_line.id"))
    taken_back_by_id: Mapped[int] = mapped_column(ForeignKey("ledger_line.id"))
    pence: Mapped[PenceColumn]
    matched_by: Mapped[MatchedBy] = mapped_column(words_of(MatchedBy))
    reasons: Mapped[str] = mapped_column(String)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_cancellation.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    matched_at: Mapped[datetime]

    line: Mapped[LedgerLine] = relationship(foreign_keys=[line_id])
    taken_back_by: Mapped[LedgerLine] = relationship(foreign_keys=[taken_back_by_id])
