"""Which translation is behind, and how languages held compare with languages asked for."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import RuleBroken
from inventory.catalogue.rules import ItemKind
from inventory.editions.rules import Printed, covered, days_asked, gaps, spell_words, work_of, works

TODAY = date(2026, 5, 4)


def printed(language: str, edition: int | None, name: str = "Rights booklet, ") -> Printed:
    spoken = {"en": "English", "ro": "Romanian", "sq": "Albanian", "pl": "Polish"}[language]
    return Printed(f"BK-{language.upper()}", f"{name}{spoken}", ItemKind.BOOKLET, language, edition)


@pytest.mark.parametrize(
    ("name", "language", "work"),
    [
        ("Rights booklet, Romanian", "ro", "Rights booklet"),
        ("Know your rights (Romanian)", "ro", "Know your rights"),
        ("Romanian rights booklet", "ro", "rights booklet"),
        ("Card for the wallet", "ro", "Card for the wallet"),
        ("Chinese (simplified)", "zh-Hans", "Chinese (simplified)"),
    ],
)
def test_a_work_is_named_without_its_language(name: str, language: str, work: str) -> None:
    assert work_of(name, language) == work


def test_a_translation_is_behind_the_english_in_words() -> None:
    (work,) = works([printed("ro", 2), printed("en", 3), printed("sq", 1), printed("pl", None)])
    assert [each.language for each in work.translations] == ["en", "sq", "pl", "ro"]
    assert {each.language: work.parity(each) for each in work.translations} == {
        "en": "Current",
        "ro": "The Romanian edition is one version behind the English",
        "sq": "The Albanian edition is two versions behind the English",
        "pl": "No Polish edition is in use",
    }


def test_the_english_can_be_behind_too() -> None:
    (work,) = works([printed("en", 1), printed("ro", 2), printed("sq", 2)])
    assert work.parity(work.translations[0]) == "The English edition is one version behind the Albanian"


def test_two_works_are_compared_apart() -> None:
    found = works([printed("en", 1), printed("en", 4, "Helpline card, ")])
    assert [work.name for work in found] == ["Helpline card", "Rights booklet"]


def test_a_review_that_is_late_says_so() -> None:
    of = Printed("B", "B", ItemKind.BOOKLET, "ro", 2, review_on=date(2026, 5, 3))
    assert of.review_words(TODAY) == "Overdue since 3 May 2026"
    assert of.review_words(date(2026, 5, 3)) == "By 3 May 2026"


def test_gaps_come_first_and_facts_add_up() -> None:
    salisbury = ("SALISBURY", "Salisbury")
    lines = covered(
        [
            (salisbury, "ro", "held", 3),
            (salisbury, "ro", "issued", 2),
            (salisbury, "ti", "unmet", 2),
            (salisbury, "ti", "issued", 1),
            (salisbury, "pl", "held", 1),
            (salisbury, "pl", "held", 1),
            (salisbury, "sq", "held", 1),
            (salisbury, "sq", "issued", 1),
            (salisbury, "sq", "unmet", 1),
        ],
        days=90,
    )
    assert [(line.language, line.held_count, line.asked_count, line.words) for line in lines] == [
        ("ti", 0, 3, "Gap: asked for 3 times, none held"),
        ("sq", 1, 2, "Asked for 1 more in vain; what is held lasts about 45 days at this pace"),
        ("ro", 3, 2, "Lasts about 4 months at this pace"),
        ("pl", 2, 0, "Held, not asked for"),
    ]
    assert gaps(lines) == 1


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "less than a day"),
        (1, "about 1 day"), (59, "about 59 days"), (60, "about 2 months"), (135, "about 4 months"),
        (350, "about 12 months"), (364, "about 12 months"), (365, "more than a year"), (729, "more than a year"),
        (730, "about 2 years"), (1_460, "about 4 years"), (400_000, "about 1,095 years"),
    ],
)  # fmt: skip
def test_how_long_something_lasts_is_said_as_a_person_would(days: int, words: str) -> None:
    assert spell_words(days) == words


def test_only_offered_periods_are_read() -> None:
    assert days_asked("") == 365
    assert days_asked("90") == 90
    with pytest.raises(RuleBroken, match="Choose 30, 90, 180 or 365 days"):
        days_asked("91")
