"""The languages a booklet or card can be printed in, by ISO 639 code.

A language belongs to a printed thing, never to a person. Codes are ISO 639 (two letters where there
are two, else three); Chinese alone is also told apart by script, because simplified and traditional
print are two booklets. Names come from the Unicode tables that babel carries; a few languages that
forces meet and those tables lack are added here. Dead and invented languages are left out.

A language's own name is looked up when it is asked for: to read all of them takes a second
and 130 MB, so a list of every language shows English names only.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from babel import Locale, localedata

from core.errors import RuleBroken

Direction = Literal["ltr", "rtl"]

_NOT_SPOKEN = frozenset(
    ["cop", "cu", "eo", "gez", "ia", "ie", "io", "jbo", "la", "nqo", "prg", "sa", "syr", "tok", "vo"]
)
_SCRIPTS = {
    "zh-Hans": ("Chinese (simplified)", "简体中文"),
    "zh-Hant": ("Chinese (traditional)", "繁體中文"),
}
# Languages that babel names in English or not at all, with no own name: code → English, own, direction.
_ADDED: dict[str, tuple[str, str, Direction]] = {
    "din": ("Dinka", "Thuɔŋjäŋ", "ltr"),
    "kri": ("Krio", "Krio", "ltr"),
    "pnb": ("Western Punjabi", "پنجابی", "rtl"),
    "prs": ("Dari", "دری", "rtl"),
    "rom": ("Romani", "romani čhib", "ltr"),
    "skr": ("Saraiki", "سرائیکی", "rtl"),
    "tl": ("Tagalog", "Tagalog", "ltr"),
    "tw": ("Twi", "Twi", "ltr"),
}
# The names British services use, where the Unicode tables prefer another.
_BRITISH = {"bn": "Bengali", "ckb": "Kurdish Sorani", "fa": "Farsi (Persian)", "ku": "Kurdish Kurmanji"}


@dataclass(frozen=True)
class Language:
    """One language, as it is stored and shown.

    Attributes:
        code: ISO 639, such as "sq"; "zh-Hans" and "zh-Hant" for the two ways to print Chinese.
        english: name in English, such as "Albanian".
    """

    code: str
    english: str

    @property
    def own(self) -> str:
        """The name in the language and script itself, such as "shqip"."""
        return _own_name(self.code)

    @property
    def direction(self) -> Direction:
        """How the script runs, as HTML's ``dir`` says it: "ltr" or "rtl"."""
        return _direction(self.code)

    @property
    def label(self) -> str:
        """Both names, such as "Albanian – shqip", or one where they are the same."""
        return self.english if self.own == self.english else f"{self.english} – {self.own}"


def language(code: str, *, field: str | None = None) -> Language:
    """Give a language by its code, in any case.

    Raises:
        RuleBroken: no language the product knows has the code.
    """
    found = _by_code().get(code.strip().lower())
    if found is None:
        raise RuleBroken("Select a language from the list", field)
    return found


@cache
def known_languages() -> tuple[Language, ...]:
    """Give every language the product knows, by English name."""
    named = Locale.parse("en_GB").languages
    held = [code for code in localedata.locale_identifiers() if code.isalpha() and named.get(code)]
    names = {code: _BRITISH.get(code, named[code]) for code in held if code not in _NOT_SPOKEN}
    names |= {code: names[0] for code, names in _SCRIPTS.items()}
    names |= {code: names[0] for code, names in _ADDED.items()}
    return tuple(Language(code, name) for code, name in sorted(names.items(), key=lambda pair: pair[::-1]))


@cache
def _by_code() -> dict[str, Language]:
    """Give the known languages by their code in small letters."""
    return {known.code.lower(): known for known in known_languages()}


@cache
def _own_name(code: str) -> str:
    """Give a language's name in itself; its English name where nobody has recorded one."""
    if code in _SCRIPTS:
        return _SCRIPTS[code][1]
    if code in _ADDED:
        return _ADDED[code][1]
    return Locale.parse(code).languages.get(code) or _by_code()[code].english


@cache
def _direction(code: str) -> Direction:
    """Give the direction of a language's script."""
    if code in _ADDED:
        return _ADDED[code][2]
    order = Locale.parse(code.partition("-")[0]).character_order
    return "rtl" if order == "right-to-left" else "ltr"
