"""Bids: next year's application drafted from issues, unmet need, par levels and costs, and what less money would do."""
