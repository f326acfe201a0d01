"""What is done to accounts, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.access import Actor, Appointment, Permission, Role
from core.db import db, transaction
from core.errors import NotFound, NotPermitted, RuleBroken, TooMany
from core.trail import AuditLeaf
from organisation.accounts import queries, services
from organisation.accounts.models import Account, Credential, Deputy, RoleHeld, ServiceSetting, SignInAttempt
from organisation.accounts.rules import DEMONSTRATION_PASSWORD, LastAdministrator, NotSignedIn
from tests.factories import AT, PASSWORD, World, submission

TODAY = date(2026, 5, 4)
TOMORROW = TODAY + timedelta(days=1)
YESTERDAY = TODAY - timedelta(days=1)


def reference_of(actor: Actor) -> str:
    return queries.account_by_id(actor.account_id).reference


def appointments(actor: Actor, on: date = TODAY) -> set[tuple[Role, int | None, str | None]]:
    held = queries.actor_of(actor.account_id, on=on).appointments
    return {(each.role, each.place_id, each.deputising_for) for each in held}


def held_by(actor: Actor) -> int:
    return queries.roles_of(actor.account_id)[0].id


def everything() -> dict[str, int]:
    """Count the rows that an act on accounts could add or take away."""
    tables = (Account, Credential, RoleHeld, Deputy, AuditLeaf)
    return {each.__tablename__: db.session.scalar(select(func.count()).select_from(each)) or 0 for each in tables}


def last_leaf() -> AuditLeaf:
    return db.session.scalars(select(AuditLeaf).order_by(AuditLeaf.id.desc()).limit(1)).one()


# ---- Opening ------------------------------------------------------------------------------------


def test_an_invited_sergeant_holds_both_places_from_the_first_day_on(world: World) -> None:
    with transaction():
        made = services.invite(
            "New.Sgt@test.example", "Sgt 7", Role.SERGEANT, ["SALISBURY", "TROWBRIDGE"], TOMORROW,
            by=world.actor("admin"), at=AT, submission_id=submission(),
        )  # fmt: skip
        account_id = made.account.id
    assert made.key is not None
    assert queries.account_by_id(account_id).email == "new.sgt@test.example"
    assert queries.actor_of(account_id, on=TODAY).appointments == ()
    places = frozenset({world.places["SALISBURY"], world.places["TROWBRIDGE"]})
    assert queries.actor_of(account_id, on=TOMORROW).scope.place_ids == places
    assert (last_leaf().act, last_leaf().subject) == ("account.open", made.account.reference)


def test_the_same_invitation_sent_twice_opens_one_account_and_shows_its_link_once(world: World) -> None:
    key = submission()
    links = []
    for _ in range(2):
        with transaction():
            made = services.invite(
                "new@test.example", "Sgt 7", Role.SERGEANT, ["SALISBURY"], TODAY,
                by=world.actor("admin"), at=AT, submission_id=key,
            )  # fmt: skip
        links.append(made.key)
    assert links[0] is not None
    assert links[1] is None
    assert db.session.scalar(select(func.count()).where(Account.email == "new@test.example")) == 1


@pytest.mark.parametrize(
    ("email", "name", "role", "places", "message"),
    [
        ("sergeant@test.example", "Sgt 7", Role.SERGEANT, ["SALISBURY"], "There is an account with this email"),
        ("new@test.example", "", Role.SERGEANT, ["SALISBURY"], "Enter a name"),
        ("new@test.example", "Call 07700 900123", Role.SERGEANT, ["SALISBURY"], "could identify a person: phone"),
        ("new@test.example", "Sgt 7", Role.SERGEANT, [], "Choose the places the role sergeant is held at"),
        ("new@test.example", "Sgt 7", Role.SERGEANT, ["NOWHERE"], "Choose the places the role sergeant"),
        ("new@test.example", "Sgt 7", Role.SERGEANT, ["HARBOUR"], "sergeant cannot be held at Harbour House"),
        ("new@test.example", "Sgt 7", Role.PARTNER, ["SALISBURY"], "partner cannot be held at Salisbury"),
        ("new@test.example", "Sgt 7", Role.AUDITOR, ["SALISBURY"], "held for the whole organisation"),
        ("new@demo.example", "Sgt 7", Role.AUDITOR, [], "Addresses at demo.example are refused in a real service"),
    ],
)
def test_an_invitation_that_does_not_fit_changes_nothing(
    world: World, email: str, name: str, role: Role, places: list[str], message: str
) -> None:
    before = everything()
    with pytest.raises(RuleBroken, match=message), transaction():
        services.invite(email, name, role, places, TODAY, by=world.actor("admin"), at=AT, submission_id=submission())
    assert everything() == before


def test_a_role_cannot_begin_in_the_past(world: World) -> None:
    with pytest.raises(RuleBroken, match="The first day must be today, 4 May 2026, or later"), transaction():
        services.give_roles(
            reference_of(world.actor("sergeant")), Role.SERGEANT, ["TROWBRIDGE"], YESTERDAY,
            by=world.actor("admin"), at=AT, submission_id=submission(),
        )  # fmt: skip
    assert len(appointments(world.actor("sergeant"))) == 1


@pytest.mark.parametrize("who", ["approver", "finance", "auditor"])
def test_nobody_but_an_administrator_makes_an_administrator(world: World, who: str) -> None:
    """A14: a manager creates an administrator → 403."""
    before = everything()
    with pytest.raises(NotPermitted), transaction():
        services.invite(
            "x@test.example", "X", Role.ADMINISTRATOR, [], TODAY, by=world.actor(who), at=AT, submission_id=submission()
        )
    with pytest.raises(NotPermitted), transaction():
        services.give_roles(
            reference_of(world.actor("reviewer")), Role.ADMINISTRATOR, [], TODAY,
            by=world.actor(who), at=AT, submission_id=submission(),
        )  # fmt: skip
    assert everything() == before


# ---- Links --------------------------------------------------------------------------------------


def invited(world: World, at: datetime = AT) -> tuple[int, str]:
    with transaction():
        made = services.invite(
            "new@test.example", "Sgt 7", Role.SERGEANT, ["SALISBURY"], TODAY,
            by=world.actor("admin"), at=at, submission_id=submission(),
        )  # fmt: skip
        assert made.key is not None
        return made.account.id, made.key


def test_a_link_sets_a_password_once(world: World) -> None:
    account_id, key = invited(world)
    with transaction():
        services.accept_invitation(key, "violet tractor seven moons", at=AT)
    proof = services.check_password("new@test.example", "violet tractor seven moons")
    assert queries.password_of(account_id) is not None
    with pytest.raises(RuleBroken, match="This link has expired"), transaction():
        services.accept_invitation(key, "another tractor seven moons", at=AT)
    assert services.check_password("new@test.example", "violet tractor seven moons") == proof


def test_a_link_runs_out_after_seven_days(world: World) -> None:
    account_id, key = invited(world)
    with pytest.raises(RuleBroken, match="This link has expired"), transaction():
        services.accept_invitation(key, "violet tractor seven moons", at=AT + timedelta(days=7))
    assert queries.password_of(account_id) is None
    with transaction():
        services.accept_invitation(key, "violet tractor seven moons", at=AT + timedelta(days=7, seconds=-1))
    assert queries.password_of(account_id) is not None


def test_a_link_with_a_weak_password_can_be_tried_again(world: World) -> None:
    _, key = invited(world)
    with pytest.raises(RuleBroken, match="15 characters"), transaction():
        services.accept_invitation(key, "short", at=AT)
    with transaction():
        services.accept_invitation(key, "violet tractor seven moons", at=AT)


def test_somebody_whose_role_begins_later_can_choose_a_password_now(world: World) -> None:
    with transaction():
        made = services.invite(
            "new@test.example", "Sgt 7", Role.SERGEANT, ["SALISBURY"], TOMORROW,
            by=world.actor("admin"), at=AT, submission_id=submission(),
        )  # fmt: skip
    assert made.key is not None
    with transaction():
        services.accept_invitation(made.key, "violet tractor seven moons", at=AT)
    assert last_leaf().act == "account.accept_invitation"


def test_a_reset_takes_the_password_away_and_ends_the_links_before_it(world: World) -> None:
    _, first = invited(world)
    account = queries.account_by_email("new@test.example")
    assert account is not None
    reference = account.reference
    with transaction():
        services.accept_invitation(first, "violet tractor seven moons", at=AT)
    epoch = queries.account(reference).sign_in_epoch
    links = []
    for _ in range(2):
        with transaction():
            links.append(services.reset(reference, by=world.actor("admin"), at=AT, submission_id=submission()).key)
    assert queries.account(reference).sign_in_epoch == epoch + 2
    with pytest.raises(NotSignedIn):
        services.check_password("new@test.example", "violet tractor seven moons")
    with pytest.raises(RuleBroken, match="This link has expired"), transaction():
        services.accept_invitation(links[0] or "", "violet tractor seven moons", at=AT)
    with transaction():
        services.accept_invitation(links[1] or "", "violet tractor eight moons", at=AT)


def test_a_link_of_a_disabled_account_does_nothing(world: World) -> None:
    account_id, key = invited(world)
    with transaction():
        services.disable_account(
            queries.account_by_id(account_id).reference, by=world.actor("admin"), at=AT, submission_id=submission()
        )
    with pytest.raises(RuleBroken, match="This link has expired"), transaction():
        services.accept_invitation(key, "violet tractor seven moons", at=AT)
    assert queries.password_of(account_id) is None


# ---- Roles --------------------------------------------------------------------------------------


def test_a_sergeant_covers_a_second_place_for_a_week(world: World) -> None:
    sergeant = world.actor("sergeant")
    last = TODAY + timedelta(days=6)
    with transaction():
        services.give_roles(
            reference_of(sergeant), Role.SERGEANT, ["TROWBRIDGE"], TODAY, until=last,
            by=world.actor("admin"), at=AT, submission_id=submission(),
        )  # fmt: skip
    own = (Role.SERGEANT, world.places["SALISBURY"], None)
    lent = (Role.SERGEANT, world.places["TROWBRIDGE"], None)
    assert appointments(sergeant, YESTERDAY) == {own}
    assert appointments(sergeant, TODAY) == {own, lent}
    assert appointments(sergeant, last) == {own, lent}
    assert appointments(sergeant, last + timedelta(days=1)) == {own}


def test_the_same_role_is_not_given_twice_for_one_time(world: World) -> None:
    sergeant = world.actor("sergeant")
    with pytest.raises(RuleBroken, match="Sergeant already holds the role sergeant at Salisbury"), transaction():
        services.give_roles(
            reference_of(sergeant), Role.SERGEANT, ["SALISBURY"], TOMORROW,
            by=world.actor("admin"), at=AT, submission_id=submission(),
        )  # fmt: skip
    assert len(queries.roles_of(sergeant.account_id)) == 1


@pytest.mark.parametrize(
    ("who", "role", "places"),
    [
        ("sergeant", Role.ADMINISTRATOR, []),
        ("grants", Role.AUDITOR, []),
        ("auditor", Role.BUDGET_HOLDER, []),
        ("partner", Role.SERGEANT, ["SALISBURY"]),
    ],
)
def test_roles_that_must_stay_apart_are_not_given_to_one_person(
    world: World, who: str, role: Role, places: list[str]
) -> None:
    before = everything()
    with pytest.raises(RuleBroken, match="cannot hold another role"), transaction():
        services.give_roles(
            reference_of(world.actor(who)), role, places, TODAY,
            by=world.actor("admin"), at=AT, submission_id=submission(),
        )  # fmt: skip
    assert everything() == before


def test_nobody_changes_their_own_account(world: World) -> None:
    admin = world.actor("admin")
    own = reference_of(admin)
    before = everything()
    acts: dict[str, Any] = {"by": admin, "at": AT}
    with pytest.raises(NotPermitted), transaction():
        services.give_roles(own, Role.SERGEANT, ["SALISBURY"], TODAY, submission_id=submission(), **acts)
    with pytest.raises(NotPermitted), transaction():
        services.end_role(own, held_by(admin), None, submission_id=submission(), **acts)
    with pytest.raises(NotPermitted), transaction():
        services.disable_account(own, submission_id=submission(), **acts)
    with pytest.raises(NotPermitted), transaction():
        services.reset(own, submission_id=submission(), **acts)
    with pytest.raises(NotPermitted), transaction():
        services.name_deputy(
            reference_of(world.actor("approver")),
            own,
            TODAY,
            TOMORROW,
            submission_id=submission(),
            **acts,
        )
    assert everything() == before


def test_a_role_taken_away_now_is_gone_at_once_and_stays_in_the_record(world: World) -> None:
    sergeant = world.actor("sergeant")
    with transaction():
        services.end_role(
            reference_of(sergeant), held_by(sergeant), None, by=world.actor("admin"), at=AT, submission_id=submission()
        )
    assert appointments(sergeant) == set()
    assert queries.roles_of(sergeant.account_id)[0].ended_at == AT
    assert last_leaf().act == "account.end_role"


def test_a_role_ends_at_the_end_of_its_last_day(world: World) -> None:
    sergeant = world.actor("sergeant")
    with transaction():
        services.end_role(
            reference_of(sergeant), held_by(sergeant), TODAY, by=world.actor("admin"), at=AT, submission_id=submission()
        )
    assert len(appointments(sergeant, TODAY)) == 1
    assert appointments(sergeant, TOMORROW) == set()
    with pytest.raises(RuleBroken, match="The last day must be today or later"), transaction():
        services.end_role(
            reference_of(sergeant),
            held_by(sergeant),
            YESTERDAY,
            by=world.actor("admin"),
            at=AT,
            submission_id=submission(),
        )


def test_a_move_leaves_no_day_without_a_place_and_none_with_two(world: World) -> None:
    sergeant = world.actor("sergeant")
    with transaction():
        services.move(
            reference_of(sergeant), held_by(sergeant), "TROWBRIDGE", TOMORROW,
            by=world.actor("admin"), at=AT, submission_id=submission(),
        )  # fmt: skip
    assert appointments(sergeant, TODAY) == {(Role.SERGEANT, world.places["SALISBURY"], None)}
    assert appointments(sergeant, TOMORROW) == {(Role.SERGEANT, world.places["TROWBRIDGE"], None)}


def test_a_role_of_another_account_is_not_found(world: World) -> None:
    with pytest.raises(NotFound), transaction():
        services.end_role(
            reference_of(world.actor("sergeant")), held_by(world.actor("approver")), None,
            by=world.actor("admin"), at=AT, submission_id=submission(),
        )  # fmt: skip
    assert len(appointments(world.actor("approver"))) == 4


# ---- The last administrator ---------------------------------------------------------------------


def second_administrator(password: str | None) -> Actor:
    with transaction():
        opened = services.open_account(
            "second@test.example", "Second", [(Role.ADMINISTRATOR, None)], YESTERDAY, by=None, at=AT, password=password
        )
        return Actor(opened.id, opened.name, (Appointment(Role.ADMINISTRATOR, None),))


def test_the_last_administrator_who_can_sign_in_stays(world: World) -> None:
    """A14: the second one was invited and has no password, so the first is the last who can sign in."""
    second, first = second_administrator(None), world.actor("admin")
    before, held = everything(), held_by(first)
    for act in (
        lambda: services.end_role(reference_of(first), held, None, by=second, at=AT, submission_id=submission()),
        lambda: services.end_role(reference_of(first), held, TOMORROW, by=second, at=AT, submission_id=submission()),
        lambda: services.disable_account(reference_of(first), by=second, at=AT, submission_id=submission()),
        lambda: services.reset(reference_of(first), by=second, at=AT, submission_id=submission()),
    ):
        with pytest.raises(LastAdministrator, match="There must be at least one administrator"), transaction():
            act()
    assert everything() == before
    assert queries.administrators(on=TODAY) == [first.account_id]


def test_one_of_two_administrators_can_go(world: World) -> None:
    second, first = second_administrator("violet tractor seven moons"), world.actor("admin")
    with transaction():
        services.disable_account(reference_of(first), by=second, at=AT, submission_id=submission())
    assert queries.administrators(on=TODAY) == [second.account_id]


def test_two_administrators_who_disable_each_other_at_once_do_not_both_win(app: Flask, world: World) -> None:
    second, first = second_administrator("violet tractor seven moons"), world.actor("admin")
    references = {each: reference_of(each) for each in (first, second)}
    db.session.rollback()
    barrier = Barrier(2)

    def disable(by: Actor, other: Actor) -> str:
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    services.disable_account(references[other], by=by, at=AT, submission_id=submission())
            except LastAdministrator:
                return "refused"
            return "done"

    with ThreadPoolExecutor(2) as pool:
        answers = [each.result() for each in (pool.submit(disable, first, second), pool.submit(disable, second, first))]
    assert sorted(answers) == ["done", "refused"]
    assert len(queries.administrators(on=TODAY)) == 1


# ---- Deputies -----------------------------------------------------------------------------------


def name_deputy(world: World, absent: str, deputy: str, since: date, until: date) -> None:
    with transaction():
        services.name_deputy(
            reference_of(world.actor(absent)), reference_of(world.actor(deputy)), since, until,
            by=world.actor("admin"), at=AT, submission_id=submission(),
        )  # fmt: skip


def test_a_deputy_holds_the_absent_persons_roles_between_two_days_only(world: World) -> None:
    last = TOMORROW + timedelta(days=2)
    name_deputy(world, "approver", "storekeeper", TOMORROW, last)
    storekeeper = world.actor("storekeeper")
    own = {(Role.STOREKEEPER, world.places["STORE"], None)}
    lent = {(Role.APPROVER, place, "Approver") for place in world.places.values()}
    assert appointments(storekeeper, TODAY) == own
    assert appointments(storekeeper, TOMORROW) == own | lent
    assert appointments(storekeeper, last) == own | lent
    assert appointments(storekeeper, last + timedelta(days=1)) == own
    assert queries.actor_of(storekeeper.account_id, on=TOMORROW).may(Permission.APPROVE_REQUEST)


def test_what_a_deputy_holds_is_not_passed_on(world: World) -> None:
    name_deputy(world, "approver", "storekeeper", TODAY, TOMORROW)
    name_deputy(world, "storekeeper", "sergeant", TODAY, TOMORROW)
    assert {role for role, _, _ in appointments(world.actor("sergeant"))} == {Role.SERGEANT, Role.STOREKEEPER}


def test_a_deputy_loses_what_the_absent_person_loses(world: World) -> None:
    name_deputy(world, "approver", "storekeeper", TODAY, TOMORROW)
    with transaction():
        services.disable_account(
            reference_of(world.actor("approver")), by=world.actor("admin"), at=AT, submission_id=submission()
        )
    assert {role for role, _, _ in appointments(world.actor("storekeeper"))} == {Role.STOREKEEPER}


def test_a_deputy_can_be_ended_at_once(world: World) -> None:
    name_deputy(world, "approver", "storekeeper", TODAY, TOMORROW)
    naming = queries.deputies_of(world.actor("approver").account_id)[0]
    with transaction():
        services.end_deputy(
            reference_of(world.actor("approver")), naming.id, by=world.actor("admin"), at=AT, submission_id=submission()
        )
    assert {role for role, _, _ in appointments(world.actor("storekeeper"))} == {Role.STOREKEEPER}


@pytest.mark.parametrize(
    ("absent", "deputy", "since", "until", "message"),
    [
        ("approver", "approver", TODAY, TOMORROW, "Choose another person as deputy"),
        ("approver", "storekeeper", YESTERDAY, TOMORROW, "The first day must be today"),
        ("approver", "storekeeper", TOMORROW, TODAY, "The last day must be the first day or later"),
        ("approver", "auditor", TODAY, TOMORROW, "Auditor cannot stand in for Approver. An auditor cannot hold"),
        ("admin", "sergeant", TODAY, TOMORROW, "An administrator cannot hold another role"),
        ("sergeant", "partner", TODAY, TOMORROW, "A partner cannot hold another role"),
    ],
)
def test_a_deputy_who_does_not_fit_is_refused(
    world: World, absent: str, deputy: str, since: date, until: date, message: str
) -> None:
    before = everything()
    with pytest.raises(RuleBroken, match=message):
        name_deputy(world, absent, deputy, since, until)
    assert everything() == before


def test_a_role_given_later_cannot_clash_with_what_a_deputy_holds(world: World) -> None:
    """The storekeeper stands in for the approver, so the approver cannot become auditor meanwhile."""
    name_deputy(world, "reviewer", "finance", TODAY, TOMORROW)
    reviewer = world.actor("reviewer")
    with transaction():
        services.end_role(
            reference_of(reviewer), held_by(reviewer), None, by=world.actor("admin"), at=AT, submission_id=submission()
        )
    with pytest.raises(RuleBroken, match="An auditor cannot hold another role"), transaction():
        services.give_roles(
            reference_of(reviewer), Role.AUDITOR, [], TODAY, by=world.actor("admin"), at=AT, submission_id=submission()
        )
    assert appointments(world.actor("finance")) == {(Role.CHIEF_FINANCE_OFFICER, None, None)}


# ---- Signing in ---------------------------------------------------------------------------------


def test_wrong_passwords_and_unknown_addresses_are_refused_alike(world: World) -> None:
    for email, password in (("sergeant@test.example", "wrong"), ("nobody@test.example", PASSWORD), ("", "")):
        with pytest.raises(NotSignedIn, match=r"^Email or password is incorrect$"):
            services.check_password(email, password)


def test_a_proof_counts_no_more_once_the_password_was_changed(world: World) -> None:
    sergeant = world.actor("sergeant")
    proof = services.check_password("sergeant@test.example", PASSWORD)
    with transaction():
        services.change_password(
            proof.secret_hash, "violet tractor seven moons", by=sergeant, at=AT, submission_id=submission()
        )
    with pytest.raises(NotSignedIn), transaction():
        services.sign_in(proof, at=AT)
    with pytest.raises(RuleBroken, match="Your current password is incorrect"), transaction():
        services.change_password(
            proof.secret_hash, "another tractor eight moons", by=sergeant, at=AT, submission_id=submission()
        )
    services.check_password("sergeant@test.example", "violet tractor seven moons")


def fail(email: str, address: str, times: int, at: datetime = AT) -> None:
    with transaction():
        for _ in range(times):
            services.count_failure(email, address, at=at)


def test_the_eleventh_try_at_an_account_from_one_address_waits(world: World) -> None:
    fail("sergeant@test.example", "10.0.0.1", 9)
    fail("sergeant@test.example", "10.0.0.1", 1, AT + timedelta(minutes=5))
    at = AT + timedelta(minutes=6)
    with pytest.raises(TooMany, match=r"^Too many attempts\. Try again in 10 minutes$") as refusal:
        services.refuse_too_many("Sergeant@test.example ", "10.0.0.1", at=at)
    assert refusal.value.retry_after_seconds == 541
    services.refuse_too_many("sergeant@test.example", "10.0.0.2", at=at)
    services.refuse_too_many("approver@test.example", "10.0.0.1", at=at)
    services.refuse_too_many("sergeant@test.example", "10.0.0.1", at=AT + timedelta(minutes=15))


def test_one_address_cannot_try_account_after_account(world: World) -> None:
    for number in range(10):
        fail(f"person{number}@test.example", "10.0.0.1", 5)
    with pytest.raises(TooMany):
        services.refuse_too_many("sergeant@test.example", "10.0.0.1", at=AT)
    services.refuse_too_many("sergeant@test.example", "10.0.0.2", at=AT)


def test_one_account_cannot_be_tried_from_address_after_address(world: World) -> None:
    for number in range(20):
        fail("sergeant@test.example", f"10.0.0.{number}", 5)
    with pytest.raises(TooMany):
        services.refuse_too_many("sergeant@test.example", "10.9.9.9", at=AT)


def test_a_failed_sign_in_keeps_neither_address_nor_email(world: World) -> None:
    fail("sergeant@test.example", "10.0.0.1", 1)
    subjects = db.session.scalars(select(SignInAttempt.subject)).all()
    assert len(subjects) == 3
    assert all(len(subject) == 64 and set(subject) <= set("0123456789abcdef") for subject in subjects)


# ---- A demonstration and a real service ---------------------------------------------------------


def test_the_first_administrator_is_opened_once(database: None) -> None:
    now = datetime(2026, 5, 4, 9, tzinfo=UTC)
    with transaction():
        opened = services.open_first_administrator(
            "chief@force.example", "Chief", "violet tractor seven moons", on=TODAY, at=now
        )
        account_id = opened.id
    assert queries.actor_of(account_id, on=TODAY).roles == (Role.ADMINISTRATOR,)
    with pytest.raises(RuleBroken, match="There is an administrator already"), transaction():
        services.open_first_administrator("b@force.example", "B", "violet tractor seven moons", on=TODAY, at=now)
    assert everything()["account"] == 1


def test_a_demonstration_takes_demonstration_accounts_only(database: None) -> None:
    with transaction():
        services.declare_demonstration(at=AT)
    with pytest.raises(RuleBroken, match="This database is a demonstration"), transaction():
        services.open_first_administrator("a@force.example", "A", "violet tractor seven moons", on=TODAY, at=AT)
    with pytest.raises(RuleBroken, match=r"Use an address at demo\.example"), transaction():
        services.open_account("a@force.example", "A", [(Role.AUDITOR, None)], TODAY, by=None, at=AT)
    assert everything()["account"] == 0
    with transaction():
        services.open_account(
            "auditor@demo.example", "Auditor", [(Role.AUDITOR, None)], TODAY,
            by=None, at=AT, password=DEMONSTRATION_PASSWORD,
        )  # fmt: skip
    services.check_password("auditor@demo.example", DEMONSTRATION_PASSWORD)


def test_a_real_service_is_not_made_a_demonstration_and_knows_not_its_password(world: World) -> None:
    with pytest.raises(RuleBroken, match="This is a real service"), transaction():
        services.declare_demonstration(at=AT)
    with pytest.raises(RuleBroken, match="too common"), transaction():
        services.open_account(
            "a@test.example", "A", [(Role.AUDITOR, None)], TODAY, by=None, at=AT, password=DEMONSTRATION_PASSWORD
        )
    assert not queries.is_demonstration()


def test_a_demonstration_account_that_got_into_a_real_service_does_not_sign_in(database: None) -> None:
    with transaction():
        services.declare_demonstration(at=AT)
        services.open_account(
            "auditor@demo.example", "Auditor", [(Role.AUDITOR, None)], TODAY,
            by=None, at=AT, password=DEMONSTRATION_PASSWORD,
        )  # fmt: skip
    with transaction():
        db.session.delete(db.session.get_one(ServiceSetting, "demonstration"))
    with pytest.raises(NotSignedIn):
        services.check_password("auditor@demo.example", DEMONSTRATION_PASSWORD)
