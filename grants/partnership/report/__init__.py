"""Coverage as a page shows it, and the pack of a quarter as it is frozen."""

from grants.partnership.report.covering import Coverage, covered
from grants.partnership.report.packing import DRAFT, TITLE, QuarterPack, Stands, propose_pack

__all__ = ["DRAFT", "TITLE", "Coverage", "QuarterPack", "Stands", "covered", "propose_pack"]
