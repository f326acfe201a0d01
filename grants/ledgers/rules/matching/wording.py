"""Texts as matching compares them: references without their punctuation, suppliers without their legal form."""

import re
from bisect import bisect_left
from collections.abc import Iterable

_LEGAL_FORMS = frozenset(
    {"ltd", "limited", "plc", "llp", "llc", "inc", "co", "company", "corp", "cic", "cio", "the", "uk", "and"}
)
_PAYMENT_WORDS = frozenset({"check", "cheque", "chq", "bacs", "chaps", "ach", "payment", "redacted"})
_REVERSING = re.compile(r"\b(?:rev|reversal|reversed|reverse|cancel|cancelled|cancellation|void)\b", re.IGNORECASE)
_CODE = re.compile(r"[a-z0-9]+(?:[-/._][a-z0-9]+)*", re.IGNORECASE)
_SHORTEST_MENTION = 5
_SHORTEST_TRUNCATION = 8
_SHORTEST_WORD = 4

SAME_NAME, PART_OF_NAME, FIRST_WORD = 3, 2, 1


def reference_key(text: str | None) -> str:
    """Give a reference in lower case without spaces and punctuation: ``INV-0012`` and ``inv 0012`` agree."""
    return "".join(filter(str.isalnum, text.lower())) if text else ""


def mentioned_keys(text: str) -> frozenset[str]:
    """Give the keys of codes a description mentions: five signs or more, with a digit."""
    found = (reference_key(code) for code in _CODE.findall(text))
    return frozenset(key for key in found if len(key) >= _SHORTEST_MENTION and any(map(str.isdigit, key)))


def is_reversing(text: str) -> bool:
    """Say whether a description speaks of a reversal."""
    return _REVERSING.search(text) is not None


def without_reversing(text: str) -> str:
    """Drop the words that speak of a reversal, so that both sides of one read alike."""
    return " ".join(_REVERSING.sub(" ", text).lower().split())


def name_words(text: str) -> tuple[str, ...]:
    """Give the words of a supplier's name in lower case, without its legal form or ``CHQ 1234``."""
    words = re.findall(r"[a-z0-9]+", text.lower().replace("&", " and ").replace("'", ""))
    if words and words[0] in _PAYMENT_WORDS:
        words = [word for word in words[1:] if not word.isdigit()]
    return tuple(word for word in words if word not in _LEGAL_FORMS)


def one_edit_apart(a: str, b: str) -> bool:
    """Say whether one sign was changed, dropped, added, or swapped with its neighbour."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    if len(a) > len(b):
        a, b = b, a
    start = 0
    while start < len(a) and a[start] == b[start]:
        start += 1
    if len(a) < len(b):
        return a[start:] == b[start + 1 :]
    if a[start + 1 :] == b[start + 1 :]:
        return True
    return a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]


class SupplierNames:
    """The suppliers of the spending rows, found again in whatever a ledger line says."""

    def __init__(self, names: Iterable[str]) -> None:
        self._words = {name: name_words(name) for name in sorted(set(names))}
        self._joined = sorted((" ".join(words), name) for name, words in self._words.items() if words)
        self._by_first: dict[str, list[str]] = {}
        for name, words in self._words.items():
            if words and len(words[0]) >= _SHORTEST_WORD:
                self._by_first.setdefault(words[0], []).append(name)
        self._known: dict[str, dict[str, int]] = {}

    def named_in(self, text: str) -> dict[str, int]:
        """Give each supplier a text may name → how surely (whole name, part of it, first word)."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._search(name_words(text))
        return known

    def _search(self, words: tuple[str, ...]) -> dict[str, int]:
        """Compare words with every name that shares a beginning."""
        found: dict[str, int] = {}
        if not words:
            return found
        for start in range(min(len(words), 4)):
            for name in self._by_first.get(words[start], ()):
                found[name] = max(found.get(name, 0), self._level(words[start:], self._words[name]))
        joined = " ".join(words)
        for position in range(bisect_left(self._joined, (joined, "")), len(self._joined)):
            full, name = self._joined[position]
            if not full.startswith(joined):
                break
            if full == joined:
                found[name] = SAME_NAME
            elif len(joined) >= _SHORTEST_TRUNCATION and joined not in self._by_first:
                found[name] = max(found.get(name, 0), PART_OF_NAME)
        return self._surest(found)

    @staticmethod
    def _level(said: tuple[str, ...], name: tuple[str, ...]) -> int:
        """Compare words that begin alike."""
        if said[: len(name)] == name:
            return SAME_NAME if len(name) > 1 or len(said) == 1 else PART_OF_NAME
        if " ".join(name).startswith(" ".join(said)):
            return PART_OF_NAME if len(said) > 1 else FIRST_WORD
        return 0

    @staticmethod
    def _surest(found: dict[str, int]) -> dict[str, int]:
        """Drop those who share nothing; a whole name leaves no room for a lesser likeness."""
        least = SAME_NAME if SAME_NAME in found.values() else FIRST_WORD
        return {name: level for name, level in found.items() if level >= least}
