"""The pages of counting."""

from inventory.counts.routes import approving, counting, handing_over, showing
from inventory.counts.routes.blueprint import bp

__all__ = ["approving", "bp", "counting", "handing_over", "showing"]
