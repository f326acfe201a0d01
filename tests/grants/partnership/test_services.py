"""Towns, briefings, actions and packs, through the services and once through the pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select

from core import trail
from core.db import db, transaction
from core.errors import AlreadyDone, NotFound, RuleBroken, StaleEdit
from core.figures import FileKind
from core.figures.storing import frozen_of
from core.periods import named
from core.suppression import HIDDEN
from grants.partnership import queries, services
from grants.partnership.models import Briefing, PartnershipAction, PartnershipPack
from grants.partnership.pdf import file_of
from grants.partnership.report import QuarterPack, covered, propose_pack
from grants.published.report import propose
from grants.published.rules import Plan, Times
from grants.published.services import publish_usage
from inventory.unmet import services as unmet
from inventory.unmet.rules import UnmetReason
from organisation.places import queries as places_read
from organisation.places import services as places
from organisation.places.rules import GridTown
from tests.conftest import kept
from tests.factories import PASSWORD, World, submission
from tests.inventory.at_once import at_once
from tests.inventory.shelves import TODAY as MAY_4
from tests.inventory.shelves import who
from tests.inventory.usage.story import AFTER, tell
from tests.site import Site

JULY = datetime(2026, 7, 6, 9, 0, tzinfo=UTC)
TODAY = JULY.date()
QUARTER = named(date(2026, 4, 1), date(2026, 6, 30))
MELKSHAM = GridTown("Melksham", "West Wiltshire", 390, 164)


def _quarter(world: World) -> None:
    """Go on from the month (tests/inventory/usage/story.py): two Romanian booklets asked for in vain at Salisbury."""
    tell(world)
    sergeant = world.actor("sergeant")
    with transaction():
        unmet.record_unmet(
            "SALISBURY", item_code="BK-RO", reason=UnmetReason.NONE_LEFT, unit_count=2, wanted_on=MAY_4,
            scope=sergeant.scope, **who(sergeant, AFTER),
        )  # fmt: skip
    with transaction():
        places.locate_place("SALISBURY", new=MELKSHAM, by=None, at=AFTER)
        places.locate_place("HARBOUR", town="Melksham", by=None, at=AFTER)


told = kept(_quarter)


def act(world: World, at: datetime = JULY) -> dict[str, Any]:
    return {"by": world.actor("grants"), "at": at, "submission_id": submission()}


def publish(world: World) -> None:
    plan = Plan(QUARTER.first, QUARTER.last, Times.WHOLE, by_language=False, by_recipe=False)
    with transaction():
        publish_usage(plan, propose(plan, at=JULY).digest, known_at=JULY, **act(world))


def issue(world: World, digest: str | None = None, **changed: Any) -> str:
    with transaction():
        read = digest or propose_pack(QUARTER, today=TODAY, at=JULY).digest
        return services.issue_pack(QUARTER, read, **{**act(world), "known_at": JULY} | changed)


def rows(*tables: Any) -> tuple[int, ...]:
    return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_a_place_is_drawn_at_a_town_and_no_nearer(told: World) -> None:
    found = places_read.towns_of_places()
    assert {found[told.places[code]].name for code in ("SALISBURY", "HARBOUR")} == {"Melksham"}
    admin: dict[str, Any] = {"by": told.actor("admin"), "at": JULY, "submission_id": submission()}
    before = rows(trail.AuditLeaf)
    wrongs: tuple[tuple[dict[str, Any], str], ...] = (
        ({"new": GridTown("melksham", "West", 1, 1)}, "already a town called melksham"),
        ({"town": "Nowhere"}, "Select a town"),
        ({}, "Select a town"),
    )
    for wrong, words in wrongs:
        with pytest.raises(RuleBroken, match=words), transaction():
            places.locate_place("SALISBURY", **wrong, **admin)
    with pytest.raises(RuleBroken, match="between 0 and 700"):
        GridTown("Bath", "Somerset", -1, 1)
    assert rows(trail.AuditLeaf) == before


def test_a_pack_tells_what_is_published_and_hides_small_counts_and_a_quarter_has_one(told: World) -> None:
    with pytest.raises(RuleBroken, match=r"Publish usage for Quarter 1 .* first"):
        issue(told, "0" * 64)
    publish(told)
    with pytest.raises(StaleEdit, match="changed while you were reading"):
        issue(told, "0" * 64)
    with pytest.raises(RuleBroken, match="ends on 30 September 2026"):
        propose_pack(named(date(2026, 7, 1), date(2026, 9, 30)), today=TODAY, at=JULY)
    form = submission()
    reference = issue(told, submission_id=form)
    assert issue(told, queries_digest(reference), submission_id=form) == reference == "PTN-00001"
    with pytest.raises(AlreadyDone, match="was issued as PTN-00001"):
        issue(told)
    assert rows(PartnershipPack) == (1,)
    pack = frozen_of(QuarterPack, queries.pack_json(reference))
    issued = {row[0]: row[2] for row in pack.places.rows}
    assert issued == {"Devizes store": 0, "Harbour House": HIDDEN, "Salisbury": HIDDEN, "Trowbridge": 0}
    assert pack.areas.total == ("All", 4, 2, 4, HIDDEN)
    assert "BK-RO" not in queries.pack_json(reference)
    text = file_of(pack, FileKind.CSV).decode("utf-8-sig")
    assert "Helpline: Modern Slavery and Exploitation Helpline" in text
    assert ",2,count" not in "".join(line for line in text.splitlines() if "not given" in line)


def test_two_who_issue_the_pack_of_a_quarter_at_once_issue_one(app: Flask, told: World) -> None:
    publish(told)
    read = propose_pack(QUARTER, today=TODAY, at=JULY).digest
    acts = [partial(services.issue_pack, QUARTER, read, known_at=JULY, **act(told)) for _ in range(2)]
    assert at_once(app, *acts) == {"done": 1, "AlreadyDone": 1}
    assert rows(PartnershipPack) == (1,)


def queries_digest(reference: str) -> str:
    return frozen_of(QuarterPack, queries.pack_json(reference)).digest


def test_coverage_shows_every_figure_and_the_gaps(told: World) -> None:
    found = covered(today=TODAY, at=JULY)
    salisbury = next(each for each in found.places if each.name == "Salisbury")
    assert (salisbury.area, salisbury.bag_count, salisbury.given_count, salisbury.unmet_count) == (
        "West Wiltshire", 1, 1, 2,
    )  # fmt: skip
    assert salisbury.last_issued_on == MAY_4
    assert salisbury.dry_days == (MAY_4 - date(2025, 7, 7)).days
    assert [each.name for each in found.without] == ["Harbour House", "Trowbridge"]
    assert [each.name for each in found.quiet] == ["Devizes store", "Trowbridge"]


def test_a_briefing_is_corrected_by_a_new_entry_and_never_names_anybody(told: World) -> None:
    facts: dict[str, Any] = {"briefed_on": MAY_4, "attendee_count": 12, "about": "What a Go Bag holds"}
    form = act(told)
    for _ in range(2):
        with transaction():
            first = services.record_briefing("SALISBURY", **facts, **form).id
    with transaction():
        services.record_briefing("SALISBURY", **facts | {"attendee_count": 21}, corrects=first, **act(told))
    assert [each.attendee_count for each in queries.briefings_in(QUARTER)] == [21]
    before = rows(Briefing, trail.AuditLeaf, trail.Note)
    wrongs: tuple[tuple[dict[str, Any], type[Exception]], ...] = (
        ({"corrects": first}, AlreadyDone),
        ({"corrects": 99}, NotFound),
        ({"about": "Rang 07700 900123"}, RuleBroken),
        ({"attendee_count": 0}, RuleBroken),
    )
    for changed, refusal in wrongs:
        with pytest.raises(refusal), transaction():
            services.record_briefing("SALISBURY", **facts | changed, **act(told))
    assert rows(Briefing, trail.AuditLeaf, trail.Note) == before


def test_an_action_has_an_owner_and_is_done_once(told: World) -> None:
    with transaction():
        made = services.agree_action(
            "Brief the night shift", owner_code="FORCE", due_on=date(2026, 8, 1), **act(told)
        ).id
    with transaction():
        services.finish_action(made, **act(told))
    (done,) = queries.actions(done_since=QUARTER.first)
    assert (done.owner, done.done_at) == ("Chief Constable", JULY)
    before = rows(PartnershipAction, trail.AuditLeaf)
    with pytest.raises(AlreadyDone), transaction():
        services.finish_action(made, **act(told))
    for words, owner in (("", "FORCE"), ("Brief the night shift", "NOBODY")):
        with pytest.raises(RuleBroken), transaction():
            services.agree_action(words, owner_code=owner, due_on=date(2026, 8, 1), **act(told))
    assert rows(PartnershipAction, trail.AuditLeaf) == before


def test_partners_see_packs_alone_and_officers_see_the_figures(app: Flask, told: World) -> None:
    partner = Site(app, PASSWORD).sign_in("partner@test.example")
    assert "None has been issued yet" in partner.get("/where-help-is/").text
    publish(told)
    reference = issue(told)
    page = partner.get("/where-help-is/")
    assert [row[2] for row in page.table("Places")[1:]] == [HIDDEN, HIDDEN, "0", "0"]
    assert "08000 121 700" in page.text
    (pdf,) = {link for link in page.links if link.endswith("/pdf")}
    taken = partner.client.get(pdf)
    assert len(PdfReader(BytesIO(taken.data)).pages) == 1
    assert partner.client.get("/where-help-is/briefings").status_code == 403
    officer = Site(app, PASSWORD).sign_in("grants@test.example")
    assert officer.get("/where-help-is/").table("By area")[1][0] == "West Wiltshire"
    assert reference in officer.get("/where-help-is/").text
