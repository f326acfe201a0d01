"""Reading Go Bags: where each stands, what is in it and whether it is ready; issues; and what to pack.

A bag is visible to whoever answers for the place it stands at, the place it is on its way to, or the place it
last left: that is who can act on it or must explain it. Lists take a constant number of statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased, joinedload

from core.access import Scope
from core.dates import day_bounds
from core.db import db
from core.errors import NotFound, RuleBroken
from inventory.bags import rules
from inventory.bags.models import Bag, BagMove, BagPosition, Issue, Seal
from inventory.bags.rules import Content, PackedLine, Readiness, Verdict, Wanted
from inventory.catalogue import queries as catalogue
from inventory.catalogue.models import Edition, Item, KitRecipe, RecipeLine, RecipeVersion
from inventory.catalogue.rules import ItemKind, any_of
from inventory.phones import queries as phones
from inventory.phones.models import UnitMove
from inventory.stock import queries as stock
from inventory.stock.models import Balance, Lot, Move, Posting
from inventory.stock.rules import PostingKind
from organisation.accounts.models import Account
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS, PlaceKind

_Here = aliased(Place, name="here")
_From = aliased(Place, name="came_from")
_To = aliased(Place, name="went_to")


class BagState(StrEnum):
    """Where a Go Bag is in its life."""

    STANDING = "standing"
    ON_ITS_WAY = "on its way"
    ISSUED = "issued"
    GONE = "gone"


@dataclass(frozen=True)
class BagView:
    """A Go Bag as a page shows it.

    Attributes:
        place_id: the real place it stands at or is on its way to; None when it has left.
        place_name: where it is, such as "Salisbury", "In transit to Salisbury" or "Issued".
    """

    bag_id: int
    tag: str
    recipe_code: str
    recipe_name: str
    version_number: int
    state: BagState
    place_id: int | None
    place_name: str
    contents: tuple[Content, ...]
    verdict: Verdict
    seal_number: str | None
    seal_broken: bool

    @property
    def languages(self) -> list[str]:
        """The language codes of the booklets inside."""
        return rules.booklet_languages(self.contents)

    @property
    def can_be_issued(self) -> bool:
        """Say whether it stands somewhere and may be handed over."""
        return self.state is BagState.STANDING and self.verdict.issuable


@dataclass(frozen=True)
class BagCounts:
    """Go Bags standing at one place: those ready, and those that need something."""

    ready_count: int
    needs_something_count: int


@dataclass(frozen=True)
class BagEvent:
    """One thing that happened to a bag: what, when, by whom."""

    words: str
    happened_at: datetime
    recorded_at: datetime
    account_name: str
    note: str | None


# ---- Bags ---------------------------------------------------------------------------------------


def _bags() -> Select[Bag, Place]:
    """Select bags with where they are."""
    return (
        select(Bag, _Here)
        .join(BagPosition, BagPosition.bag_id == Bag.id)
        .join(_Here, _Here.id == BagPosition.place_id)
        .options(joinedload(Bag.recipe_version).joinedload(RecipeVersion.recipe))
        .options(
            joinedload(Bag.recipe_version).selectinload(RecipeVersion.lines).joinedload(RecipeLine.item),
        )
    )


def _visible(scope: Scope) -> ColumnElement[bool]:
    """Say which bags a person may see; the scope must name its places."""
    assert scope.place_ids is not None
    last_left = (
        select(BagMove.from_place_id)
        .where(BagMove.bag_id == Bag.id)
        .order_by(BagMove.id.desc())
        .limit(1)
        .correlate(Bag)
        .scalar_subquery()
    )
    return (
        _Here.id.in_(scope.place_ids)
        | _Here.destination_id.in_(scope.place_ids)
        | (_Here.kind.not_in(REAL_KINDS) & last_left.in_(scope.place_ids))
    )


def bag_and_place(tag: str, *, scope: Scope) -> tuple[Bag, Place]:
    """Find a Go Bag by its tag, with where it is.

    Raises:
        NotFound: there is none for this person.
    """
    asked = _bags().where(Bag.tag == tag)
    if scope.place_ids is not None:
        asked = asked.where(_visible(scope))
    found = db.session.execute(asked).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


def bag_by_tag(tag: str, *, scope: Scope) -> Bag:
    """Find a Go Bag by its tag.

    Raises:
        NotFound: there is none for this person.
    """
    return bag_and_place(tag, scope=scope)[0]


def bag_view(tag: str, *, scope: Scope, on: date) -> BagView:
    """Give a Go Bag with its contents and its readiness on a day.

    Raises:
        NotFound: there is none for this person.
    """
    return _views([bag_and_place(tag, scope=scope)], on=on)[0]


def bag_views(place_ids: Collection[int] | None = None, *, scope: Scope, on: date) -> list[BagView]:
    """List the Go Bags standing at places in scope, ready ones first, then by place and tag.

    Args:
        place_ids: only at these places; None for every place in scope.
        on: the day readiness is asked for.
    """
    asked = _bags().where(_Here.kind.in_(REAL_KINDS))
    if scope.place_ids is not None:
        asked = asked.where(_Here.id.in_(scope.place_ids))
    if place_ids is not None:
        asked = asked.where(_Here.id.in_(place_ids))
    views = _views([(bag, place) for bag, place in db.session.execute(asked)], on=on)
    return sorted(views, key=lambda view: (list(Readiness).index(view.verdict.readiness), view.place_name, view.tag))


def bags_by_tags(tags: Collection[str], *, scope: Scope, on: date) -> list[BagView]:
    """List Go Bags by their tags, in the order of the tags; those out of sight are left out."""
    asked = _bags().where(Bag.tag.in_(tags)).order_by(Bag.tag)
    if scope.place_ids is not None:
        asked = asked.where(_visible(scope))
    return _views([(bag, place) for bag, place in db.session.execute(asked)], on=on)


def bags_between(first: str, last: str) -> list[Bag]:
    """List the bags of one run, from its first tag to its last."""
    asked = select(Bag).where(Bag.tag >= first, Bag.tag <= last, func.length(Bag.tag) == len(first))
    return list(db.session.scalars(asked.order_by(Bag.id)))


def place_of(bag_id: int) -> Place:
    """Give the place a bag is at, of whatever kind."""
    asked = select(Place).join(BagPosition, BagPosition.place_id == Place.id).where(BagPosition.bag_id == bag_id)
    return db.session.scalars(asked).one()


def inside_of(bag_id: int) -> int:
    """Give the id of the place that a bag itself is, where its contents are kept."""
    return db.session.execute(select(Bag.place_id).where(Bag.id == bag_id)).scalar_one()


def verdict_of(bag: Bag, contents: Sequence[Content], *, on: date) -> Verdict:
    """Judge a bag by contents already read."""
    seal = _newest_seals([bag.id]).get(bag.id)
    broken = seal.broken if seal is not None else False
    return rules.readiness(wanted_by(bag.recipe_version), contents, on=on, seal_broken=broken)


def bag_with_seal(number: str, *, scope: Scope) -> Bag | None:
    """Find the Go Bag that carries a seal, or carried it."""
    tag = db.session.scalar(
        select(Bag.tag).join(Seal, Seal.bag_id == Bag.id).where(Seal.number == number.upper()).limit(1)
    )
    try:
        return bag_by_tag(tag, scope=scope) if tag else None
    except NotFound:
        return None


def bag_counts(*, scope: Scope, on: date) -> dict[int, BagCounts]:
    """Count Go Bags by readiness: place id → ready and in need of something."""
    ready: Counter[int] = Counter()
    wanting: Counter[int] = Counter()
    for view in bag_views(scope=scope, on=on):
        assert view.place_id is not None
        (ready if view.verdict.readiness is Readiness.READY else wanting)[view.place_id] += 1
    return {place: BagCounts(ready[place], wanting[place]) for place in {*ready, *wanting}}


def _views(rows: Sequence[tuple[Bag, Place]], *, on: date) -> list[BagView]:
    """Turn bags into views, reading contents and seals of all of them at once."""
    contents = contents_of([bag.id for bag, _ in rows], on=on)
    seals = _newest_seals([bag.id for bag, _ in rows])
    return [_view(bag, place, contents.get(bag.id, []), seals.get(bag.id), on) for bag, place in rows]


def _view(bag: Bag, place: Place, contents: Sequence[Content], seal: Seal | None, on: date) -> BagView:
    version = bag.recipe_version
    broken = seal.broken if seal is not None else False
    return BagView(
        bag_id=bag.id,
        tag=bag.tag,
        recipe_code=version.recipe.code,
        recipe_name=version.recipe.name,
        version_number=version.number,
        state=_state(place),
        place_id=place.id if place.kind in REAL_KINDS else place.destination_id,
        place_name=place.name,
        contents=tuple(contents),
        verdict=rules.readiness(wanted_by(version), contents, on=on, seal_broken=broken),
        seal_number=seal.number if seal is not None else None,
        seal_broken=broken,
    )


def _state(place: Place) -> BagState:
    if place.kind in REAL_KINDS:
        return BagState.STANDING
    known = {PlaceKind.IN_TRANSIT: BagState.ON_ITS_WAY, PlaceKind.ISSUED: BagState.ISSUED}
    return known.get(place.kind, BagState.GONE)


def wanted_by(version: RecipeVersion) -> list[Wanted]:
    """Give what a recipe version asks for, line by line."""
    return [
        Wanted(
            name=line.item.name if line.item else any_of(line.any_of_kind or ItemKind.BOOKLET),
            unit_count=line.unit_count,
            item_id=line.item_id,
            any_of_kind=line.any_of_kind,
        )
        for line in version.lines
    ]


def contents_of(bag_ids: Collection[int], *, on: date) -> dict[int, list[Content]]:
    """Read what is in bags: bag id → contents by item name."""
    asked = (
        select(Bag.id, Balance.unit_count, Lot, Item, Edition.number)
        .join(Balance, Balance.place_id == Bag.place_id)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .outerjoin(Edition, Edition.id == Lot.edition_id)
        .where(Bag.id.in_(bag_ids), Balance.unit_count > 0)
        .order_by(Item.name, Lot.id)
    )
    rows = db.session.execute(asked).all()
    current = catalogue.current_editions({item.id for _, _, _, item, edition in rows if edition}, on=on)
    found: dict[int, list[Content]] = {}
    for bag_id, count, lot, item, edition in rows:
        content = _content(lot, item, count, edition, current.get(item.id))
        found.setdefault(bag_id, []).append(content)
    return found


def _content(lot: Lot, item: Item, count: int, edition: int | None, current: Edition | None) -> Content:
    return Content(
        lot_id=lot.id,
        lot_code=lot.code,
        item_id=item.id,
        item_name=item.name,
        kind=item.kind,
        unit_count=count,
        expires_on=lot.expires_on,
        edition_number=edition,
        current_edition_number=current.number if current else None,
        language=item.language,
    )


def _newest_seals(bag_ids: Collection[int]) -> dict[int, Seal]:
    """Give each bag's state of seal: bag id → its newest row."""
    newest = select(func.max(Seal.id)).where(Seal.bag_id.in_(bag_ids)).group_by(Seal.bag_id)
    return {seal.bag_id: seal for seal in db.session.scalars(select(Seal).where(Seal.id.in_(newest)))}


