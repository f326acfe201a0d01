"""The statement of grant usage, frozen: screen, PDF, CSV and XLSX all paint this one object."""

from grants.reports.report.freezing import Making, freeze_statement
from grants.reports.report.statement import BudgetLine, Statement
from grants.reports.report.walks import WalkRow, WalkStep

__all__ = [
    "BudgetLine",
    "Making",
    "Statement",
    "WalkRow",
    "WalkStep",
    "freeze_statement",
]
