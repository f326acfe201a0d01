"""The working paper of a sample: what was drawn, what was found, and what that says of the whole."""

from audit.samples.report.making import freeze_paper
from audit.samples.report.paper import PaperRow, Terms, WorkingPaper

__all__ = ["PaperRow", "Terms", "WorkingPaper", "freeze_paper"]
