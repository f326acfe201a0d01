"""Pages of claims: the list, one claim, drafting, signing, and what follows."""

# The views hang themselves on the blueprint when their modules are imported.

from grants.claims.routes import drafting, paying, showing, signing
from grants.claims.routes.blueprint import bp

__all__ = ["bp", "drafting", "paying", "showing", "signing"]
