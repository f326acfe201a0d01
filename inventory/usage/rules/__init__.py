"""Usage on plain values: counting issues, accounts of stock that add up, and comparing periods."""

from inventory.usage.rules.comparing import Compared, Tally, Window, Windows, trend, trend_words, windows
from inventory.usage.rules.counting import (
    Account,
    Bucket,
    Change,
    Flow,
    IssueFact,
    account_of,
    bucket_of,
    buckets,
    crossed,
    net,
    standing,
)
from inventory.usage.rules.narrowing import Asked, Choices, Named, Narrowing, narrowed

__all__ = [
    "Account",
    "Asked",
    "Bucket",
    "Change",
    "Choices",
    "Compared",
    "Flow",
    "IssueFact",
    "Named",
    "Narrowing",
    "Tally",
    "Window",
    "Windows",
    "account_of",
    "bucket_of",
    "buckets",
    "crossed",
    "narrowed",
    "net",
    "standing",
    "trend",
    "trend_words",
    "windows",
]
