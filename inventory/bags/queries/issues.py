"""Issues: what was handed over, and what of it was undone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from core.access import Permission, Scope
from core.dates import day_bounds
from core.db import db
from core.errors import NotFound
from inventory.bags import rules
from inventory.bags.models import Bag, Issue
from inventory.catalogue.models import Item, RecipeVersion
from inventory.phones.models import UnitMove
from inventory.stock.models import Lot, Move, Posting
from organisation.accounts.queries import holders


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


def too_late_to_undo(issue: Issue, *, on: date) -> str:
    """Say that an issue is too old for whoever only issues there, and who may still undo it on a day."""
    return rules.too_late_to_undo(holders(Permission.CORRECT_STOCK, [issue.place_id], on=on), issue.place.name)


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
