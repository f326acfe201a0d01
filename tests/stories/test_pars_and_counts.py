"""Par levels that explain themselves, and counts that never break (docs/ARCHITECTURE.md, stock 7 and 8)."""

from __future__ import annotations

from typing import Any

from flask import Flask

from core.dates import day_text, local_day
from core.db import db, now, transaction
from inventory.pars import queries as pars
from inventory.pars import services as par_services
from inventory.pars.services import ParAsked
from inventory.unmet import services as unmet
from inventory.unmet.rules import UnmetReason
from organisation.places.models import Place
from tests.conftest import kept
from tests.factories import World, submission
from tests.inventory.phones.phones import ICCIDS
from tests.inventory.shelves import IMEIS
from tests.stories.beginning import DAY
from tests.stories.beginning import force as force
from tests.stories.colleagues import Colleague, on_sqlite

pytestmark = on_sqlite

HERE = {
    "Go Bags": "3",
    "Soap": 29,
    "Towel": 17,
    "Basic phone": "\n".join(IMEIS[:4]),
    "SIM with £10 credit": "\n".join(ICCIDS),
    "Know your rights (Romanian)": 5,
    "Know your rights (Albanian)": 3,
}
"""What stands at the store, as whoever counts it enters it."""


def _wanted(world: World) -> None:
    """Note that Go Bags were asked for in vain; a level was chosen against the suggestion forty days ago."""
    today = local_day(now())

    def told(name: str, days: int) -> dict[str, Any]:
        actor = world.actor(name)
        at = now() - days * DAY
        return {"scope": actor.scope, "by": actor, "at": at, "submission_id": submission()}

    def asked_in_vain(days: int) -> None:
        with transaction():
            unmet.record_unmet(
                "SALISBURY", recipe_code="ADULT-M", reason=UnmetReason.NONE_LEFT, wanted_on=today - days * DAY,
                **told("sergeant", days),
            )  # fmt: skip

    for days in (75, 60, 50):
        asked_in_vain(days)
    place = db.session.get_one(Place, world.places["SALISBURY"])
    until = today - 40 * DAY
    rows = pars.suggestions(place, scope=world.actor("approver").scope, until=until)
    (suggestion,) = [each.suggestion for each in rows if each.key == "bag:ADULT-M"]
    assert suggestion is not None
    with transaction():
        asked = ParAsked(3, recipe_code="ADULT-M", was_count=4)
        par_services.answer_suggestion(
            "SALISBURY", asked, suggestion, reason="A raid is planned", **told("approver", 40)
        )
    for days in (30, 29, 28):
        asked_in_vain(days)


wanted = kept(_wanted, after="force")
"""The same with a history of what was asked for and not given."""


def test_a_par_level_is_suggested_overridden_with_a_reason_and_later_judged(app: Flask, wanted: World) -> None:
    """Forty days ago the approver chose 3 where the service suggested less. Salisbury then needed 3 within a
    fortnight: the page says which was nearer. One more asked for in vain is one tap, and the approver takes the new
    suggestion.
    """
    sergeant = Colleague(app, "sergeant").follows("Note what somebody needed and could not be given")
    sergeant.fills({"What was asked for?": "Go Bag, Adult M", "None were left": True}).presses("Note it")
    noted = sergeant.table("Noted so far (7 entries)")
    assert noted[0][:4] == ["Go Bag, Adult M", "1", "None were left", day_text(local_day(now()))]

    approver = Colleague(app, "approver").follows("Par levels").follows("Salisbury")
    approver.follows("What Salisbury should hold, by what was wanted")
    (row,) = approver.table("Suggested par levels")
    assert row[:4] == ["Go Bag, Adult M", "2", "3", "2"]
    assert row[4].startswith("You give out 6 in a year; 2 covers 96% of fortnights, with a 7-day resupply.")
    approver.follows("Answer: Go Bag, Adult M")
    assert "1 suggested, Approver chose 3 (“A raid is planned”)." in approver.text
    assert "The busiest 14 days since then needed 3: the chosen level was nearer." in approver.text
    approver.fills({"Set another level": True, "Another level, if you set one": 5}).presses("Save", refused=422)
    assert approver.errors == ["2 is suggested. Say why Salisbury should hold 5"]
    approver.fills({"Take the suggestion": True}).presses("Save")
    assert approver.table("Suggested par levels")[0][2:4] == ["2", "The same"]
    assert "Adult M 2 of 2" in sergeant.goes_home().text


