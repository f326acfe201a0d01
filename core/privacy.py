"""The guard that keeps details of a person out of free text.

The product has no field for a name or a birth date, but it has notes, file names and search boxes.
This guard reads what is typed there before anything is stored or logged and refuses the kinds of
detail a machine can tell with confidence. It is shaped to stay quiet on the daily words of a store:
quantities, amounts, order and seal numbers, a supplier's postcode, a published helpline. Names it
cannot tell; the pages ask people not to write them.

Nothing here keeps, logs or repeats the text: a refusal names the kind and nothing else.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum

from core.errors import RuleBroken


class PersonalDetail(StrEnum):
    """The kinds of detail that are refused, as the message names them."""

    NHS_NUMBER = "NHS number"
    NATIONAL_INSURANCE_NUMBER = "National Insurance number"
    BIRTH_DATE = "date of birth"
    PHONE_NUMBER = "phone number"
    EMAIL_ADDRESS = "email address"
    NRM_REFERENCE = "NRM reference"
    HOME_ADDRESS = "home address"


_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,7}"
_FULL_DATE = (
    r"(?:\d{1,2}[ ./-]\d{1,2}[ ./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)?[ -]{_MONTH}|{_MONTH} \d{{1,2}}(?!\d)|\d{{8}}(?!\d)|\d{{6}}(?!\d))"
)
_BIRTH = r"(?<![\w-])(?<!new )(?:d\.? ?o\.? ?b(?![a-z])\.?|date of birth|birth ?date|born)"
_BIRTH_DATE = re.compile(
    rf"{_BIRTH}\D{{0,25}}?{_FULL_DATE}|{_BIRTH}\D{{0,15}}(?:19|20)\d\d(?!\d)"
    rf"|\b(?:birthday|b\.)\D{{0,15}}?{_FULL_DATE}|{_FULL_DATE}[ ,]*\d{{0,4}}\W{{0,3}}(?:is )?{_BIRTH}"
)
_EMAIL = re.compile(
    r"[\w.+%'-]{1,64} ?(?:@|\[at\]|\(at\)) ?[\w-]{1,63}(?:(?:\.| ?\[dot\] ?| ?\(dot\) ?)[\w-]{1,63}){0,4}"
    r"(?:\.| ?\[dot\] ?| ?\(dot\) ?)[a-z]{2,24}(?!\w)"
)
_INSURANCE = re.compile(
    r"(?<![a-z0-9])(?:(?!bg|gb|kn|nk|nt|tn|zz)[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z]|qq)"
    r"[ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[a-d](?![a-z0-9])"
)
# The Home Office publishes no format: a name of the mechanism followed by something like a number.
_NRM = re.compile(
    r"(?<![a-z0-9])(?:nrm|msht|sca|ieca)(?![a-z])(?P<said>(?: ?(?:ref(?:erence)?|number|no|case|id)\b\.?)*)"
    r"[ :#./-]{0,4}(?P<number>(?:[a-z]{1,4}[ /-]?)?\d[a-z\d]*(?:[/-][a-z\d]+)*)"
)
_YEARS = re.compile(r"(?:19|20)\d\d(?:[/-]\d{2,4})?")
_NHS_WRITTEN = re.compile(r"(?<![\w£])(?<!\d[-./,])(?=(\d{3}([ .-]?)\d{3}\2\d{4})(?!\w)(?![.,-]\d))")
_NHS_NAMED = re.compile(r"\bnhs\b\D{0,15}(?=((?:\d[ .-]?){9}\d)(?!\d))|\bnhs(?=(\d{10})(?!\d))")
_UK_PHONE = re.compile(r"(?<![\w£])(?<!\d[-./,])(?=(\(?0[127](?:[ ().-]{0,2}\d){9})(?!\w))")
_FOREIGN_PHONE = re.compile(r"(?<![\w£])(?:\+|00(?=44))[1-9](?:[ ().-]{0,3}\d){8,14}(?!\d)")
# "PO-9434765919" is a document's number, not a person's.
_DOCUMENT = re.compile(r"(?<![a-z])(?!nhs|tel|mob|fax)[a-z]{2,4}[-/]$")
_POSTCODE = r"(?<![a-z0-9])[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}(?![a-z0-9])"
_STREET = (
    r"(?:street|st|road|rd|lane|ln|avenue|ave|close|drive|court|crescent|gardens|grove|hill|terrace|way|place"
    r"|walk|mews|row|green|square|rise|view)"
)
_HOUSE = r"(?<!unit )(?<!units )(?<![\w.£])\d{1,4}[a-z]?,? "
_HOME = re.compile(
    rf"{_HOUSE}(?:(?!to |for |from |at |of )[a-z'’-]{{1,30}} ){{1,3}}{_STREET}\b.{{0,60}}?{_POSTCODE}"
    rf"|\b(?:flat|apartment|room) \d+[a-z]?\b.{{0,60}}?{_POSTCODE}"
)


def refuse_personal_details(text: str, *, field: str | None = None) -> None:
    """Refuse text that holds a detail which could identify a person.

    Args:
        text: a note, a file name, a search: anything typed freely. Never pass a column that is a
            reference, code, supplier or amount: real document numbers look like NHS numbers.
        field: the form field a refusal belongs to.

    Raises:
        RuleBroken: naming the kind of detail, never the detail.
    """
    kind = personal_detail(text)
    if kind is not None:
        raise RuleBroken(f"Remove details that could identify a person: {kind}", field)


def personal_detail(text: str) -> PersonalDetail | None:
    """Name the first kind of personal detail in a text, or None when it holds none."""
    plain = _plain(text)
    if not any(sign.isdigit() or sign in "@[(" for sign in plain):
        return None
    return next((kind for kind, holds in _DETECTORS if holds(plain)), None)


def _plain(text: str) -> str:
    """Put disguises aside: other scripts' digits, wide letters, hidden signs, odd dashes and spaces.

    An underscore counts as a space, because file names are read too.
    """
    if not text.isascii():
        signs = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
        text = "".join(map(_plain_sign, signs))
    return re.sub(r"[\s_]+", " ", text).lower()


def _plain_sign(sign: str) -> str:
    """Give the ASCII digit or hyphen a sign stands for, or the sign itself."""
    if sign.isascii():
        return sign
    if unicodedata.category(sign) == "Pd" or sign == "\u2212":
        return "-"
    return str(unicodedata.decimal(sign, sign))


def _holds_nhs_number(plain: str) -> bool:
    """Tell whether ten digits that are not a document's number pass the NHS check."""
    found = [named[1] or named[2] for named in _NHS_NAMED.finditer(plain)]
    found += _undocumented(_NHS_WRITTEN, plain)
    return any(_passes_nhs_check(re.sub(r"\D", "", number)) for number in found)


