"""Pages of finance ledgers: the ledgers, uploading an extract, what an import did, the reconciliation desk, lines."""

# The views hang themselves on the blueprint when their modules are imported.
from grants.ledgers.routes import desk, imports, ledgers, lines, uploads
from grants.ledgers.routes.blueprint import bp

__all__ = ["bp", "desk", "imports", "ledgers", "lines", "uploads"]
