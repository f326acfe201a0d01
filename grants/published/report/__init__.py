"""Releases of usage: the frozen object, how it is made, and whether it may be published."""

from grants.published.report.proposing import Proposal, propose
from grants.published.report.released import ReleasedUsage

__all__ = ["Proposal", "ReleasedUsage", "propose"]
