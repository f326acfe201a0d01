"""The reconciliation of a period, frozen: page, PDF, CSV and XLSX all paint this one object."""

from grants.reconciliation.report.comparing import Difference, differences, differences_table
from grants.reconciliation.report.making import freeze_reconciliation
from grants.reconciliation.report.reconciled import Hand, LineWalk, ReconciledPeriod, figures_digest

__all__ = [
    "Difference",
    "Hand",
    "LineWalk",
    "ReconciledPeriod",
    "differences",
    "differences_table",
    "figures_digest",
    "freeze_reconciliation",
]
