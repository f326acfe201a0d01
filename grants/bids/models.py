"""What came of a bid: the grant lines of the awards that were recorded from it. Append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import APPEND_ONLY, Base, Key


class BidAnswer(Base):
    """That a grant line came of a bid as it left the service, and which of the bid's lines it answers.

    Every line of an award that was recorded from a bid has one; ``asked_code`` is empty where the bid asked for nothing
    like it. Several awards may come of one bid.
    """

    __tablename__ = "bid_answer"
    __table_args__ = (
        UniqueConstraint("grant_line_id"),
        Index("ix_bid_answer_report_id", "report_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    report_id: Mapped[int] = mapped_column(ForeignKey("issued_report.id"))
    grant_line_id: Mapped[int] = mapped_column(ForeignKey("grant_line.id"))
    asked_code: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]