def seals_known(numbers: Iterable[str]) -> dict[str, str]:
    """Find seals that have been used: seal number → tag of its bag."""
    asked = select(Seal.number, Bag.tag).join(Bag, Bag.id == Seal.bag_id).where(Seal.number.in_(set(numbers)))
    return {str(number): tag for number, tag in db.session.execute(asked)}


def history_of(bag_id: int) -> list[BagEvent]:
    """List what happened to a bag, oldest first."""
    asked = (
        select(Posting, _From, _To, Account.name)
        .join(BagMove, BagMove.posting_id == Posting.id)
        .join(_From, _From.id == BagMove.from_place_id)
        .join(_To, _To.id == BagMove.to_place_id)
        .join(Account, Account.id == Posting.account_id)
        .where(BagMove.bag_id == bag_id)
        .options(joinedload(Posting.note))
        .order_by(BagMove.id)
    )
    return [
        BagEvent(
            _happened(posting, came_from, went_to),
            posting.happened_at,
            posting.recorded_at,
            account,
            posting.note.text if posting.note else None,
        )
        for posting, came_from, went_to, account in db.session.execute(asked)
    ]


def _happened(posting: Posting, came_from: Place, went_to: Place) -> str:
    """Say in words what a posting did to a bag."""
    if posting.kind is PostingKind.PACK:
        return f"Packed at {went_to.name}"
    if posting.kind is PostingKind.ISSUE:
        return f"Issued from {came_from.name}"
    if posting.kind is PostingKind.CORRECTION and came_from.kind is PlaceKind.ISSUED:
        return f"Issue undone: back at {went_to.name}"
    if went_to.kind is PlaceKind.IN_TRANSIT:
        return f"Sent from {came_from.name} to {went_to.name.removeprefix('In transit to ')}"
    if came_from.kind is PlaceKind.IN_TRANSIT:
        return f"Received at {went_to.name}"
    return f"Moved from {came_from.name} to {went_to.name}"


