"""What the registers list. Money is kept for the whole organisation, so no scope belongs here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from core.dates import local_day
from core.db import db
from core.errors import NotFound
from core.money import Pence
from core.periods import Period
from grants.awards import queries as awards
from grants.awards.models import Award, GrantLine
from grants.claims.models import Claim, ClaimEvent
from grants.claims.rules.course import ClaimAct
from grants.position.queries import lot_costs
from grants.position.rules import OUTSIDE, Free, Funding, Whereabouts, whereabouts_of
from grants.registers.models import AssetDetail, AssetDisposal, LossNotice, Recipient, ValueReason
from grants.registers.rules import (
    DISPOSED,
    PUBLISHED_ABOVE,
    Loss,
    OpenGrant,
    PublishedItem,
    RegisteredItem,
    described,
    disposal_words,
    is_published,
)
from grants.spending import queries as spending
from grants.spending.models import Apportionment, SpendingRow, SupplierInvoice
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.catalogue.models import Item
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.phones.models import SerialUnit, UnitMove, UnitPosition
from inventory.phones.rules import NumberKind, masked
from inventory.stock.models import IN_STOCK, Balance, Lot, Move, Posting
from inventory.stock.queries import numbering_of
from inventory.stock.rules import Units, count_of
from organisation.places.models import Body, Place
from organisation.places.rules import PlaceKind
from organisation.suppliers.models import Supplier

_GONE = (PlaceKind.WRITTEN_OFF, PlaceKind.LOST_AND_FOUND)


def line_names() -> dict[int, str]:
    """Name every grant line: id → full code."""
    rows = db.session.execute(
        select(GrantLine.id, Award.code, GrantLine.code).join(Award, Award.id == GrantLine.award_id)
    )
    return {line_id: f"{award}/{line}" for line_id, award, line in rows}


# ---- Fixed and attractive items -----------------------------------------------------------------


def registered_items() -> list[RegisteredItem]:
    """List every handset, and every purchase whose unit costs more than its award registers, newest first."""
    names = line_names()
    found = [*_handsets(names), *_fixed_assets(names)]
    return sorted(found, key=lambda each: (each.acquired_on or date.min, each.name), reverse=True)


def _handsets(names: Mapping[int, str]) -> list[RegisteredItem]:
    """Cost the handsets of each lot in the order they were entered, so that they add up to the lot."""
    rows = db.session.execute(_handset_rows()).all()
    costs = lot_costs({row.lot_id for row in rows})
    number: dict[int, int] = defaultdict(int)
    found = []
    for row in rows:
        number[row.lot_id] += 1
        unit = ((number[row.lot_id], number[row.lot_id]),)
        cost = costs[row.lot_id]
        found.append(_handset(row, cost.pence_of(unit), _lines(cost.funding_of(unit), names)))
    return found


def _handset_rows() -> Any:
    inside = aliased(Place)
    moved = (
        select(func.max(Posting.happened_at))
        .join(Move, Move.posting_id == Posting.id)
        .join(UnitMove, UnitMove.move_id == Move.id)
        .where(UnitMove.unit_id == SerialUnit.id)
        .correlate(SerialUnit)
        .scalar_subquery()
    )
    newest = select(func.max(BagMove.id)).where(BagMove.bag_id == Bag.id).correlate(Bag).scalar_subquery()
    bag_moved = (
        select(Posting.happened_at)
        .join(BagMove, BagMove.posting_id == Posting.id)
        .where(BagMove.id == newest)
        .correlate(Bag)
        .scalar_subquery()
    )
    return (
        select(
            SerialUnit.id, SerialUnit.number, Lot.id.label("lot_id"), Item.name.label("item"), Delivery.received_on,
            Place.kind, Place.name.label("place"), inside.kind.label("stands_in"), inside.name.label("stands_at"),
            func.coalesce(bag_moved, moved).label("moved_at"),
        )
        .join(Lot, Lot.id == SerialUnit.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .outerjoin(DeliveryLine, DeliveryLine.id == Lot.delivery_line_id)
        .outerjoin(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
        .join(Place, Place.id == UnitPosition.place_id)
        .outerjoin(Bag, Bag.place_id == Place.id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .outerjoin(inside, inside.id == BagPosition.place_id)
        .where(SerialUnit.number_kind == NumberKind.IMEI)
        .order_by(SerialUnit.id)
    )  # fmt: skip


def _handset(row: Any, pence: int, lines: str) -> RegisteredItem:
    where = whereabouts_of(row.kind, bag_stands_in=row.stands_in)
    gone = where in OUTSIDE
    disposed = "" if not gone else DISPOSED if where is Whereabouts.ISSUED else f"{where.words}: nil proceeds"
    return RegisteredItem(
        masked(row.number), row.item, "Attractive item", row.received_on, pence, lines,
        "" if gone else row.stands_at or row.place, local_day(row.moved_at) if gone else None, disposed,
    )  # fmt: skip


def _lines(funding: Funding, names: Mapping[int, str]) -> str:
    return ", ".join(names[line_id] for line_id, pence in funding.items() if line_id is not None and pence)


def fixed_assets() -> list[RegisteredItem]:
    """List every purchase whose unit costs more than its award registers."""
    return _fixed_assets(line_names())


def _fixed_assets(names: Mapping[int, str]) -> list[RegisteredItem]:
    """List rows whose unit costs more than an award they are apportioned to registers."""
    unit_count = func.coalesce(SpendingRow.unit_count, 1)
    asked = (
        select(
            SpendingRow.id, SpendingRow.reference, SpendingRow.description, SpendingRow.incurred_on, spending.COST,
            Apportionment.grant_line_id,
        )
        .join(Apportionment, Apportionment.row_id == SpendingRow.id)
        .join(GrantLine, GrantLine.id == Apportionment.grant_line_id)
        .join(Award, Award.id == GrantLine.award_id)
        .where(Award.asset_threshold_pence * unit_count < spending.COST)
        .group_by(SpendingRow.id, Apportionment.grant_line_id)
        .having(func.sum(Apportionment.pence) > 0)
        .order_by(SpendingRow.id)
    )  # fmt: skip
    lines: dict[int, list[str]] = defaultdict(list)
    facts: dict[int, tuple[str, str, date, int]] = {}
    for row_id, reference, description, day, cost, line_id in db.session.execute(asked):
        lines[row_id].append(names[line_id])
        facts[row_id] = (reference, description, day, int(cost))
    gone, known = disposals(facts), details(facts)
    return [
        RegisteredItem(
            reference, _described(description, known.get(row_id)), "Fixed asset", day, cost, ", ".join(lines[row_id]),
            known[row_id].location if row_id in known and row_id not in gone else "",
            gone[row_id].disposed_on if row_id in gone else None,
            disposal_words(gone[row_id].words, gone[row_id].proceeds_pence) if row_id in gone else "", reference,
        )
        for row_id, (reference, description, day, cost) in facts.items()
    ]  # fmt: skip


def _described(words: str, known: AssetDetail | None) -> str:
    if known is None:
        return words
    return described(
        words, serial_number=known.serial_number, deeds=known.deeds, depreciation=known.depreciation
    )  # fmt: skip


def details(row_ids: Collection[int]) -> dict[int, AssetDetail]:
    """Give where fixed assets are, as said last: spending row id → detail; those of which nothing was said left out."""
    asked = select(AssetDetail).where(AssetDetail.row_id.in_(row_ids)).order_by(AssetDetail.id)
    return {each.row_id: each for each in db.session.scalars(asked)}


def disposals(row_ids: Collection[int]) -> dict[int, AssetDisposal]:
    """Give how fixed assets left, as said last: spending row id → disposal; those still held are left out."""
    asked = select(AssetDisposal).where(AssetDisposal.row_id.in_(row_ids)).order_by(AssetDisposal.id)
    return {each.row_id: each for each in db.session.scalars(asked)}


# ---- Losses and write-offs ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Gone:
    """Units that one act wrote off or lost and that are still gone."""

    posting_id: int
    kind: str
    document: str
    happened_on: date
    lot_id: int
    lot: str
    item: str
    place: str
    units: Units


def losses() -> list[Loss]:
    """List what was written off or lost and is still gone, priced to its grant lines, newest first."""
    gone = [*_loose(), *_in_bags()]
    costs = lot_costs({each.lot_id for each in gone}) if gone else {}
    names, told = line_names(), notices()
    found = [_loss(each, costs[each.lot_id].funding_of(each.units), names, told.get(each.posting_id)) for each in gone]
    return sorted(found, key=lambda each: (each.happened_on, each.posting_id, each.lot), reverse=True)


def _loss(gone: _Gone, funding: Funding, names: Mapping[int, str], told: LossNotice | None) -> Loss:
    parts = sorted((names[line_id] if line_id is not None else "", int(pence)) for line_id, pence in funding.items())
    return Loss(
        gone.posting_id, gone.happened_on, gone.kind, gone.document, gone.item, gone.lot, gone.place,
        count_of(gone.units), tuple(part for part in parts if part[1]), told.notified_on if told else None,
        told.outside_reference if told else "",
    )  # fmt: skip


def notices() -> dict[int, LossNotice]:
    """Give every notice to a funder: posting id → notice."""
    return {each.posting_id: each for each in db.session.scalars(select(LossNotice))}


def _loose() -> list[_Gone]:
    """List units moved to where they are gone, by the act that took them there last."""
    source, bag, target = aliased(Place), aliased(Bag), aliased(Place)
    asked = (
        select(
            Move.id, Move.lot_id, Move.to_place_id, Posting.id, Posting.kind, Posting.document, Posting.happened_at,
            Lot.code, Item.name, func.coalesce(bag.tag, source.name),
        )
        .join(Posting, Posting.id == Move.posting_id)
        .join(Lot, Lot.id == Move.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .join(target, target.id == Move.to_place_id)
        .join(source, source.id == Move.from_place_id)
        .outerjoin(bag, bag.place_id == source.id)
        .where(target.kind.in_(_GONE), Move.corrects_id.is_(None))
        .order_by(Move.id.desc())
    )  # fmt: skip
    rows = db.session.execute(asked).all()
    numbering = numbering_of({row[1] for row in rows}) if rows else {}
    left: dict[tuple[int, int], Free] = {}
    found = []
    for move_id, lot_id, place_id, posting_id, kind, document, moment, code, item, place in rows:
        free = left.setdefault((lot_id, place_id), Free(numbering[lot_id].standing.get(place_id, ())))
        units = tuple(free.take(numbering[lot_id].carried.get(move_id, ())))
        if units:
            found.append(_Gone(posting_id, kind, document, local_day(moment), lot_id, code, item, place, units))
    return found


def _in_bags() -> list[_Gone]:
    """List what lies in Go Bags that were written off or lost whole, by the act that took the bag there."""
    newest = select(func.max(BagMove.id)).where(BagMove.bag_id == Bag.id).correlate(Bag).scalar_subquery()
    asked = (
        select(
            Posting.id, Posting.kind, Posting.document, Posting.happened_at, Bag.place_id, Bag.tag, Lot.id, Lot.code,
            Item.name,
        )
        .join(BagPosition, BagPosition.bag_id == Bag.id)
        .join(Place, and_(Place.id == BagPosition.place_id, Place.kind.in_(_GONE)))
        .join(BagMove, BagMove.id == newest)
        .join(Posting, Posting.id == BagMove.posting_id)
        .join(Balance, and_(Balance.place_id == Bag.place_id, IN_STOCK))
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Item, Item.id == Lot.item_id)
    )  # fmt: skip
    rows = db.session.execute(asked).all()
    numbering = numbering_of({row[6] for row in rows}) if rows else {}
    return [
        _Gone(
            posting_id, kind, document, local_day(moment), lot_id, code, item, f"Go Bag {tag}",
            numbering[lot_id].standing.get(place_id, ()),
        )
        for posting_id, kind, document, moment, place_id, tag, lot_id, code, item in rows
    ]  # fmt: skip


def loss_of(posting_id: int) -> list[Loss]:
    """List what one act wrote off or lost.

    Raises:
        NotFound: it is gone no more, or never was.
    """
    found = [each for each in losses() if each.posting_id == posting_id]
    if not found:
        raise NotFound
    return found


# ---- Spending over £500 -------------------------------------------------------------------------


def published_spending(period: Period) -> list[PublishedItem]:
    """List the rows of every invoice above £500 with VAT dated in a period, and of spending without an invoice."""
    gross = func.coalesce(SupplierInvoice.gross_pence, SpendingRow.net_pence + SpendingRow.vat_pence)
    asked = (
        select(
            func.coalesce(SupplierInvoice.reference, SpendingRow.reference), SpendingRow.reference,
            SpendingRow.incurred_on, func.coalesce(Supplier.name, Recipient.payee, ""), SpendingRow.description,
            SpendingRow.net_pence, SpendingRow.vat_pence, gross,
            func.coalesce(ValueReason.words, Recipient.words, ""), func.coalesce(_holder(), ""),
        )
        .outerjoin(SupplierInvoice, SupplierInvoice.id == SpendingRow.invoice_id)
        .outerjoin(Supplier, Supplier.id == SupplierInvoice.supplier_id)
        .outerjoin(ValueReason, ValueReason.id == _newest(ValueReason.id, ValueReason.invoice_id, SupplierInvoice))
        .outerjoin(Recipient, Recipient.id == _newest(Recipient.id, Recipient.row_id, SpendingRow))
        .where(SpendingRow.incurred_on >= period.first, SpendingRow.incurred_on <= period.last, _above(gross))
        .order_by(SpendingRow.incurred_on, SpendingRow.id)
    )  # fmt: skip
    return [PublishedItem(*row) for row in db.session.execute(asked) if is_published(int(row[7]))]


def _newest(key: Any, of: Any, said_of: type[SupplierInvoice | SpendingRow]) -> Any:
    """Select what was said last of an invoice or a row."""
    return select(func.max(key)).where(of == said_of.id).correlate(said_of).scalar_subquery()


def _holder() -> Any:
    """Select the body that holds most of a row now: what was reversed, or went to another's award, counts no more."""
    held = func.abs(func.sum(Apportionment.pence))
    return (
        select(Body.name)
        .join(Award, Award.body_id == Body.id)
        .join(GrantLine, GrantLine.award_id == Award.id)
        .join(Apportionment, Apportionment.grant_line_id == GrantLine.id)
        .where(Apportionment.row_id == SpendingRow.id)
        .group_by(Body.id, Body.name)
        .having(held > 0)
        .order_by(held.desc(), Body.id)
        .limit(1)
        .correlate(SpendingRow)
        .scalar_subquery()
    )


