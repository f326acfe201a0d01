"""The usage report: its frozen object, the tables it is made of, and how it is made."""

from inventory.usage.report.frozen import TITLE, UsageReport
from inventory.usage.report.making import MadeUsage, freeze_usage, make_usage
from inventory.usage.report.tables import NO_BOOKLET

__all__ = ["NO_BOOKLET", "TITLE", "MadeUsage", "UsageReport", "freeze_usage", "make_usage"]
