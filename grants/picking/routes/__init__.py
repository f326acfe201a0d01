"""The pages where lots are chosen: approving a request, picking and sending it, packing Go Bags."""

from __future__ import annotations

# The views hang themselves on the blueprint when their modules are imported.
from grants.picking.routes import approving, packing, sending
from grants.picking.routes.blueprint import bp

__all__ = ["approving", "bp", "packing", "sending"]
