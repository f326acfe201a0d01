"""What makes a password good enough, where a sign-in may lead, how often it may be tried, and which roles clash.

No database and no web: values in, answers out. The refusals that only signing in and accounts know are named
here as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from core.access import Role
from core.errors import Refusal, RuleBroken

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=8)
CLOCK_DRIFT = timedelta(minutes=5)
"""How far in the future a session may seem to lie: clocks of two machines differ a little; one put back does more."""

PROOF_LASTS = timedelta(minutes=15)
FILLING_IN_LASTS = timedelta(minutes=15)
"""How long a password counts for an act that binds others, and how much longer for sending a form that was open."""

COUNTED_FOR = timedelta(minutes=15)
MOST_FOR_ACCOUNT_AT_ADDRESS = 10
MOST_FOR_ADDRESS = 50
MOST_FOR_ACCOUNT = 100
"""Wrong passwords allowed in fifteen minutes. Guessing one account from one place is stopped first; a whole
station may share an address, and an account stays usable from elsewhere while somebody guesses at it."""

INVITATION_LASTS = timedelta(days=7)
LEAST_PASSWORD_LENGTH = 15
MOST_PASSWORD_LENGTH = 200
DEMONSTRATION_DOMAIN = "demo.example"
DEMONSTRATION_PASSWORD = "paper lantern harbour 47"
"""Refused as a password in a real service: everybody can read it here."""

_LEFT_OVER = 6
_EMAIL = re.compile(r"[a-z0-9][a-z0-9.!#$%&'*+/=?^_`{|}~-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_WORDS_OF_OURS = ("gobags", "gobag", "police", "policing", "constabulary", "demonstration", "password", "welcome")
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "1234567890" * 6,
    "qwertyuiopasdfghjklzxcvbnm" * 2,
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)


class NotSignedIn(Refusal):
    """Email and password do not belong together; which of them is wrong is never said."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Email or password is incorrect")


class LastAdministrator(Refusal):
    """Nobody would be left to keep the accounts."""

    status = 409

    def __init__(self) -> None:
        super().__init__("There must be at least one administrator")


def email_address(text: str, *, field: str | None = "email") -> str:
    """Read an email address, in small letters.

    Raises:
        RuleBroken: it is none.
    """
    address = text.strip().lower()
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise RuleBroken("Enter an email address, like name@example.police.uk", field)
    return address


def is_demonstration_address(email: str) -> bool:
    """Say whether an email address belongs to the demonstration."""
    return email.rpartition("@")[2] == DEMONSTRATION_DOMAIN


def refuse_weak_password(password: str, *, email: str, name: str, field: str | None = "password") -> None:
    """Refuse a password that is short, common, or made of what anyone would guess first.

    Source: SEC-1, NCSC, password administration for system owners; OWASP ASVS 5.0.0, 6.2.4.

    Raises:
        RuleBroken: saying what to do instead.
    """
    if len(password) < LEAST_PASSWORD_LENGTH:
        raise RuleBroken(
            f"Password must be {LEAST_PASSWORD_LENGTH} characters or more. Three or four words work well", field
        )
    if len(password) > MOST_PASSWORD_LENGTH:
        raise RuleBroken(f"Password must be {MOST_PASSWORD_LENGTH} characters or fewer", field)
    plain = _plain(password)
    if plain == _plain(DEMONSTRATION_PASSWORD) or plain in _common_passwords() or _is_pattern(plain):
        raise RuleBroken("This password is too common. Choose words that do not usually stand together", field)
    guessed = [*re.split(r"[^a-z0-9]+", email.lower()), *re.split(r"\W+", name.lower()), *_WORDS_OF_OURS]
    if len(_without(plain, guessed)) < _LEFT_OVER:
        raise RuleBroken("Choose a password without your name, your email address or the name of the service", field)


def _plain(password: str) -> str:
    """Put case, spaces and signs aside, and read digits used as letters as those letters."""
    letters = "".join(sign for sign in password.casefold() if sign.isalnum())
    return letters if letters.isdigit() else letters.translate(str.maketrans("013457@$", "oleastas"))


@cache
def _common_passwords() -> frozenset[str]:
    """Read the common passwords that are long enough to be tried here."""
    lines = (Path(__file__).parent / "common_passwords.txt").read_text().splitlines()
    return frozenset(_plain(line) for line in lines if line and not line.startswith("#"))


def _is_pattern(plain: str) -> bool:
    """Tell a few signs repeated, or a run along the alphabet or the keyboard, from a password."""
    runs = [_plain(run) for run in _RUNS] + list(_RUNS)
    repeated = bool(re.fullmatch(r"(.{1,8}?)\1+.{0,7}", plain)) and len(set(plain)) < 9
    return len(set(plain)) < 5 or repeated or any(plain in run or plain in run[::-1] for run in runs)


def _without(plain: str, guessed: Iterable[str]) -> str:
    for word in sorted({_plain(word) for word in guessed if len(word) > 2}, key=len, reverse=True):
        plain = plain.replace(word, "")
    return plain


def safe_target(wanted: str | None) -> str:
    r"""Give the page of ours to go on to after signing in, or the home page when it is not one of ours.

    Whatever a browser could read as another host is turned down: "//e", "/\e", a tab between.
    """
    if not wanted or not wanted.startswith("/") or wanted.startswith("//"):
        return "/"
    if "\\" in wanted or any(ord(sign) <= 32 or ord(sign) == 127 for sign in wanted):
        return "/"
    return wanted


def is_fresh(proved_at: datetime | None, *, sending: bool, at: datetime) -> bool:
    """Say whether a password was given lately enough for an act that binds others.

    Args:
        sending: whether a form is being sent. It was opened with a proof that counted, so it gets time to be
            filled in: nobody loses what they typed because a quarter of an hour ended between.
    """
    lasts = PROOF_LASTS + FILLING_IN_LASTS if sending else PROOF_LASTS
    return proved_at is not None and -CLOCK_DRIFT <= at - proved_at < lasts


def attempt_subjects(email: str, address: str) -> dict[str, int]:
    """Give what a failed sign-in is counted by → most failures in fifteen minutes. Hashed: no address is kept."""
    email = email.strip().lower()
    return {
        sha256(f"{email} at {address}".encode()).hexdigest(): MOST_FOR_ACCOUNT_AT_ADDRESS,
        sha256(f"address {address}".encode()).hexdigest(): MOST_FOR_ADDRESS,
        sha256(f"account {email}".encode()).hexdigest(): MOST_FOR_ACCOUNT,
    }


def hashed_key(key: str) -> str:
    """Hash a random key (of a session or an invitation) so that the database cannot give it away."""
    return sha256(key.encode()).hexdigest()


def clash(roles: Collection[Role]) -> str | None:
    """Say why these roles may not be held together, or None when they may.

    Whoever keeps the accounts touches neither stock nor money; whoever audits changes nothing; a partner's
    people see nothing of the force's.
    """
    for alone, why in (
        (Role.ADMINISTRATOR, "An administrator cannot hold another role: they have no stock or money rights"),
        (Role.AUDITOR, "An auditor cannot hold another role: they change nothing"),
        (Role.PARTNER, "A partner cannot hold another role: they see nothing of the force's"),
    ):
        if alone in roles and len(set(roles)) > 1:
            return why
    return None
