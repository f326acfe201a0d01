"""The outturn statement of an award, frozen: page, PDF, CSV and XLSX all paint this one object."""

from grants.closing.report.making import freeze_outturn
from grants.closing.report.outturn import Outturn, outturn_digest

__all__ = ["Outturn", "freeze_outturn", "outturn_digest"]