def newest_recipient(row_id: int) -> Recipient | None:
    """Give what was said last of who was paid by spending without an invoice; None where nothing was."""
    asked = select(Recipient).where(Recipient.row_id == row_id).order_by(Recipient.id.desc()).limit(1)
    return db.session.scalars(asked).first()


def _above(gross: ColumnElement[int]) -> ColumnElement[bool]:
    """Say in SQL what ``is_published`` says, so that the rest is not read."""
    return or_(gross > PUBLISHED_ABOVE, gross < -PUBLISHED_ABOVE)


def newest_reason(invoice_id: int) -> ValueReason | None:
    """Give what was said last of why an invoice is good value; None where nothing was."""
    asked = select(ValueReason).where(ValueReason.invoice_id == invoice_id).order_by(ValueReason.id.desc()).limit(1)
    return db.session.scalars(asked).first()


# ---- Awards as open data ------------------------------------------------------------------------


def open_grants() -> list[OpenGrant]:
    """List every award in the fields of the 360Giving standard, with what the funder has paid of it."""
    asked = (
        select(Claim.award_id, func.sum(ClaimEvent.pence))
        .join(Claim, Claim.id == ClaimEvent.claim_id)
        .where(ClaimEvent.act == ClaimAct.PAY)
        .group_by(Claim.award_id)
    )
    paid = {award_id: Pence(int(pence or 0)) for award_id, pence in db.session.execute(asked)}
    return [
        OpenGrant(
            award.code, award.title, _purposes(award.lines), award.amount_pence, paid.get(award.id, 0),
            award.offered_on, award.starts_on, award.ends_on, award.body.code, award.body.name, award.funder,
        )
        for award in awards.awards()
    ]  # fmt: skip


def _purposes(lines: Sequence[GrantLine]) -> str:
    return _sentence(line.heading for line in lines)


def _sentence(words: Iterable[str]) -> str:
    return f"Grant for {'; '.join(words)}"
