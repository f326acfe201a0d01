"""Reading what a bid is drafted from, for all places at once, in a fixed number of statements, and what came of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import aliased, undefer

from core.access import Scope
from core.dates import local_day
from core.db import db
from core.errors import NotFound
from core.money import Pence
from core.periods import Period
from core.register import IssuedReport
from grants.awards.models import Award, GrantLine
from grants.bids.models import BidAnswer
from grants.bids.rules import GrantedLine, Heading, Price
from grants.spending import queries as spending
from grants.spending.models import Apportionment, SpendingRow
from inventory.bags.models import Bag, BagPosition
from inventory.catalogue.models import Item, KitRecipe, RecipeLine, RecipeVersion
from inventory.catalogue.rules import ItemKind
from inventory.stock.models import Balance, Lot
from inventory.unmet.queries import Unmet, unmet
from inventory.usage.queries import issues, units_given
from inventory.usage.rules import Narrowing
from organisation.places.models import Place

EVERYWHERE = Scope.everywhere()


@dataclass(frozen=True)
class Held:
    """An item in use, and how many units of it are on hand in date, in Go Bags and on the way too."""

    item_id: int
    code: str
    name: str
    kind: ItemKind
    language: str | None
    held_count: int


def items_held(*, on: date) -> list[Held]:
    """List every item in use by name, with what is on hand of it and in date."""
    usable = or_(Lot.expires_on.is_(None), Lot.expires_on > on)
    held = func.sum(case((usable, Balance.unit_count), else_=0))
    asked = (
        select(Item.id, Item.code, Item.name, Item.kind, Item.language, held)
        .outerjoin(Lot, Lot.item_id == Item.id)
        .outerjoin(Balance, Balance.lot_id == Lot.id)
        .where(Item.retired_on.is_(None) | (Item.retired_on > on))
        .group_by(Item.id, Item.code, Item.name, Item.kind, Item.language)
        .order_by(Item.name)
    )
    return [
        Held(key, code, name, kind, language, int(count or 0))
        for key, code, name, kind, language, count in db.session.execute(asked)
    ]


@dataclass(frozen=True)
class Part:
    """So many units of an item, or of any item of a kind, that go into a Go Bag."""

    item_id: int | None
    kind: ItemKind | None
    unit_count: int


@dataclass(frozen=True)
class Variant:
    """A kind of Go Bag with what is in it by the version in use."""

    recipe_id: int
    name: str
    parts: tuple[Part, ...]


def variants(*, on: date) -> list[Variant]:
    """List the kinds of Go Bag that are in use on a day, by name, each with the lines of its newest version."""
    newest = (
        select(RecipeVersion.recipe_id, func.max(RecipeVersion.number).label("number"))
        .where(RecipeVersion.in_use_from <= on)
        .group_by(RecipeVersion.recipe_id)
        .subquery()
    )
    version = aliased(RecipeVersion)
    asked = (
        select(KitRecipe.id, KitRecipe.name, RecipeLine.item_id, RecipeLine.any_of_kind, RecipeLine.unit_count)
        .join(newest, newest.c.recipe_id == KitRecipe.id)
        .join(version, and_(version.recipe_id == KitRecipe.id, version.number == newest.c.number))
        .join(RecipeLine, RecipeLine.version_id == version.id)
        .order_by(KitRecipe.name, RecipeLine.position)
    )
    parts: dict[tuple[int, str], list[Part]] = defaultdict(list)
    for recipe_id, name, item_id, kind, count in db.session.execute(asked):
        parts[recipe_id, name].append(Part(item_id, kind, count))
    return [Variant(recipe_id, name, tuple(found)) for (recipe_id, name), found in parts.items()]


def bags_standing() -> dict[tuple[int, int], int]:
    """Count the Go Bags that stand at each place, those on their way where they go: (place id, recipe id) → bags."""
    where = func.coalesce(Place.destination_id, Place.id)
    asked = (
        select(where, RecipeVersion.recipe_id, func.count())
        .select_from(BagPosition)
        .join(Place, Place.id == BagPosition.place_id)
        .join(Bag, Bag.id == BagPosition.bag_id)
        .join(RecipeVersion, RecipeVersion.id == Bag.recipe_version_id)
        .where(Place.holds_stock)
        .group_by(where, RecipeVersion.recipe_id)
    )
    return {(place_id, recipe_id): int(count) for place_id, recipe_id, count in db.session.execute(asked)}


@dataclass(frozen=True)
class Bought:
    """How an item was bought last: its price, and the heading of the grant line that paid for it, if any did."""

    price: Price
    heading: Heading | None


def bought() -> dict[int, Bought]:
    """Give what the newest invoice row for each item cost, by its date, and under which heading it was bought last.

    Credits are no prices. Of a row that is split, the line with the greatest share counts.
    """
    newest, under, cost = _newest_rows(), _last_lines(), spending.COST
    asked = (
        select(
            SpendingRow.item_id, SpendingRow.reference, cost, SpendingRow.unit_count, GrantLine.position,
            GrantLine.heading,
        )
        .join(newest, and_(newest.c.id == SpendingRow.id, newest.c.place == 1))
        .outerjoin(under, and_(under.c.item_id == SpendingRow.item_id, under.c.place == 1))
        .outerjoin(GrantLine, GrantLine.id == under.c.grant_line_id)
    )  # fmt: skip
    return {
        item_id: Bought(Price(row, Pence(int(pence)), count), Heading(position, words) if words else None)
        for item_id, row, pence, count, position, words in db.session.execute(asked)
        if item_id is not None and count is not None
    }


def _newest_rows() -> Subquery:
    """Number the invoice rows of each item, the newest first."""
    newest_first = (SpendingRow.incurred_on.desc(), SpendingRow.id.desc())
    place = func.row_number().over(partition_by=SpendingRow.item_id, order_by=newest_first).label("place")
    priced = (SpendingRow.item_id.is_not(None), SpendingRow.credits_row_id.is_(None), SpendingRow.net_pence > 0)
    return select(SpendingRow.id, place).where(*priced).subquery()


def _last_lines() -> Subquery:
    """Number the grant lines each item was bought under, the last first."""
    share = func.sum(Apportionment.pence).label("pence")
    of = (
        select(SpendingRow.item_id, SpendingRow.incurred_on, SpendingRow.id, Apportionment.grant_line_id, share)
        .join(Apportionment, Apportionment.row_id == SpendingRow.id)
        .where(SpendingRow.item_id.is_not(None), SpendingRow.credits_row_id.is_(None))
        .group_by(SpendingRow.item_id, SpendingRow.incurred_on, SpendingRow.id, Apportionment.grant_line_id)
        .having(share > 0)
        .subquery()
        .c
    )
    last_first = (of.incurred_on.desc(), of.id.desc(), of.pence.desc(), of.grant_line_id)
    place = func.row_number().over(partition_by=of.item_id, order_by=last_first).label("place")
    return select(of.item_id, of.grant_line_id, place).subquery()


# ---- Bids that were taken away, and what came of them -------------------------------------------

SORT = "bid"
"""What the register of issued reports calls a bid."""


def sent_bids() -> Select[IssuedReport]:
    """Select the bids that left the service, the newest first."""
    asked = select(IssuedReport).where(IssuedReport.sort == SORT, IssuedReport.frozen_json.is_not(None))
    return asked.order_by(IssuedReport.id.desc())


def sent_bid(reference: str) -> IssuedReport:
    """Find a bid that left the service, with its frozen figures.

    Raises:
        NotFound: there is none.
    """
    asked = sent_bids().where(IssuedReport.reference == reference).options(undefer(IssuedReport.frozen_json))
    found = db.session.scalars(asked).one_or_none()
    if found is None:
        raise NotFound
    return found


def granted_lines(report_ids: Collection[int]) -> dict[int, list[GrantedLine]]:
    """Give the grant lines that came of bids: id of the issued report → lines, by award and in its order."""
    asked = (
        select(BidAnswer.report_id, Award.code, Award.amount_pence, GrantLine, BidAnswer.asked_code)
        .join(GrantLine, GrantLine.id == BidAnswer.grant_line_id)
        .join(Award, Award.id == GrantLine.award_id)
        .where(BidAnswer.report_id.in_(report_ids))
        .order_by(Award.id, GrantLine.position)
    )
    found: dict[int, list[GrantedLine]] = {report_id: [] for report_id in report_ids}
    for report_id, award, pence, line, code in db.session.execute(asked):
        name = f"{award}/{line.code}"
        found[report_id].append(GrantedLine(award, int(pence), name, line.heading, line.budget_pence, code))
    return found


@dataclass(frozen=True)
class Year:
    """What was given and asked for in a period.

    Attributes:
        items: item id → units handed over in Go Bags and not handed back.
        bags: (place name, recipe name) → day → Go Bags given there, net.
    """

    items: Counter[int]
    bags: dict[tuple[str, str], Counter[date]]
    unmet: tuple[Unmet, ...]


def year_of(period: Period, *, at: datetime) -> Year:
    """Read what was given out, net, and what was asked for in vain."""
    found = issues([period], scope=EVERYWHERE, at=at, to=Narrowing())
    units = units_given([period], scope=EVERYWHERE)
    items: Counter[int] = Counter()
    bags: dict[tuple[str, str], Counter[date]] = defaultdict(Counter)
    for issue in found.made:
        if issue.undone_at is not None:
            continue
        posting_id = issue.posting_id if issue.back_at is None else issue.back_posting_id
        items.update(units.get(posting_id or 0, Counter()))
        if issue.back_at is None:
            bags[issue.place, issue.recipe][local_day(issue.issued_at)] += 1
    wanted = unmet(scope=EVERYWHERE, since=period.first, until=period.last, at=at)
    return Year(items, bags, tuple(wanted))
