"""Registers and duties of an award: items, losses, spending over £500, and awards as open data."""
