"""Claims, what people decide about them, and what was signed.

The claim itself changes its state; everything else is append-only. Estimates, forecasts and waivers are changed by a
later row: the newest counts. What is signed is kept twice: as rows that the next claim and the database's own checks
read, and whole, as the object that the page and the files paint, with its SHA-256.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, PenceColumn, words_of
from core.trail import Note
from grants.awards.models import Award, GrantLine
from grants.claims.rules.course import ClaimAct, ClaimState
from grants.spending.models import SpendingRow
from inventory.deliveries.models import DeliveryLine
from organisation.accounts.models import Account


class EstimateSource(StrEnum):
    """Where the amount of an estimate comes from."""

    ORDER = "price of the order"
    TYPED = "typed"


class Claim(Base):
    """What the funder is asked to pay for one period of an award. ``version`` rises with every act."""

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("award_id", "number"),
        UniqueConstraint("award_id", "first_on"),
        CheckConstraint("last_on >= first_on", name="ends_after_start"),
        CheckConstraint("number >= 1", name="numbered_from_one"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    number: Mapped[int]
    first_on: Mapped[date]
    last_on: Mapped[date]
    due_on: Mapped[date]
    is_final: Mapped[bool]
    state: Mapped[ClaimState] = mapped_column(words_of(ClaimState))
    version: Mapped[int]

    award: Mapped[Award] = relationship()
    events: Mapped[list[ClaimEvent]] = relationship(order_by="ClaimEvent.id", viewonly=True)


class ClaimEvent(Base):
    """One step of a claim: who, when, and what it was about.

    ``happened_on`` is the day it was sent, questioned or paid; ``digest`` the fingerprint of the figures that were
    prepared, reviewed or certified; ``pence`` what was paid; ``outside_reference`` the funder's own.
    """

    __tablename__ = "claim_event"
    __table_args__ = (
        CheckConstraint("(act = 'paid') = (pence IS NOT NULL)", name="payments_have_an_amount"),
        Index("ix_claim_event_claim_id", "claim_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    act: Mapped[ClaimAct] = mapped_column(words_of(ClaimAct))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]
    happened_on: Mapped[date]
    digest: Mapped[str | None] = mapped_column(String(64))
    pence: Mapped[PenceColumn | None]
    outside_reference: Mapped[str | None] = mapped_column(String(60))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))

    account: Mapped[Account] = relationship()
    note: Mapped[Note | None] = relationship()


class ClaimEstimate(Base):
    """A closing accrual for goods received and not invoiced, or for work done; £0 leaves it out of the claim.

    The newest for the same thing (``subject``: a delivery line, or a name of its own) counts.
    """

    __tablename__ = "claim_estimate"
    __table_args__ = (
        CheckConstraint("pence >= 0", name="not_below_zero"),
        CheckConstraint("(delivery_line_id IS NULL) = (unit_count IS NULL)", name="goods_are_counted"),
        Index("ix_claim_estimate_claim_id", "claim_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    subject: Mapped[str] = mapped_column(String(40))
    delivery_line_id: Mapped[int | None] = mapped_column(ForeignKey("delivery_line.id"))
    unit_count: Mapped[int | None]
    grant_line_id: Mapped[int] = mapped_column(ForeignKey("grant_line.id"))
    description: Mapped[str] = mapped_column(String(120))
    supplier_name: Mapped[str] = mapped_column(String(120))
    received_on: Mapped[date]
    proposed_pence: Mapped[PenceColumn | None]
    pence: Mapped[PenceColumn]
    source: Mapped[EstimateSource] = mapped_column(words_of(EstimateSource))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    delivery_line: Mapped[DeliveryLine | None] = relationship()
    grant_line: Mapped[GrantLine] = relationship()
    note: Mapped[Note | None] = relationship()


class ClaimForecast(Base):
    """What a grant line is expected to cost from the end of a claim's period to the end of the award."""

    __tablename__ = "claim_forecast"
    __table_args__ = (
        CheckConstraint("pence >= 0", name="not_below_zero"),
        Index("ix_claim_forecast_claim_id", "claim_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    grant_line_id: Mapped[int] = mapped_column(ForeignKey("grant_line.id"))
    pence: Mapped[PenceColumn]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    note: Mapped[Note | None] = relationship()


class ClaimWaiver(Base):
    """That somebody let a finding of the self-audit pass, in which words, and why."""

    __tablename__ = "claim_waiver"
    __table_args__ = (Index("ix_claim_waiver_claim_id", "claim_id"), APPEND_ONLY)

    id: Mapped[Key]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    finding_key: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(String)
    pence: Mapped[PenceColumn]
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    note: Mapped[Note] = relationship()


class SignedClaim(Base):
    """The whole of a claim as it was certified, and the SHA-256 of its text."""

    __tablename__ = "signed_claim"
    __table_args__ = (UniqueConstraint("claim_id"), APPEND_ONLY)

    id: Mapped[Key]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    pack_json: Mapped[str] = mapped_column(String, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    checkpoint_sequence: Mapped[int]
    cut_off: Mapped[datetime]
    eligible_pence: Mapped[PenceColumn]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    signed_at: Mapped[datetime]


class SignedLine(Base):
    """One grant line of a signed claim. The database refuses one beyond its line's budget."""

    __tablename__ = "signed_line"
    __table_args__ = (
        UniqueConstraint("claim_id", "grant_line_id"),
        CheckConstraint("eligible_pence = ledger_pence - opening_pence + closing_pence", name="balances"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    grant_line_id: Mapped[int] = mapped_column(ForeignKey("grant_line.id"))
    earlier_pence: Mapped[PenceColumn]
    ledger_pence: Mapped[PenceColumn]
    opening_pence: Mapped[PenceColumn]
    closing_pence: Mapped[PenceColumn]
    eligible_pence: Mapped[PenceColumn]
    forecast_pence: Mapped[PenceColumn]


class SignedRow(Base):
    """One spending row, or one estimate, on one grant line of a signed claim.

    ``cumulative_pence`` is all that was claimed of it from the start of the award. The database refuses one that
    does not follow from the earlier rows, or exceeds what is apportioned.
    """

    __tablename__ = "signed_row"
    __table_args__ = (
        UniqueConstraint("claim_id", "row_id", "grant_line_id"),
        UniqueConstraint("claim_id", "estimate_id"),
        CheckConstraint("(row_id IS NULL) <> (estimate_id IS NULL)", name="spending_or_estimate"),
        CheckConstraint("eligible_pence = ledger_pence - opening_pence + closing_pence", name="balances"),
        Index("ix_signed_row_row_id", "row_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    grant_line_id: Mapped[int] = mapped_column(ForeignKey("grant_line.id"))
    row_id: Mapped[int | None] = mapped_column(ForeignKey("spending_row.id"))
    estimate_id: Mapped[int | None] = mapped_column(ForeignKey("claim_estimate.id"))
    ledger_pence: Mapped[PenceColumn]
    opening_pence: Mapped[PenceColumn]
    closing_pence: Mapped[PenceColumn]
    eligible_pence: Mapped[PenceColumn]
    cumulative_pence: Mapped[PenceColumn]

    row: Mapped[SpendingRow | None] = relationship()
    estimate: Mapped[ClaimEstimate | None] = relationship()
