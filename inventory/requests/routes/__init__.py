"""The pages of requests: asking, the request's whole life on one page, deciding, sending, receiving, settling."""

from inventory.requests.routes import asking, deciding, receiving, sending, showing
from inventory.requests.routes.blueprint import bp

__all__ = ["asking", "bp", "deciding", "receiving", "sending", "showing"]
