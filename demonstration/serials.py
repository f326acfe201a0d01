"""Numbers of handsets and SIMs that pass their check digits and belong to nobody.

IMEIs begin with 00, which no approved handset does; ICCIDs are of the made-up issuer 000 of the United Kingdom; phone
numbers are of the range that the numbering plan keeps for drama.
"""

from __future__ import annotations

from stdnum import luhn


def handset(number: int) -> str:
    """Give the IMEI of the demonstration's nth handset."""
    body = f"00440126{410_000 + number:06d}"
    return body + luhn.calc_check_digit(body)


def sim(number: int) -> str:
    """Give the ICCID of the demonstration's nth SIM."""
    body = f"8944000{30_020_000_000 + number:011d}"
    return body + luhn.calc_check_digit(body)


def phone_number(number: int) -> str:
    """Give the phone number of the demonstration's nth SIM; there are a thousand that belong to nobody."""
    return f"447700900{number:03d}"
