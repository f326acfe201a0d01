"""The commands that begin a real service and list its accounts."""

from __future__ import annotations

import json

from flask import Flask
from sqlalchemy import func, select

from core.db import db, now, transaction
from organisation.accounts import services
from organisation.accounts.models import Account
from tests.factories import World

GIVEN = ["--email", "Chief@force.example", "--name", "Chief", "--password", "violet tractor seven moons"]


def accounts() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Account)) or 0


def run(app: Flask, *words: str, typed: str = "", **environment: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["accounts", *words], input=typed, env=environment)
    return result.exit_code, result.output


def test_the_first_administrator_is_asked_for_what_is_missing(app: Flask, database: None) -> None:
    password = "violet tractor seven moons"
    code, said = run(app, "first-administrator", typed=f"chief@force.example\nChief\n{password}\n{password}\n")
    assert code == 0, said
    assert "Opened ACC-00001. Sign in as chief@force.example and invite the others." in said
    assert "violet" not in said
    services.check_password("chief@force.example", "violet tractor seven moons")


def test_an_answer_that_will_not_do_is_asked_for_again_and_a_password_typed_twice(app: Flask, database: None) -> None:
    typed = ["Chief", "chief@force.example", "Chief", "short", "short", "violet tractor seven moons", "violet trctor"]
    code, said = run(app, "first-administrator", typed="\n".join([*typed, *["violet tractor seven moons"] * 2, ""]))
    assert (code, accounts()) == (0, 1), said
    assert "Error: Enter an email address, like name@example.police.uk" in said
    assert "Error: Password must be 15 characters or more" in said
    assert "Error: The two entered values do not match." in said
    services.check_password("chief@force.example", "violet tractor seven moons")


def test_the_first_administrator_can_come_from_the_environment(app: Flask, database: None) -> None:
    code, _ = run(
        app,
        "first-administrator",
        ADMINISTRATOR_EMAIL="chief@force.example",
        ADMINISTRATOR_NAME="Chief",
        ADMINISTRATOR_PASSWORD="violet tractor seven moons",
    )
    assert (code, accounts()) == (0, 1)


def test_a_second_first_administrator_is_refused(app: Flask, world: World) -> None:
    code, said = run(app, "first-administrator", *GIVEN)
    assert (code, accounts()) == (1, 10)
    assert "There is an administrator already. Ask them for an account" in said
    assert run(app, "first-administrator", "--if-none") == (0, "There is an administrator already.\n")


def test_a_demonstration_gets_no_first_administrator(app: Flask, database: None) -> None:
    with transaction():
        services.declare_demonstration(at=now())
    for words in (GIVEN, [*GIVEN, "--if-none"]):
        code, said = run(app, "first-administrator", *words)
        assert (code, accounts()) == (1, 0)
        assert "This database is a demonstration" in said


def test_a_weak_password_opens_no_account(app: Flask, database: None) -> None:
    code, said = run(app, "first-administrator", "--email", "a@force.example", "--name", "A", "--password", "short")
    assert (code, accounts()) == (1, 0)
    assert "Password must be 15 characters or more" in said


def test_the_accounts_are_listed_in_words_and_as_json(app: Flask, world: World) -> None:
    code, said = run(app, "list")
    assert code == 0
    assert len(said.splitlines()) == 10
    assert "active    sergeant@test.example  Sergeant  Sergeant, Salisbury" in said
    listed = json.loads(run(app, "list", "--json")[1])
    sergeant = next(each for each in listed if each["email"] == "sergeant@test.example")
    assert (sergeant["state"], sergeant["roles"]) == ("active", ["Sergeant, Salisbury"])


def test_an_empty_service_says_how_to_begin(app: Flask, database: None) -> None:
    assert "accounts first-administrator" in run(app, "list")[1]
