"""Kept sums: what became of each grant line's pence, by lot and by spending row, up to a mark.

A cache of append-only rows, made anew from them at any time (ADR 27). Nothing that decides about money reads it.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, PenceColumn, words_of
from grants.position.rules import Whereabouts


class LotOnLine(Base):
    """What one grant line paid for the units of a lot that are in one state."""

    __tablename__ = "lot_on_line"
    __table_args__ = (Index("ix_lot_on_line_lot_id", "lot_id"),)

    grant_line_id: Mapped[int] = mapped_column(ForeignKey("grant_line.id"), primary_key=True, autoincrement=False)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True, autoincrement=False)
    whereabouts: Mapped[Whereabouts] = mapped_column(words_of(Whereabouts), primary_key=True)
    pence: Mapped[PenceColumn]


class RowOnLine(Base):
    """What of a spending row, or of a credit of one, is one grant line's.

    Attributes:
        behind_id: the row itself, or the row it credits.
        other_pence: what of it is no goods.
        ledger_pence: what of it the ledger books.
        first_received_on: the days its first and last goods came; None for a credit, and while none has come.
    """

    __tablename__ = "row_on_line"
    __table_args__ = (Index("ix_row_on_line_behind_id", "behind_id"),)

    grant_line_id: Mapped[int] = mapped_column(ForeignKey("grant_line.id"), primary_key=True, autoincrement=False)
    row_id: Mapped[int] = mapped_column(ForeignKey("spending_row.id"), primary_key=True, autoincrement=False)
    behind_id: Mapped[int] = mapped_column(ForeignKey("spending_row.id"))
    apportioned_pence: Mapped[PenceColumn]
    other_pence: Mapped[PenceColumn]
    ledger_pence: Mapped[PenceColumn]
    first_received_on: Mapped[date | None]
    last_received_on: Mapped[date | None]


class LinesKept(Base):
    """How far the kept sums go: the newest id of each table they rest on that is in them. There is one row."""

    __tablename__ = "lines_kept"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    move_id: Mapped[int]
    bag_move_id: Mapped[int]
    apportionment_id: Mapped[int]
    billed_delivery_id: Mapped[int]
    ledger_match_id: Mapped[int]