# ---- Packing ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProposedLot:
    """A lot that could go into a line, with how many of it are proposed.

    Attributes:
        held_count: units of it at the place.
        numbers: whole numbers of the proposed units, for a lot counted by number.
        standing: whole numbers of all its units at the place.
    """

    content: Content
    proposed_count: int
    held_count: int
    numbers: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Say whether it may go into a new bag (as of the day asked about)."""
        return not self.content.superseded


@dataclass(frozen=True)
class ProposedLine:
    """One recipe line for a run of bags: how many are needed and from which lots."""

    wanted: Wanted
    needed_count: int
    lots: tuple[ProposedLot, ...]

    @property
    def short_count(self) -> int:
        """How many units the place lacks, free of promises and fit for use."""
        return self.needed_count - sum(lot.proposed_count for lot in self.lots)


@dataclass(frozen=True)
class Proposal:
    """What to put into a run of bags, lots with the earliest expiry first."""

    version: RecipeVersion
    bag_count: int
    lines: tuple[ProposedLine, ...]

    @property
    def short(self) -> tuple[ProposedLine, ...]:
        """The lines there is not enough for."""
        return tuple(line for line in self.lines if line.short_count > 0)

    def packed_lines(self) -> tuple[PackedLine, ...]:
        """Give the proposal as it is handed to the packing service."""
        return tuple(
            PackedLine(lot.content.lot_code, lot.proposed_count, lot.numbers)
            for line in self.lines
            for lot in line.lots
            if lot.proposed_count
        )


def recipe_in_use(recipe_code: str, *, on: date) -> RecipeVersion:
    """Give the version of a recipe that bags are packed to on a day.

    Raises:
        RuleBroken: there is no such recipe, or none of its versions is in use yet.
    """
    try:
        recipe = catalogue.recipe_by_code(recipe_code)
    except NotFound:
        raise RuleBroken("Choose a kit recipe", "recipe") from None
    version = catalogue.version_in_use(recipe.id, on=on)
    if version is None:
        raise RuleBroken(f"No version of {recipe.name} is in use yet", "recipe")
    return version


def contents_at(place_id: int, *, on: date) -> list[Content]:
    """List loose stock of a place as contents, earliest expiry first."""
    held = stock.lots_held(place_id)
    current = catalogue.current_editions({lot.item_id for lot in held if lot.edition_number}, on=on)
    newest = {item_id: edition.number for item_id, edition in current.items()}
    return [
        Content(
            lot_id=lot.lot_id,
            lot_code=lot.code,
            item_id=lot.item_id,
            item_name=lot.item_name,
            kind=lot.kind,
            unit_count=lot.unit_count,
            expires_on=lot.expires_on,
            edition_number=lot.edition_number,
            current_edition_number=newest.get(lot.item_id),
            language=lot.language,
        )
        for lot in held
    ]


def proposed_contents(recipe_code: str, place_id: int, *, bag_count: int = 1, on: date, scope: Scope) -> Proposal:
    """Propose what to put into Go Bags: from each lot how many, earliest expiry first, free stock only.

    Free is on hand and not promised. Expired lots and superseded editions are never proposed; what is short is
    said line by line.

    Raises:
        NotFound: the place is outside the scope.
        RuleBroken: there is no such recipe in use.
    """
    scope.demand(place_id)
    version = recipe_in_use(recipe_code, on=on)
    wanted = wanted_by(version)
    lots = contents_at(place_id, on=on)
    promised = stock.promised_items(place_id)
    free = {item: count - promised.get(item, 0) for item, count in stock.on_hand(place_id).items()}
    chosen = rules.picked(wanted, lots, free, bag_count=bag_count, on=on)
    standing = phones.units_standing(place_id, [lot.lot_id for lot in lots])
    numbers = {lot_id: tuple(unit.number for unit in units) for lot_id, units in standing.items()}
    listed: set[int] = set()
    lines = []
    for line, taken in chosen:
        lots_of_line = [lot for lot in lots if line.met_by(lot) and not lot.expired(on)]
        lots_of_line = [lot for lot in lots_of_line if lot.lot_id not in listed]
        listed |= {lot.lot_id for lot in lots_of_line}
        lines.append(_proposed_line(line, taken, lots_of_line, numbers, bag_count))
    return Proposal(version, bag_count, tuple(lines))


def _proposed_line(
    line: Wanted,
    taken: Sequence[Content],
    lots: Sequence[Content],
    numbers: dict[int, tuple[str, ...]],
    bag_count: int,
) -> ProposedLine:
    counts = {content.lot_id: content.unit_count for content in taken}
    return ProposedLine(
        line,
        line.unit_count * bag_count,
        tuple(
            ProposedLot(
                lot,
                counts.get(lot.lot_id, 0),
                lot.unit_count,
                numbers.get(lot.lot_id, ())[: counts.get(lot.lot_id, 0)],
                numbers.get(lot.lot_id, ()),
            )
            for lot in lots
        ),
    )


def first_received(lot_ids: Collection[int]) -> dict[int, datetime]:
    """Tell when lots first came: lot id → moment of the earliest posting that moved it."""
    asked = (
        select(Move.lot_id, func.min(Posting.happened_at))
        .join(Posting, Posting.id == Move.posting_id)
        .where(Move.lot_id.in_(lot_ids))
        .group_by(Move.lot_id)
    )
    return {int(lot_id): moment for lot_id, moment in db.session.execute(asked)}


# ---- Issues -------------------------------------------------------------------------------------


def issues(
    *, scope: Scope, place_id: int | None = None, since: date | None = None, until: date | None = None
) -> Select[Issue]:
    """Select issues from places in scope, newest first, for a page of them.

    Args:
        since: first local day, included.
        until: last local day, included.
    """
    asked = select(Issue).options(
        joinedload(Issue.place),
        joinedload(Issue.bag).joinedload(Bag.recipe_version).joinedload(RecipeVersion.recipe),
    )
    if scope.place_ids is not None:
        asked = asked.where(Issue.place_id.in_(scope.place_ids))
    if place_id is not None:
        asked = asked.where(Issue.place_id == place_id)
    if since is not None:
        asked = asked.where(Issue.issued_at >= day_bounds(since, since)[0])
    if until is not None:
        asked = asked.where(Issue.issued_at < day_bounds(until, until)[1])
    return asked.order_by(Issue.issued_at.desc(), Issue.id.desc())


def issue_by_slip(slip: str, *, scope: Scope) -> Issue:
    """Find an issue by the reference on its slip.

    Raises:
        NotFound: there is none for this person.
    """
    asked = select(Issue).where(Issue.slip == slip.upper()).options(joinedload(Issue.place))
    found = db.session.scalar(
        asked.options(
            joinedload(Issue.posting),
            joinedload(Issue.bag).joinedload(Bag.recipe_version).joinedload(RecipeVersion.recipe),
        )
    )
    if found is None or not scope.covers(found.place_id):
        raise NotFound
    return found


def last_issue(bag_id: int) -> Issue | None:
    """Give the newest issue of a bag, undone or not."""
    asked = select(Issue).where(Issue.bag_id == bag_id).order_by(Issue.id.desc()).limit(1)
    return db.session.scalars(asked).first()


def issues_of(bag_id: int) -> list[Issue]:
    """List the issues of a bag, oldest first; all but the last were undone."""
    return list(db.session.scalars(select(Issue).where(Issue.bag_id == bag_id).order_by(Issue.id)))


def correction_of(issue: Issue) -> Posting | None:
    """Give the posting that undid an issue, or None while it stands."""
    return db.session.scalar(select(Posting).where(Posting.corrects_id == issue.posting_id))


def correction_posting(issue: Issue) -> Posting:
    """Give the posting that undid an issue.

    Raises:
        NotFound: it stands.
    """
    found = correction_of(issue)
    if found is None:
        raise NotFound
    return found


def moves_of_posting(posting_id: int) -> list[tuple[Move, tuple[int, ...]]]:
    """List the moves of a posting in order, each with the serial units it carried."""
    moves = db.session.scalars(select(Move).where(Move.posting_id == posting_id).order_by(Move.id)).all()
    carried: dict[int, list[int]] = {}
    asked = select(UnitMove).where(UnitMove.move_id.in_([move.id for move in moves])).order_by(UnitMove.id)
    for each in db.session.scalars(asked):
        carried.setdefault(each.move_id, []).append(each.unit_id)
    return [(move, tuple(carried.get(move.id, ()))) for move in moves]


def undone(issues_shown: Collection[Issue]) -> set[int]:
    """Tell which of the issues were undone: their ids."""
    postings = {issue.posting_id: issue.id for issue in issues_shown}
    found = db.session.scalars(select(Posting.corrects_id).where(Posting.corrects_id.in_(postings)))
    return {postings[posting_id] for posting_id in found if posting_id is not None}


def handed_over(issue: Issue) -> list[tuple[str, int]]:
    """List what an issue handed over: (item name, units), by name."""
    asked = (
        select(Item.name, func.sum(Move.unit_count))
        .join(Lot, Lot.id == Move.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .where(Move.posting_id == issue.posting_id)
        .group_by(Item.name)
        .order_by(Item.name)
    )
    return [(name, int(count)) for name, count in db.session.execute(asked)]


def recipes_standing(views: Sequence[BagView]) -> list[tuple[str, str]]:
    """List the recipes among bags: (code, name), by name, for a filter."""
    return sorted({(view.recipe_code, view.recipe_name) for view in views}, key=lambda pair: pair[1])


def recipes_to_pack(*, on: date) -> list[KitRecipe]:
    """List the recipes that have a version in use on a day, by name."""
    return sorted((version.recipe for version in catalogue.versions_in_use(on=on).values()), key=lambda r: r.name)
