"""Clawback exposure: pounds claimed whose goods are still on shelves, and what would be left of them at the end."""
