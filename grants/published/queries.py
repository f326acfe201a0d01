"""Reading what is published: every issue with its two clocks, the releases made, and the awards' thresholds.

A release covers every place, so no scope belongs here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, undefer

from core.db import db
from core.errors import NotFound
from core.paging import Paged, paged
from grants.awards.models import Award
from grants.published.models import UsageRelease
from grants.published.rules import Figure, Handed, Past, Selection, read_witness
from inventory.bags.models import Bag, Issue
from inventory.catalogue.models import KitRecipe, RecipeVersion
from inventory.stock.models import Posting
from organisation.places.models import Place


def issues() -> list[Handed]:
    """List every issue there ever was, undone ones too: what was known of it at any moment follows from its clocks."""
    made, undone = aliased(Posting), aliased(Posting)
    asked = (
        select(
            Place.name, Issue.issued_at, Issue.booklet_language, KitRecipe.code, made.recorded_at, undone.recorded_at
        )
        .join(Place, Place.id == Issue.place_id)
        .join(Bag, Bag.id == Issue.bag_id)
        .join(RecipeVersion, RecipeVersion.id == Bag.recipe_version_id)
        .join(KitRecipe, KitRecipe.id == RecipeVersion.recipe_id)
        .join(made, made.id == Issue.posting_id)
        .outerjoin(undone, undone.corrects_id == Issue.posting_id)
        .order_by(Issue.id)
    )
    return [Handed(*facts) for facts in db.session.execute(asked)]


def recipe_names() -> dict[str, str]:
    """Give code → name of every kit recipe."""
    return {row[0]: row[1] for row in db.session.execute(select(KitRecipe.code, KitRecipe.name))}


def thresholds() -> list[int]:
    """List the thresholds of all awards."""
    return list(db.session.scalars(select(Award.suppression_threshold)))


def past() -> list[Past]:
    """Read every release that was made, oldest first, with its true counts."""
    whole = (undefer(UsageRelease.figures_json), undefer(UsageRelease.witnesses_json))
    found = db.session.scalars(select(UsageRelease).options(*whole).order_by(UsageRelease.id))
    return [_past(each) for each in found]


def _past(release: UsageRelease) -> Past:
    figures = tuple(
        Figure(label, Selection(tuple(months), *map(_names, (places, languages, recipes))), count, hidden)
        for label, months, places, languages, recipes, count, hidden in json.loads(release.figures_json)
    )
    witnesses = tuple(read_witness(each, release.reference) for each in json.loads(release.witnesses_json))
    return Past(release.reference, release.cut_off, release.threshold, figures, witnesses)


def _names(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


def releases(*, page: int) -> Paged[UsageRelease]:
    """Give a page of the releases, newest first.

    Raises:
        NotFound: there is no such page.
    """
    return paged(select(UsageRelease).order_by(UsageRelease.id.desc()), number=page)


def release_by_reference(reference: str) -> UsageRelease:
    """Find a release with what was published of it.

    Raises:
        NotFound: there is none of this reference.
    """
    asked = select(UsageRelease).where(UsageRelease.reference == reference).options(undefer(UsageRelease.frozen_json))
    found = db.session.scalar(asked)
    if found is None:
        raise NotFound
    return found


def first_issued_at() -> datetime | None:
    """Tell when the first Go Bag was issued, or None before that."""
    return db.session.scalar(select(func.min(Issue.issued_at)))