def _passes_nhs_check(digits: str) -> bool:
    """Tell whether the tenth digit is the check digit of the first nine, modulus 11.

    Source: ID-3, NHS Data Dictionary, NHS number.
    """
    weighted = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9]))
    return (11 - weighted % 11) % 11 == int(digits[9]) and len(set(digits)) > 1


def _holds_phone_number(plain: str) -> bool:
    """Tell whether a mobile, a geographic or a foreign number stands in the text.

    Numbers that start 03, 08 or 09 belong to organisations, such as a helpline, and stay.
    """
    if any(not re.match(r"\D*44\D*0?\D*[389]", found[0]) for found in _FOREIGN_PHONE.finditer(plain)):
        return True
    return any(_grouped_as_phone(number) for number in _undocumented(_UK_PHONE, plain))


def _grouped_as_phone(number: str) -> bool:
    """Tell a phone number from a date and a quantity, which may also be eleven digits."""
    groups = re.findall(r"\d+", number)
    return len(groups[0]) >= 3 or (groups[0] == "07" and len(groups[1]) == 3)


def _undocumented(pattern: re.Pattern[str], plain: str) -> Iterator[str]:
    """Give what a pattern finds, but for numbers with a short prefix such as "PO-" or "INV/"."""
    for found in pattern.finditer(plain):
        if not _DOCUMENT.search(plain, 0, found.start()):
            yield found[1]


def _holds_nrm_reference(plain: str) -> bool:
    """Tell whether a case of the National Referral Mechanism is named, and not a year or a few copies."""
    for found in _NRM.finditer(plain):
        least = 3 if found["said"] else 5
        if not _YEARS.fullmatch(found["number"]) and sum(c.isdigit() for c in found["number"]) >= least:
            return True
    return False


def _found_by(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """Give a detector that asks one pattern."""
    return lambda plain: pattern.search(plain) is not None


_DETECTORS: tuple[tuple[PersonalDetail, Callable[[str], bool]], ...] = (
    (PersonalDetail.EMAIL_ADDRESS, _found_by(_EMAIL)),
    (PersonalDetail.NATIONAL_INSURANCE_NUMBER, _found_by(_INSURANCE)),
    (PersonalDetail.BIRTH_DATE, _found_by(_BIRTH_DATE)),
    (PersonalDetail.NRM_REFERENCE, _holds_nrm_reference),
    (PersonalDetail.NHS_NUMBER, _holds_nhs_number),
    (PersonalDetail.PHONE_NUMBER, _holds_phone_number),
    (PersonalDetail.HOME_ADDRESS, _found_by(_HOME)),
)