def test_a_count_is_blind_counted_again_by_another_and_nets_what_moved_meanwhile(app: Flask, force: World) -> None:
    """The store counts 20 towels where the books have 17, and Relief, who sees no figure, counts 20 too. Then somebody
    finds the note of yesterday's delivery of three, never recorded: once it is, the count agrees and is approved.
    """
    keeper = Colleague(app, "storekeeper").goes_to("Counts").follows("Start a count")
    keeper.fills({"Bag content": True}).presses("Start counting").follows("Count Soap")
    assert "29" not in keeper.text
    keeper.fills({"How many are here?": 29}).presses("Save and go on")
    keeper.fills({"How many are here?": 20}).presses("Save and go on")
    keeper.follows("Finish the count").presses("Everything has been counted")
    assert "Relief can sign in and count it without seeing your figures" in keeper.text

    relief = Colleague(app, "relief").goes_to("Requests").follows("C-00001 of Devizes store").follows("Count Towel")
    assert "20" not in relief.text
    relief.fills({"How many are here?": 20}).presses("Save and go on")
    relief.follows("Finish the count").presses("Everything has been counted")

    keeper.goes_to("Deliveries").follows("Receive a delivery")
    keeper.fills({"Who did it come from?": "Bulk", "Delivery note number": "DN-9"})
    keeper.fills({"When did it come?": local_day(now()) - DAY})
    keeper.fills({("Item 1", "Item"): "Towel", ("Item 1", "How many"): 3}).presses("Continue")
    keeper.presses("Receive this delivery")

    approver = Colleague(app, "approver").follows("C-00001 of Devizes store").follows("Approve")
    assert "2 things agree. Each is compared with what was recorded for the moment it was seen, as known now." in (
        approver.text
    )
    approver.presses("Approve")
    assert [row[:4] for row in approver.table("What was seen")] == [
        ["Soap", "29", "29", "Agrees"],
        ["Towel", "20", "20", "Agrees"],
    ]


def test_a_cupboard_is_handed_over_with_a_sample_and_two_signatures(app: Flask, force: World) -> None:
    """The storekeeper moves post: a sample of the store is counted, and both sign from their own accounts."""
    keeper = Colleague(app, "storekeeper").goes_to("Handovers of cupboards").follows("Hand a cupboard over")
    keeper.fills({"Relief": True}).presses("Draw the sample")
    assert "The sample has not been counted yet. Either of you can count it." in keeper.text
    keeper.follows("C-00001")
    keeper.follows(next(each for each in keeper.links() if each.startswith("Count ")))
    while keeper.heading in HERE:
        asked = next(each for each in keeper.labels() if each in ("How many are here?", "Each one that is here"))
        keeper.fills({asked: HERE[keeper.heading]}).presses("Save and go on")
    keeper.follows("Finish the count").presses("Everything has been counted")
    keeper.goes_to("Handovers of cupboards").follows("H-00001")
    assert "Nothing: everything in the sample agrees." in keeper.text
    keeper.follows("Sign").presses("Sign")
    relief = Colleague(app, "relief").goes_to("Requests").follows("H-00001 of Devizes store").follows("Sign")
    relief.presses("Sign")
    assert "Storekeeper hands over: signed on" in relief.text
    assert "Relief takes over: signed on" in relief.text
    assert "Handovers to sign" not in relief.goes_to("Requests").text
    assert relief.goes_to("Handovers of cupboards").table("Handovers")[0][4] == "By both"
