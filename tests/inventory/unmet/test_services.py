"""What was asked for and not given, and how it raises a suggested level; on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core.access import Scope
from core.db import db, transaction
from core.errors import AlreadyDone, NotFound, RuleBroken
from inventory.catalogue.queries import recipe_by_code
from inventory.pars import queries as pars
from inventory.pars import services as par_services
from inventory.pars.services import ParAsked
from inventory.unmet import queries, services
from inventory.unmet.models import UnmetNeed
from inventory.unmet.rules import UnmetReason
from organisation.places.models import Place
from tests.factories import AT, World
from tests.inventory.restock import act

DAY = timedelta(days=1)
TODAY = AT.date()


def note(world: World, **facts: Any) -> UnmetNeed:
    """Note that a Romanian booklet was asked for today at Salisbury, or something else."""
    asked: dict[str, Any] = {"item_code": "BK-RO", "reason": UnmetReason.NONE_LEFT, "wanted_on": TODAY} | facts
    with transaction():
        return services.record_unmet("SALISBURY", **asked, **act(world, "sergeant"))


def test_what_was_asked_for_is_noted_once_and_a_mistake_no_longer_counts(stocked: World) -> None:
    told = act(stocked, "sergeant")
    for _ in range(2):
        with transaction():
            entry = services.record_unmet(
                "SALISBURY", item_code="BK-RO", reason=UnmetReason.NONE_LEFT, wanted_on=TODAY, **told
            )
    entry_id = entry.id
    note(stocked, item_code=None, language="pl", reason=UnmetReason.WRONG_LANGUAGE, unit_count=2)
    found = queries.unmet(scope=stocked.actor("sergeant").scope, since=TODAY, until=TODAY)
    assert [(each.language, each.unit_count, each.reason) for each in found] == [
        (None, 1, UnmetReason.NONE_LEFT),
        ("pl", 2, UnmetReason.WRONG_LANGUAGE),
    ]
    with transaction():
        services.take_back(entry_id, **act(stocked, "sergeant"))
    with pytest.raises(AlreadyDone), transaction():
        services.take_back(entry_id, **act(stocked, "sergeant"))
    with pytest.raises(NotFound), transaction():
        services.take_back(entry_id, **act(stocked, "other sergeant"))
    assert [each.language for each in queries.unmet(scope=Scope.everywhere(), since=TODAY, until=TODAY)] == ["pl"]
    assert queries.unmet(scope=stocked.actor("other sergeant").scope, since=TODAY, until=TODAY) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"wanted_on": TODAY + DAY},
        {"wanted_on": TODAY - 91 * DAY},
        {"unit_count": 0},
        {"unit_count": 51},
        {"item_code": None},
        {"item_code": "NOTHING"},
        {"recipe_code": "ADULT-M"},
        {"language": "xx"},
    ],
)
def test_what_cannot_be_is_refused_and_noted_nowhere(stocked: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(RuleBroken):
        note(stocked, **wrong)
    assert db.session.scalar(select(func.count()).select_from(UnmetNeed)) == 0


def test_a_level_is_suggested_from_what_was_asked_for_in_vain_and_the_answer_is_judged_later(stocked: World) -> None:
    """Nothing left Salisbury, but in the last 80 days three Go Bags were asked for in vain."""
    for days in (2, 40, 80):
        note(stocked, item_code=None, recipe_code="ADULT-M", wanted_on=TODAY - days * DAY)
    place = db.session.get_one(Place, stocked.places["SALISBURY"])
    approver = stocked.actor("approver")
    rows = {each.key: each for each in pars.suggestions(place, scope=approver.scope, until=TODAY)}
    bag = rows["bag:ADULT-M"].suggestion
    assert bag is not None
    assert bag.par_count == 1
    assert "3 asked for in vain are counted in." in bag.words
    assert bag.words.startswith("You give out 3 in a year; 1 covers 100% of fortnights")  # resupply is assumed
    assert (rows["bag:ADULT-M"].level_count, bag.protect_days) == (4, 14)
    soap = rows["item:SOAP"].suggestion
    assert soap is not None
    assert soap.words == "Nobody has asked for it in the 364 days that are known; 1 stands ready all the same."

    other = ParAsked(3, recipe_code="ADULT-M", was_count=4)
    with pytest.raises(RuleBroken, match=r"1 is suggested\. Say why Salisbury should hold 3"), transaction():
        par_services.answer_suggestion("SALISBURY", other, bag, **act(stocked, "approver"))
    told = act(stocked, "approver")
    for _ in range(2):
        with transaction():
            par_services.answer_suggestion("SALISBURY", other, bag, reason="A raid is planned", **told)
    assert pars.pars_in_force(place.id).recipes == {pars_recipe(): 3}

    early = pars.answered(place.id, scope=approver.scope, until=TODAY + 5 * DAY)["bag", pars_recipe()][0]
    assert (early.needed_count, early.nearer) == (None, "")
    for days in (3, 4):
        with transaction():
            services.record_unmet(
                "SALISBURY",
                recipe_code="ADULT-M",
                reason=UnmetReason.NONE_LEFT,
                wanted_on=TODAY + days * DAY,
                **act(stocked, "sergeant", at=AT + 10 * DAY),
            )
    later = pars.answered(place.id, scope=approver.scope, until=TODAY + 30 * DAY)["bag", pars_recipe()][0]
    assert (later.suggested_count, later.chosen_count, later.needed_count, later.nearer) == (1, 3, 2, "both")


def pars_recipe() -> int:
    return recipe_by_code("ADULT-M").id
