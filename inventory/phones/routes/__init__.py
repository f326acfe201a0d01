"""The pages of phones and SIMs."""

from inventory.phones.routes import operators, recording, showing, texting, units
from inventory.phones.routes.blueprint import bp

__all__ = ["bp", "operators", "recording", "showing", "texting", "units"]
