"""Pages of Go Bags: the list, a bag, labels, issuing, slips and undoing."""

from __future__ import annotations

# The views hang themselves on the blueprint when their modules are imported.
from inventory.bags.routes import coming_back, issues, issuing, labels, opening, showing
from inventory.bags.routes.blueprint import bp

__all__ = ["bp", "coming_back", "issues", "issuing", "labels", "opening", "showing"]
