"""What makes a password good enough, where a sign-in may lead, which roles clash."""

from __future__ import annotations

import pytest

from core.access import Role
from core.errors import RuleBroken
from organisation.accounts import rules
from organisation.accounts.services.passwords import HASHER
from organisation.accounts.services.sign_in import NOBODYS_HASH

GOOD = "violet tractor seven moons"


def refused(password: str, *, email: str = "sgt.hill@force.example", name: str = "Sgt 1182 Salisbury") -> str:
    with pytest.raises(RuleBroken) as refusal:
        rules.refuse_weak_password(password, email=email, name=name)
    assert refusal.value.field == "password"
    return refusal.value.message


def test_four_unrelated_words_are_taken() -> None:
    rules.refuse_weak_password(GOOD, email="sgt.hill@force.example", name="Sgt 1182 Salisbury")


def test_what_a_password_manager_makes_is_taken() -> None:
    rules.refuse_weak_password("x7#Kq!v9Lm2$wP4z", email="sgt.hill@force.example", name="Sgt 1182 Salisbury")


def test_fourteen_characters_are_too_few_and_fifteen_are_enough() -> None:
    assert refused("violet tracto7") == "Password must be 15 characters or more. Three or four words work well"
    rules.refuse_weak_password("violet tractor7", email="a@force.example", name="A")


def test_two_hundred_and_one_characters_are_too_many() -> None:
    assert refused(GOOD * 8) == "Password must be 200 characters or fewer"


@pytest.mark.parametrize(
    "password",
    [
        "PasswordPassword",
        "P4ssw0rdP4ssw0rd",
        "correct horse battery staple",
        "Correct-Horse-Battery-Staple",
        "123456789012345",
        "543210987654321",
        "qwertyuiopasdfgh",
        "abcdefghijklmnop",
        "aaaaaaaaaaaaaaaaaaaa",
        "banana banana banana",
        "you'll never walk alone",
        rules.DEMONSTRATION_PASSWORD,
        rules.DEMONSTRATION_PASSWORD.upper(),
    ],
)
def test_a_common_password_is_refused(password: str) -> None:
    assert refused(password) == "This password is too common. Choose words that do not usually stand together"


@pytest.mark.parametrize(
    "password", ["salisbury1182sgt", "Salisbury Police 26!", "gobags-police-99", "hill.force.example1"]
)
def test_a_password_made_of_names_and_the_service_is_refused(password: str) -> None:
    assert refused(password) == ("Choose a password without your name, your email address or the name of the service")


@pytest.mark.parametrize(
    "wanted",
    [
        "//e",
        "/\\e",
        "\\\\e",
        "///e",
        "/\t/e",
        "\t//e",
        "/%0a".replace("%0a", "\n") + "/e",
        "javascript:alert(1)",
        "https://e/",
        "e",
        "",
        None,
    ],
)
def test_signing_in_never_leads_to_another_site(wanted: str | None) -> None:
    assert rules.safe_target(wanted) == "/"


def test_signing_in_leads_back_to_a_page_of_ours() -> None:
    assert rules.safe_target("/bags/WB-0007?page=2") == "/bags/WB-0007?page=2"


@pytest.mark.parametrize(
    "text", ["", "x", "x@", "@x.example", "a b@x.example", "a@x", f"{'a' * 250}@x.example", "a@x.example\nb"]
)
def test_what_is_no_email_address_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken, match="Enter an email address"):
        rules.email_address(text)


def test_an_email_address_is_kept_in_small_letters() -> None:
    assert rules.email_address("  Sgt.Hill@Force.Example ") == "sgt.hill@force.example"


@pytest.mark.parametrize(
    ("roles", "together"),
    [
        ({Role.SERGEANT, Role.APPROVER}, True),
        ({Role.GRANT_OFFICER, Role.STOREKEEPER}, True),
        ({Role.ADMINISTRATOR}, True),
        ({Role.ADMINISTRATOR, Role.STOREKEEPER}, False),
        ({Role.AUDITOR, Role.GRANT_OFFICER}, False),
        ({Role.PARTNER, Role.SERGEANT}, False),
    ],
)
def test_only_some_roles_may_be_held_together(roles: set[Role], together: bool) -> None:
    assert (rules.clash(roles) is None) is together


def test_a_password_that_is_not_there_costs_as_much_to_compare_as_a_real_one() -> None:
    assert not HASHER.check_needs_rehash(NOBODYS_HASH)
