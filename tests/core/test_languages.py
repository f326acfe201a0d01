"""Languages of booklets and cards: codes, names in English and in themselves, direction."""

import pytest

from core.errors import RuleBroken
from core.languages import known_languages, language


@pytest.mark.parametrize(
    ("code", "english", "own", "direction"),
    [
        ("sq", "Albanian", "shqip", "ltr"),
        ("vi", "Vietnamese", "Tiếng Việt", "ltr"),
        ("ti", "Tigrinya", "ትግርኛ", "ltr"),
        ("ar", "Arabic", "العربية", "rtl"),
        ("ur", "Urdu", "اردو", "rtl"),
        ("prs", "Dari", "دری", "rtl"),
        ("ckb", "Kurdish Sorani", "کوردیی ناوەندی", "rtl"),
        ("bn", "Bengali", "বাংলা", "ltr"),
        ("rom", "Romani", "romani čhib", "ltr"),
        ("zh-Hans", "Chinese (simplified)", "简体中文", "ltr"),
        ("cy", "Welsh", "Cymraeg", "ltr"),
    ],
)
def test_a_language_has_both_its_names_and_its_direction(code: str, english: str, own: str, direction: str) -> None:
    found = language(code)
    assert (found.code, found.english, found.own, found.direction) == (code, english, own, direction)


def test_a_code_is_read_in_any_case() -> None:
    assert language(" ZH-HANT ") == language("zh-Hant")
    assert language("SQ").code == "sq"


def test_a_label_names_a_language_twice_only_where_the_names_differ() -> None:
    assert language("sq").label == "Albanian – shqip"
    assert language("en").label == "English"


@pytest.mark.parametrize("code", ["", "xx", "la", "tok", "en_GB", "../sq", "sq\n\x00", "albanian"])
def test_an_unknown_dead_or_invented_language_is_refused(code: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        language(code, field="language")
    assert (refusal.value.message, refusal.value.field) == ("Select a language from the list", "language")


def test_the_languages_police_booklets_exist_in_are_all_known() -> None:
    """The first eleven are those of West Midlands Police's explainer of the referral mechanism."""
    known = {found.code for found in known_languages()}
    assert {"sq", "bg", "zh", "lt", "lv", "sk", "ro", "rom", "pl", "vi", "en"} <= known
    assert {"ti", "ar", "hi", "pa", "ta", "si", "am", "so", "fa", "ps", "uk", "ru", "pt", "es", "fr"} <= known


def test_the_list_is_in_order_and_names_each_language_once() -> None:
    names = [found.english for found in known_languages()]
    assert names == sorted(names)
    assert len(set(names)) == len(names) > 280
    assert len({found.code for found in known_languages()}) == len(names)
