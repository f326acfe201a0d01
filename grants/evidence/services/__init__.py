"""Keeping papers as evidence, setting one aside, and looking after their folder."""

from grants.evidence.services.folder import Folder, Looked, scan
from grants.evidence.services.keeping import keep_paper, set_aside

__all__ = ["Folder", "Looked", "keep_paper", "scan", "set_aside"]
