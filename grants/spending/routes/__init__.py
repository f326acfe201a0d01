"""Pages of spending: invoices, orders, other spending, apportionment, and goods received against an invoice."""

# The views hang themselves on the blueprint when their modules are imported.
from grants.spending.routes import apportioning, invoices, orders, others, receiving
from grants.spending.routes.blueprint import bp

__all__ = ["apportioning", "bp", "invoices", "orders", "others", "receiving"]
