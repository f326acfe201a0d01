"""Receiving: goods become lots, each with its count, expiry, edition and numbers, at one place.

A delivery is taken in whole or not at all. A donor's goods come from the donors place, a supplier's from the
suppliers place; opening stock, which somebody once supplied, comes from there too, under its own kind.
"""

from inventory.deliveries.services.receiving import receive_delivery, record_opening_stock

__all__ = ["receive_delivery", "record_opening_stock"]
