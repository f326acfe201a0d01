"""Lots, postings, moves, balances and promises."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
from core.trail import Note
from inventory.catalogue.models import Edition, Item, KitRecipe
from inventory.stock.rules import LotSource, PostingKind
from organisation.accounts.models import Account

_BY_KEY: dict[str, Any] = {"sqlite_with_rowid": False}
"""Of tables that the database writes from moves, two rows for each: SQLite keeps them in the order of their key and
nowhere else, and they name places, lots and postings without looking them up once more."""


class Lot(Base):
    """One item from one source. It never loses its identity: not in transfer, not in a bag, not in a count."""

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("delivery_line_id"),
        CheckConstraint("unit_count > 0", name="at_least_one"),
        CheckConstraint(
            "(source IN ('opening stock', 'found on a count')) = (delivery_line_id IS NULL)", name="came_from_somewhere"
        ),
        Index("ix_lot_item_id", "item_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    source: Mapped[LotSource] = mapped_column(words_of(LotSource))
    delivery_line_id: Mapped[int | None] = mapped_column(ForeignKey("delivery_line.id"))
    unit_count: Mapped[int]
    expires_on: Mapped[date | None]
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"))

    item: Mapped[Item] = relationship()
    edition: Mapped[Edition | None] = relationship()


class Posting(Base):
    """One act on stock: what kind, why, who, for which document, and its two clocks."""

    __tablename__ = "posting"
    __table_args__ = (
        UniqueConstraint("corrects_id"),
        Index("ix_posting_document", "document"),
        Index("ix_posting_happened_at", "happened_at"),
        Index("ix_posting_recorded_at", "recorded_at"),
        CheckConstraint("happened_at <= recorded_at", name="happened_before_recorded"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    kind: Mapped[PostingKind] = mapped_column(words_of(PostingKind))
    document: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("posting.id"))
    submission_id: Mapped[str | None] = mapped_column(String(36))
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]

    note: Mapped[Note | None] = relationship()


class Move(Base):
    """So many units of a lot from one place to another. A move is balanced by its shape."""

    __tablename__ = "move"
    __table_args__ = (
        CheckConstraint("unit_count > 0", name="at_least_one"),
        CheckConstraint("from_place_id <> to_place_id", name="goes_somewhere"),
        Index("ix_move_posting_id", "posting_id"),
        Index("ix_move_lot_to", "lot_id", "to_place_id"),
        Index("ix_move_lot_from", "lot_id", "from_place_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    from_place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    to_place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    unit_count: Mapped[int]
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("move.id"))


class Balance(Base):
    """How many units of a lot are at a place that holds stock.

    The database keeps these rows itself, by a trigger on moves, and refuses any change the moves up to
    ``explained_by_move_id`` do not explain. Nothing in the program writes them, save an empty row to lock.
    """

    __tablename__ = "balance"
    __table_args__ = (
        CheckConstraint("unit_count >= 0", name="not_below_zero"),
        Index("ix_balance_lot_id", "lot_id"),
        Index(
            "ix_balance_in_stock", "place_id", "lot_id",
            sqlite_where=text("unit_count > 0"), postgresql_where=text("unit_count > 0"),
        ),
    )  # fmt: skip

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True, autoincrement=False)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True, autoincrement=False)
    unit_count: Mapped[int]
    explained_by_move_id: Mapped[int]

    lot: Mapped[Lot] = relationship()


IN_STOCK = Balance.unit_count > literal_column("0")
"""Some of a lot are there. The nought is written out: a database uses the index of what is in stock for no other."""


class PastBalance(Base):
    """How many units of a lot a place held from a moment on, as the moves have it by when they happened.

    A row for each moment at which the lot moved at the place; it counts until the next. The database writes the rows
    by a trigger on moves, and those of later moments too when a move is recorded late; nothing in the program does. It
    may be below nothing for a while: what was there was recorded as of a later moment than what left.
    """

    __tablename__ = "past_balance"
    __table_args__ = (_BY_KEY,)

    place_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lot_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    happened_at: Mapped[datetime] = mapped_column(primary_key=True)
    unit_count: Mapped[int]
    explained_by_move_id: Mapped[int]


class PlaceAct(Base):
    """That a posting moved something at a place that holds stock, with both its moments.

    Written by the database for both ends of each move and bag move, so that the acts at a place are found in the
    order in which they happened without reading those anywhere else.
    """

    __tablename__ = "place_act"
    __table_args__ = ({**APPEND_ONLY, **_BY_KEY},)

    place_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    happened_at: Mapped[datetime] = mapped_column(primary_key=True)
    posting_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(primary_key=True)


class Promise(Base):
    """Units of an item (or bags of a recipe) at a place kept for an approved request line and not yet sent."""

    __tablename__ = "promise"
    __table_args__ = (
        UniqueConstraint("request_line_id"),
        CheckConstraint("unit_count >= 0", name="not_below_zero"),
        CheckConstraint("(item_id IS NULL) <> (recipe_id IS NULL)", name="item_or_recipe"),
        Index("ix_promise_place_id", "place_id"),
    )

    id: Mapped[Key]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    recipe_id: Mapped[int | None] = mapped_column(ForeignKey("kit_recipe.id"))
    request_line_id: Mapped[int] = mapped_column(ForeignKey("request_line.id"))
    unit_count: Mapped[int]


class ReserveLevel(Base):
    """How many of an item (or Go Bags of a recipe) a store keeps in its surge reserve, from a moment on.

    The newest row counts; none is edited. What is in the reserve stands on the shelf with the rest and is of the same
    lots: it is a number that nothing ordinary may go below.
    """

    __tablename__ = "reserve_level"
    __table_args__ = (
        CheckConstraint("level_count >= 0", name="not_below_zero"),
        CheckConstraint("(item_id IS NULL) <> (recipe_id IS NULL)", name="item_or_recipe"),
        CheckConstraint("NOT released OR note_id IS NOT NULL", name="released_has_reason"),
        Index("ix_reserve_level_place_id", "place_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    recipe_id: Mapped[int | None] = mapped_column(ForeignKey("kit_recipe.id"))
    level_count: Mapped[int]
    change_count: Mapped[int]
    released: Mapped[bool]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))

    item: Mapped[Item | None] = relationship()
    recipe: Mapped[KitRecipe | None] = relationship()
    account: Mapped[Account] = relationship()
    note: Mapped[Note | None] = relationship()
