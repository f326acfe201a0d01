"""Kept numberings: for each lot where its units are, and for each issue which of them it carried."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import APPEND_ONLY, Base
from inventory.stock.models import Move


class LotNumbering(Base):
    """Where the units of a lot are once its moves up to one of them are folded.

    A cache, written in the transaction that writes the moves and rebuilt from them at any time. Nothing that decides
    about stock reads it; balances do that.
    """

    __tablename__ = "lot_numbering"

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True, autoincrement=False)
    folded_to_move_id: Mapped[int]
    """The last move that is in it, 0 before the first."""
    standing: Mapped[str] = mapped_column(String)
    """Runs of unit numbers by place (``rules.written``)."""


class IssuedRuns(Base):
    """The units one move of an issue carried. A move's units never change, so neither does this."""

    __tablename__ = "issued_runs"
    __table_args__ = (
        Index("ix_issued_runs_lot_id", "lot_id"),
        Index("ix_issued_runs_posting_id", "posting_id"),
        APPEND_ONLY,
    )

    move_id: Mapped[int] = mapped_column(ForeignKey("move.id"), primary_key=True, autoincrement=False)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    runs: Mapped[str] = mapped_column(String)


Index("ix_move_lot_id", Move.lot_id, Move.id)
"""Finds the moves of a lot after one of them; it belongs to the table of moves and serves what is kept here."""
