"""A further template: the small force with goods at its store (tests/inventory/restock.py)."""

from tests.conftest import kept
from tests.inventory.restock import fill_store

stocked = kept(fill_store)
"""The small force with goods at its store, par levels at Salisbury and nothing asked for yet."""
