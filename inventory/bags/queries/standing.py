"""Go Bags: where each stands, whether it is ready, and what happened to it.

A bag is visible to whoever answers for the place it stands at, the place it is on its way to, or the place it
last left: that is who can act on it or must explain it. Lists take a constant number of statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, func, select
from sqlalchemy.orm import aliased, joinedload

from core.access import Scope
from core.db import ask, db
from core.errors import NotFound
from inventory.bags import rules
from inventory.bags.models import Bag, BagMove, BagPosition, Seal
from inventory.bags.queries.contents import VersionWanted, contents_of, versions_wanted, wanted_in
from inventory.bags.rules import Content, Readiness, Verdict
from inventory.catalogue.models import RecipeVersion
from inventory.catalogue.rules import ItemKind
from inventory.phones import queries as phones
from inventory.phones.rules import SimState
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS, PlaceKind

_Here = aliased(Place, name="here")


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
    recipe_id: int
    recipe_code: str
    recipe_name: str
    version_number: int
    state: BagState
    place_id: int | None
    place_code: str
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
    def expires_on(self) -> date | None:
        """The earliest expiry of what is inside; None when nothing in it expires."""
        return min((each.expires_on for each in self.contents if each.expires_on is not None), default=None)

    @property
    def can_be_issued(self) -> bool:
        """Say whether it stands somewhere and may be handed over."""
        return self.state is BagState.STANDING and self.verdict.issuable


def earliest_first(views: Iterable[BagView]) -> list[BagView]:
    """Put the bags first whose contents expire first, then the oldest tags."""
    return sorted(views, key=lambda view: (view.expires_on or date.max, view.tag))


@dataclass(frozen=True)
class BagCounts:
    """Go Bags standing at one place: those ready, and those that need something."""

    ready_count: int
    needs_something_count: int


@cache
def _bag() -> Select[Bag, Place]:
    """Select a bag by its tag with where it is; built once, for preparing it costs more than running it."""
    return (
        select(Bag, _Here)
        .join(BagPosition, BagPosition.bag_id == Bag.id)
        .join(_Here, _Here.id == BagPosition.place_id)
        .options(joinedload(Bag.recipe_version).joinedload(RecipeVersion.recipe))
        .where(Bag.tag == bindparam("tag"))
    )


_NEWEST_SEAL = select(func.max(Seal.id)).where(Seal.bag_id == Bag.id).correlate(Bag).scalar_subquery()
_NEWEST_OF = select(Seal).where(
    Seal.id.in_(
        select(func.max(Seal.id)).where(Seal.bag_id.in_(bindparam("bag_ids", expanding=True))).group_by(Seal.bag_id)
    )
)
_WITH_SEALS = (
    select(Seal.number, Bag.tag)
    .join(Bag, Bag.id == Seal.bag_id)
    .where(Seal.number.in_(bindparam("numbers", expanding=True)))
)
_SEEN: Select[*tuple[Any, ...]] = (
    select(
        Bag.id, Bag.tag, Bag.recipe_version_id.label("version_id"),
        _Here.id.label("place_id"), _Here.code.label("place_code"), _Here.name.label("place_name"),
        _Here.kind, _Here.destination_id,
        Seal.number.label("seal_number"), func.coalesce(Seal.broken, false()).label("seal_broken"),
    )
    .join(BagPosition, BagPosition.bag_id == Bag.id)
    .join(_Here, _Here.id == BagPosition.place_id)
    .outerjoin(Seal, Seal.id == _NEWEST_SEAL)
)  # fmt: skip
_SEEN_ANYWHERE = _SEEN.where(_Here.kind.in_(REAL_KINDS))
_SEEN_AT = _SEEN_ANYWHERE.where(_Here.id.in_(bindparam("place_ids", expanding=True)))
"""What a view shows of bags: a row for each, with where it is and the newest state of its seal; built once."""


@cache
def _bag_seen() -> Select[Bag, Place]:
    """Select the same of the bags that somebody of certain places may see."""
    return _bag().where(_visible(bindparam("seen_from", expanding=True)))


def _visible(place_ids: Any) -> ColumnElement[bool]:
    """Say which bags somebody who answers for these places may see."""
    last_left = (
        select(BagMove.from_place_id)
        .where(BagMove.bag_id == Bag.id)
        .order_by(BagMove.id.desc())
        .limit(1)
        .correlate(Bag)
        .scalar_subquery()
    )
    return (
        _Here.id.in_(place_ids)
        | _Here.destination_id.in_(place_ids)
        | (_Here.kind.not_in(REAL_KINDS) & last_left.in_(place_ids))
    )


def bag_and_place(tag: str, *, scope: Scope) -> tuple[Bag, Place]:
    """Find a Go Bag by its tag, with where it is.

    Raises:
        NotFound: there is none for this person.
    """
    asked = _bag() if scope.place_ids is None else _bag_seen()
    found = db.session.execute(asked, {"tag": tag, "seen_from": list(scope.place_ids or ())}).first()
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
    found = bags_by_tags([tag], scope=scope, on=on)
    if not found:
        raise NotFound
    return found[0]


def bag_views(
    place_ids: Collection[int] | None = None,
    *,
    scope: Scope,
    on: date,
    sims: Mapping[int, tuple[SimState, ...]] | None = None,
) -> list[BagView]:
    """List the Go Bags standing at places in scope, ready ones first, then by place and tag.

    Args:
        place_ids: only at these places; None for every place in scope.
        on: the day readiness is asked for.
        sims: bag id → what is known of the SIMs inside, where that has been read already.
    """
    chosen = scope.place_ids if place_ids is None else [each for each in place_ids if scope.covers(each)]
    rows = ask(_SEEN_ANYWHERE) if chosen is None else ask(_SEEN_AT, place_ids=list(chosen))
    order = {readiness: place for place, readiness in enumerate(Readiness)}
    return sorted(
        _views(rows, on=on, sims=sims),
        key=lambda view: (order[view.verdict.readiness], view.place_name, view.tag),
    )


def ready_at(place_id: int, *, on: date) -> dict[int, int]:
    """Count the Go Bags that are ready at a place: recipe id → bags."""
    views = bag_views([place_id], scope=Scope.of([place_id]), on=on)
    return Counter(view.recipe_id for view in views if view.verdict.readiness is Readiness.READY)


def bags_by_tags(tags: Collection[str], *, scope: Scope, on: date) -> list[BagView]:
    """List Go Bags by their tags, in the order of the tags; those out of sight are left out."""
    asked = _SEEN.where(Bag.tag.in_(tags)).order_by(Bag.tag)
    if scope.place_ids is not None:
        asked = asked.where(_visible(scope.place_ids))
    return _views(db.session.execute(asked).all(), on=on)


def seen_under(tag: str, *, scope: Scope) -> Select[int]:
    """Select the id of the bag of a tag whose page a person may see, also once their place has issued it."""
    asked = (
        select(Bag.id)
        .join(BagPosition, BagPosition.bag_id == Bag.id)
        .join(_Here, _Here.id == BagPosition.place_id)
        .where(Bag.tag == tag)
    )
    return asked if scope.place_ids is None else asked.where(_visible(scope.place_ids))


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
    sims = _sims({bag.id: contents}, on=on).get(bag.id, ())
    return rules.readiness(wanted_in(bag.recipe_version_id), contents, on=on, seal_broken=broken, sims=sims)


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


def _views(rows: Sequence[Any], *, on: date, sims: Mapping[int, tuple[SimState, ...]] | None = None) -> list[BagView]:
    """Turn bags into views in four statements at most. Bags that hold the same are judged once."""
    contents = contents_of([row.id for row in rows], on=on)
    telling = _sims(contents, on=on, known=sims)
    versions = versions_wanted({row.version_id for row in rows})
    verdicts: dict[Hashable, Verdict] = {}
    views = []
    for row in rows:
        inside, version = contents.get(row.id, []), versions[row.version_id]
        same = (
            row.version_id,
            row.seal_broken,
            telling.get(row.id, ()),
            *((each.lot_id, each.unit_count, each.stands_in_for) for each in inside),
        )
        if same not in verdicts:
            verdicts[same] = rules.readiness(
                version.lines, inside, on=on, seal_broken=row.seal_broken, sims=telling.get(row.id, ())
            )
        views.append(_view(row, version, inside, verdicts[same]))
    return views


def _sims(
    contents: Mapping[int, Sequence[Content]], *, on: date, known: Mapping[int, tuple[SimState, ...]] | None = None
) -> dict[int, tuple[SimState, ...]]:
    """Tell what is known of the SIMs in bags: bag id → states; nothing is asked when no bag holds one.

    Only a SIM that stops a bag or of which nothing is known tells one bag from another; the rest are left out.
    """
    holding = [bag_id for bag_id, inside in contents.items() if any(each.kind is ItemKind.SIM for each in inside)]
    if not holding:
        return {}
    if known is None:
        known = phones.sims_in_bags(holding, on=on)
    return {
        bag_id: tuple(sim for sim in sims if sim.lapses_on is None or sim.lapsed(on)) for bag_id, sims in known.items()
    }


def _view(row: Any, version: VersionWanted, contents: Sequence[Content], verdict: Verdict) -> BagView:
    return BagView(
        bag_id=row.id,
        tag=row.tag,
        recipe_id=version.recipe_id,
        recipe_code=version.recipe_code,
        recipe_name=version.recipe_name,
        version_number=version.number,
        state=_state(row.kind),
        place_id=row.place_id if row.kind in REAL_KINDS else row.destination_id,
        place_code=row.place_code,
        place_name=row.place_name,
        contents=tuple(contents),
        verdict=verdict,
        seal_number=row.seal_number,
        seal_broken=row.seal_broken,
    )


def _state(kind: PlaceKind) -> BagState:
    if kind in REAL_KINDS:
        return BagState.STANDING
    known = {PlaceKind.IN_TRANSIT: BagState.ON_ITS_WAY, PlaceKind.ISSUED: BagState.ISSUED}
    return known.get(kind, BagState.GONE)


def _newest_seals(bag_ids: Collection[int]) -> dict[int, Seal]:
    """Give each bag's state of seal: bag id → its newest row."""
    return {seal.bag_id: seal for seal in db.session.scalars(_NEWEST_OF, {"bag_ids": list(bag_ids)})}


def seal_of(bag_id: int) -> Seal | None:
    """Give the newest state of a bag's seal, or None when it never had one."""
    return _newest_seals([bag_id]).get(bag_id)


def seals_known(numbers: Iterable[str]) -> dict[str, str]:
    """Find seals that have been used: seal number → tag of its bag."""
    return {str(number): tag for number, tag in ask(_WITH_SEALS, numbers=list(set(numbers)))}


def recipes_standing(views: Sequence[BagView]) -> list[tuple[str, str]]:
    """List the recipes among bags: (code, name), by name, for a filter."""
    return sorted({(view.recipe_code, view.recipe_name) for view in views}, key=lambda pair: pair[1])
