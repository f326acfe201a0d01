"""The registers as files: the same rows as their pages.

Registers of things, and spending over £500, are frozen reports in every form. What is uploaded for machines is bare CSV
besides, whose columns others have laid down: the Specified Information Order and the 360Giving standard.
"""

from grants.registers.report.published import PublishedSpending, freeze_spending, grants_csv, spending_csv
from grants.registers.report.things import ITEMS, LOSSES, Register, freeze_items, freeze_losses

__all__ = [
    "ITEMS",
    "LOSSES",
    "PublishedSpending",
    "Register",
    "freeze_items",
    "freeze_losses",
    "freeze_spending",
    "grants_csv",
    "spending_csv",
]
