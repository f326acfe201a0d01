"""Bringing a spreadsheet in: every row through the service of its own sort, or none."""

from inventory.spreadsheets.services.bringing import bring_in

__all__ = ["bring_in"]
